public import DataFiles
public import EscapeStatistics
import NumericalMethods

/// The law of waiting times of one ensemble, beyond their mean.
public struct WaitingTimes: Codable, Sendable, DescribedJSON {
  /// A share of runs and the time by which it has passed.
  public struct Quantile: Codable, Sendable, DescribedJSON {
    /// Between 0 and 1.
    public let probability: Double
    /// In t.
    public let time: Estimate

    package static let keys: [KeyDescription] = [
      .init("probability", "–", "share of runs"),
      .estimate("time", "t", "by which they have passed"),
    ]
  }

  /// A law fitted to the passages.
  public struct Law: Codable, Sendable, DescribedJSON {
    /// Which.
    public let law: WaitingTimeFamily
    /// How much it has of the weight of all.
    public let weight: Double
    /// AIC above that of the best.
    public let deltaAIC: Double
    /// Its maximum.
    public let logLikelihood: Double
    /// In t.
    public let meanFirstPassageTime: Estimate
    /// What gives its form beside the mean.
    public let parameters: [Parameter]

    package static let keys: [KeyDescription] = [
      .init(
        "law", "text", WaitingTimeFamily.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
      ),
      .init("weight", "–", "Akaike's weight: e^{−ΔAIC/2} over the sum of all"),
      .init("deltaAIC", "–", "AIC above that of the best"),
      .init("logLikelihood", "–", "ln L at its maximum"),
      .estimate("meanFirstPassageTime", "t", "τ if the law holds, profile-likelihood interval"),
      .objects("parameters", Parameter.self, "beside the mean"),
    ]
  }

  /// A number of a law.
  public struct Parameter: Codable, Sendable, DescribedJSON {
    /// "shape".
    public let name: String
    /// With its profile-likelihood interval.
    public let value: Estimate

    package static let keys: [KeyDescription] = [
      .init("name", "text", "`lag` (t), `shape`, `fast share` or `ratio of means`"),
      .estimate("value", "–", "profile-likelihood interval"),
    ]
  }

  /// Where the hazard has levelled off.
  public struct QuasiStationary: Codable, Sendable, DescribedJSON {
    /// In t; 0 where no lag is seen.
    public let start: Double
    /// Per t.
    public let rate: Estimate
    /// In t; nil where none is seen.
    @OmittedIfNil public var lag: Estimate?

    package static let keys: [KeyDescription] = [
      .init("start", "t", "from which on the hazard is steady; 0 where no change is seen"),
      .estimate("rate", "per t", "escapes after `start` over the time spent there"),
      .estimate(
        "lag", "t", "by how much runs come later than if the rate had been so from the start",
        only: "where a change is seen"),
    ]
  }

  /// At 10, 50 and 90 %, as far as they were reached.
  public let quantiles: [Quantile]
  /// The mean of min(t, `horizon`); nil where every run escaped, or fewer than two did.
  @OmittedIfNil public var restrictedMean: Estimate?
  /// The time up to which runs were seen.
  @OmittedIfNil public var horizon: Double?
  /// The best first; empty where there is too little.
  public let laws: [Law]
  /// nil where the hazard is not seen to level off.
  @OmittedIfNil public var quasiStationary: QuasiStationary?
  /// What the laws are; not part of the document.
  package internal(set) var comparison: LawComparison? = nil

  private enum CodingKeys: String, CodingKey {
    case quantiles, restrictedMean, horizon, laws, quasiStationary
  }

  package static let keys: [KeyDescription] = [
    .objects("quantiles", Quantile.self, "at 10, 50 and 90 %, as far as they were reached"),
    .estimate(
      "restrictedMean", "t", "mean of min(t, `horizon`)", only: "where some runs did not escape"),
    .init("horizon", "t", "time up to which runs were seen", only: "then"),
    .objects(
      "laws", Law.self, "fitted to all runs, the best by AIC first; empty below five escapes"),
    .object(
      "quasiStationary", QuasiStationary.self, "where the hazard has levelled off",
      only: "where it is seen to"),
  ]

  /// Of passages that are known exactly.
  package init(_ sample: EscapeSample, level: Double) {
    let curve = SurvivalCurve(sample, level: level)
    let isSpoilt = sample.isSpoiltByDivergence
    let quantiles: [Quantile] =
      isSpoilt
      ? []
      : [0.1, 0.5, 0.9].compactMap { probability in
        curve.quantileEstimate(probability).map { Quantile(probability: probability, time: $0) }
      }
    self.init(
      quantiles: quantiles,
      restrictedMean: sample.censored > 0 ? sample.restrictedMean(level: level) : nil,
      horizon: sample.lastTime,
      comparison: isSpoilt ? nil : LawComparison(IntervalSample(sample), level: level),
      regime: QuasiStationaryRegime(sample, level: level))
  }

  /// Of passages that are known to intervals: quantiles are those of Turnbull's estimate, without an interval.
  package init(_ sample: IntervalSample, turnbull: TurnbullEstimate, level: Double) {
    self.init(
      quantiles: [0.1, 0.5, 0.9].compactMap { probability in
        turnbull.quantile(probability).map { within in
          Quantile(
            probability: probability,
            time: Estimate(
              value: 0.5 * (within.lower + within.upper), lower: nil, upper: nil, level: level,
              method: within.lower == within.upper
                ? "Turnbull's estimate, which has no interval"
                : "somewhere in (\(sixDigits(within.lower)), \(sixDigits(within.upper))] by Turnbull's estimate, which has no interval",
              events: sample.events, censored: sample.runs - sample.events,
              assumesExponentialTimes: false))
        }
      }, restrictedMean: nil, horizon: nil, comparison: LawComparison(sample, level: level),
      regime: nil)
  }

  private init(
    quantiles: [Quantile], restrictedMean: Estimate?, horizon: Double?,
    comparison: LawComparison?, regime: QuasiStationaryRegime?
  ) {
    self.quantiles = quantiles
    self.restrictedMean = restrictedMean
    self.horizon = restrictedMean == nil ? nil : horizon
    self.comparison = comparison
    let least = comparison?.best.akaikeInformation ?? 0
    laws = zip(comparison?.fits ?? [], comparison?.weights ?? []).map { fit, weight in
      Law(
        law: fit.family, weight: weight, deltaAIC: fit.akaikeInformation - least,
        logLikelihood: fit.logLikelihood, meanFirstPassageTime: fit.mean,
        parameters: fit.parameters.map { Parameter(name: $0.name, value: $0.estimate) })
    }
    quasiStationary = regime.map {
      QuasiStationary(start: $0.start, rate: $0.rate, lag: $0.lag)
    }
  }

  /// What they amount to, a sentence each.
  package var sentences: [String] {
    var sentences = [comparison?.sentence].compactMap { $0 }
    if let regime = quasiStationary, regime.start > 0, let lag = regime.lag,
      let k = regime.rate.value
    {
      sentences.append(
        "From t = \(sixDigits(regime.start)) on the hazard is steady: the quasi-stationary rate is \(sixDigits(k)) [\(threeDigits(regime.rate.lower)), \(threeDigits(regime.rate.upper))] per unit t, 1/\(sixDigits(1 / k)), with a lag of \(lag.inThreeDigits)."
      )
    }
    if let mean = restrictedMean, let value = mean.value, let horizon {
      sentences.append(
        "What is known of the mean whatever the law: that of min(t, \(sixDigits(horizon))) is \(sixDigits(value)) [\(threeDigits(mean.lower)), \(threeDigits(mean.upper))]."
      )
    }
    return sentences
  }
}
