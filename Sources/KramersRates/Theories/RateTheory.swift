public import Escapes

/// A theory of escape: how long a state lives under a noise, and how far to trust that.
///
/// Conform in a file of your own and add it to ``RateTheories/all``; `rate` then lists it.
public protocol RateTheory: Sendable {
  /// Name, as a row of a table shows it.
  var name: String { get }

  /// What it keeps of a passage, so that a more exact theory can judge it; nil (unless declared) for one that is
  /// not to be compared.
  var exactness: Exactness? { get }

  /// ln τ, its slope and its validity.
  ///
  /// - Returns: nil where the theory is of other escapes or another noise.
  /// - Throws: what keeps it from a number here; ``RateTheories/predictions(of:under:)`` makes that a row.
  func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction?
}

extension RateTheory {
  public var exactness: Exactness? { nil }
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
    OverdampedLimit(ExactOneDimensional()),
    Turnover(.spatialDiffusion),
    Turnover(.energyDiffusion),
    Turnover(.interpolation),
    StateDependentNoise(),
    StateDependentNoise(hasFiniteStep: true),
    NoiseAcrossTheLine(),
    NoiseCarriedAlong(),
    DiffusionAlongValley(),
    NoiseAcrossValley(),
    NoiseCarriedAlongValley(),
    QuasiPotential(),
    LargeDeviations(),
    PowerLawNoise(),
    MatchedTemperature(ExactOnTheBalancedLine()),
    MatchedTemperature(KramersOnTheBalancedLine()),
    MatchedTemperature(LangersFormula()),
  ]

  /// What every theory that applies says. One that fails has a row with its reason; one that a more exact theory
  /// of the same passage contradicts is downgraded: ``Exactness``. Theories are of continuous time: under
  /// minibatches the learning rate is judged as well, see ``Criterion``.
  ///
  /// - Throws: where the stationary points of the escape cannot be found, which every theory needs.
  public static func predictions(
    of escape: some Escape, under noise: Noise
  ) throws -> [RatePrediction] {
    _ = try escape.passes()
    let steps = try DiscreteTime(of: escape, under: noise)?.validity
    let rows = all.compactMap { theory -> RatedPrediction? in
      do {
        return try theory.prediction(of: escape, under: noise).map {
          RatedPrediction(prediction: $0.adding(steps), exactness: theory.exactness)
        }
      } catch {
        return RatedPrediction(
          prediction: .failed(theory: theory.name, noise: noise.strength, reason: "\(error)")
            .adding(steps),
          exactness: nil)
      }
    }
    return try judged(rows, of: escape)
  }

  /// The best theory of the passage that simulations time: exact in one dimension, the overdamped limit or the
  /// interpolation at any friction, whichever has the better verdict, the first correction to Langer's formula; under
  /// minibatches the noise across the balanced line, carried along or else adiabatic, or else the exact time on the line.
  /// nil where none of these applies.
  public static func best(
    of escape: some Escape, under noise: Noise
  ) throws -> RatePrediction? {
    let candidates: [any RateTheory]
    switch noise {
    case .white: candidates = [ExactOneDimensional(), WholePassage()]
    case .inertial: candidates = [OverdampedLimit(ExactOneDimensional()), Turnover(.interpolation)]
    case .minibatch: return try bestUnderMinibatches(of: escape, under: noise)
    }
    // The first that is valid; else that of the better verdict, and of equal ones the last.
    var best: RatePrediction?
    for theory in candidates {
      guard let next = try theory.prediction(of: escape, under: noise) else { continue }
      if best.map({ next.validity.verdict <= $0.validity.verdict }) ?? true { best = next }
      if next.validity.verdict == .valid { break }
    }
    return try best?.adding(DiscreteTime(of: escape, under: noise)?.validity)
  }
}

extension RateTheories {
  /// The theory of the noise across the line that keeps most: the other weights carried along, or else adiabatic; nil
  /// where neither has a number, since no barrier is left, say.
  package static func acrossTheLine(
    of escape: some Escape, under noise: Noise
  ) throws -> RatePrediction? {
    let theories: [any RateTheory] = [
      NoiseCarriedAlong(), NoiseAcrossTheLine(), NoiseCarriedAlongValley(), NoiseAcrossValley(),
      DiffusionAlongValley(),
    ]
    for theory in theories {
      guard let prediction = try? theory.prediction(of: escape, under: noise) else { continue }
      return try prediction.adding(DiscreteTime(of: escape, under: noise)?.validity)
    }
    return nil
  }

  /// That of the noise across the line, or else the exact time on it.
  private static func bestUnderMinibatches(
    of escape: some Escape, under noise: Noise
  ) throws -> RatePrediction? {
    try acrossTheLine(of: escape, under: noise)
      ?? StateDependentNoise().prediction(of: escape, under: noise)?
      .adding(DiscreteTime(of: escape, under: noise)?.validity)
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
