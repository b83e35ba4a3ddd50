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

/// One escape, the loss of a feature, under theory, Langevin dynamics and real minibatch SGD over a
/// ladder of learning rates at one batch size.
public struct ComparisonExperiment: Sendable {
  public let escape: FeatureEscape
  /// One per learning rate, all of one batch size.
  public let ladder: [SGDSettings]
  /// Runs of each process at each level.
  public let runs: Int
  /// Runs of SGD at each level.
  public let extent: EnsembleExtent
  public let seed: UInt64
  public let level: Double
  public let threads: Int?
  public let engine: Engine
  /// dt of Langevin dynamics.
  public let timeStep: Double
  /// The time at which SGD runs are censored; nil for thirty theoretical means.
  public let cap: Double?

  public init(
    escape: FeatureEscape, ladder: [SGDSettings], runs: Int, seed: UInt64, level: Double = 0.95,
    threads: Int? = nil, engine: Engine = .standard, timeStep: Double = 0.02, cap: Double? = nil,
    extent: EnsembleExtent? = nil
  ) throws {
    self.extent = try extent ?? EnsembleExtent(runs: runs)
    try Require.atLeast(1, "number of runs", runs)
    try Require.atMost(PassageEnsemble.mostRuns, "number of runs", runs)
    try Require.fraction("confidence level", level)
    try Require.positive("time step dt", timeStep)
    if let cap { try Require.positive("cap", cap) }
    if let threads { try Require.atLeast(1, "number of threads", threads) }
    guard Set(ladder.map(\.learningRate)).count == ladder.count, ladder.count >= 2 else {
      throw InvalidInput(
        "a comparison needs two or more different learning rates, but got \(ladder.map { Table.format($0.learningRate) }.joined(separator: ", "))"
      )
    }
    guard escape.isLoss else {
      throw InvalidInput(
        "a comparison follows the loss of a feature, but rank \(escape.from) to \(escape.to) is a gain: minibatch noise vanishes at an unlearned feature, so there is no rate to compare; ask for 'escape' to see the bound"
      )
    }
    if let training = escape.training, ladder[0].batchSize >= training.count {
      throw InvalidInput(
        "batch size \(ladder[0].batchSize) is at least the \(training.count) samples: every batch is the full batch and there is no noise to compare; use a smaller one"
      )
    }
    self.escape = escape
    self.ladder = ladder.sorted { $0.noiseScale < $1.noiseScale }
    self.runs = runs
    self.seed = seed
    self.level = level
    self.threads = threads
    self.engine = engine
    self.timeStep = timeStep
    self.cap = cap
  }

  /// SGD confined to the line is there to check the theory; where that is astronomic, a bound will do.
  private static let lineStepCap = 2_000_000.0

  /// Langevin in all weights costs D normals a step and is there to show that it is not SGD: few runs,
  /// censored at three one-dimensional passage times.
  private static let weightSpaceRuns = 12

  /// One noise level: every prediction and every measurement.
  struct Level {
    let settings: SGDSettings
    /// T_n = (h/2B) n·C·n at the learned minimum along the balanced line.
    let matchedTemperature: Double
    /// Exact 1-D passage times on the line.
    let stateDependent: Double
    let finiteStep: Double
    let constantNoise: Double
    /// Measured.
    let sgd: EscapeSample
    let lineSGD: EscapeSample
    let lineLangevin: EscapeSample
    let weightLangevin: EscapeSample

    var inverseNoise: Double { 1 / settings.noiseScale }
  }

