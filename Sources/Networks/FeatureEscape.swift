public import Escapes
import Foundation
public import Landscapes
import NumericalMethods

/// Losing or gaining one feature of a deep linear network, in all its weights.
///
/// Starts at the balanced minimum of rank `from` and ends in that of rank `to`, the strongest features first.
/// The clock stops, for a loss, where the feature's amplitude uᵀWv has fallen to half the saddle's share of each
/// layer; for a gain, where the singular value σ_to of the end-to-end map has risen halfway from saddle to
/// learned state.
///
/// Stationary points, spectra and orbits are known in closed form, whatever the widths.
public struct FeatureEscape: Escape {
  /// In all its weights.
  public let network: DeepLinearNetwork
  /// What the gradient noise of minibatches comes from.
  public let source: LinearDataSource
  /// The rank before; the strongest features first.
  public let from: Int
  /// The rank after.
  public let to: Int
  /// The feature that is lost or gained, 0 the strongest.
  public let feature: Int
  /// The landscape of the feature on its balanced line.
  public let mode: DeepLinearMode
  /// A balanced minimum of rank `from`: with each feature on a hidden unit of its own in every layer.
  public internal(set) var start: [Double]
  /// The balanced minimum of rank `to`.
  public let product: [Double]
  public let target: TargetSet<RankOrderParameter>
  /// The feature's balanced line, where a feature is lost: it leads from minimum to saddle and beyond.
  public let line: BalancedLine?
  public let notes: [String]
  public let memo = Memo()

