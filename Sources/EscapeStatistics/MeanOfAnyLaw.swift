import NumericalMethods

/// The mean first-passage time of waiting times of any law, and how well it is known.
///
/// ```
/// τ̂ = ∫ Ŝ dt + Ŝ(c)·r
/// var τ̂ = Σᵢ (aᵢ/√(nᵢ(nᵢ − 1)) + bᵢ)²
/// ```
///
/// Ŝ is the estimate of Kaplan and Meier, c the last time seen, and r the mean time of the exponential tail:
/// nothing of it is needed where every run escaped, and τ̂ is then the mean of the sample, with its variance
/// s²/n. Each escape i with nᵢ at risk lowers Ŝ from there on: aᵢ = τ̂ − ∫₀^{tᵢ} Ŝ dt (Greenwood's formula
/// for the area); one of the d in the tail shortens r too: bᵢ = Ŝ(c)·r/d there, and 0 before.
///
/// Validity of the tail: few runs censored, so that what it adds is within the error, and not found to be other
/// than exponential.
///
/// Source: J. P. Klein and M. L. Moeschberger, Survival Analysis, 2nd ed. (2003), section 4.5.
package struct MeanOfAnyLaw: Sendable, Equatable {
  /// τ̂.
  package let value: Double
  /// √var τ̂.
  package let standardError: Double
  package let runs: Int
  package let events: Int

  /// nil with fewer than two escapes, or where runs are censored and there is no tail to go on with.
  ///
  /// - Parameter sorted: by time.
  init?(_ sorted: [EscapeSample.Group], tail: ExponentialTail?) {
    let n = sorted.runs
    let events = sorted.runs(.escaped)
    guard events >= 2 else { return nil }
    runs = n
    self.events = events
    guard events < n else {
      let mean = sorted.exposure / Double(n)
      let squares = sorted.reduce(0) {
        $0 + Double($1.count) * (($1.time - mean) * ($1.time - mean))
      }
      value = mean
      standardError = (squares / Double(n - 1) / Double(n)).squareRoot()
      return
    }
    guard let tail else { return nil }
    let area = SurvivalArea(sorted, until: sorted.last?.time ?? 0)
    let unseen = area.survival * tail.meanTime
    let mean = area.total + unseen
    value = mean
    standardError = area.escapes.reduce(0) { sum, escape in
      guard escape.atRisk > escape.count else { return sum }
      let shift =
        (mean - escape.area) / (escape.atRisk * (escape.atRisk - escape.count)).squareRoot()
        + (escape.time > tail.start ? unseen / Double(tail.events) : 0)
      return sum + escape.count * (shift * shift)
    }.squareRoot()
  }

  /// (τ̂/σ)²: so many exponential escapes tell as much of their mean. For all but a sample of equal times.
  package var effectiveEvents: Double {
    standardError > 0 ? min((value / standardError) * (value / standardError), 1e12) : 1e12
  }

  /// The interval of τ as of ν exponential escapes:
  ///
  /// ```
  /// [2ντ̂/χ²_{1−α′; 2ν}, 2ντ̂/χ²_{α′; 2ν}],   ν = (τ̂/σ̂)² − 1
  /// ```
  ///
  /// For n times of a gamma law with shape κ, 2nκτ̂/τ has a χ² law with 2nκ degrees of freedom exactly, and
  /// nκ = (τ/σ)² (κ = 1: the interval of an exponential law). The estimate of κ by the variance obeys
  /// E (σ̂/τ̂)² = 1/(nκ + 1), hence the −1. Its error is that of a variance with (n − 1)/(1 + V²) degrees of
  /// freedom, V² = nσ²/τ²: α′ is the normal tail beyond Student's quantile with so many. For any other law
  /// the interval is right to O(1/√n) in its ends' probabilities.
  ///
  /// Its coverage (nominal 95 %; 4000 samples each of gamma laws of shape 0.5 to 5, Weibull laws of 0.7 to
  /// 1.5, a lag of 10 to 60 % of τ, mixtures of two exponentials with V² up to 2.6, n = 30, 100, 300) is 93.4
  /// to 97 %. Passages under a weak force have the law of inverse Gauss: with V² = 5.3 it is 90, 93, 94 and 94 % for
  /// n = 30, 100, 300, 1000. A rare slow rate that most samples do not see (one run in ten, ten times as slow,
  /// n = 30) gives 84 %.
  package func estimate(level: Double) -> Estimate {
    let alpha = 1 - level
    var (lower, upper): (Double?, Double?) = (value, value)
    let count = effectiveEvents - 1
    if count <= 0 {
      (lower, upper) = (nil, nil)
    } else if standardError > 0 {
      let variation = Double(runs) / effectiveEvents
      let student = Distributions.studentQuantile(
        1 - alpha / 2, degreesOfFreedom: Double(events - 1) / (1 + variation))
      let tail = Distributions.normalUpperTail(student)
      func end(_ probability: Double) -> Double? {
        let quantile = Distributions.chiSquaredQuantile(probability, degreesOfFreedom: 2 * count)
        return quantile.isFinite && quantile > 0 ? 2 * count * value / quantile : nil
      }
      (lower, upper) = (end(1 - tail), end(tail))
    }
    return Estimate(
      value: value, lower: lower, upper: upper, level: level,
      method:
        "mean of waiting times of any law, chi-squared interval as of \(sixDigits(max(count, 0))) exponential escapes",
      events: events, censored: runs - events, assumesExponentialTimes: false)
  }
}
