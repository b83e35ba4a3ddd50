import DataFiles
import EscapeStatistics
import Escapes
import Figures
import Foundation
import KramersRates
import Landscapes
public import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import RunStores

/// An ensemble of first passages, with the theory that needs no fit beside it.
public struct EscapeExperiment: Sendable {
  public let escape: any Escape
  public let dynamics: any Dynamics
  public let extent: EnsembleExtent
  public let seed: UInt64
  public let level: Double
  public let threads: Int?
  public let engine: Engine
  /// The time at which runs are censored; nil for the default.
  public let cap: Double?

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

  /// A theory of this escape, for a reader.
  private struct Theory {
    let name: String
    let meanTime: Double
    let validity: Validity
  }

  public func findings(in context: RunContext = RunContext()) throws -> Findings {
    let noise = dynamics.noise(for: escape)
    let timeStep = dynamics.timeStep(for: escape)
    var notes = escape.notes + dynamics.notes
    var extra: [(key: String, value: JSONValue)] = []
    var theory: Theory? = nil
    if let best = try RateTheories.best(of: escape, under: noise) {
      if best.logMeanFirstPassageTime.isInfinite {
        notes += best.notes
      } else {
        theory = Theory(
          name: best.theory, meanTime: best.meanFirstPassageTime, validity: best.validity)
      }
    }
    switch noise {
    case .white(let temperature), .inertial(let temperature, _):
      let barrier = try escape.knownBarrierHeight
      extra.append(("temperature", .number(temperature.value)))
      extra.append(("barrierHeight", .optional(barrier)))
      let modes = escape.landscape.dimension
      if let barrier, modes > 1 {
        let load = temperature.value * Double(modes) / barrier
        if load > 1 {
          notes.append(
            "T × D / ΔE = \(sixDigits(load)): thermal energy in the \(modes) weights exceeds the barrier, so entropy, not the barrier alone, sets the escape (entropic regime)"
          )
        }
      }
    case .minibatch(let settings):
      if let escape = escape as? FeatureEscape {
        extra += try describe(escape, under: settings, notes: &notes)
      }
    }
    let ensemble = try dynamics.specialisedEnsemble(
      of: escape, cap: resolvedCap(theory: scale(theory, noise), timeStep: timeStep))
    let job = StoredEnsemble(
      ensemble, name: "escape", parameters: [:], identity: identity(of: escape, under: dynamics),
      streamCell: 0, extent: extent)
    let sample = try context.samples(
      of: [job], seed: seed, engine: engine, threads: threads, stage: "escape")[0]
    notes += Self.notes(on: sample, ensemble: ensemble, level: level)
    if let goal = extent.eventGoal, sample.events < goal {
      notes.append(
        "the precision asked for needs \(goal) escapes; there are \(sample.events) after \(sample.passages.count) of at most \(extent.runs) runs: allow more with --max-runs"
      )
    }
    return try report(
      sample, ensemble: ensemble, title: title(noise), stop: escape.stopDescription,
      theory: theory.map { ($0.name, $0.meanTime) }, validity: theory?.validity ?? .valid,
      extra: extra, notes: notes)
  }

  private func title(_ noise: Noise) -> String {
    guard let temperature = noise.temperature else { return "\(escape.title), \(dynamics.name)" }
    return escape.title(atTemperature: temperature) + ", \(dynamics.name)"
  }

  /// A time that the cap can be scaled by. In all weights of a network, where no valid theory is at hand, the
  /// passage along the balanced line alone: no theory of this escape, since it says nothing of the entropy of
  /// the other directions.
  private func scale(_ theory: Theory?, _ noise: Noise) throws -> Double? {
    if let theory, theory.validity.verdict < .invalid || !(escape is FeatureEscape) {
      return theory.meanTime
    }
    guard let temperature = noise.temperature?.value else { return nil }
    if let escape = escape as? FeatureEscape {
      return try escape.line?.problem(temperature: temperature).meanFirstPassageTime()
    }
    return try LangersFormula().prediction(of: escape, under: noise)?.meanFirstPassageTime
  }