  /// - Parameters:
  ///   - source: samples, or an endless supply; their second moments are `moments`.
  ///   - notes: what must be known of the data.
  /// - Throws: `InvalidInput` where the ranks are not neighbours, the states do not exist at this β, or
  ///   the inputs are not white.
  public init(
    source: LinearDataSource, moments: SecondMoments, widths: [Int], weightDecay: Double,
    from: Int, to: Int, notes: [String] = []
  ) throws {
    try Require.positive("weight decay β", weightDecay)
    network = try DeepLinearNetwork(widths: widths, moments: moments, weightDecay: weightDecay)
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
        "rank \(max(from, to)) needs layers at least that wide, but the narrowest of \(hyphenated(widths)) is \(widths.min()!); use a wider network"
      )
    }
    feature = min(from, to)
    mode = modes[feature]
    let line = try BalancedLine(mode: mode)
    start = try network.minimum(learning: Array(0..<from))
    product = try network.minimum(learning: Array(0..<to))
    self.source = source
    self.from = from
    self.to = to
    self.notes = notes
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

  public var landscape: DeepLinearNetwork { network }

  /// Whether a feature is lost.
  public var isLoss: Bool { from > to }

  /// The samples of finite data; nil for an endless supply.
  package var training: Dataset? {
    if case .samples(let data) = source { data } else { nil }
  }

  public var name: String { "rank \(from) to \(to) of \(hyphenated(network.widths))" }

  public var title: String {
    "Rank \(from) to \(to) of \(hyphenated(network.widths)) at β = \(sixDigits(network.weightDecay))"
  }

  public var stopDescription: String {
    let value = sixDigits(target.threshold)
    return isLoss
      ? "the amplitude of feature \(feature + 1) falls to \(value), where each layer has half its share at the saddle, in the basin of rank \(to)"
      : "singular value \(to) of the end-to-end map rises to \(value), halfway between saddle and learned state, in the basin of rank \(to)"
  }

  public var clockStop: String { "the product well" }

  public var timeStep: Double { 0.02 }

  public func fallBehindLastSaddle() throws -> Double {
    let saddle = mode.arcLength(singularValue: try mode.saddleSingularValue()!)
    let stop = mode.arcLength(singularValue: target.threshold)
    return mode.energy(at: [saddle]) - mode.energy(at: [stop])
  }

  public var knownBarrierHeight: Double? {
    get throws { isLoss ? try mode.barrierDown() : try mode.barrierUp() }
  }

  /// With the samples, or the law that they are drawn from.
  public var fingerprint: String {
    memo.value("fingerprint") {
      var fingerprint = probe()
      fingerprint.add(network.weightDecay)
      switch source {
      case .samples(let data):
        fingerprint.add(data.inputs.elements)
        fingerprint.add(data.targets.elements)
      case .online(let teacher):
        fingerprint.add("online \(teacher.inputCount) \(teacher.targetCount)")
        fingerprint.add(teacher.singularValues)
      }
      return fingerprint.text
    }
  }

  // MARK: - Stationary points

  /// One pass: the minimum that is left, the saddle and the minimum behind it, with spectra block by block
  /// and orbit volumes in closed form, so that the width does not matter.
  public func passes() throws -> [Pass] {
    try memo.value("passes") {
      let modes = try network.modes()
      let held = try (0..<feature).map { try modes[$0].learnedSingularValue()! }
      let learned = try mode.learnedSingularValue()!
      let saddle = try state(held + [try mode.saddleSingularValue()!], of: modes, isSaddle: true)
      let (full, poor) = (try state(held + [learned], of: modes), try state(held, of: modes))
      return [Pass(from: isLoss ? full : poor, saddle: saddle, to: isLoss ? poor : full)]
    }
  }

  /// The balanced state with the given λ of the strongest features, the last of them at its saddle or learned.
  private func state(
    _ singularValues: [Double], of modes: [DeepLinearMode], isSaddle: Bool = false
  ) throws -> StationaryPoint {
    let point = try network.balancedPoint(
      singularValues: Dictionary(
        uniqueKeysWithValues: singularValues.enumerated().map { ($0.offset, $0.element) }))
    let orbit = try HiddenRotations(of: network).orbit(
      amplitudes: singularValues.map { pow($0, 1 / Double(network.depth)) })
    return try StationaryPoint(
      point: point, energy: network.energy(at: point),
      gradientNorm: norm(network.gradient(at: point)),
      spectrum: HessianSpectrum(
        eigenvalues: network.balancedSpectrum(singularValues: singularValues),
        zeroCount: orbit.dimension),
      orbit: orbit, softRotations: softRotations(singularValues, of: modes, isSaddle: isSaddle))
  }

  /// The rotations of two features into one another whose states differ: learned, at the saddle or unlearned.
  ///
  /// Turning the singular vectors of features i < j by φ keeps all norms of the end-to-end map and moves
  /// −tr(W Σyxᵀ) alone, by (λᵢ − λⱼ)(ηᵢ − ηⱼ) sin²φ. (Two learned features make no circle: where their η nearly
  /// coincide so do their λ, and the map turns into itself.)
  private func softRotations(
    _ singularValues: [Double], of modes: [DeepLinearMode], isSaddle: Bool
  ) -> [SoftRotation] {
    let features = modes.enumerated().map { i, mode in
      guard i < singularValues.count else { return (eta: mode.singularValue, lambda: 0.0, kind: 0) }
      let isLast = isSaddle && i == singularValues.count - 1
      return (mode.singularValue, singularValues[i], isLast ? 1 : 2)
    }
    return features.indices.flatMap { j in
      features[..<j].enumerated().compactMap { i, strong in
        let height = (strong.lambda - features[j].lambda) * (strong.eta - features[j].eta)
        guard strong.kind != features[j].kind, height > 0 else { return nil }
        return SoftRotation(height: height, first: i, second: j)
      }
    }
  }

  /// The same escape on the feature's balanced line alone, in the arc length s; the other weights are held
  /// still.
  ///
  /// - Throws: `InvalidInput` where a feature is gained.
  package func onLine() throws -> WellEscape<DeepLinearMode, Coordinate> {
    guard let line else {
      throw InvalidInput("the balanced line leaves no way up from an unlearned feature")
    }
    return WellEscape(
      mode, start: [line.minimum], product: [0], target: .coordinate(0, below: line.absorbing),
      name: name + " on its balanced line", stopDescription: stopDescription,
      clockStop: BalancedLine.clockStop, behind: .wall(at: line.reflecting),
      knownBarrierHeight: try mode.barrierDown(), timeStep: timeStep, saddleGuess: [line.saddle])
  }

  // MARK: - Noise

  /// The per-sample gradient noise along the feature's balanced line: the closed form for an endless
  /// Gaussian supply, measured from per-sample gradients for finite data.
  package func noise() throws -> (noise: ModeNoise, measurement: ModeNoise.Measurement?) {
    guard let training else {
      return (.gaussian(singularValue: mode.singularValue), nil)
    }
    let measurement = try memo.value("noise") {
      let learned = try mode.learnedSingularValue() ?? mode.singularValue
      return try ModeNoise.measured(
        network: network, data: training, feature: feature,
        singularValues: (1...12).map { learned * Double($0) / 8 })
    }
    return (measurement.noise, measurement)
  }

  /// The share of all gradient noise that pushes along the line, C_ss/tr C, at the start; nil for an
  /// endless supply.
  package func noiseShare(_ noise: ModeNoise) throws -> Double? {
    guard let training, let line else { return nil }
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: network.widths), data: training,
      weightDecay: network.weightDecay)
    return noise.covariance(of: mode, arcLength: line.minimum)
      / GradientNoise(loss: loss).trace(at: start)
  }
}
