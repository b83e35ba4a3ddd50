import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension EscapeSample {
  /// The mean of min(t, c), c the time up to which runs are seen: what is known of the mean of any law where some runs
  /// did not escape.
  ///
  /// ```
  /// τ̂_c = ∫₀ᶜ Ŝ dt,   var τ̂_c = Σᵢ dᵢ (∫_{tᵢ}ᶜ Ŝ dt)²/(nᵢ(nᵢ − dᵢ))
  /// ```
  ///
  /// with a normal interval. nil with fewer than two escapes, or where too many runs diverged.
  ///
  /// Source: J. P. Klein and M. L. Moeschberger, Survival Analysis, 2nd ed. (2003), section 4.5.
  public func restrictedMean(until horizon: Double? = nil, level: Double = 0.95) -> Estimate? {
    guard !isSpoiltByDivergence, events >= 2, let last = lastTime else { return nil }
    let end = min(horizon ?? last, last)
    let area = SurvivalArea(byTime, until: end)
    let mean = area.total
    let variance = area.escapes.reduce(0) { sum, escape in
      guard escape.atRisk > escape.count else { return sum }
      let rest = mean - escape.area
      return sum + escape.count * rest * rest / (escape.atRisk * (escape.atRisk - escape.count))
    }
    let reach = Distributions.normalQuantile(0.5 + level / 2) * variance.squareRoot()
    return Estimate(
      value: mean, lower: max(0, mean - reach), upper: min(end, mean + reach), level: level,
      method: "mean of min(t, \(sixDigits(end))) from the Kaplan–Meier estimate, normal interval",
      events: events, censored: censored, assumesExponentialTimes: false)
  }
}

extension SurvivalCurve {
  /// The time by which a share of runs has escaped, with the interval in which the band of S(t) holds 1 − p.
  ///
  /// An end that was not reached is open; nil where neither the time nor its lower end was.
  ///
  /// Source: R. Brookmeyer and J. Crowley, Biometrics 38, 29 (1982), with the log(−log) band.
  public func quantileEstimate(_ probability: Double) -> Estimate? {
    let share = 1 - probability + 1e-12
    let value = quantile(probability)
    let lower = steps.first { ($0.lower ?? 0) <= share }?.time
    let upper = steps.first { ($0.upper ?? ($0.survival > 0 ? 1 : 0)) <= share }?.time
    guard value != nil || lower != nil else { return nil }
    let escaped = steps.reduce(0) { $0 + $1.events }
    return Estimate(
      value: value, lower: lower, upper: upper, level: level,
      method: value == nil
        ? "fewer than \(sixDigits(100 * probability)) % of the runs escaped"
        : "Kaplan–Meier quantile, interval from the log(−log) band", events: escaped,
      censored: nil, assumesExponentialTimes: false)
  }
}
