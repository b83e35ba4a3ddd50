import Landscapes
public import LangevinDynamics
public import Networks
import NumericalMethods

/// A deep linear network followed through a sequence of weight decays, each step started from the state
/// that the step before ended in and converged by gradient norm.
public struct QuasiStaticSweep: Resumable, Sendable {
  /// One weight decay.
  public struct Step: Codable, Sendable {
    /// β.
    public let weightDecay: Double
    /// σ_r of the end-to-end map, descending.
    public let singularValues: [Double]
    /// ½⟨‖y − f‖²⟩ on the training data.
    public let trainLoss: Double
    /// The same on held-out data, where there are any.
    public let testLoss: Double?
    /// |∇E| where the descent ended.
    public let gradientNorm: Double
    /// Full-batch epochs used.
    public let epochs: Int
    package let ending: Relaxation.Ending
  }

  /// The network; every step has a weight decay of its own.
  public let network: DeepLinearNetwork
  /// β of every step, in order.
  public let weightDecays: [Double]
  /// When a step has converged.
  public let convergence: Convergence
  private let testMoments: SecondMoments?
  /// One for each weight decay so far.
  public private(set) var steps = [Step]()
  /// θ after the last step, or on the way to the next.
  package private(set) var point: [Double]
  /// Full-batch epochs on the way to the next step.
  private var epochs = 0
  /// The way to the next step; nil before it is begun, here.
  private var descent: GradientDescent<DeepLinearNetwork>?

  /// How each step is converged.
  public struct Convergence: Sendable {
    /// h of the descent.
    public var learningRate: Double
    /// The |∇E| at which it ends.
    public var gradientTolerance: Double
    /// The epochs after which it is given up.
    public var maximumEpochs: Int

    package init(
      learningRate: Double = 0.2, gradientTolerance: Double = 1e-8, maximumEpochs: Int = 200_000
    ) throws {
      try Require.positive("learning rate h of the sweep", learningRate)
      try Require.positive("gradient tolerance", gradientTolerance)
      try Require.atLeast(1, "epoch cap", maximumEpochs)
      self.learningRate = learningRate
      self.gradientTolerance = gradientTolerance
      self.maximumEpochs = maximumEpochs
    }
  }

  /// - Parameters:
  ///   - start: where the first step starts.
  ///   - testMoments: of held-out data, for the loss on them.
  package init(
    network: DeepLinearNetwork, start: [Double], weightDecays: [Double], convergence: Convergence,
    testMoments: SecondMoments? = nil
  ) {
    self.network = network
    self.weightDecays = weightDecays
    self.convergence = convergence
    self.testMoments = testMoments
    point = start
  }

  package var records: [Step] { steps }

  /// Whether every weight decay was visited.
  package var hasEnded: Bool { steps.count == weightDecays.count }

  package var snapshot: ReplicaState {
    ReplicaState(replica: 0, step: epochs, state: point, stream: .zero, distance: 0)
  }

  package mutating func restore(_ snapshot: ReplicaState, records: [Step]) {
    steps = records
    point = snapshot.state
    epochs = snapshot.step
    descent = nil
  }

  /// Works on the next step for some milliseconds, or to its end.
  ///
  /// - Throws: `InvalidInput` where it diverges (the learning rate is beyond stability).
  package mutating func advance() throws {
    guard !hasEnded else { return }
    var descent = try descent ?? nextDescent()
    descent.advance()
    point = descent.point
    epochs = descent.epochs
    self.descent = descent
    guard let relaxation = descent.relaxation else { return }
    steps.append(try step(relaxation, descent.landscape))
    epochs = 0
    self.descent = nil
  }

  private func nextDescent() throws -> GradientDescent<DeepLinearNetwork> {
    GradientDescent(
      on: try network.with(weightDecay: weightDecays[steps.count]), from: point,
      learningRate: convergence.learningRate, gradientTolerance: convergence.gradientTolerance,
      maximumEpochs: convergence.maximumEpochs, after: epochs)
  }

  private func step(_ relaxation: Relaxation, _ landscape: DeepLinearNetwork) throws -> Step {
    let weightDecay = weightDecays[steps.count]
    guard relaxation.ending != .diverged else {
      throw InvalidInput(
        "gradient descent diverged at β = \(weightDecay) with learning rate \(convergence.learningRate); use a smaller one"
      )
    }
    let point = relaxation.point
    let test = try testMoments.map {
      try DeepLinearNetwork(widths: network.widths, moments: $0, weightDecay: 0).energy(at: point)
    }
    return Step(
      weightDecay: weightDecay,
      singularValues: try landscape.endToEndSingularValues(at: point),
      trainLoss: try network.with(weightDecay: 0).energy(at: point), testLoss: test,
      gradientNorm: relaxation.gradientNorm, epochs: relaxation.epochs, ending: relaxation.ending)
  }
}
