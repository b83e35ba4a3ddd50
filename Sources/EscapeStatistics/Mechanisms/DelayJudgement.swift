import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The mechanism that passages tell, or why they tell none.
///
/// A mechanism is named where its Akaike weight against every other is at least 0.95, ΔAIC ≥ 2 ln 19 = 5.9 and what AICc
/// adds to its own for few passages. Of 0.8, 0.9, 0.95, 0.98 and 0.99 that is the smallest weight with which, of 200 labelled
/// ensembles of each kind, less than 1 % of any kind were given another name (`MechanismConfusionTests`; the table of
/// errors is of other ensembles). Beyond that
/// - a law for each setting by itself is not better by as much (but for drifts, of which the spread may change by a few
///   per cent);
/// - a drift has been seen in the control, and a noise-induced one has a control in which it was not;
/// - an escape slows down with less noise (its slope is beyond zero at 99 %), and waiting is most of the delay at the
///   slowest setting;
/// - a mixture has three runs or more of either kind;
/// - diffusion was seen at two strengths of noise or more;
/// - nothing leaves in 21 runs with noise or more: were it a fifth of them, one would have been seen in 99 %.
struct DelayJudgement {
  let verdict: DelayMechanism
  /// The best first. The share of a mixture is bounded where it is not the best: see `DelayModel.sharesOfAMixture`.
  let models: [DelayModel]
  /// Why it is unresolved.
  let reason: String?

  static let requiredWeight = 0.95
  static var requiredGap: Double { 2 * log(requiredWeight / (1 - requiredWeight)) }
  static let fewestEvents = 5
  /// The least n with (1 − 0.2)ⁿ ≤ 0.01.
  static let fewestStuck = 21

  /// - Parameter requiredGap: what the best is ahead by, in AIC.
  init(_ settings: [DelaySetting], requiredGap: Double = Self.requiredGap) {
    let design = DelayDesign(settings)
    func result(
      _ verdict: DelayMechanism, _ models: [DelayModel] = [], _ reason: String? = nil
    ) -> (DelayMechanism, [DelayModel], String?) { (verdict, models, reason) }
    (verdict, models, reason) = {
      let noisy = settings.filter { !$0.isControl }
      let noisyRuns = noisy.reduce(0) { $0 + $1.sample.runs }
      if design.events == 0 {
        return noisyRuns >= Self.fewestStuck
          ? result(.absorbing)
          : result(
            .unresolved, [],
            "nothing left, but \(noisyRuns) runs with noise are too few to rule out that some do")
      }
      guard design.events >= Self.fewestEvents else {
        return result(
          .unresolved, [], "only \(design.events) runs were seen to pass; let them run longer")
      }
      if noisy.allSatisfy({ $0.sample.events == 0 }), noisyRuns > 0 {
        return result(
          .unresolved, [], "runs without noise pass and those with noise do not: noise holds them")
      }
      var models = DelayModel.all(design)
      guard let best = models.first else {
        return result(.unresolved, models, "no law could be fitted")
      }
      if best.mechanism != .mixture {
        models.removeAll { $0.mechanism == .mixture }
        if let rival = DelayModel.mixture(design, shares: DelayModel.sharesOfAMixture) {
          models.append(rival)
        }
        models.sort { $0.akaikeInformation < $1.akaikeInformation }
      }
      // The correction for few passages is charged to the best alone: that a rival has more parameters than passages
      // can tell is no evidence against it.
      if let rival = models.dropFirst().first {
        let gap = rival.akaikeInformation - best.akaikeInformation - best.smallSampleCorrection
        if gap < requiredGap {
          return result(
            .unresolved, models,
            "they do not tell \(best.mechanism.rawValue) from \(rival.mechanism.rawValue) (ΔAIC \(twoDigits(rival.akaikeInformation - best.akaikeInformation)), needed \(twoDigits(requiredGap + best.smallSampleCorrection)))"
          )
        }
      }
      if [.escape, .mixture, .diffusive].contains(best.mechanism),
        let each = Self.informationOfEach(settings),
        each < best.akaikeInformation - requiredGap
      {
        return result(
          .unresolved, models,
          "no mechanism describes all settings: the best, \(best.mechanism.rawValue), is \(twoDigits(best.akaikeInformation - each)) in AIC behind a law for each, as where the mechanism changes between them"
        )
      }
      if let reason = Self.objection(best, design) {
        return result(.unresolved, models, reason)
      }
      return result(best.mechanism, models)
    }()
  }

  /// Akaike's criterion of a Weibull law for each setting by itself, none of whose numbers it shares.
  private static func informationOfEach(_ settings: [DelaySetting]) -> Double? {
    var sum = 0.0
    for setting in settings where setting.sample.events > 0 {
      let regression = LifetimeRegression([
        LifetimeRegression.Setting(
          features: [1], offset: 0, intervals: setting.sample.intervals)
      ])
      guard let fit = try? regression.maximum() else { return nil }
      sum += 4 - 2 * fit.logLikelihood
    }
    return sum
  }

  /// Why the best fit does not deserve the name.
  private static func objection(_ model: DelayModel, _ design: DelayDesign) -> String? {
    switch model.mechanism {
    case .drift, .noiseInducedDrift:
      if !design.hasControl {
        return
          "there is no control without noise, which a drift passes and a noise-induced one does not"
      }
      if model.mechanism == .drift, !design.controlPassed {
        return "the control was not followed for long enough to be seen to drift"
      }
      return model.isTypical ? nil : "runs differ too much for a drift"
    case .escape:
      if !design.noiseVaries {
        return "there is one strength of noise only: an escape slows down with less of it"
      }
      return model.isTypical
        ? nil : "the time is not seen to grow with less noise, or waiting is not most of it"
    case .mixture:
      return model.isTypical
        ? nil : "fewer than three runs are of one kind, or runs differ too much"
    case .diffusive:
      if design.settings.contains(where: { !$0.isControl && ($0.sample.relativeGap ?? 0) > 0.5 }) {
        // The start of a law that is not seen may be a lag as well as a slow beginning.
        return
          "at some noise runs were looked at about as seldom as they pass, so how their times begin is not seen; log more often"
      }
      return model.isTypical ? nil : "there is one strength of noise only"
    case .absorbing, .unresolved: return nil
    }
  }
}
