import Landscapes
package import NetworkTraining
package import Networks
import NumericalMethods

/// The phases of a deep linear network against weight decay: predicted for each feature, and measured in
/// quasi-static sweeps up from the fully learned state and down again from the top.
package struct PhaseDiagram: Sendable {
  /// One feature's transition, predicted and measured.
  package struct Transition: Sendable {
    /// η.
    package let singularValue: Double
    package let order: TransitionOrder
    /// β_c; nil for depth 1.
    package let spinodal: Double?
    /// β*; nil for depth 1.
    package let coexistence: Double?
    /// σ_r above this counts as learned.
    package let threshold: Double
    /// The first β of the upward sweep at which the feature was gone, and the last at which it was there;
    /// nil where it was never learned or never lost within the sweep.
    package let lost: (last: Double, first: Double)?
    /// The first β of the downward sweep at which it was back; nil where it stayed away.
    package let regained: Double?

    /// Whether the measured interval, widened by one grid step, holds the predicted β_c.
    package var agrees: Bool? {
      guard let spinodal, let lost else { return nil }
      let step = lost.first - lost.last
      return lost.last - step <= spinodal && spinodal <= lost.first + step
    }
  }

  package let transitions: [Transition]
  package let up: QuasiStaticSweep
  package let down: QuasiStaticSweep

  /// The number of features learned at a step: σ_r above the feature's threshold.
  package func rank(_ step: QuasiStaticSweep.Step) -> Int {
    zip(step.singularValues, transitions).reduce(0) {
      $0 + ($1.0 > $1.1.threshold ? 1 : 0)
    }
  }

  /// Steps that hit the cap on epochs before the gradient was small enough.
  package var cappedSteps: [QuasiStaticSweep.Step] {
    (up.steps + down.steps).filter { $0.ending == .capped }
  }

  /// Sweeps up from `start` over `weightDecays` (ascending) and down again.
  ///
  /// A feature counts as learned above half of λ_c, its σ where the learned state ends; where the
  /// transition is not a jump (L ≤ 2), above η/1000.
  package init(
    network: DeepLinearNetwork, start: [Double], weightDecays: [Double],
    convergence: QuasiStaticSweep.Convergence, testMoments: SecondMoments? = nil
  ) throws {
    guard weightDecays.count >= 2, zip(weightDecays, weightDecays.dropFirst()).allSatisfy(<) else {
      throw InvalidInput("a sweep needs two or more weight decays in ascending order")
    }
    var up = QuasiStaticSweep(
      network: network, start: start, weightDecays: weightDecays, convergence: convergence,
      testMoments: testMoments)
    try up.finish()
    var down = QuasiStaticSweep(
      network: network, start: up.point, weightDecays: weightDecays.reversed(),
      convergence: convergence, testMoments: testMoments)
    try down.finish()
    try self.init(network: network, weightDecays: weightDecays, up: up, down: down)
  }

  /// The diagram of two sweeps, up over `weightDecays` and down again, or of their beginnings.
  package init(
    network: DeepLinearNetwork, weightDecays: [Double], up: QuasiStaticSweep,
    down: QuasiStaticSweep
  ) throws {
    self.up = up
    self.down = down
    let upSteps = up.steps
    let downSteps = down.steps
    transitions = try network.with(weightDecay: weightDecays[0]).modes().enumerated().map {
      r, mode in
      let threshold =
        mode.order == .first
        ? 0.5 * mode.spinodalSingularValue! : 1e-3 * mode.singularValue
      func isLearned(_ step: QuasiStaticSweep.Step) -> Bool {
        r < step.singularValues.count && step.singularValues[r] > threshold
      }
      var lost: (Double, Double)? = nil
      for (before, after) in zip(upSteps, upSteps.dropFirst())
      where isLearned(before) && !isLearned(after) {
        lost = (before.weightDecay, after.weightDecay)
      }
      let regained = downSteps.first.flatMap {
        isLearned($0) ? nil : downSteps.first(where: isLearned)
      }
      return Transition(
        singularValue: mode.singularValue, order: mode.order, spinodal: mode.spinodalWeightDecay,
        coexistence: mode.coexistenceWeightDecay, threshold: threshold, lost: lost,
        regained: regained?.weightDecay)
    }
  }
}
