import Escapes
public import KramersRates
import Landscapes
public import LangevinDynamics
public import NetworkTraining
import Networks
import NumericalMethods

/// Losing or gaining one feature of a deep linear network: where it starts, what counts as done, and the
/// dynamics it can be run under.
public struct RankEscape: Sendable {
  public let data: NetworkData
  public let network: DeepLinearNetwork
  /// The ranks before and after; the strongest features first.
  public let from: Int
  public let to: Int
  /// The feature that is lost or gained, 0 the strongest.
  public let feature: Int
  public let mode: DeepLinearMode
  /// The balanced minimum of rank `from`.
  public let start: [Double]
  /// Where the clock stops: for a loss the feature's amplitude uᵀWv, for a gain the singular value σ_to of
  /// the end-to-end map, at a threshold in the product basin.
  public let target: TargetSet<RankOrderParameter>
  /// The escape along the feature's balanced line, where a feature is lost.
  public let line: BalancedLineEscape?

  /// - Throws: `InvalidInput` where the ranks are not neighbours, the states do not exist at this β, or
  ///   the inputs are not white.
  public init(data: NetworkData, widths: [Int], weightDecay: Double, from: Int, to: Int) throws {
    try Require.positive("weight decay β", weightDecay)
    network = try DeepLinearNetwork(
      widths: widths, moments: data.moments, weightDecay: weightDecay)
    guard from >= 0, to >= 0 else {
      throw InvalidInput(
        "ranks count learned features from 0, but an escape from \(from) to \(to) was asked for")
    }
    guard abs(from - to) == 1 else {
      throw InvalidInput(
        "an escape goes from one rank to a neighbouring one, but from \(from) to \(to) was asked for; choose ranks that differ by one"
      )
    }
    let modes = try network.modes()
    guard max(from, to) <= modes.count else {
      throw InvalidInput(
        "rank \(max(from, to)) was asked for, but the data offer only \(modes.count) features; choose ranks up to \(modes.count)"
      )
    }
    guard max(from, to) <= widths.min()! else {
      throw InvalidInput(
        "rank \(max(from, to)) needs layers at least that wide, but the narrowest of \(widths.map(String.init).joined(separator: "-")) is \(widths.min()!); use a wider network"
      )
    }
    feature = min(from, to)
    mode = modes[feature]
    let line = try BalancedLineEscape(mode: mode)
    let start = try network.minimum(learning: Array(0..<from))
    self.data = data
    self.from = from
    self.to = to
    self.start = start
    if from > to {
      self.line = line
      target = TargetSet(
        .amplitude(try ModeAmplitude(network: network, feature: feature)), .below,
        line.absorbingSingularValue)
    } else {
      self.line = nil
      let saddle = mode.singularValue(arcLength: line.saddle)
      let learned = mode.singularValue(arcLength: line.minimum)
      target = TargetSet(
        .singularValue(EndToEndSingularValue(network: network, rank: to)), .above,
        0.5 * (saddle + learned))
    }
  }

  /// Whether a feature is lost.
  public var isLoss: Bool { from > to }

  /// Where the clock stops, in words.
  public var stopDescription: String {
    let value = Table.format(target.threshold)
    return isLoss
      ? "the amplitude of feature \(feature + 1) falls to \(value), where each layer has half its share at the saddle, in the basin of rank \(to)"
      : "singular value \(to) of the end-to-end map rises to \(value), halfway between saddle and learned state, in the basin of rank \(to)"
  }

  /// The per-sample gradient noise along the feature's balanced line: the closed form for an endless
  /// Gaussian supply, measured from per-sample gradients for finite data.
  public func noise() throws -> (noise: ModeNoise, measurement: ModeNoise.Measurement?) {
    guard let training = data.training else {
      return (.gaussian(singularValue: mode.singularValue), nil)
    }
    let learned = try mode.learnedSingularValue() ?? mode.singularValue
    let measurement = try ModeNoise.measured(
      network: network, data: training, feature: feature,
      singularValues: (1...12).map { learned * Double($0) / 8 })
    return (measurement.noise, measurement)
  }

  // MARK: - Dynamics

  /// Overdamped Langevin dynamics in full weight space.
  public func langevin(temperature: Double, timeStep: Double, cap: Double) throws -> PassageEnsemble
  {
    PassageEnsemble(
      try FirstPassage(
        process: OverdampedLangevin(
          landscape: network, temperature: temperature, timeStep: timeStep),
        start: start, target: target, cap: cap))
  }

  /// Overdamped Langevin dynamics of the arc length s on the feature's balanced line alone.
  public func langevinOnLine(
    temperature: Double, timeStep: Double, cap: Double
  ) throws -> PassageEnsemble {
    guard let line else {
      throw InvalidInput("the balanced line leaves no way up from an unlearned feature")
    }
    return PassageEnsemble(
      try FirstPassage(
        process: OverdampedLangevin(landscape: mode, temperature: temperature, timeStep: timeStep),
        start: [line.minimum], target: TargetSet(Coordinate(0), .below, line.absorbing), cap: cap))
  }

