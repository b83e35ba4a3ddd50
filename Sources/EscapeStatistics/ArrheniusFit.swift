import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Arrhenius' law fitted to every run at every noise level, censored runs included:
///
/// ```
/// ln τ = ln τ₀ + A·x
/// ```
///
/// x is the inverse noise (1/T, or B/h for SGD) and A the activation energy in the matching unit (ΔE, or
/// the quasi-potential barrier ΔΦ̂). Where times are exponential the log-likelihood is
/// Σᵢ (−nᵢ ln τᵢ − Sᵢ/τᵢ), nᵢ events in exposure Sᵢ: concave in (ln τ₀, A). Where they are not, nᵢ is the
/// number of exponential escapes that tell as much of the mean (a gamma law with shape κ has the same
/// likelihood with κn events), and Sᵢ = nᵢτ̂ᵢ. Intervals are by profile likelihood.
public struct ArrheniusFit: Sendable {
  /// One noise level: its x, and what was observed.
  public struct Level: Sendable {
    /// 1/T, or B/h.
    public let inverseNoise: Double
    /// Runs that escaped; none where too many diverged.
    public let events: Int
    /// In t: the summed time of all runs where times are exponential, elsewhere `weight` × the mean time that the
    /// level tells.
    public let exposure: Double
    /// Exponential escapes that tell as much of the mean: `events` where times are exponential.
    package let weight: Double

    /// Where too many runs diverged nothing was observed: such a level does not count.
    public init(inverseNoise: Double, sample: EscapeSample) {
      guard !sample.isSpoiltByDivergence else {
        self.init(inverseNoise: inverseNoise, events: 0, exposure: 0)
        return
      }
      let events = sample.events
      switch WaitingTimeLaw(sample) {
      case .exponential:
        self.init(inverseNoise: inverseNoise, events: events, exposure: sample.exposure)
      case .any(_, let mean):
        self.init(
          inverseNoise: inverseNoise, events: events,
          exposure: mean.effectiveEvents * mean.value, weight: mean.effectiveEvents)
      case .tail(_, let tail):
        self.init(
          inverseNoise: inverseNoise, events: events, exposure: tail.exposure,
          weight: Double(tail.events))
      }
    }

    /// A level from its counts, for exponential times.
    public init(inverseNoise: Double, events: Int, exposure: Double) {
      self.init(
        inverseNoise: inverseNoise, events: events, exposure: exposure, weight: Double(events))
    }

    private init(inverseNoise: Double, events: Int, exposure: Double, weight: Double) {
      self.inverseNoise = inverseNoise
      self.events = events
      self.exposure = exposure
      self.weight = weight
    }

    /// As many events with another mean time.
    package func replacingMeanTime(_ time: Double) -> Level {
      Level(
        inverseNoise: inverseNoise, events: events, exposure: weight * time, weight: weight)
    }
  }

  /// A, the slope d ln τ/dx.
  public let slope: Estimate
  /// ln τ₀.
  public let logPrefactor: Estimate
  /// The probability of a deviance at least this large if the law holds (χ² with two degrees of freedom
  /// fewer than levels); nil with two levels.
  public let goodnessOfFitPValue: Double?