  public func findings(in context: RunContext = RunContext()) throws -> Findings {
    let line = escape.line!
    let (noise, measurement) = try escape.noise()
    let barrier = try line.quasiPotentialBarrier(noise: noise)
    // Infinite where the noise pushes one way only; a comparison of times goes on without it.
    let exponent: Double
    do {
      exponent = try line.largeDeviationBarrier(logMoment: escape.logMoment())
    } catch is OneSidedNoise { exponent = .infinity }
    let levels = try measure(line: line, noise: noise, in: context)
    let noiseShare = try escape.noiseShare(noise)
    let verdict = try ComparisonVerdict(
      levels: levels, quasiPotentialBarrier: barrier,
      largeDeviationBarrier: exponent,
      barrierHeight: escape.mode.barrierDown()!,
      dimension: escape.network.dimension, noiseShare: noiseShare, level: level)

    var notes = escape.notes
    if let measurement {
      notes.append(
        "gradient noise along the line was measured from the per-sample gradients of all \(escape.training!.count) samples at \(measurement.points.count) points; the quadratic law fits them to a relative \(Table.format(measurement.largestResidual))"
      )
    }
    notes += ladder[0].leftOutOfTheory
    for level in levels {
      // A p-value alone would fire on the smallest relaxation lag, given runs enough.
      guard let p = level.sgd.exponentialityPValue, p < 0.01,
        let variation = level.sgd.coefficientOfVariation, abs(variation - 1) > 0.15
      else { continue }
      notes.append(
        "SGD waiting times at h = \(Table.format(level.settings.learningRate)) are not exponential (p = \(Table.format2(p)), coefficient of variation \(Table.format2(variation))): there the noise is too strong for an activated escape"
      )
    }
    for level in levels where level.sgd.count(.diverged) > 0 {
      notes.append(
        "\(level.sgd.count(.diverged)) of \(level.sgd.passages.count) SGD runs diverged at h = \(Table.format(level.settings.learningRate)) and are not counted as escaped; use a smaller learning rate and batch at the same h/B"
      )
    }
    var figures: [(name: String, figure: Figure)] = [
      (
        "arrhenius",
        ArrheniusPlot(levels: levels, level: level).figure(verdict: verdict, escape: escape)
      )
    ]
    let weakest = levels[0]
    if let figure = SurvivalPlot(sample: weakest.sgd, level: level).figure(
      title:
        "SGD losing feature \(escape.feature + 1): h = \(Table.format(weakest.settings.learningRate)), B = \(weakest.settings.batchSize)",
      theory: ("exact 1-D theory", weakest.stateDependent))
    {
      figures.append(("survival", figure))
    }
    return Findings(
      results: document(levels, noise: noise, verdict: verdict),
      tables: [sgdTable(levels), langevinTable(levels), passages(levels)],
      figures: figures, notes: notes, summary: verdict.sentences(feature: escape.feature + 1))
  }

  // MARK: - Measuring

  private func measure(
    line: BalancedLine, noise: ModeNoise, in context: RunContext
  ) throws -> [Level] {
    let problems = ladder.map { line.problem(noise: noise, noiseScale: $0.noiseScale) }
    let times = try problems.map { try $0.meanFirstPassageTime() }
    let temperatures = problems.map { $0.diffusion(line.minimum) }
    let constantTimes = try temperatures.map {
      try line.problem(temperature: $0).meanFirstPassageTime()
    }
    let longest = EscapeExperiment.largestStepCap
    // Four ensembles a level, all in one pool of work: SGD, Langevin on the line and in all weights, SGD on
    // the line.
    let onLine = try escape.onLine()
    let all = try EnsembleExtent(runs: runs)
    let few = try EnsembleExtent(runs: min(runs, Self.weightSpaceRuns))
    let jobs = try ladder.indices.flatMap { level -> [StoredEnsemble] in
      let settings = ladder[level]
      let h = settings.learningRate
      let ensembles = try [
        (
          "sgd", extent,
          SGDDynamics(settings).ensemble(
            of: escape, cap: cap ?? EscapeExperiment.cap(theory: times[level], timeStep: h))
        ),
        (
          "lineLangevin", all,
          OverdampedDynamics(temperature: temperatures[level], timeStep: timeStep).ensemble(
            of: onLine, cap: min(30 * constantTimes[level], longest * timeStep))
        ),
        (
          "weightLangevin", few,
          OverdampedDynamics(temperature: temperatures[level], timeStep: timeStep).ensemble(
            of: escape, cap: min(3 * constantTimes[level], longest * timeStep))
        ),
        (
          "lineSGD", all,
          SGDDynamics(settings).ensemble(
            onLineOf: escape, cap: min(30 * times[level], Self.lineStepCap * h))
        ),
      ]
      return ensembles.enumerated().map { i, job in
        let (process, extent, ensemble) = job
        return StoredEnsemble(
          ensemble, name: "\(process) h=\(h)",
          parameters: [
            "process": .string(process), "learningRate": .number(h),
            "batchSize": .integer(settings.batchSize),
            "temperature": process.hasSuffix("Langevin") ? .number(temperatures[level]) : .null,
          ],
          identity: identity(
            of: process == "lineLangevin" ? onLine : escape, under: SGDDynamics(settings)),
          streamCell: 4 * level + i, extent: extent)
      }
    }
    let samples = try context.samples(
      of: jobs, seed: seed, engine: engine, threads: threads, stage: "escapes")
    return try ladder.indices.map { level in
      Level(
        settings: ladder[level], matchedTemperature: temperatures[level],
        stateDependent: times[level],
        finiteStep: try line.problem(
          noise: noise, noiseScale: ladder[level].noiseScale,
          finiteStep: ladder[level].learningRate
        ).meanFirstPassageTime(),
        constantNoise: constantTimes[level], sgd: samples[4 * level],
        lineSGD: samples[4 * level + 3], lineLangevin: samples[4 * level + 1],
        weightLangevin: samples[4 * level + 2])
    }
  }