  /// What is known of a network's escape under minibatches beforehand.
  private func describe(
    _ escape: FeatureEscape, under settings: SGDSettings, notes: inout [String]
  ) throws -> [(key: String, value: JSONValue)] {
    var extra: [(key: String, value: JSONValue)] = []
    if let training = escape.training, settings.batchSize >= training.count {
      notes.append(
        "batch size \(settings.batchSize) is at least the \(training.count) samples: every batch is the full batch and there is no gradient noise"
      )
    }
    if let line = escape.line {
      let barrier = try line.quasiPotentialBarrier(noise: escape.noise().noise)
      extra.append(("quasiPotentialBarrier", .number(barrier)))
      extra.append(("inverseNoise", .number(1 / settings.noiseScale)))
    }
    guard !escape.isLoss else { return extra }
    let absorbing = try escape.isAbsorbing(seed: seed)
    let reason =
      "rank \(escape.from) is absorbing under minibatch SGD: the units that would carry feature \(escape.feature + 1) have zero weights in and out, there every per-sample gradient is exactly zero, so no minibatch can move them"
    extra.append(
      (
        "absorbing",
        ["isAbsorbing": .bool(absorbing), "reason": absorbing ? .string(reason) : .null]
      ))
    if absorbing { notes.append(reason) }
    return extra
  }

  /// What a reader must know of censored and diverged runs.
  static func notes(
    on sample: EscapeSample, ensemble: PassageEnsemble, level: Double
  ) -> [String] {
    var notes = [String]()
    let diverged = sample.count(.diverged)
    if diverged > 0 {
      notes.append(
        "\(diverged) of \(sample.passages.count) runs diverged (a non-finite value) and are not counted as escaped; use a smaller learning rate or time step"
      )
    }
    let underway = sample.passages.count {
      $0.outcome == .censored && $0.time < ensemble.cap - ensemble.timeStep
    }
    if underway > 0 {
      notes.append(
        "\(underway) runs are still on their way and count as censored where they were last seen: the same command goes on"
      )
    }
    if sample.events == 0 && diverged < sample.passages.count {
      notes.append(
        "no run escaped: in a total time of \(Table.format(sample.exposure)) the rate is below \(Table.format(sample.rate(level: level).upper ?? .infinity)) per unit t (\(Table.format(100 * level)) %, one-sided)"
      )
    } else if sample.count(.censored) > underway {
      notes.append(
        "\(sample.count(.censored) - underway) of \(sample.passages.count) runs had not escaped at t = \(Table.format(ensemble.cap)) and are right-censored"
      )
    }
    return notes
  }