  /// - Throws: `InvalidInput` with fewer than two distinct levels that saw events.
  public init(_ all: [Level], level confidence: Double = 0.95) throws {
    let levels = all.filter { $0.exposure > 0 }
    let informative = levels.filter { $0.events > 0 }
    let distinct = Set(informative.map(\.inverseNoise)).count
    guard distinct >= 2 else {
      throw InvalidInput(
        "an Arrhenius fit needs escapes at two noise levels at least, but only \(distinct) of \(Set(all.map(\.inverseNoise)).count) had any; run longer or at stronger noise"
      )
    }
    // Centring x makes the two parameters nearly independent.
    let weight = informative.reduce(0) { $0 + $1.weight }
    let centre = informative.reduce(0) { $0 + $1.weight * $1.inverseNoise } / weight
    let x = levels.map { $0.inverseNoise - centre }
    let n = levels.map(\.weight)
    let exposure = levels.map(\.exposure)

    func logLikelihood(_ offset: Double, _ slope: Double) -> Double {
      var sum = 0.0
      for i in x.indices {
        let logTime = offset + slope * x[i]
        sum -= n[i] * logTime + exposure[i] * exp(-logTime)
      }
      return sum
    }
    /// The offset that maximises the likelihood at a given slope: e^{offset} = Σ Sᵢe^{−A xᵢ}/Σ nᵢ.
    func bestOffset(_ slope: Double) -> Double {
      logSumExp(x.indices.map { log(exposure[$0]) - slope * x[$0] }) - log(n.reduce(0, +))
    }
    /// ∂/∂A of the profile: Σ xᵢ (Sᵢ/τᵢ − nᵢ), falling in A.
    func score(_ slope: Double) -> Double {
      let offset = bestOffset(slope)
      return x.indices.reduce(0) {
        $0 + x[$1] * (exposure[$1] * exp(-offset - slope * x[$1]) - n[$1])
      }
    }
    let span = x.max()! - x.min()!
    // Grow the bracket until the score changes sign: it does, since two levels saw events.
    var reach = 10 / span
    while (score(-reach) > 0) == (score(reach) > 0) && reach < 1e6 / span { reach *= 2 }
    let best = try root(of: score, in: -reach...reach, while: "the Arrhenius slope")
    let maximum = logLikelihood(bestOffset(best), best)
    let drop = 0.5 * Distributions.chiSquaredQuantile(confidence, degreesOfFreedom: 1)

    /// The ends of {p : profile(p) ≥ maximum − drop} around `centre`.
    func interval(
      _ profile: (Double) -> Double, around centre: Double, scale: Double
    ) throws -> (Double?, Double?) {
      func end(_ direction: Double) throws -> Double? {
        var reach = scale
        while profile(centre + direction * reach) > maximum - drop {
          reach *= 2
          if reach > 1e9 * scale { return nil }
        }
        let bounds = [centre, centre + direction * reach].sorted()
        return try root(
          of: { profile($0) - maximum + drop }, in: bounds[0]...bounds[1],
          while: "a profile-likelihood interval")
      }
      return (try end(-1), try end(1))
    }
    let slopeEnds = try interval(
      { logLikelihood(bestOffset($0), $0) }, around: best, scale: 1 / (span * weight.squareRoot()))

    // For ln τ₀ = offset − A·centre, maximise over A at fixed ln τ₀. A root that cannot be found ends the fit
    // after the search for the ends, which takes a profile that does not throw.
    var failure: (any Error)?
    func profileOfPrefactor(_ prefactor: Double) -> Double {
      func value(_ slope: Double) -> Double { logLikelihood(prefactor + slope * centre, slope) }
      func derivative(_ slope: Double) -> Double {
        levels.indices.reduce(0) {
          let raw = levels[$1].inverseNoise
          return $0 + raw * (exposure[$1] * exp(-prefactor - slope * raw) - n[$1])
        }
      }
      var reach = abs(best) + 10 / span
      while derivative(-reach) < 0 || derivative(reach) > 0 {
        reach *= 2
        if reach > 1e9 { return -.infinity }
      }
      do {
        return value(
          try root(
            of: derivative, in: -reach...reach, while: "the profile of the Arrhenius prefactor"))
      } catch {
        failure = error
        return -.infinity
      }
    }
    let logPrefactor = bestOffset(best) - best * centre
    let prefactorEnds = try interval(
      profileOfPrefactor, around: logPrefactor, scale: 1 / weight.squareRoot())
    if let failure { throw failure }

    let events = levels.reduce(0) { $0 + $1.events }
    let method = "censored maximum likelihood, profile-likelihood interval"
    slope = Estimate(
      value: best, lower: slopeEnds.0, upper: slopeEnds.1, level: confidence, method: method,
      events: events, censored: 0)
    self.logPrefactor = Estimate(
      value: logPrefactor, lower: prefactorEnds.0, upper: prefactorEnds.1, level: confidence,
      method: method, events: events, censored: 0)

    // Deviance against one free rate per level.
    let saturated = levels.reduce(0.0) { sum, level in
      guard level.events > 0 else { return sum }
      let n = level.weight
      return sum + n * log(n / level.exposure) - n
    }
    goodnessOfFitPValue =
      levels.count > 2
      ? Distributions.chiSquaredUpperTail(
        max(0, 2 * (saturated - maximum)), degreesOfFreedom: Double(levels.count - 2)) : nil
  }

  /// ln τ at inverse noise x.
  public func logTime(at inverseNoise: Double) -> Double {
    logPrefactor.value! + slope.value! * inverseNoise
  }
}
