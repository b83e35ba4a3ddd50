import EscapeStatistics
public import Escapes
import Foundation
import KramersRates
import Landscapes
public import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
public import RunStores
import SpecialisedEnsembles

/// An ensemble of first passages, with the theory that needs no fit beside it.
public struct EscapeExperiment: Experiment {
  package let escape: any Escape
  package let dynamics: any Dynamics
  package let extent: EnsembleExtent
  package let seed: UInt64
  package let level: Double
  package let threads: Int?
  package let engine: Engine
  /// The time at which runs are censored; nil for the default.
  package let cap: Double?
  package private(set) var method = EscapeMethod.bruteForce
  /// The relative error of τ by which dt is chosen; nil for the step of the dynamics.
  package internal(set) var timeStepError: Double? = nil
  /// Whether a second ensemble, of smaller steps, stands beside the first.
  package internal(set) var extrapolatesTimeStep = false

  /// The same by another method.
  public func by(_ method: EscapeMethod) -> EscapeExperiment {
    var experiment = self
    experiment.method = method
    return experiment
  }

  /// - Throws: `InvalidInput` where there would be no run, or a number makes no sense.
  public init(
    of escape: any Escape, under dynamics: any Dynamics, runs: Int, seed: UInt64,
    level: Double = 0.95, threads: Int? = nil, engine: Engine = .standard, cap: Double? = nil
  ) throws {
    try self.init(
      of: escape, under: dynamics, extent: EnsembleExtent(runs: runs), seed: seed, level: level,
      threads: threads, engine: engine, cap: cap)
  }

  /// - Throws: `InvalidInput` where a number makes no sense.
  public init(
    of escape: any Escape, under dynamics: any Dynamics, extent: EnsembleExtent, seed: UInt64,
    level: Double = 0.95, threads: Int? = nil, engine: Engine = .standard, cap: Double? = nil
  ) throws {
    try Require.fraction("confidence level", level)
    if let threads { try Require.atLeast(1, "number of threads", threads) }
    if let cap { try Require.positive("cap", cap) }
    self.escape = escape
    self.dynamics = dynamics
    self.extent = extent
    self.seed = seed
    self.level = level
    self.threads = threads
    self.engine = engine
    self.cap = cap
  }

  /// Without a theory to scale it, and as a limit to one that is astronomic: steps per run.
  static let defaultStepCap = 100_000.0
  static let largestStepCap = 20_000_000.0
  /// The fewest steps before a run is censored: where theory expects an escape within a few steps, a
  /// learning rate or time step too large must have the time to show it.
  static let smallestStepCap = 1000.0

  private func resolvedCap(theory: Double?, timeStep: Double) -> Double {
    if let cap { return cap }
    guard let theory, theory.isFinite else { return Self.defaultStepCap * timeStep }
    return Self.cap(theory: theory, timeStep: timeStep)
  }

  /// 30 theoretical means (less than 1e-13 of exponential times are longer), within what can be run.
  static func cap(theory: Double, timeStep: Double) -> Double {
    min(max(30 * theory, smallestStepCap * timeStep), largestStepCap * timeStep)
  }

