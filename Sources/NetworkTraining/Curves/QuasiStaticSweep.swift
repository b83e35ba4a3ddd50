import Landscapes
import Networks
import NumericalMethods

/// A deep linear network followed through a sequence of weight decays, each step started from the state
/// that the step before ended in and converged by gradient norm.
public struct QuasiStaticSweep: Sendable {
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
    public let gradientNorm: Double
    /// Full-batch epochs used.
    public let epochs: Int
    public let ending: Relaxation.Ending
  }

  public let steps: [Step]
  /// θ after the last step, or where the sweep was paused.
  public let finalPoint: [Double]
  /// Whether every weight decay was visited; false where it was paused.
  public let hasEnded: Bool

  /// A sweep that was paused.
  public struct Position: Sendable {
    /// The steps that are done.
    public let steps: [Step]
    /// θ.
    public let point: [Double]
    /// Epochs of the step after them.
    public let epochs: Int

    public init(steps: [Step], point: [Double], epochs: Int) {
      self.steps = steps
      self.point = point
      self.epochs = epochs
    }
  }

  /// A sweep that was run before.
  public init(steps: [Step], finalPoint: [Double], hasEnded: Bool) {
    self.steps = steps
    self.finalPoint = finalPoint
    self.hasEnded = hasEnded
  }

  /// How each step is converged.
  public struct Convergence: Sendable {
    public var learningRate: Double
    public var gradientTolerance: Double
    public var maximumEpochs: Int

    public init(
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
  ///   - resumed: where a sweep over the same weight decays was paused.
  ///   - onStep: called after each step, with θ.
  ///   - isPaused: asked after each step and every few milliseconds of work, with the epochs of the step
  ///     and θ.
  /// - Throws: `InvalidInput` where a step diverges (the learning rate is beyond stability).
  public init(
    network: DeepLinearNetwork, start: [Double], weightDecays: [Double],
    convergence: Convergence, testMoments: SecondMoments? = nil,
    resuming resumed: Position? = nil,
    onStep: (_ step: Step, _ point: [Double]) throws -> Void = { _, _ in },
    isPaused: (_ epochs: Int, _ point: [Double]) throws -> Bool = { _, _ in false }
  ) throws {
    var steps = resumed?.steps ?? []
    var point = resumed?.point ?? start
    var epochsDone = resumed?.epochs ?? 0
    for weightDecay in weightDecays.dropFirst(steps.count) {
      let landscape = try network.with(weightDecay: weightDecay)
      let relaxed = try landscape.relax(
        from: point, learningRate: convergence.learningRate,
        gradientTolerance: convergence.gradientTolerance,
        maximumEpochs: convergence.maximumEpochs, after: epochsDone, isPaused: isPaused)
      guard relaxed.ending != .diverged else {
        throw InvalidInput(
          "gradient descent diverged at β = \(weightDecay) with learning rate \(convergence.learningRate); use a smaller one"
        )
      }
      point = relaxed.point
      if relaxed.ending == .paused { break }
      epochsDone = 0
      let test = try testMoments.map {
        try DeepLinearNetwork(widths: network.widths, moments: $0, weightDecay: 0).energy(at: point)
      }
      let step = Step(
        weightDecay: weightDecay,
        singularValues: try landscape.endToEndSingularValues(at: point),
        trainLoss: try network.with(weightDecay: 0).energy(at: point), testLoss: test,
        gradientNorm: relaxed.gradientNorm, epochs: relaxed.epochs, ending: relaxed.ending)
      steps.append(step)
      try onStep(step, point)
      // Steps may be too short to be asked within them.
      if try isPaused(0, point) { break }
    }
    self.steps = steps
    finalPoint = point
    hasEnded = steps.count == weightDecays.count
  }
}
