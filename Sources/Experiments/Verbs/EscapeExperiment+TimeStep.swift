import EscapeStatistics
import Escapes
import KramersRates
import LangevinDynamics
import NumericalMethods
import RunStores
import SpecialisedEnsembles

extension EscapeExperiment {
  /// The same with the dt whose expected relative error of τ is at most `error`, from the largest curvature at the minima
  /// and saddles on the way: `DiscreteTime`.
  ///
  /// - Throws: `InvalidInput` unless 0 < error < 1, or where the steps are those of the process itself.
  public func choosingTimeStep(error: Double) throws -> EscapeExperiment {
    try Require.fraction("time-step error", error)
    try requireFreeStep("to choose")
    var experiment = self
    experiment.timeStepError = error
    return experiment
  }

  /// The same with a second ensemble of a quarter of the step beside it, and τ extrapolated to dt → 0.
  ///
  /// - Throws: `InvalidInput` where the steps are those of the process itself.
  public func extrapolatingTimeStep() throws -> EscapeExperiment {
    try requireFreeStep("to extrapolate")
    var experiment = self
    experiment.extrapolatesTimeStep = true
    return experiment
  }

  private func requireFreeStep(_ purpose: String) throws {
    let step = dynamics.timeStep(for: escape)
    guard try dynamics.with(timeStep: step) != nil else {
      throw InvalidInput(
        "the step of \(dynamics.name) is that of the process itself, so there is nothing \(purpose); leave it out"
      )
    }
  }

  /// The dynamics with the step that was asked for.
  func steppedDynamics() throws -> (any Dynamics, EscapeResult.TimeStepChoice?) {
    guard !extrapolatesTimeStep || method == .bruteForce else {
      throw InvalidInput(
        "splitting has no second ensemble to extrapolate with; use --method brute-force or leave out --extrapolate"
      )
    }
    guard let timeStepError else { return (dynamics, nil) }
    guard let steps = try dynamics.discreteTime(of: escape) else {
      throw InvalidInput(
        "nothing is known of the error of the steps of \(dynamics.name); give the time step itself"
      )
    }
    let chosen = try steps.meeting(error: timeStepError)
    return (
      try dynamics.with(timeStep: chosen.step) ?? dynamics,
      EscapeResult.TimeStepChoice(
        goal: timeStepError, expectedError: chosen.expectedError ?? 0,
        largestCurvature: chosen.curvature)
    )
  }

  /// How many times smaller the step of the second ensemble is.
  private static let refinement = 4.0

  /// The second ensemble, with streams of its own; nil where none is asked for.
  func fineJob(
    of dynamics: any Dynamics, beside ensemble: PassageEnsemble, expecting time: Double?
  ) throws -> StoredEnsemble? {
    guard extrapolatesTimeStep,
      let fine = try dynamics.with(timeStep: ensemble.timeStep / Self.refinement)
    else { return nil }
    return StoredEnsemble(
      try fine.specialisedEnsemble(of: escape, cap: ensemble.cap), name: "escape, dt/4",
      parameters: ["timeStep": .number(ensemble.timeStep / Self.refinement)],
      identity: identity(of: escape, under: fine), streamCell: 1, extent: extent,
      expectedTime: time)
  }

  /// τ at dt → 0:
  ///
  /// ```
  /// τ(dt) = τ₀ + c dtᵖ        τ₀ = (4ᵖ τ(dt/4) − τ(dt))/(4ᵖ − 1)
  /// ```
  ///
  /// p = ½ where passages between steps of white noise are not seen, which is 2τ(dt/4) − τ(dt); else 1, the order of the
  /// scheme or of the place within a step at which the clock stops. What is left is of the next order. Where the scheme
  /// is of second order, p = 1 takes away more than there is, and leaves a quarter of the bias with the other sign.
  func extrapolation(
    _ coarse: EscapeSample, _ ensemble: PassageEnsemble, _ fine: EscapeSample,
    _ fineEnsemble: PassageEnsemble
  ) -> EscapeResult.TimeStepExtrapolation {
    let isRough: Bool
    if case .white = dynamics.noise(for: escape) { isRough = true } else { isRough = false }
    let exponent = isRough && !ensemble.usesBridge ? 0.5 : 1
    func part(_ sample: EscapeSample, _ ensemble: PassageEnsemble)
      -> EscapeResult.TimeStepExtrapolation.Ensemble
    {
      .init(
        timeStep: ensemble.timeStep, runs: sample.runs, events: sample.events,
        censored: sample.count(.censored), diverged: sample.count(.diverged),
        meanFirstPassageTime: sample.meanFirstPassageTime(level: level))
    }
    let parts = (coarse: part(coarse, ensemble), fine: part(fine, fineEnsemble))
    let time = parts.coarse.meanFirstPassageTime.extrapolated(
      with: parts.fine.meanFirstPassageTime, weight: exponent == 1 ? Self.refinement : 2)
    return EscapeResult.TimeStepExtrapolation(
      exponent: exponent, meanFirstPassageTime: time,
      relativeBias: time.value.flatMap { limit in
        parts.coarse.meanFirstPassageTime.value.flatMap { limit > 0 ? $0 / limit - 1 : nil }
      }, coarse: parts.coarse, fine: parts.fine)
  }
}

extension Estimate {
  /// (w f − c)/(w − 1) of this one, c, and an independent one, f. The interval of the sum is made of the two intervals,
  /// which need not be symmetric:
  ///
  /// ```
  /// L = x − √((a(f − l_f))² + (b(u_c − c))²),   U = x + √((a(u_f − f))² + (b(c − l_c))²)
  /// ```
  ///
  /// with a = w/(w − 1), b = 1/(w − 1).
  ///
  /// Source: G. Y. Zou and A. Donner, Stat. Med. 27, 1693 (2008), doi:10.1002/sim.3095.
  fileprivate func extrapolated(with fine: Estimate, weight: Double) -> Estimate {
    let (a, b) = (weight / (weight - 1), 1 / (weight - 1))
    let events = min(self.events ?? 0, fine.events ?? 0)
    let censored = (self.censored ?? 0) + (fine.censored ?? 0)
    guard let c = value, let f = fine.value, let lower, let upper, let low = fine.lower,
      let high = fine.upper
    else {
      return .missing(
        level: level, reason: "an interval is needed with either step", events: events,
        censored: censored)
    }
    func length(_ x: Double, _ y: Double) -> Double { (x * x + y * y).squareRoot() }
    let x = a * f - b * c
    return Estimate(
      value: x, lower: x - length(a * (f - low), b * (upper - c)),
      upper: x + length(a * (high - f), b * (c - lower)), level: level,
      method: "extrapolated in the time step", events: events, censored: censored,
      assumesExponentialTimes: assumesExponentialTimes && fine.assumesExponentialTimes)
  }
}