  public func result(in context: RunContext) throws -> EscapeResult {
    let (dynamics, timeStepChoice) = try steppedDynamics()
    let noise = dynamics.noise(for: escape)
    var notes = escape.notes + dynamics.notes
    var theory: RatePrediction? = nil
    if let other = dynamics.noiseWithoutTheory {
      notes.append(
        "theories are of the loss and its minibatch noise without \(other), so none stands beside these runs, and none says how long to run: that is --cap"
      )
    } else if escape is any WideEscape {
      do { _ = try escape.passes() } catch {
        notes.append("no theory stands beside these runs: \(error)")
      }
    } else if let best = try RateTheories.best(of: escape, under: noise) {
      if best.logMeanFirstPassageTime.isFinite {
        theory = best
      } else if noise.temperature != nil {
        // An absorbing state has a note of its own, with evidence.
        notes += best.notes
      }
    } else if escape is any NetworkBasin {
      // Why its theory has no number is worth more than that it has none.
      do { _ = try NoiseAcrossValley().prediction(of: escape, under: noise) } catch {
        notes.append("no theory stands beside these runs: \(error)")
      }
    }
    let thermal = try noise.temperature.map { try langevin($0, notes: &notes) }
    let network = escape as? FeatureEscape
    var loss: EscapeResult.Loss? = nil
    var absorbing: EscapeResult.Absorbing? = nil
    let isAlone = dynamics.noiseWithoutTheory == nil
    if case .minibatch(let settings) = noise {
      if isAlone, let samples = escape.sampleCount,
        let remark = settings.fullBatchRemark(of: samples)
      {
        notes.append(remark)
      }
      notes += settings.momentumRemark.map { [$0] } ?? []
    }
    if case .minibatch(let settings) = noise, let network {
      if isAlone {
        loss = try network.line.map {
          EscapeResult.Loss(
            quasiPotentialBarrier: try $0.quasiPotentialBarrier(noise: network.noise().noise),
            inverseNoise: 1 / settings.noiseScale)
        }
      }
      absorbing =
        network.isLoss
        ? nil
        : try self.absorbing(isAlone ? network : network.spreadOverUnits(), notes: &notes)
    }
    let steps = try dynamics.discreteTime(of: escape)
    let warnings = steps?.warnings ?? []
    notes += warnings
    context.announce(warnings)
    let expectedTime = try scale(theory, noise)
    let ensemble = try dynamics.specialisedEnsemble(
      of: escape,
      cap: resolvedCap(theory: expectedTime, timeStep: dynamics.timeStep(for: escape)))
    if case .splitting = method, let reason = absorbing?.reason {
      throw InvalidInput(
        "there is no escape to split: \(reason); --method brute-force gives a bound")
    }
    if let plan = try splittingPlan(ensemble, theory: expectedTime, context, notes: &notes) {
      forecast(plan, theory: expectedTime, context)
      let (measured, splitting, sample, levels) = try split(plan, context, notes: &notes)
      return EscapeResult(
        measured: measured,
        theory: theory.map { EscapeResult.Theory($0, against: measured.meanFirstPassageTime) },
        langevin: thermal, loss: loss, absorbing: absorbing, waitingTimes: nil,
        splitting: splitting, integrator: EscapeResult.Integrator(of: dynamics),
        timeStepChoice: timeStepChoice, sample: sample, levels: levels, notes: notes,
        title: title(noise))
    }
    let outlook = extent.outlook(
      level: level, cap: ensemble.cap, theory: expectedTime,
      neverEscapes: absorbing?.isAbsorbing == true ? "its start is absorbing" : nil)
    context.announce(outlook.map { [$0] } ?? [])
    let job = StoredEnsemble(
      ensemble, name: "escape", parameters: [:], identity: identity(of: escape, under: dynamics),
      streamCell: 0, extent: extent, expectedTime: expectedTime)
    let fineJob = try fineJob(of: dynamics, beside: ensemble, expecting: expectedTime)
    let samples = try context.samples(
      of: [job] + (fineJob.map { [$0] } ?? []), seed: seed, engine: engine, threads: threads,
      stage: "escape")
    let sample = samples[0]
    notes += Self.notes(on: sample, ensemble: ensemble, steps: steps, level: level)
    // Where too many diverged the summary says every doubt of the theory.
    if sample.events == 0, dynamics.noiseWithoutTheory == nil,
      theory == nil || !sample.isSpoiltByDivergence,
      case .minibatch(let settings) = noise, let network
    {
      notes += try network.doubt(of: settings).reasons
    }
    let measured = EscapeResult.Measured(
      sample, ensemble: ensemble, clockStops: escape.stopDescription, level: level)
    let missedGoal = extent.shortfall(of: sample, interval: measured.meanFirstPassageTime)
    if let missedGoal { notes.append(missedGoal) }
    return EscapeResult(
      measured: measured,
      theory: theory.map { EscapeResult.Theory($0, against: measured.meanFirstPassageTime) },
      langevin: thermal, loss: loss, absorbing: absorbing,
      waitingTimes: WaitingTimes(sample, level: level), splitting: nil,
      integrator: EscapeResult.Integrator(of: dynamics), timeStepChoice: timeStepChoice,
      timeStepExtrapolation: fineJob.map { job in
        extrapolation(sample, ensemble, samples[1], job.ensemble)
      }, sample: sample, notes: notes, missedGoal: missedGoal,
      title: title(noise))
  }

  private func title(_ noise: Noise) -> String {
    guard let temperature = noise.temperature else { return "\(escape.title), \(dynamics.name)" }
    return escape.title(atTemperature: temperature) + ", \(dynamics.name)"
  }

  /// A time that the cap can be scaled by. In all weights of a network, where no valid theory is at hand, the
  /// passage along the balanced line alone: no theory of this escape, since it says nothing of the entropy of
  /// the other directions.
  private func scale(_ theory: RatePrediction?, _ noise: Noise) throws -> Double? {
    guard let temperature = noise.temperature?.value else { return theory?.meanFirstPassageTime }
    if let theory, theory.validity.verdict < .invalid || !(escape is FeatureEscape) {
      return theory.meanFirstPassageTime
    }
    if let escape = escape as? FeatureEscape {
      return try escape.line?.problem(temperature: temperature).meanFirstPassageTime()
    }
    guard !(escape is any WideEscape) else { return nil }
    return try LangersFormula().prediction(
      of: escape, under: .white(temperature: temperature))?.meanFirstPassageTime
  }

