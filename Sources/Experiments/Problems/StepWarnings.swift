import EscapeStatistics
import Escapes
import Foundation
import KramersRates
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods

extension Dynamics {
  /// What its steps do to an escape; nil for dynamics that are not of this package.
  func discreteTime(of escape: some Escape) throws -> DiscreteTime? {
    let scheme: DiscreteTime.Scheme
    switch noise(for: escape) {
    case .minibatch(let settings): scheme = .heavyBall(momentum: settings.momentum)
    case .white:
      guard let overdamped = self as? OverdampedDynamics else { return nil }
      scheme = overdamped.integrator.steps
    case .inertial(_, let friction) where self is UnderdampedDynamics:
      scheme = .baoab(friction: friction.value)
    case .inertial: return nil
    }
    return try DiscreteTime(scheme, step: timeStep(for: escape), of: escape)
  }
}

extension OverdampedIntegrator {
  fileprivate var steps: DiscreteTime.Scheme {
    switch self {
    case .eulerMaruyama: .eulerMaruyama
    case .leimkuhlerMatthews: .leimkuhlerMatthews
    case .heun: .heun
    }
  }
}

extension DiscreteTime {
  /// What is to be known of simulations with such steps before they begin. Under SGD steps that are stable are those
  /// of the process itself: they make theories doubtful, which those say.
  var warnings: [String] {
    let verdict = validity.verdict
    guard verdict > .valid else { return [] }
    let reasons = validity.reasons.joined(separator: "; ")
    if case .heavyBall = scheme {
      return isUnstable ? ["the learning rate \(sixDigits(step)) is too large: \(reasons)"] : []
    }
    return ["the time step \(sixDigits(step)) is \(verdict): \(reasons)"]
  }

  /// What to do against divergence.
  static func remedy(_ steps: DiscreteTime?) -> String {
    guard let steps else { return EscapeSample.divergenceRemedy }
    let name = if case .heavyBall = steps.scheme { "learning rate" } else { "time step" }
    // Where steps are small enough for the mean of the gradient, it is the noise of the batches that throws runs out.
    guard steps.step > steps.longestValidStep else { return "use a smaller \(name)" }
    return "use a smaller \(name), at most \(brief(steps.longestValidStep))"
  }

  /// What is to be known of a training run before it begins: that its learning rate is beyond stability at the start.
  /// nil where it is not, or where it would take more than some seconds to know.
  ///
  /// The Lanczos process approaches the largest curvature from below, so that no learning rate is called too large
  /// that is not.
  ///
  /// - Parameter factor: s of the convention that learning rates are said in; the loss and the settings are in that of
  ///   this package.
  static func warning(
    of loss: NetworkLoss, at start: [Double], under settings: SGDSettings, factor: Double = 1
  ) -> String? {
    let products = 20
    guard Double(products) * Double(loss.data.count) * Double(loss.dimension) < 3e8,
      let modes = try? ExtremeEigenvalues(
        of: SymmetricOperator(hessianOf: loss, at: start), lowest: 0, highest: 1,
        maximumSteps: products, seed: 1),
      let curvature = modes.highest.first?.value, curvature > 0
    else { return nil }
    let steps = DiscreteTime(
      .heavyBall(momentum: settings.momentum), step: settings.learningRate, curvature: curvature)
    guard steps.isUnstable else { return nil }
    return
      "the learning rate \(sixDigits(steps.step / factor)) is too large for the start: h times the largest curvature there is \(brief(steps.step * curvature)), but SGD is stable only below \(brief(steps.scheme.stabilityLimit)), so the run diverges or leaps to flatter weights; use h below \(brief(steps.step / (steps.share * factor)))"
  }
}
