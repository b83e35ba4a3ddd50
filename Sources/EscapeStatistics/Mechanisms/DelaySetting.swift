/// Passages of runs trained alike but for their seeds, and how they were trained.
public struct DelaySetting: Sendable {
  /// h.
  public let learningRate: Double
  /// B; nil for the full batch without noise, the number of rows for one with (dropout, say).
  public let batchSize: Double?
  /// μ.
  public let momentum: Double
  /// β; nil where it is not known.
  public let weightDecay: Double?
  /// Whether all noise was off: a full batch, and no dropout or other noise beside it.
  public let isControl: Bool
  /// In t = steps × h.
  public let sample: IntervalSample

  /// Passages at one setting.
  ///
  /// - Parameter isControl: whether all noise was off; without it, whether the batch is the full one.
  /// - Precondition: h > 0, B > 0, 0 ≤ μ < 1, β ≥ 0; only a control has no batch size.
  public init(
    learningRate: Double, batchSize: Double?, momentum: Double = 0, weightDecay: Double? = nil,
    isControl: Bool? = nil, sample: IntervalSample
  ) {
    let batch = batchSize.flatMap { $0 < .infinity ? $0 : nil }
    precondition(learningRate > 0 && (batch ?? 1) > 0 && (0..<1).contains(momentum))
    precondition((weightDecay ?? 0) >= 0)
    self.learningRate = learningRate
    self.batchSize = batch
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.isControl = isControl ?? (batch == nil)
    precondition(self.isControl || batch != nil, "a run with noise has a batch size")
    self.sample = sample
  }

  /// The same of passages counted in steps.
  public init(
    learningRate: Double, batchSize: Double?, momentum: Double = 0, weightDecay: Double? = nil,
    isControl: Bool? = nil, steps: IntervalSample
  ) {
    self.init(
      learningRate: learningRate, batchSize: batchSize, momentum: momentum,
      weightDecay: weightDecay, isControl: isControl,
      sample: IntervalSample(
        steps.intervals.map {
          PassageInterval(
            lower: learningRate * $0.lower, upper: learningRate * $0.upper, count: $0.count)
        }))
  }

  /// x = B(1 − μ)/h, the inverse of the noise; nil where noise was off.
  public var inverseNoise: Double? {
    isControl ? nil : batchSize.map { $0 * (1 - momentum) / learningRate }
  }
}