  private func langevin(
    _ temperature: Temperature, notes: inout [String]
  ) throws -> EscapeResult.Langevin {
    let barrier = try escape.knownBarrierHeight
    let modes = escape.landscape.dimension
    if let barrier, modes > 1 {
      let load = temperature.value * Double(modes) / barrier
      if load > 1 {
        notes.append(
          "T × D / ΔE = \(sixDigits(load)): thermal energy in the \(modes) weights exceeds the barrier, so entropy, not the barrier alone, sets the escape (entropic regime)"
        )
      }
    }
    return EscapeResult.Langevin(temperature: temperature.value, barrierHeight: barrier)
  }

  private func absorbing(
    _ escape: FeatureEscape, notes: inout [String]
  ) throws -> EscapeResult.Absorbing {
    guard try escape.isAbsorbing(seed: seed) else {
      return EscapeResult.Absorbing(isAbsorbing: false, reason: nil)
    }
    let reason =
      "rank \(escape.from) is absorbing under minibatch SGD: the units that would carry feature \(escape.feature + 1) have zero weights in and out, there every per-sample gradient is exactly zero, so no minibatch can move them"
    notes.append(reason)
    return EscapeResult.Absorbing(isAbsorbing: true, reason: reason)
  }

  /// What a reader must know of censored and diverged runs.
  static func notes(
    on sample: EscapeSample, ensemble: PassageEnsemble, steps: DiscreteTime?, level: Double
  ) -> [String] {
    var notes = [String]()
    let diverged = sample.count(.diverged)
    let isSpoilt = sample.isSpoiltByDivergence
    if diverged > 0 {
      notes.append(
        "\(diverged) of \(sample.runs) runs diverged (a non-finite value) and are not counted as escaped; "
          + (isSpoilt
            ? "beyond 1 % the others are not a fair sample, so no rate and no time are given; "
            : "")
          + DiscreteTime.remedy(steps))
    }
    let underway = sample.passages.count {
      $0.outcome == .censored && $0.time < ensemble.cap - ensemble.timeStep
    }
    if underway > 0 {
      notes.append(
        "\(underway) runs are still on their way and count as censored where they were last seen: the same command goes on"
      )
    }
    if sample.events == 0 && !isSpoilt {
      notes.append(
        "no run escaped: in a total time of \(sixDigits(sample.exposure)) the rate is below \(sixDigits(sample.rate(level: level).upper ?? .infinity)) per unit t (\(sixDigits(100 * level)) %, one-sided)"
      )
    } else if sample.count(.censored) > underway {
      notes.append(
        "\(sample.count(.censored) - underway) of \(sample.runs) runs had not escaped at t = \(sixDigits(ensemble.cap)) and are right-censored"
      )
    }
    if let remark = WaitingTimeLaw(sample).remark { notes.append(remark) }
    if let histogram = sample.histogram, histogram.runs > 0 {
      notes.append(
        "of \(histogram.runs) runs only counts, summed times and a histogram are kept: single runs cannot be exported or run again, and the median, S(t), its band and the test of an exponential law know times to 1/128"
      )
    }
    return notes
  }
}

extension EscapeResult.Measured {
  fileprivate init(
    _ sample: EscapeSample, ensemble: PassageEnsemble, clockStops: String, level: Double
  ) {
    let rate = sample.rate(level: level)
    let time = rate.reciprocal
    let steps = 1 / ensemble.timeStep
    let spoilt = sample.divergenceReason
    let pValue = sample.exponentialityPValue
    let median = spoilt == nil ? SurvivalCurve(sample, level: level).quantile(0.5) : nil
    self.init(
      runs: sample.runs, events: sample.events, censored: sample.count(.censored),
      diverged: sample.count(.diverged), exposure: sample.exposure,
      rate: rate, meanFirstPassageTime: time,
      meanFirstPassageTimeSteps: time.scaled(by: steps),
      meanFirstPassageTimeEpochs: ensemble.stepsPerEpoch.map {
        .estimate(time.scaled(by: steps / Double($0)))
      } ?? .missing(reason: "no passes over finite data"),
      medianFirstPassageTime: median,
      medianFirstPassageTimeReason: median == nil
        ? spoilt ?? "fewer than half of the runs escaped" : nil,
      coefficientOfVariation: sample.coefficientOfVariation,
      coefficientOfVariationReason: sample.coefficientOfVariation == nil
        ? spoilt ?? "needs two events and no censored run" : nil,
      exponentialityPValue: pValue,
      exponentialityPValueReason: pValue == nil
        ? spoilt ?? "needs five events" : nil, clockStops: clockStops, timeStep: ensemble.timeStep,
      cap: ensemble.cap,
      crossingsBetweenSteps: ensemble.usesBridge
        ? "seen by a Brownian bridge" : "not seen: passages are counted at the end of a step")
  }
}

extension EscapeResult.Theory {
  fileprivate init(_ prediction: RatePrediction, against measured: Estimate) {
    self.init(
      name: prediction.theory, meanFirstPassageTime: prediction.meanFirstPassageTime,
      insideInterval: measured.contains(prediction.meanFirstPassageTime),
      validity: prediction.validity.verdict, reasons: prediction.validity.reasons)
  }
}