  /// Real minibatch SGD.
  public func sgd(_ settings: SGDSettings, cap: Double) throws -> PassageEnsemble {
    let stepsPerEpoch = data.training.map { max(1, $0.count / settings.batchSize) }
    // One trajectory at a time, a pass per sample is plainer, and cheaper where inputs are many.
    var reference: PassageEnsemble.Reference? = nil
    if let training = data.training,
      !LinearMinibatchSGD.isCheaper(widths: network.widths, batchSize: settings.batchSize)
    {
      let loss = try NetworkLoss(
        architecture: NetworkArchitecture(widths: network.widths), data: training,
        weightDecay: network.weightDecay)
      let passage = try FirstPassage(
        process: MinibatchSGD(loss: loss, settings: settings), start: start, target: target,
        cap: cap)
      reference = PassageEnsemble.Reference(passage)
    }
    return PassageEnsemble(
      try FirstPassage(
        process: LinearMinibatchSGD(network: network, source: data.source, settings: settings),
        start: start, target: target, cap: cap), stepsPerEpoch: stepsPerEpoch,
      reference: reference)
  }

  /// Minibatch SGD confined to the feature's balanced line; batches are drawn with replacement.
  public func sgdOnLine(_ settings: SGDSettings, cap: Double) throws -> PassageEnsemble {
    guard let line else {
      throw InvalidInput("the balanced line leaves no way up from an unlearned feature")
    }
    return PassageEnsemble(
      try FirstPassage(
        process: BalancedLineSGD(
          network: network, source: data.source, feature: feature, settings: settings),
        start: [line.minimum], target: TargetSet(Coordinate(0), .below, line.absorbing), cap: cap))
  }

  /// The share of all gradient noise that pushes along the line, C_ss/tr C, at the start; nil for an
  /// endless supply.
  public func noiseShare(_ noise: ModeNoise) throws -> Double? {
    guard let training = data.training, let line else { return nil }
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: network.widths), data: training,
      weightDecay: network.weightDecay)
    return noise.covariance(of: mode, arcLength: line.minimum)
      / GradientNoise(loss: loss).trace(at: start)
  }

  // MARK: - Absorbing states

  /// Whether minibatch noise vanishes where the start has zero weights: then the feature can never be
  /// gained under SGD.
  ///
  /// Evidence, not a theorem looked up: the gradient of each of up to `samples` single samples is taken
  /// at the start, and its components on the zero weights must all be exactly zero.
  public func isAbsorbing(samples: Int = 256, seed: UInt64 = 0) -> Bool {
    guard !isLoss else { return false }
    let zeros = start.indices.filter { start[$0] == 0 }
    guard !zeros.isEmpty else { return false }
    let data: Dataset
    switch self.data.source {
    case .samples(let training):
      data = training.subset(Array(0..<min(samples, training.count)))
    case .online(let teacher):
      data = teacher.sample(
        count: samples, random: RandomSource(StreamKey(seed: seed, purpose: .data)))
    }
    guard
      let architecture = try? NetworkArchitecture(widths: network.widths),
      let loss = try? NetworkLoss(architecture: architecture, data: data, weightDecay: 0)
    else { return false }
    return withScratch(loss.dimension + loss.scratchCount) { memory in
      (0..<data.count).allSatisfy { n in
        memory.update(repeating: 0, count: loss.dimension)
        loss.addSampleGradient(
          n, at: start, weight: 1, to: memory, scratch: memory + loss.dimension)
        // Weights that read the inputs or feed the outputs of units in use do move; a unit out of use has
        // zero weights on both sides, and those must not.
        return zeros.allSatisfy { memory[$0] == 0 || !isOnIdleUnit($0) }
      }
    }
  }

  /// Whether weight `index` touches a hidden unit whose weights, in and out, are all zero at the start.
  private func isOnIdleUnit(_ index: Int) -> Bool {
    let layers = network.layers(of: start)
    var offset = 0
    for (l, layer) in layers.enumerated() {
      let count = layer.rows * layer.columns
      if index < offset + count {
        let row = (index - offset) / layer.columns
        let column = (index - offset) % layer.columns
        func isIdle(hidden h: Int, unit: Int) -> Bool {
          layers[h - 1].row(unit).allSatisfy { $0 == 0 }
            && layers[h].column(unit).allSatisfy { $0 == 0 }
        }
        if l + 1 < layers.count && isIdle(hidden: l + 1, unit: row) { return true }
        return l > 0 && isIdle(hidden: l, unit: column)
      }
      offset += count
    }
    return false
  }
}
