import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A law of mean waiting times over a ladder of settings, fitted to every run at every one of them, censored ones and
/// those known to an interval included.
///
/// Waiting times at a setting have a Weibull law about their mean τ(x), with one shape κ for all, which is 1 for
/// exponential times and large where runs hardly differ. Intervals are by profile likelihood.
public struct LadderFit: Sendable {
  /// What one setting says beside the law.
  public struct Residual: Sendable {
    /// x.
    public let inverseNoise: Double?
    /// β.
    public let weightDecay: Double?
    /// τ there, by itself, over τ of the law, both with the shape of all; a bound where no run passed.
    public let ratio: Estimate
  }

  /// Which law.
  public let law: LadderLaw
  /// Of `LadderLaw.coefficientNames`.
  public let coefficients: [Estimate]
  /// κ.
  public let shape: Estimate
  /// Its maximum.
  public let logLikelihood: Double
  /// Of the fit, κ included.
  public var parameterCount: Int { coefficients.count + 1 }
  /// Akaike's criterion.
  public var akaikeInformation: Double { 2 * Double(parameterCount) - 2 * logLikelihood }
  /// One per setting.
  public let residuals: [Residual]

  /// nil where settings lack what the law needs, or too few of them saw passages to tell its coefficients.
  ///
  /// - Throws: `NumericalFailure` where the likelihood has no maximum.
  public init?(_ law: LadderLaw, to rungs: [LadderRung], level: Double = 0.95) throws {
    let settings = rungs.compactMap { rung in
      law.features(rung).map {
        LifetimeRegression.Setting(
          features: $0, offset: law.offset(rung), intervals: rung.sample.intervals)
      }
    }
    guard settings.count == rungs.count else { return nil }
    let withEvents = zip(settings, rungs).filter { $1.sample.events > 0 }
    guard Set(withEvents.map { $0.0.features + [$0.0.offset] }).count >= law.coefficientNames.count
    else { return nil }
    self.law = law
    let regression = LifetimeRegression(settings)
    let best = try regression.maximum()
    logLikelihood = best.logLikelihood
    let events = rungs.reduce(0) { $0 + $1.sample.events }
    let censored = rungs.reduce(0) { $0 + $1.sample.runs } - events
    let profile = Profile(top: best.logLikelihood, level: level)
    func estimate(_ value: Double, _ ends: (lower: Double?, upper: Double?)) -> Estimate {
      Estimate(
        value: value, lower: ends.lower, upper: ends.upper, level: level,
        method: "censored maximum likelihood over all settings, profile-likelihood interval",
        events: events, censored: censored, assumesExponentialTimes: false)
    }
    let spread = 1 / max(1, Double(events)).squareRoot()
    // The mean is above the scale by Γ(1 + 1/κ): where ln τ is held, the scale moves with the shape.
    func logMeanOverScale(_ shape: Double) -> Double { Distributions.logGamma(1 + 1 / shape) }
    coefficients = try best.coefficients.indices.map { j in
      let value = best.coefficients[j]
      guard j > 0 else {
        let logMean = value + logMeanOverScale(best.shape)
        return estimate(
          logMean,
          try profile.ends(about: logMean, scale: spread) { held in
            try Profile.highest(near: log(best.shape)) {
              let shape = exp($0)
              return try regression.maximum(
                holding: [0: held - logMeanOverScale(shape)], shape: shape, from: best
              ).logLikelihood
            }
          })
      }
      let features = withEvents.map { $0.0.features[j] }
      let scale = spread / max(features.max()! - features.min()!, 1e-300)
      return estimate(
        value,
        try profile.ends(about: value, scale: scale) {
          try regression.maximum(holding: [j: $0], from: best).logLikelihood
        })
    }
    let shapeEnds = try profile.ends(about: log(best.shape), scale: spread) {
      try regression.maximum(shape: exp($0), from: best).logLikelihood
    }
    shape = estimate(best.shape, (shapeEnds.lower.map(exp), shapeEnds.upper.map(exp)))
    residuals = zip(rungs, settings).map { rung, setting in
      // With the shape held, t^κ is exponential at each setting.
      let logScale =
        setting.offset + zip(setting.features, best.coefficients).reduce(0) { $0 + $1.0 * $1.1 }
      let exposure = rung.sample.intervals.reduce(0) {
        $0 + Double($1.count) * pow($1.middle, best.shape)
      }
      let rate = EscapeSample.rate(
        events: rung.sample.events, exposure: exposure,
        censored: rung.sample.runs - rung.sample.events, level: level)
      func ratio(_ rate: Double?) -> Double? {
        rate.flatMap { $0 > 0 ? pow($0, -1 / best.shape) * exp(-logScale) : nil }
      }
      return Residual(
        inverseNoise: rung.inverseNoise, weightDecay: rung.weightDecay,
        ratio: Estimate(
          value: ratio(rate.value), lower: ratio(rate.upper), upper: ratio(rate.lower),
          level: level, method: rate.method, events: rate.events, censored: rate.censored))
    }
  }

  /// τ of the law at a setting; nil where that lacks what it needs.
  public func mean(at rung: LadderRung) -> Double? {
    law.features(rung).map { features in
      exp(law.offset(rung) + zip(features, coefficients).reduce(0) { $0 + $1.0 * $1.1.value! })
    }
  }
}
