import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The regime in which a process has forgotten its start: its hazard has levelled off at one rate k.
///
/// ```
/// S(t) ≈ e^{−k(t − ℓ)} for t > t₀,   k̂ = d/X,   ℓ̂ = t₀ + ln Ŝ(t₀)/k̂
/// ```
///
/// d escapes after t₀ fall into the summed time X of the runs still on their way. The lag ℓ is by how much they come
/// later than if the rate had been k from the start: positive where runs first have to get ready, negative where some
/// left at once.
///
/// t₀ is twice the first of 0 and the escapes that end a tenth, two tenths, … of all, from which on Laplace's test sees
/// no change of the rate (p > 0.1 for all that comes after it, and for the first half of that). Twice, since what is too
/// small to be seen there is still of the size of the error, and squared at twice the time.
///
/// Its coverage (nominal 95 %, samples of 300 runs) is in the tests.
///
/// Validity: a Markov process; at least ten escapes after t₀.
public struct QuasiStationaryRegime: Sendable {
  /// t₀; 0 where no lag is seen.
  public let start: Double
  /// k, per unit t.
  public let rate: Estimate
  /// ℓ, with the error of k and of Ŝ(t₀); nil where none is seen.
  public let lag: Estimate?
  /// The share of runs that is left at t₀.
  public let survival: Double

  private static let level = 0.1
  private static let fewestEvents = 10

  /// nil where the rate is not seen to level off.
  public init?(_ sample: EscapeSample, level confidence: Double = 0.95) {
    guard !sample.isSpoiltByDivergence else { return nil }
    let sorted = sample.byTime
    let escapes = sorted.runs(.escaped)
    guard escapes >= Self.fewestEvents else { return nil }
    var starts = [0.0]
    var (seen, tenths) = (0, 0)
    for group in sorted where group.outcome == .escaped {
      seen += group.count
      if 10 * seen / escapes > tenths {
        tenths = 10 * seen / escapes
        starts.append(group.time)
      }
    }
    func after(_ time: Double) -> [EscapeSample.Group] {
      sorted.drop { $0.time <= time }.map {
        EscapeSample.Group(time: $0.time - time, outcome: $0.outcome, count: $0.count)
      }
    }
    guard let steady = starts.first(where: { Self.isSteady(after($0)) }) else { return nil }
    start = 2 * steady
    let rest = after(start)
    let events = rest.runs(.escaped)
    guard events >= Self.fewestEvents else { return nil }
    rate = EscapeSample.rate(
      events: events, exposure: rest.exposure, censored: rest.runs - events, level: confidence)
    let before = SurvivalArea(sorted, until: start)
    survival = before.survival
    guard start > 0 else {
      lag = nil
      return
    }
    let k = rate.value!
    let greenwood = before.escapes.reduce(0) {
      $0 + $1.count / ($1.atRisk * ($1.atRisk - $1.count))
    }
    let found = start + log(survival) / k
    let reach =
      Distributions.normalQuantile(0.5 + confidence / 2)
      * (greenwood + log(survival) * log(survival) / Double(events)).squareRoot() / k
    lag = Estimate(
      value: found, lower: found - reach, upper: found + reach, level: confidence,
      method: "where the exponential tail would begin, normal interval", events: events,
      censored: rest.runs - events, assumesExponentialTimes: false)
  }

  /// Whether no change of the rate is seen, in all of it and in its first half.
  private static func isSteady(_ rest: [EscapeSample.Group]) -> Bool {
    let events = rest.runs(.escaped)
    guard events >= fewestEvents, let whole = Exponentiality(rest), whole.pValue > level else {
      return false
    }
    var seen = 0
    let half = rest.first {
      if $0.outcome == .escaped { seen += $0.count }
      return 2 * seen >= events
    }
    guard let half else { return true }
    let early = rest.map { group in
      group.time <= half.time
        ? group : EscapeSample.Group(time: half.time, outcome: .censored, count: group.count)
    }
    return Exponentiality(early).map { $0.pValue > level } ?? true
  }
}
