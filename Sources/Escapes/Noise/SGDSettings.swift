import NumericalMethods

/// How minibatches are drawn from finite data.
public enum BatchSampling: String, CaseIterable, Sendable {
  /// Every sample of every batch anew, uniformly: Cov(g_B) = C/B, independent from step to step.
  case withReplacement = "with-replacement"
  /// A shuffled pass over the data per epoch, ⌊N/B⌋ batches (a data loader that drops the last, short
  /// batch). Cov(g_B) = (C/B)(N − B)/(N − 1), and batches of one epoch are anticorrelated, so noise on
  /// times longer than an epoch is weaker than theory assumes.
  case epochs
}

/// The hyper-parameters of SGD, conventions as in PyTorch.
public struct SGDSettings: Sendable, Equatable {
  /// h.
  public let learningRate: Double
  /// B. At or above the number of samples the batch is the whole data and there is no noise.
  public let batchSize: Int
  /// μ of heavy-ball momentum: v ← μv + g, θ ← θ − hv.
  public let momentum: Double
  /// How batches are drawn.
  public let sampling: BatchSampling

  /// A step sets memory aside for its whole batch: 512 MiB at this size.
  package static let largestBatchSize = 1 << 22

  /// - Throws: `InvalidInput` unless h > 0, 1 ≤ B ≤ `largestBatchSize` and 0 ≤ μ < 1.
  public init(
    learningRate: Double, batchSize: Int, momentum: Double = 0,
    sampling: BatchSampling = .withReplacement
  ) throws {
    try Require.positive("learning rate h", learningRate)
    try Require.atLeast(1, "batch size B", batchSize)
    try Require.atMost(Self.largestBatchSize, "batch size B", batchSize)
    guard momentum >= 0, momentum < 1 else {
      throw InvalidInput("momentum must lie in [0, 1), but is \(momentum)")
    }
    self.learningRate = learningRate
    self.batchSize = batchSize
    self.momentum = momentum
    self.sampling = sampling
  }

  /// ĥ = h/(1 − μ), the learning rate at which SGD without momentum does the same, to leading order in hω/(1 − μ)²:
  /// after a gradient g the velocity carries θ by −hg(1 + μ + μ² + …) in all. The time t = steps × h runs slower
  /// than that of such SGD, by the factor `clockRate`.
  public var effectiveLearningRate: Double { learningRate / clockRate }

  /// h/ĥ = 1 − μ, the time t of a step over its time at the learning rate ĥ.
  package var clockRate: Double { 1 - momentum }

  /// ε = ĥ/B = h/(B(1 − μ)), the small parameter of gradient noise: h/B without momentum.
  public var noiseScale: Double { effectiveLearningRate / Double(batchSize) }

  /// What ``noiseScale`` is called in words: with momentum, or without.
  package var noiseSymbol: String { momentum == 0 ? "h/B" : "h/B(1 − μ)" }

  /// Whether a batch is all of so many samples: then there is no noise.
  @inlinable
  package func isFullBatch(of samples: Int) -> Bool { batchSize >= samples }

  /// θ, then v where μ > 0: how many numbers of a state come before the order of an epoch.
  @inlinable
  package func motionCount(_ dimension: Int) -> Int {
    momentum > 0 ? 2 * dimension : dimension
  }

  /// Whether batches of so many samples are the parts of a shuffled pass: not where one batch is all of them.
  @inlinable
  package func drawsByEpochs(of samples: Int) -> Bool {
    sampling == .epochs && !isFullBatch(of: samples)
  }

  /// Says of batches of all samples that there is no noise; nil where they are smaller.
  ///
  /// - Parameter noise: what there is none of.
  @usableFromInline package func fullBatchRemark(
    of samples: Int, no noise: String = "gradient noise"
  ) -> String? {
    guard isFullBatch(of: samples) else { return nil }
    return
      "batch size \(batchSize) is at least the \(samples) samples: every batch is the full batch and there is no \(noise)"
  }

  /// Steps per pass over so many samples.
  @usableFromInline package func stepsPerEpoch(of samples: Int) -> Int {
    max(1, samples / batchSize)
  }
}
