public import Escapes
import Networks

/// The same as ``NoiseAcrossValley`` with mean and covariance of the other weights carried along the climb, under samples
/// weighted as the climb weighs them: they follow late, and a climb selects the fluctuations that help it.
///
/// Directions that no sample's noise reaches are left out, so that a wide network whose units stand in equal groups costs
/// no more than a narrow one.
///
/// It is the better number where noise across the valley takes much of the force: of nearly linear units it lengthens τ by 4
/// to 9 %, as their SGD does; of tanh units by 1 to 2 %.
///
/// Validity: as ``NoiseAcrossValley``; a small change by what is carried, and enough samples under the weights of the climb.
/// Noise in more than 200 directions is refused.
public struct NoiseCarriedAlongValley: RateTheory {
  public let name = "noise carried along the valley"

  /// The theory has no parameters.
  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    try basinPrediction(
      name, of: escape, under: noise, NoiseAcrossValley.part, logTime: Self.logTime,
      validity: Self.validity)
  }

  private static func logTime(
    of basin: any NetworkBasin, _ climb: BasinClimb, _ settings: SGDSettings, noiseScale: Double
  ) throws -> Double {
    try basin.memo.value("carried time \(settings.effectiveLearningRate) \(noiseScale)") {
      try basin.carriedClimb(climb, settings).logMeanFirstPassageTime(noiseScale: noiseScale)
    }
  }

  private static func validity(
    of basin: any NetworkBasin, _ climb: BasinClimb, leaving left: Double?, _ settings: SGDSettings
  ) throws -> Validity {
    let (h, epsilon) = (settings.effectiveLearningRate, settings.noiseScale)
    let change =
      try logTime(of: basin, climb, settings, noiseScale: epsilon)
      - climb.logMeanFirstPassageTime(
        NoiseAcrossValley.part, noiseScale: epsilon, learningRate: h)
    return .all([
      try NoiseAcrossValley.validity(of: basin, climb, leaving: left, settings),
      .memory(change),
      .effectiveSamples(
        try basin.carriedClimb(climb, settings).effectiveShare, of: basin.landscape.finiteCount),
    ])
  }
}

extension NetworkBasin {
  /// Computed once.
  fileprivate func carriedClimb(_ climb: BasinClimb, _ settings: SGDSettings) throws -> CarriedClimb
  {
    let (h, epsilon) = (settings.effectiveLearningRate, settings.noiseScale)
    return try memo.value("carried climb \(h) \(epsilon)") {
      try CarriedClimb(
        climb, in: landscape, noiseScale: epsilon, learningRate: h, cut: NoiseAcrossValley.cuts.0)
    }
  }
}