  // MARK: - Reporting

  private var heading: String {
    "Losing feature \(escape.feature + 1) (η = \(Table.format(escape.mode.singularValue))) at β = \(Table.format(escape.network.weightDecay)), \(escape.widthsDescription)"
  }

  /// Real SGD beside the theory of its state-dependent noise.
  private func sgdTable(_ levels: [Level]) -> Table {
    var table = Table(
      name: "compare", title: heading + ": mean first-passage time τ under SGD, in t = steps × h",
      columns: [
        Table.Column("learningRate", "h", "learning rate"),
        Table.Column("batchSize", "B", "batch size"),
        Table.Column("inverseNoise", "B/h", "inverse noise scale"),
        Table.Column("sgd", "τ SGD", "real minibatch SGD, t"),
        Table.Column("sgdLower", "from", "lower end of the interval of sgd"),
        Table.Column("sgdUpper", "to", "upper end of the interval of sgd"),
        Table.Column("sgdEvents", "events", "SGD runs that escaped"),
        Table.Column(
          "stateDependent", "τ theory",
          "exact 1-D passage time under the measured state-dependent noise, t"),
        Table.Column("ratio", "SGD/theory", "sgd divided by stateDependent"),
        Table.Column("lineSGD", "τ SGD line", "minibatch SGD confined to the balanced line, t"),
        Table.Column("lineSGDLower", "from", "lower end of the interval of lineSGD"),
        Table.Column("lineSGDUpper", "to", "upper end of the interval of lineSGD"),
      ])
    for level in levels {
      let sgd = level.sgd.meanFirstPassageTime(level: self.level)
      let line = level.lineSGD.meanFirstPassageTime(level: self.level)
      table.append([
        .number(level.settings.learningRate), .integer(level.settings.batchSize),
        .number(level.inverseNoise), .number(sgd.value), .number(sgd.lower), .number(sgd.upper),
        .integer(level.sgd.events), .number(level.stateDependent),
        .number(sgd.value.map { $0 / level.stateDependent }), .number(line.value),
        .number(line.lower), .number(line.upper),
      ])
    }
    return table
  }

