import NumericalMethods
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The passage times of one ensemble and what follows from them.
///
/// Runs that did not escape are right-censored: never dropped and never counted as escaped. Diverged
/// runs are counted apart; their time before divergence is exposure without an event, as long as they are few:
/// beyond ``toleratedDivergence`` there is no estimate.
public struct EscapeSample: Sendable {
  /// One per run; of runs that were not kept one by one, those that are only counted are not among them.
  public let passages: [PassageTime]
  /// Runs that were not kept one by one; nil where all were.
  package let histogram: PassageHistogram?
  private let sorted = Sorted()

  /// The groups by time, once somebody has asked: rate, laws, curves and figures all do.
  private final class Sorted: Sendable {
    let groups = Mutex<[Group]?>(nil)
  }

  /// The passages of one ensemble.
  public init(_ passages: [PassageTime]) { self.init(passages, histogram: nil) }

  /// The same with others that were only counted.
  package init(_ passages: [PassageTime], histogram: PassageHistogram?) {
    self.passages = passages
    self.histogram = histogram
  }

  /// Runs that ended alike: of a histogram, those of a bin at their mean time.
  package struct Group: Sendable, Equatable {
    package let time: Double
    package let outcome: PassageOutcome
    package let count: Int
  }

  private var groups: [Group] {
    var groups = passages.map { Group(time: $0.time, outcome: $0.outcome, count: 1) }
    if let histogram { groups += histogram.groups }
    return groups
  }

  /// By time; of equal times the escapes come first: a run stopped at t was still on its way then.
  package var byTime: [Group] {
    sorted.groups.withLock { known in
      if let known { return known }
      var groups = groups
      // In place: there may be millions.
      groups.sort {
        $0.time != $1.time ? $0.time < $1.time : $0.outcome == .escaped && $1.outcome != .escaped
      }
      known = groups
      return groups
    }
  }

  /// Their number.
  public var runs: Int { passages.count + (histogram?.runs ?? 0) }

  /// Runs with the given outcome.
  public func count(_ outcome: PassageOutcome) -> Int {
    passages.reduce(histogram?.count(outcome) ?? 0) { $0 + ($1.outcome == outcome ? 1 : 0) }
  }

  /// Runs that escaped.
  public var events: Int { count(.escaped) }
  /// Runs that did not.
  public var censored: Int { runs - events }

  /// The summed time of all runs, escaped or not.
  public var exposure: Double { passages.reduce(histogram?.exposure ?? 0) { $0 + $1.time } }

  /// The time at which the last of them ended; nil where there is none.
  package var lastTime: Double? {
    let times = [passages.lazy.map(\.time).max(), histogram?.groups.lazy.map(\.time).max()]
    return times.compactMap { $0 }.max()
  }

  /// The escape rate k per unit t, with an interval that the waiting times allow: the exact one of
  /// ``exponentialRate(level:)`` unless they are found not to be exponential. Then 1/k is their mean, with an
  /// interval for any law, where every run escaped, or at most √n of n were stopped in a tail that may be
  /// exponential; else k is the rate of their tail.
  /// `Estimate.method` says which.
  ///
  /// The law is tested by Laplace's test on the total time on test: p < 0.01 for times narrower than
  /// exponential, p < 0.2 for wider ones, at least five escapes.
  public func rate(level: Double = 0.95) -> Estimate {
    // Of a sample spoilt by divergence no law is known: it is left to the first.
    switch WaitingTimeLaw(self) {
    case .exponential: return exponentialRate(level: level)
    case .any(_, let mean): return mean.estimate(level: level).reciprocal
    case .tail(_, let tail): return tail.rate(level: level, of: self)
    }
  }

  /// The escape rate k per unit t by censored maximum likelihood, with the exact χ² interval:
  ///
  /// ```
  /// k̂ = n/S,   [χ²_{α/2; 2n}, χ²_{1−α/2; 2n+c}] / 2S
  /// ```
  ///
  /// n events in total exposure S, α = 1 − level; c = 0 when every run escaped (the interval is then
  /// exact for exponential times) and c = 2 when some were censored at a fixed time (then conservative,
  /// as for a Poisson count: Garwood). With n = 0 the value is nil and `upper` is the one-sided bound
  /// −ln(1 − level)/S. Where too many runs diverged there is no number, see ``isSpoiltByDivergence``.
  ///
  /// Validity: exponential waiting times.
  public func exponentialRate(level: Double = 0.95) -> Estimate {
    if let divergenceReason {
      return .missing(
        level: level, reason: divergenceReason, events: events, censored: censored)
    }
    return Self.rate(events: events, exposure: exposure, censored: censored, level: level)
  }

  /// The same from the counts alone.
  package static func rate(
    events n: Int, exposure: Double, censored: Int, level: Double = 0.95
  ) -> Estimate {
    guard n > 0 else {
      return Estimate(
        value: nil, lower: 0, upper: exposure > 0 ? -log(1 - level) / exposure : nil,
        level: level, method: "one-sided bound from zero events", events: 0, censored: censored)
    }
    let alpha = 1 - level
    let count = Double(2 * n)
    return Estimate(
      value: Double(n) / exposure,
      lower: Distributions.chiSquaredQuantile(alpha / 2, degreesOfFreedom: count) / (2 * exposure),
      upper: Distributions.chiSquaredQuantile(
        1 - alpha / 2, degreesOfFreedom: count + (censored == 0 ? 0 : 2)) / (2 * exposure),
      level: level, method: "censored maximum likelihood, exact chi-squared interval", events: n,
      censored: censored)
  }

  /// The mean first-passage time 1/k with the interval of ``rate(level:)``; with zero events a lower
  /// bound only.
  public func meanFirstPassageTime(level: Double = 0.95) -> Estimate {
    rate(level: level).reciprocal
  }

  /// The coefficient of variation of the escaped times when none was censored; 1 for an exponential
  /// law. nil with fewer than two events or any censored run, where it would be biased.
  public var coefficientOfVariation: Double? {
    guard censored == 0, events > 1 else { return nil }
    let mean = exposure / Double(events)
    let sum = groups.reduce(0) {
      $0 + Double($1.count) * (($1.time - mean) * ($1.time - mean))
    }
    return (sum / Double(events - 1)).squareRoot() / mean
  }

  /// A two-sided p-value of exponentiality, censoring-aware (Laplace's test on the total time on test); nil
  /// with fewer than five events, or where too many runs diverged.
  public var exponentialityPValue: Double? {
    guard !isSpoiltByDivergence else { return nil }
    return Exponentiality(byTime)?.pValue
  }
}
