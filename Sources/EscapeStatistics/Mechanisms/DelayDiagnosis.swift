import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a transition was delayed: a verdict with its evidence, and what would end the delay.
///
/// Each mechanism is fitted by maximum likelihood to the passages of every run at every setting, those that were stopped or
/// are known to an interval included: t = steps × h, x = B(1 − μ)/h.
///
/// ```
/// drift:               ln t = c + d/x + g ln β + s N(0, 1),   with noise and without
/// noise-induced drift: ln t = c(x) + g ln β + s N(0, 1),      without noise never
/// escape:              t = ℓ + w E,  ln w = c + A x + g ln β, without noise never; ℓ ≥ 0, or none
/// mixture:             of a drift and an escape that begins where the drift ends
/// diffusive:           mean c x^a β^g, ½ ≤ a ≤ 3/2, of Brownian passages, without noise never
/// ```
///
/// One is named where its Akaike weight against every other is at least 0.95 (with the correction for few passages charged
/// to it) and it has what its name needs: a control for drifts, two strengths of noise for an escape, whose slope A is
/// above zero at 99 %, and for diffusion. Nothing left in 21 runs with noise is called absorbing, as far as was seen.
///
/// Validity: runs of a setting differ by their seeds alone, and settings by h, B, μ and β alone; runs were looked at about
/// equally often for their delay. On labelled ensembles less than 1 % of the verdicts are wrong; with fewer than 50 runs
/// most are `unresolved`. A control that was not followed for longer than a mechanism takes says nothing. An escape and a diffusion differ by the law of the first times and by the curve of ln τ against x
/// alone, so most diffusions stay `unresolved`.
///
/// Source: K. P. Burnham and D. R. Anderson, Model Selection and Multimodel Inference, 2nd ed. (2002), sections 2.4 and 2.9.
public struct DelayDiagnosis: Sendable {
  /// How well one mechanism describes all runs.
  public struct Candidate: Sendable {
    /// Which.
    public let mechanism: DelayMechanism
    /// Of its fit.
    public let logLikelihood: Double
    /// Of its fit.
    public let parameterCount: Int
    /// Akaike's criterion.
    public let akaikeInformation: Double
    /// e^{−ΔAIC/2} over the sum of all.
    public let weight: Double
  }

  /// What was diagnosed.
  public let settings: [DelaySetting]
  /// The mechanism.
  public let verdict: DelayMechanism
  /// Why it is `unresolved`; nil where it is not.
  public let reason: String?
  /// By Akaike's criterion, the best first; none where too few runs passed.
  public let candidates: [Candidate]
  /// What speaks for it, each with the runs behind it.
  public let evidence: [DelayEvidence]
  /// Where nothing left with noise: the rate of leaving, per t, is below this bound.
  public let rateBound: Estimate?

  /// The mechanism of the delay at these settings.
  ///
  /// - Parameter level: of the intervals of the evidence.
  /// - Throws: `InvalidInput` where there is no run.
  public init(_ settings: [DelaySetting], level: Double = 0.95) throws {
    let settings = settings.filter { $0.sample.runs > 0 }
    guard !settings.isEmpty else {
      throw InvalidInput("there is no run to diagnose; give passage times of one setting or more")
    }
    self.settings = settings
    let judgement = DelayJudgement(settings)
    verdict = judgement.verdict
    reason = judgement.reason
    let weights = akaikeWeights(judgement.models.map(\.akaikeInformation))
    candidates = zip(judgement.models, weights).map {
      Candidate(
        mechanism: $0.mechanism, logLikelihood: $0.logLikelihood,
        parameterCount: $0.parameterCount, akaikeInformation: $0.akaikeInformation, weight: $1)
    }
    evidence = DelayEvidence.rows(settings, level: level)
    let noisy = settings.filter { !$0.isControl }
    let intervals = noisy.flatMap(\.sample.intervals)
    rateBound =
      !intervals.isEmpty && intervals.allSatisfy { !$0.isEvent }
      ? EscapeSample.rate(
        events: 0, exposure: intervals.reduce(0) { $0 + Double($1.count) * $1.lower },
        censored: intervals.reduce(0) { $0 + $1.count }, level: level)
      : nil
  }

  /// A row of the evidence; nil where the settings do not give it.
  public func evidence(_ kind: DelayEvidence.Kind) -> DelayEvidence? {
    evidence.first { $0.kind == kind }
  }

  /// The verdict in plain words.
  public var sentence: String {
    guard verdict != .unresolved else {
      return "The delay is \(verdict.phrase): \(reason ?? "")."
    }
    let kinds: [DelayEvidence.Kind] =
      switch verdict {
      case .drift: [.control, .spread, .noiseSlope]
      case .noiseInducedDrift: [.control, .spread]
      case .escape: [.control, .noiseSlope, .memorylessness]
      case .mixture: [.control, .driftingShare]
      case .diffusive: [.control, .noisePower, .spread]
      case .absorbing, .unresolved: [.control]
      }
    let reasons = kinds.compactMap { evidence($0)?.reading }
    var sentence = "The delay is \(verdict.phrase)"
    if !reasons.isEmpty { sentence += " (\(reasons.joined(separator: "; ")))" }
    if let rate = rateBound?.upper {
      sentence += "; with noise the rate is below \(threeDigits(rate)) per t"
    }
    return sentence + "."
  }

  /// What would end the delay.
  public var remedies: [String] {
    switch verdict {
    case .drift:
      var remedies = [
        "raise the learning rate h as far as it is stable: t = steps × h stays, so steps go as 1/h; the batch size does not matter"
      ]
      if let clock = evidence(.weightDecayPower)?.estimate, (clock.upper ?? 0) < 0 {
        remedies.append("raise the weight decay: t goes as its power \(threeDigits(clock.value))")
      } else if evidence(.weightDecayPower) == nil {
        remedies.append("try another weight decay: if it is the clock, t goes as 1/β")
      }
      remedies.append(
        "change the scale of the start: a smaller one shortens a decay, a larger one the growth of a mode that is nearly zero"
      )
      return remedies
    case .noiseInducedDrift:
      return [
        "keep the noise h/(B(1 − μ)) above the strength at which the trap goes; where times grow with B/h, raise it",
        "lower the weight decay, if it is what makes the trap",
      ]
    case .escape:
      return [
        "raise the noise, h/(B(1 − μ)): a smaller batch or a larger h shortens the wait exponentially",
        "sample with replacement: batches that share out each epoch have less noise",
        "start elsewhere, or with more units, where there is no such trap",
      ]
    case .mixture:
      return [
        "raise the noise, h/(B(1 − μ)), for the runs that wait; those that drift gain by a larger h alone",
        "start again where a run is late, or with more units, so that fewer starts end in the trap",
      ]
    case .absorbing:
      return [
        "neither more noise of the batch nor more time helps where its gradients vanish: change the start (a larger scale, unequal units), lower the weight decay, or add noise that does not vanish there (dropout, noise in the weights)"
      ]
    case .diffusive:
      return [
        "raise the noise, h/(B(1 − μ)): the time falls as its power, so B/h by half is about half the time"
      ]
    case .unresolved: return []
    }
  }
}
