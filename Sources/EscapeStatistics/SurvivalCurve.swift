import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The Kaplan–Meier estimate of S(t) = P(τ > t) with a pointwise log(−log) band.
///
/// ```
/// Ŝ(t) = Π_{tᵢ ≤ t} (1 − dᵢ/nᵢ),   Var ln(−ln Ŝ) = Σ dᵢ/(nᵢ(nᵢ − dᵢ)) / (ln Ŝ)²
/// ```
///
/// dᵢ events among nᵢ at risk at tᵢ. The band is Ŝ^{exp(±z·se)}, which stays within [0, 1].
///
/// Source: J. D. Kalbfleisch and R. L. Prentice, The Statistical Analysis of Failure Time Data, 2nd ed.,
/// section 1.4.
public struct SurvivalCurve: Sendable {
  /// A time at which runs escaped.
  public struct Step: Sendable, Equatable {
    /// An event time.
    public let time: Double
    /// Ŝ just after it.
    public let survival: Double
    /// The band; nil where the variance is undefined (Ŝ = 0).
    public let lower: Double?
    /// The upper end of the band; nil where there is none.
    public let upper: Double?
    /// Runs still on their way just before.
    public let atRisk: Int
    /// Runs that escaped then.
    public let events: Int
  }

  /// In ascending time.
  public let steps: [Step]
  /// Of the band.
  public let level: Double

  /// The Kaplan–Meier estimate of a sample.
  public init(_ sample: EscapeSample, level: Double = 0.95) {
    self.level = level
    let z = Distributions.normalQuantile(0.5 + level / 2)
    let sorted = sample.byTime
    var steps = [Step]()
    var survival = 1.0
    var greenwood = 0.0
    var i = 0
    var left = sorted.runs
    while i < sorted.count {
      let time = sorted[i].time
      let atRisk = left
      var events = 0
      while i < sorted.count && sorted[i].time == time {
        if sorted[i].outcome == .escaped { events += sorted[i].count }
        left -= sorted[i].count
        i += 1
      }
      guard events > 0 else { continue }
      survival *= 1 - Double(events) / Double(atRisk)
      if events < atRisk {
        greenwood += Double(events) / (Double(atRisk) * Double(atRisk - events))
      }
      var band: (lower: Double?, upper: Double?) = (nil, nil)
      if events < atRisk {
        let error = greenwood.squareRoot() / abs(log(survival))
        band = (pow(survival, exp(z * error)), pow(survival, exp(-z * error)))
      }
      steps.append(
        Step(
          time: time, survival: survival, lower: band.lower, upper: band.upper, atRisk: atRisk,
          events: events))
    }
    self.steps = steps
  }

  /// The smallest event time at which Ŝ ≤ 1 − p: the p-quantile; nil where it was not reached.
  public func quantile(_ probability: Double) -> Double? {
    steps.first { $0.survival <= 1 - probability + 1e-12 }?.time
  }
}