  /// Langevin dynamics at the matched temperature beside the theory of white noise.
  private func langevinTable(_ levels: [Level]) -> Table {
    var table = Table(
      name: "langevin",
      title: "The same under white noise at the temperature matched along the line, in t",
      columns: [
        Table.Column("learningRate", "h", "learning rate whose noise is matched"),
        Table.Column("inverseNoise", "B/h", "inverse noise scale"),
        Table.Column(
          "matchedTemperature", "T_n", "(h/2B) n·C·n along the line at the minimum, loss units"),
        Table.Column("constantNoise", "τ theory", "exact 1-D passage time at constant T_n, t"),
        Table.Column("lineLangevin", "τ Langevin line", "Langevin on the balanced line at T_n, t"),
        Table.Column("lineLangevinLower", "from", "lower end of the interval of lineLangevin"),
        Table.Column("lineLangevinUpper", "to", "upper end of the interval of lineLangevin"),
        Table.Column(
          "weightLangevin", "τ Langevin weights", "Langevin in full weight space at T_n, t"),
        Table.Column("weightLangevinLower", "from", "lower end of the interval of weightLangevin"),
        Table.Column("weightLangevinUpper", "to", "upper end of the interval of weightLangevin"),
      ])
    for level in levels {
      let line = level.lineLangevin.meanFirstPassageTime(level: self.level)
      let weights = level.weightLangevin.meanFirstPassageTime(level: self.level)
      table.append([
        .number(level.settings.learningRate), .number(level.inverseNoise),
        .number(level.matchedTemperature), .number(level.constantNoise), .number(line.value),
        .number(line.lower), .number(line.upper), .number(weights.value), .number(weights.lower),
        .number(weights.upper),
      ])
    }
    return table
  }

  private func passages(_ levels: [Level]) -> Table {
    let samples = levels.flatMap { level in
      [
        ("sgd", level.sgd), ("lineSGD", level.lineSGD), ("lineLangevin", level.lineLangevin),
        ("weightLangevin", level.weightLangevin),
      ].map { (process: $0, level: level, passages: $1.passages) }
    }
    // The number of the first row of each sample, and of all rows.
    let starts = samples.reduce(into: [0]) { $0.append($0.last! + $1.passages.count) }
    return Table(
      name: "passages", title: "Every run",
      columns: [
        Table.Column("process", "process", "sgd, lineSGD, lineLangevin or weightLangevin"),
        Table.Column("learningRate", "h", "learning rate"),
        Table.Column("inverseNoise", "B/h", "inverse noise scale"),
        Table.Column("replica", "replica", "run number"),
        Table.Column("time", "time", "first-passage or censoring time, t"),
        Table.Column("outcome", "outcome", "escaped, censored or diverged"),
      ], count: starts.last!
    ) { row in
      let i = starts.lastIndex { $0 <= row && $0 < starts.last! }!
      let (process, level, passages) = samples[i]
      let passage = passages[row - starts[i]]
      return [
        .text(process), .number(level.settings.learningRate), .number(level.inverseNoise),
        .integer(row - starts[i]), .number(passage.time), .text(passage.outcome.rawValue),
      ]
    }
  }

  private func document(
    _ levels: [Level], noise: ModeNoise, verdict: ComparisonVerdict
  ) -> JSONValue {
    func sample(_ sample: EscapeSample) -> JSONValue {
      [
        "runs": .integer(sample.passages.count), "events": .integer(sample.events),
        "censored": .integer(sample.count(.censored)),
        "diverged": .integer(sample.count(.diverged)),
        "meanFirstPassageTime": sample.meanFirstPassageTime(level: level).json(),
        "coefficientOfVariation": .optional(sample.coefficientOfVariation),
        "exponentialityPValue": .optional(sample.exponentialityPValue),
      ]
    }
    let rows = levels.map { level -> JSONValue in
      [
        "learningRate": .number(level.settings.learningRate),
        "batchSize": .integer(level.settings.batchSize),
        "inverseNoise": .number(level.inverseNoise),
        "matchedTemperature": .number(level.matchedTemperature),
        "theory": [
          "stateDependentNoise": .optional(level.stateDependent),
          "finiteStep": .optional(level.finiteStep),
          "constantNoise": .optional(level.constantNoise),
        ],
        "sgd": sample(level.sgd), "lineSGD": sample(level.lineSGD),
        "lineLangevin": sample(level.lineLangevin),
        "weightLangevin": sample(level.weightLangevin),
      ]
    }
    return [
      "feature": .integer(escape.feature + 1), "eta": .number(escape.mode.singularValue),
      "from": .integer(escape.from), "to": .integer(escape.to),
      "clockStops": .string(escape.stopDescription),
      "noiseCoefficients": .array([
        .number(noise.coefficients.x), .number(noise.coefficients.y), .number(noise.coefficients.z),
      ]),
      "levels": .array(rows), "arrhenius": verdict.document,
    ]
  }
}