  private func report(
    _ sample: EscapeSample, ensemble: PassageEnsemble, title: String, stop: String,
    theory: (name: String, meanTime: Double)?, validity: Validity,
    extra: [(key: String, value: JSONValue)],
    notes: [String]
  ) throws -> Findings {
    let rate = sample.rate(level: level)
    let time = sample.meanFirstPassageTime(level: level)
    let curve = SurvivalCurve(sample, level: level)
    let median = curve.quantile(0.5)
    let steps = 1 / ensemble.timeStep
    var table = Table(
      name: "escape", title: title,
      columns: [
        Table.Column("quantity", "quantity", "what was estimated"),
        Table.Column("value", "value", "estimate"),
        Table.Column("lower", "lower", "lower end of the interval"),
        Table.Column("upper", "upper", "upper end of the interval"),
        Table.Column("unit", "unit", "unit of the three numbers"),
      ])
    func add(_ name: String, _ estimate: Estimate, scale: Double = 1, _ unit: String) {
      table.append([
        .text(name), .number(estimate.value.map { $0 * scale }),
        .number(estimate.lower.map { $0 * scale }), .number(estimate.upper.map { $0 * scale }),
        .text(unit),
      ])
    }
    add("escape rate k", rate, "per unit t")
    add("mean first-passage time τ", time, "t")
    add("mean first-passage time τ", time, scale: steps, "steps")
    if let epoch = ensemble.stepsPerEpoch {
      add("mean first-passage time τ", time, scale: steps / Double(epoch), "epochs")
    }
    if let median {
      table.append([
        .text("median (Kaplan–Meier)"), .number(median), .number(nil), .number(nil), .text("t"),
      ])
    }
    if let theory {
      table.append([
        .text("τ, \(theory.name)"), .number(theory.meanTime), .number(nil), .number(nil),
        .text("t"),
      ])
    }
    var results: [(key: String, value: JSONValue)] = [
      ("runs", .integer(sample.passages.count)), ("events", .integer(sample.events)),
      ("censored", .integer(sample.count(.censored))),
      ("diverged", .integer(sample.count(.diverged))), ("exposure", .number(sample.exposure)),
      ("rate", rate.json()), ("meanFirstPassageTime", time.json()),
      ("meanFirstPassageTimeSteps", time.json(scale: steps)),
      (
        "meanFirstPassageTimeEpochs",
        ensemble.stepsPerEpoch.map { time.json(scale: steps / Double($0)) }
          ?? ["value": .null, "reason": "no passes over finite data"]
      ),
    ]
    results += JSONValue.explained(
      "medianFirstPassageTime", median, "fewer than half of the runs escaped")
    results += JSONValue.explained(
      "coefficientOfVariation", sample.coefficientOfVariation,
      "needs two events and no censored run")
    results += JSONValue.explained(
      "exponentialityPValue", sample.exponentialityPValue, "needs five events")
    results += [
      ("clockStops", .string(stop)), ("timeStep", .number(ensemble.timeStep)),
      ("cap", .number(ensemble.cap)),
      (
        "crossingsBetweenSteps",
        .string(
          ensemble.usesBridge
            ? "seen by a Brownian bridge" : "not seen: passages are counted at the end of a step")
      ),
    ]
    if let theory {
      results.append(
        (
          "theory",
          [
            "name": .string(theory.name), "meanFirstPassageTime": .optional(theory.meanTime),
            "insideInterval": .bool(time.contains(theory.meanTime)),
            "validity": .string(validity.verdict.description),
            "reasons": .array(validity.reasons.map { .string($0) }),
          ]
        ))
    }
    results += extra
    let runs = sample.passages
    let passages = Table(
      name: "passages", title: title,
      columns: [
        Table.Column("replica", "replica", "run number; with the seed it names the random stream"),
        Table.Column("time", "time", "first-passage or censoring time, unit t"),
        Table.Column("outcome", "outcome", "escaped, censored or diverged"),
      ], count: runs.count
    ) { [.integer($0), .number(runs[$0].time), .text(runs[$0].outcome.rawValue)] }
    var figures = [(name: String, figure: Figure)]()
    if let figure = SurvivalPlot(sample: sample, level: level).figure(title: title, theory: theory)
    {
      figures.append(("survival", figure))
    }
    var summary = ["The clock stops when \(stop)."]
    if sample.events > 0, let value = time.value, let lower = time.lower, let upper = time.upper {
      var sentence =
        "\(sample.events) of \(sample.passages.count) runs escaped: τ = \(Table.format(value)) [\(Table.format(lower)), \(Table.format(upper))] at \(Table.format(100 * level)) %."
      if let theory {
        sentence +=
          " The theory (\(theory.name)) gives \(Table.format(theory.meanTime)), \(time.contains(theory.meanTime) ? "inside" : "outside") the interval (ratio \(Table.format(value / theory.meanTime)))."
      }
      if theory != nil, validity.verdict != .valid {
        sentence +=
          " The theory is \(validity.verdict): \(validity.reasons.joined(separator: "; "))."
      }
      summary.append(sentence)
    }
    return Findings(
      results: .object(results), tables: [table, passages], figures: figures, notes: notes,
      summary: summary)
  }
}
