import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension DelayEvidence {
  /// All that these settings give.
  static func rows(_ settings: [DelaySetting], level: Double) -> [DelayEvidence] {
    let noisy = settings.filter { !$0.isControl }
    let rows = [
      control(settings, level), noise(noisy, .arrhenius, .noiseSlope, level),
      noise(noisy, .powerLaw, .noisePower, level),
      power(
        settings, .learningRatePower, of: \.learningRate, besides: { $0.weightDecay ?? 0 }, level),
      power(
        settings, .weightDecayPower, of: { $0.weightDecay ?? 0 }, besides: \.learningRate, level),
      spread(settings, level), memorylessness(noisy, level), driftingShare(settings, level),
      logRank(noisy),
    ]
    return rows.compactMap { $0 }
  }

  private init(
    _ kind: Kind, _ settings: [DelaySetting], estimate: Estimate? = nil, pValue: Double? = nil,
    _ reading: String
  ) {
    self.kind = kind
    runs = settings.reduce(0) { $0 + $1.sample.runs }
    events = settings.reduce(0) { $0 + $1.sample.events }
    self.estimate = estimate
    self.pValue = pValue
    self.reading = reading
  }

  private static func control(_ settings: [DelaySetting], _ level: Double) -> DelayEvidence? {
    let controls = settings.filter(\.isControl)
    guard !controls.isEmpty else { return nil }
    let intervals = controls.flatMap(\.sample.intervals)
    let (runs, events) = (intervals.runs, intervals.events)
    let rate = EscapeSample.rate(
      events: events, exposure: intervals.exposure, censored: runs - events, level: level)
    let longest = intervals.reduce(0) { max($0, $1.isEvent ? 0 : $1.lower) }
    let reading =
      events == 0
      ? "without noise none of \(runs) runs left by t = \(sixDigits(longest))"
      : "without noise \(events) of \(runs) runs left"
    return DelayEvidence(.control, controls, estimate: rate, reading)
  }

  private static func noise(
    _ noisy: [DelaySetting], _ law: LadderLaw, _ kind: Kind, _ level: Double
  ) -> DelayEvidence? {
    let seen = noisy.filter { $0.sample.events > 0 }
    guard Set(seen.map(\.inverseNoise)).count > 1 else { return nil }
    let rungs = noisy.map { LadderRung(inverseNoise: $0.inverseNoise, sample: $0.sample) }
    guard let fit = try? LadderFit(law, to: rungs, level: level) else { return nil }
    let estimate = fit.coefficients[1]
    let reading =
      estimate.contains(0)
      ? "no change of the time with noise is seen: \(estimate.inThreeDigits)"
      : (estimate.value ?? 0) > 0
        ? "less noise, longer times: \(estimate.inThreeDigits)"
        : "less noise, shorter times: \(estimate.inThreeDigits)"
    return DelayEvidence(kind, noisy, estimate: estimate, reading)
  }

  /// Groups of settings that are alike, by a number that is equal to 2 %.
  private static func groups(
    _ settings: [DelaySetting], by number: (DelaySetting) -> Double
  ) -> [[DelaySetting]] {
    var groups = [[DelaySetting]]()
    for setting in settings.sorted(by: { number($0) < number($1) }) {
      if let last = groups.last?.first, number(setting) <= 1.02 * number(last) {
        groups[groups.count - 1].append(setting)
      } else {
        groups.append([setting])
      }
    }
    return groups
  }

  /// a of t ∝ q^a within groups of equal noise and equal other numbers, each with its own scale; runs without noise are
  /// a group.
  private static func power(
    _ settings: [DelaySetting], _ kind: Kind, of quantity: (DelaySetting) -> Double,
    besides other: (DelaySetting) -> Double, _ level: Double
  ) -> DelayEvidence? {
    let usable = settings.filter { quantity($0) > 0 && $0.sample.events > 0 }
    // Only groups in which it varies tell.
    let alike = groups(usable, by: { $0.inverseNoise ?? .infinity }).flatMap {
      groups($0, by: other)
    }
    let telling = alike.filter { group in
      let values = group.map(quantity)
      return values.max()! > 1.02 * values.min()!
    }
    guard !telling.isEmpty else { return nil }
    let rows = telling.enumerated().flatMap { number, group in
      group.map { setting in
        LifetimeRegression.Setting(
          features: [log(quantity(setting))] + telling.indices.map { $0 == number ? 1 : 0 },
          offset: 0, intervals: setting.sample.intervals)
      }
    }
    let chosen = telling.flatMap { $0 }
    let values = chosen.map { log(quantity($0)) }
    let regression = LifetimeRegression(rows)
    let events = chosen.reduce(0) { $0 + $1.sample.events }
    let scale = 1 / Double(events).squareRoot() / (values.max()! - values.min()!)
    guard let best = try? regression.maximum(),
      let ends = try? Profile(top: best.logLikelihood, level: level).ends(
        about: best.coefficients[0], scale: scale,
        { try regression.maximum(holding: [0: $0], from: best).logLikelihood })
    else { return nil }
    let estimate = Estimate(
      value: best.coefficients[0], lower: ends.lower, upper: ends.upper, level: level,
      method: "censored maximum likelihood over all settings, profile-likelihood interval",
      events: events, censored: chosen.reduce(0) { $0 + $1.sample.runs } - events,
      assumesExponentialTimes: false)
    let symbol = kind == .learningRatePower ? "h" : "the weight decay"
    return DelayEvidence(
      kind, chosen, estimate: estimate, "t goes as \(symbol) to the power \(estimate.inThreeDigits)"
    )
  }

  private static func spread(_ settings: [DelaySetting], _ level: Double) -> DelayEvidence? {
    let seen = settings.filter { $0.sample.events > 0 }
    guard seen.reduce(0, { $0 + $1.sample.events }) >= seen.count + 2 else { return nil }
    let regression = LifetimeRegression(
      seen.indices.map { i in
        LifetimeRegression.Setting(
          features: seen.indices.map { $0 == i ? 1 : 0 }, offset: 0,
          intervals: seen[i].sample.intervals)
      })
    let events = seen.reduce(0) { $0 + $1.sample.events }
    guard let best = try? regression.maximum(),
      let ends = try? Profile(top: best.logLikelihood, level: level).ends(
        about: log(best.shape), scale: 1 / Double(events).squareRoot(), limit: log(1000),
        { try regression.maximum(shape: exp($0), from: best).logLikelihood })
    else { return nil }
    /// √(Γ(1 + 2/κ)/Γ(1 + 1/κ)² − 1).
    func variation(_ shape: Double) -> Double {
      expm1(Distributions.logGamma(1 + 2 / shape) - 2 * Distributions.logGamma(1 + 1 / shape))
        .squareRoot()
    }
    let estimate = Estimate(
      value: variation(best.shape), lower: ends.upper.map { variation(exp($0)) },
      upper: ends.lower.map { variation(exp($0)) }, level: level,
      method: "Weibull shape by censored maximum likelihood, profile-likelihood interval",
      events: events, censored: seen.reduce(0) { $0 + $1.sample.runs } - events,
      assumesExponentialTimes: false)
    return DelayEvidence(
      .spread, seen, estimate: estimate,
      "over seeds the time varies by \(estimate.inThreeDigits) of its mean")
  }

  private static func memorylessness(_ noisy: [DelaySetting], _ level: Double) -> DelayEvidence? {
    let slow = noisy.filter { $0.sample.events >= LawComparison.fewestEvents }
      .max { $0.inverseNoise! < $1.inverseNoise! }
    guard let slow, let fit = try? LaggedFit(to: slow.sample, level: level),
      fit.mean > fit.lag
    else { return nil }
    func wait(_ lag: Double) -> Double { max(0, 1 - lag / fit.mean) }
    let estimate = Estimate(
      value: wait(fit.lag), lower: fit.lagEnds.upper.map(wait), upper: fit.lagEnds.lower.map(wait),
      level: level, method: "exponential law after a lag, by the interval of the lag",
      events: slow.sample.events, censored: slow.sample.runs - slow.sample.events,
      assumesExponentialTimes: false)
    return DelayEvidence(
      .memorylessness, [slow], estimate: estimate,
      "at the least noise with five passages \(estimate.inThreeDigits) of the delay is waiting")
  }

  private static func driftingShare(
    _ settings: [DelaySetting], _ level: Double
  ) -> DelayEvidence? {
    let design = DelayDesign(settings)
    guard design.events >= DelayJudgement.fewestEvents,
      let best = DelayModel.mixture(design), case .mixture(let share, _, _, _)? = best.laws.first
    else { return nil }
    func value(_ share: Double) -> Double {
      let held = min(0.9999, max(0.0001, share))
      return DelayModel.mixture(design, shares: held * (1 - 1e-9)...held, from: best.point)?
        .logLikelihood
        ?? -.infinity
    }
    let profile = Profile(top: best.logLikelihood, level: level)
    func end(towards edge: Double) -> Double? {
      best.logLikelihood - value(edge) < profile.drop
        ? edge : try? profile.end(about: share, towards: edge, within: 0.002, value)
    }
    let estimate = Estimate(
      value: share, lower: end(towards: 0), upper: end(towards: 1), level: level,
      method: "mixture of a narrow law and an exponential wait, profile-likelihood interval",
      events: design.events, censored: settings.reduce(0) { $0 + $1.sample.runs } - design.events,
      assumesExponentialTimes: false)
    return DelayEvidence(
      .driftingShare, settings, estimate: estimate,
      "taken as a mixture, \(estimate.inThreeDigits) of the runs drift and the rest wait")
  }

  private static func logRank(_ noisy: [DelaySetting]) -> DelayEvidence? {
    let levels = groups(noisy, by: { $0.inverseNoise! })
    guard levels.count > 1,
      let test = LogRank(levels.map { IntervalSample($0.flatMap(\.sample.intervals)) })
    else { return nil }
    return DelayEvidence(
      .logRank, noisy, pValue: test.pValue,
      "that the times t are alike at \(levels.count) strengths of noise has p = \(twoDigits(test.pValue))"
    )
  }
}
