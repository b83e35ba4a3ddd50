public import Escapes

/// A theory of escape: how long a state lives under a noise, and how far to trust that.
///
/// Conform in a file of your own and add it to ``RateTheories/all``; `rate` then lists it.
public protocol RateTheory: Sendable {
  /// Name, as a row of a table shows it.
  var name: String { get }

  /// ln τ, its slope and its validity.
  ///
  /// - Returns: nil where the theory is of other escapes or another noise.
  /// - Throws: what keeps it from a number here; ``RateTheories/predictions(of:under:)`` makes that a row.
  func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction?
}

/// All theories.
public enum RateTheories {
  /// In the order in which tables list them.
  public static let all: [any RateTheory] = [
    ExactOneDimensional(),
    KramersOnALine(),
    CorrectedKramersOnALine(),
    LangersFormula(),
    CorrectedLangersFormula(),
    WellsInSeries(.harmonic),
    WellsInSeries(.firstCorrection),
    LeastAction(),
    ExactOnTheBalancedLine(),
    KramersOnTheBalancedLine(),
    Turnover(.spatialDiffusion),
    Turnover(.energyDiffusion),
    Turnover(.interpolation),
    StateDependentNoise(),
    StateDependentNoise(hasFiniteStep: true),
    QuasiPotential(),
    LargeDeviations(),
    PowerLawNoise(),
    MatchedTemperature(ExactOnTheBalancedLine()),
    MatchedTemperature(KramersOnTheBalancedLine()),
    MatchedTemperature(LangersFormula()),
  ]

  /// What every theory that applies says. One that fails has a row with its reason.
  ///
  /// - Throws: where the stationary points of the escape cannot be found, which every theory needs.
  public static func predictions(
    of escape: some Escape, under noise: Noise
  ) throws -> [RatePrediction] {
    _ = try escape.passes()
    return all.compactMap { theory in
      do { return try theory.prediction(of: escape, under: noise) } catch {
        return .failed(theory: theory.name, noise: noise.strength, reason: "\(error)")
      }
    }
  }

  /// The best theory of the passage that simulations time: exact in one dimension, the interpolation at any
  /// friction, the first correction to Langer's formula, or the exact time on the balanced line under
  /// minibatches. nil where none of these applies.
  public static func best(
    of escape: some Escape, under noise: Noise
  ) throws -> RatePrediction? {
    let candidates: [any RateTheory] =
      switch noise {
      case .white: [ExactOneDimensional(), WholePassage()]
      case .inertial: [Turnover(.interpolation)]
      case .minibatch: [StateDependentNoise()]
      }
    for theory in candidates {
      if let prediction = try theory.prediction(of: escape, under: noise) { return prediction }
    }
    return nil
  }
}

/// d ln τ/d(1/ε) at ε, from ln τ at ε and at a noise weaker by a ten-thousandth.
func slope(
  at noise: Double, _ logTime: (_ noise: Double) throws -> Double
) rethrows -> (logTime: Double, slope: Double) {
  let shift = 1e-4
  let here = try logTime(noise)
  let weaker = try logTime(noise * (1 - shift))
  return (here, (weaker - here) / (1 / (noise * (1 - shift)) - 1 / noise))
}
