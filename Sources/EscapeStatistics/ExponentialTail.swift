import NumericalMethods

/// The rate at which runs escape late, after half of the escapes: what is left of an escape rate where waiting
/// times are not exponential from the start.
///
/// A Markov process forgets how it was started: its first-passage times end in an exponential tail with the
/// slowest of its rates. From the escape at t₀ on, d escapes fall into the summed time X of the runs still on
/// their way, and k = d/X has the exact χ² interval of an exponential law, given that the tail has begun.
package struct ExponentialTail: Sendable {
  /// t₀.
  package let start: Double
  /// d.
  package let events: Int
  /// Runs that were stopped after t₀.
  package let censored: Int
  /// X.
  package let exposure: Double
  /// The test of an exponential law of the times from t₀ on; nil with fewer than five.
  package let exponentiality: Exponentiality?

  /// X/d, the mean time that a run of the tail still takes.
  package var meanTime: Double { exposure / Double(events) }

  /// nil where no escape comes after the first half of them.
  ///
  /// - Parameter sorted: by time.
  init?(_ sorted: [EscapeSample.Group]) {
    let escapes = sorted.runs(.escaped)
    guard escapes >= 2 else { return nil }
    var before = 0
    let half = sorted.first {
      if $0.outcome == .escaped { before += $0.count }
      return before >= escapes / 2
    }
    guard let start = half?.time else { return nil }
    let tail = sorted.drop { $0.time <= start }.map {
      EscapeSample.Group(time: $0.time - start, outcome: $0.outcome, count: $0.count)
    }
    events = tail.runs(.escaped)
    guard events > 0 else { return nil }
    self.start = start
    censored = tail.runs - events
    exposure = tail.exposure
    exponentiality = Exponentiality(tail)
  }

  /// k = d/X with its exact χ² interval.
  func rate(level: Double, of sample: EscapeSample) -> Estimate {
    let rate = EscapeSample.rate(
      events: events, exposure: exposure, censored: censored, level: level)
    return Estimate(
      value: rate.value, lower: rate.lower, upper: rate.upper, level: level,
      method:
        "rate of the tail after t = \(sixDigits(start)), not of the mean; exact chi-squared interval of \(events) escapes",
      events: sample.events, censored: sample.censored, assumesExponentialTimes: false)
  }
}
