public import Escapes
import Landscapes
import Networks
import NumericalMethods

/// SGD along the valley out of a basin of any network: E and the noise of its samples along the path alone.
///
/// ```
/// ds = −E′ dt + √(ε C_ss) dW,   ε = h/B
/// ```
///
/// τ is exact for this process. At best marginal: noise across the path is left out.
public struct DiffusionAlongValley: RateTheory {
  public let name = "diffusion along the valley"

  /// The theory has no parameters.
  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    try basinPrediction(name, of: escape, under: noise, .along) { _, _, _, _ in
      .marginal(
        .noiseAcross,
        "noise across the path is left out, whose effect this theory cannot know")
    }
  }
}

/// SGD along the valley out of a basin of any network, with the stationary fluctuations of all other weights and all
/// cumulants of a batch's slope. Nothing is fitted.
///
/// ```
/// A(s) = −E′(1 + hE″/2) − ½ tr[H′Σ],   HΣ + ΣH − hHΣH = εC
/// ```
///
/// Validity: it knows modes across the path that relax within the time of an escape. Softer ones must carry no noise, or the
/// state wanders among equivalent ones and its time depends on where it started.
public struct NoiseAcrossValley: RateTheory {
  public let name = "noise across the valley"

  /// The theory has no parameters.
  public init() {}

  /// The cuts between which τ must not change: modes softer than that do not count.
  static let cuts = (BasinPath.softest, 10 * BasinPath.softest)

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    try basinPrediction(
      name, of: escape, under: noise, Self.part, validity: Self.validity(of:_:leaving:_:))
  }

  /// What it is of the climb.
  static let part = BasinClimb.Part.allCumulants(above: cuts.0)

  static func validity(
    of basin: any NetworkBasin, _ climb: BasinClimb, leaving left: Double?, _ settings: SGDSettings
  ) throws -> Validity {
    let (h, epsilon) = (settings.effectiveLearningRate, settings.noiseScale)
    func logTime(_ cut: Double) throws -> Double {
      try climb.logMeanFirstPassageTime(
        .allCumulants(above: cut), noiseScale: epsilon, learningRate: h)
    }
    let change = try logTime(cuts.1) - logTime(cuts.0)
    let path = try basin.path()
    let between = climb.places[path.minimum...path.saddle]
    let stiffest = between.map { $0.curvatures.last ?? 0 }.max()!
    let drifts = climb.drifts(part, noiseScale: epsilon, learningRate: h)
    let bare = climb.drifts(.along, noiseScale: epsilon, learningRate: h)
    let force = drifts[path.minimum...path.saddle].min()! / bare[path.minimum...path.saddle].min()!
    let barrier = basin.branchSaddle.energy - basin.minimum.energy
    guard let left else { throw NumericalFailure.noBarrier }
    return .all([
      .barrierLeft(left), .forceLeft(force), .stiffAcross(h * stiffest),
      .softNoise(climb.softNoise(below: cuts.0, minimum: path.minimum, saddle: path.saddle)),
      .cut(change), .pathBarrier(path.barrierHeight / barrier - 1),
    ])
  }
}

/// What the theories of a valley share.
///
/// - Parameters:
///   - part: of the climb, which decides what barrier is left.
///   - logTime: ln τ at a noise ε; by default that part's.
func basinPrediction(
  _ name: String, of escape: some Escape, under noise: Noise, _ part: BasinClimb.Part,
  logTime: ((any NetworkBasin, BasinClimb, SGDSettings, _ epsilon: Double) throws -> Double)? = nil,
  validity: (any NetworkBasin, BasinClimb, _ barrierLeft: Double?, SGDSettings) throws -> Validity
) throws -> RatePrediction? {
  guard case .minibatch(let settings) = noise, let basin = escape as? any NetworkBasin else {
    return nil
  }
  let climb = try climb(out: basin)
  let h = settings.effectiveLearningRate
  let (time, slope) = try slope(at: settings.noiseScale) {
    try logTime?(basin, climb, settings, $0)
      ?? climb.logMeanFirstPassageTime(part, noiseScale: $0, learningRate: h)
  }
  let left = try climb.barrier(part, noiseScale: settings.noiseScale, learningRate: h)
  var doubts = [try validity(basin, climb, left, settings)]
  if settings.momentum > 0 {
    doubts.append(
      .marginal(
        .inertia,
        "the theory is of descent without momentum at the learning rate h/(1 − μ), whose inertia is left out"
      ))
  }
  if let count = basin.landscape.finiteCount, settings.drawsByEpochs(of: count) {
    doubts.append(
      .marginal(.epochs, "the theory is of independent batches, but these are drawn by epochs"))
  }
  return RatePrediction(
    theory: name, noise: noise.strength, logMeanFirstPassageTime: time,
    clockStop: basin.clockStop, logPrefactor: left.map { time - $0 }, apparentBarrier: slope,
    validity: .all(doubts)
  ).slowed(by: settings.clockRate)
}

/// The climb, or why there is none: every theory of the escape asks.
func climb(out basin: some NetworkBasin) throws -> BasinClimb {
  try basin.memo.value("climb out of the basin") { Result { try newClimb(out: basin) } }.get()
}

/// - Throws: `NumericalFailure` where there is no valley, with what soft modes do at its bottom.
private func newClimb(out basin: some NetworkBasin) throws -> BasinClimb {
  let path: BasinPath
  do {
    path = try basin.path()
  } catch let failure as NumericalFailure {
    let bottom = try PathNoise(
      basin.landscape, at: basin.start, tangent: try basin.overlapDirection(), arcLength: 0)
    let soft = zip(bottom.curvatures, bottom.noise).filter { $0.0 < 10 * BasinPath.softest }
    guard let largest = soft.map(\.1).max(), largest > 0 else { throw failure }
    throw NumericalFailure(
      "no valley leads from this minimum to its saddle at a fixed order parameter (\(failure)); \(soft.count) modes softer than \(brief(10 * BasinPath.softest)) carry noise, up to \(brief(largest / bottom.variance)) of that along the order parameter, so the state wanders among nearly equal ones and its time depends on where it started"
    )
  }
  return try BasinClimb(basin.landscape, path: path.places, minimum: path.minimum)
}

extension NumericalFailure {
  /// Under the noise across a valley.
  static let noBarrier = NumericalFailure(
    "no barrier is left under this noise: the state is left by drift, not by escape, so there is no rate; choose a smaller h/B or β"
  )
}
