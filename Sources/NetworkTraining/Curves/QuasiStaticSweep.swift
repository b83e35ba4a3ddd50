public import Landscapes
import NumericalMethods

/// A deep linear network followed through a sequence of weight decays, each step started from the state
/// that the step before ended in and converged by gradient norm.
public struct QuasiStaticSweep: Sendable {
  /// One weight decay.
  public struct Step: Sendable {
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
  /// θ after the last step.
  public let finalPoint: [Double]

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

  /// - Throws: ``InvalidInput`` where a step diverges (the learning rate is beyond stability).
  public init(
    network: DeepLinearNetwork, start: [Double], weightDecays: [Double],
    convergence: Convergence, testMoments: SecondMoments? = nil,
    onStep: (Step) -> Void = { _ in }
  ) throws {
    var steps = [Step]()
    var point = start
    for weightDecay in weightDecays {
      let landscape = try network.with(weightDecay: weightDecay)
      let relaxed = landscape.relax(
        from: point, learningRate: convergence.learningRate,
        gradientTolerance: convergence.gradientTolerance,
        maximumEpochs: convergence.maximumEpochs)
      guard relaxed.ending != .diverged else {
        throw InvalidInput(
          "gradient descent diverged at β = \(weightDecay) with learning rate \(convergence.learningRate); use a smaller one"
        )
      }
      point = relaxed.point
      let test = try testMoments.map {
        try DeepLinearNetwork(widths: network.widths, moments: $0, weightDecay: 0).energy(at: point)
      }
      let step = Step(
        weightDecay: weightDecay,
        singularValues: try landscape.endToEndSingularValues(at: point),
        trainLoss: try network.with(weightDecay: 0).energy(at: point), testLoss: test,
        gradientNorm: relaxed.gradientNorm, epochs: relaxed.epochs, ending: relaxed.ending)
      steps.append(step)
      onStep(step)
    }
    self.steps = steps
    finalPoint = point
  }
}
