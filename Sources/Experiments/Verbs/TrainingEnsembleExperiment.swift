import DataFiles
import EscapeStatistics
package import Escapes
import KramersRates
import LangevinDynamics
package import NetworkTraining
public import Networks
import NumericalMethods
public import RunStores
package import TrainingLogs

/// Many trainings that differ by chance, at every setting of a grid: when each comes to its event, and why so late.
public struct TrainingEnsembleExperiment: Experiment {
  /// How each run goes.
  public struct Conduct: Sendable {
    /// φ of the hidden layers.
    public var activation = Activation.linear
    /// Whether layers have biases.
    public var hasBiases = false
    /// Of a sample.
    public var lossFunction = LossFunction.meanSquaredError
    /// Scale of the random start, relative to 1/√fan-in.
    public var initialScale = 1.0
    /// Starts that are given, of which run r takes the r-th, from the first again after the last; empty for random ones.
    public var starts: [[Double]] = []
    /// μ and how batches are drawn; h and B are those of the grid.
    package var batches: SGDSettings
    package var optimiser = Optimiser.gradientDescent
    package var noise = TrainingNoise()
    package var schedule = ScheduleChoice.constant
    package var trainsOutput = true
    /// What all weights of the last layer are at the start; nil for what the start says.
    package var output: Double? = nil

    package init(batches: SGDSettings) { self.batches = batches }
  }

  package let data: TrainingData
  package private(set) var grid: TrainingGrid
  package private(set) var conduct: Conduct
  package let until: ReachCondition?
  package let length: TrainingLength
  package let runs: Int
  package let varying: TrainingChance
  package let recordsPerDecade: Int
  package let keepsWeights: Bool
  /// Whether what the verdict says would end the delay is tried.
  package let confirms: Bool
  package let seed: UInt64
  package let level: Double
  package let threads: Int?

  /// - Throws: `InvalidInput` where a number makes no sense.
  package init(
    data: TrainingData, grid: TrainingGrid, conduct: Conduct, until: ReachCondition?,
    length: TrainingLength, runs: Int, varying: TrainingChance = .all, recordsPerDecade: Int = 40,
    keepsWeights: Bool = false, confirms: Bool = false, seed: UInt64, level: Double = 0.95,
    threads: Int? = nil
  ) throws {
    try grid.check()
    for rate in grid.learningRates { try Require.positive("learning rate h", rate) }
    for beta in grid.weightDecays { try Require.nonNegative("weight decay β", beta) }
    try EnsembleExtent.check(runs: runs)
    try Require.atMost(100_000, "number of runs of each setting", runs)
    try Require.atLeast(1, "number of records in each decade of steps", recordsPerDecade)
    try Require.atMost(10_000, "number of records in each decade of steps", recordsPerDecade)
    try Require.nonNegative("initial scale", conduct.initialScale)
    try Require.fraction("confidence level", level)
    try length.check()
    if case .fixed(let data) = data { try conduct.lossFunction.checkClasses(data) }
    if let threads { try Require.atLeast(1, "number of threads", threads) }
    self.data = data
    self.grid = grid
    self.conduct = conduct
    self.until = until
    self.length = length
    self.runs = runs
    self.varying = varying
    self.recordsPerDecade = recordsPerDecade
    self.keepsWeights = keepsWeights
    self.confirms = confirms
    self.seed = seed
    self.level = level
    self.threads = threads
  }

  public func result(in context: RunContext) throws -> TrainingEnsembleResult {
    var notes = [String]()
    let cells = try grid.settings.enumerated().map { try cell($1, number: $0) }
    for cell in cells {
      let first = try cell.problem(0)
      if let warning = DiscreteTime.warning(
        of: first.loss, at: first.start, under: cell.plan.settings.batches)
      {
        context.announce([warning])
        if !notes.contains(warning) { notes.append(warning) }
      }
    }
    notes += try self.notes(on: cells)
    let (samples, curves) = try run(
      cells, names: cells.map { cells.count == 1 ? "trainings" : "trainings-\($0.number)" },
      stage: "trainings", in: context)
    var result = try TrainingEnsembleResult(
      of: self, cells: cells, samples: samples, curves: curves, notes: notes)
    if confirms { try confirm(&result, cells, in: context) }
    return result
  }

  /// What the store lacks is run; then all of it.
  private func run(
    _ cells: [Cell], names: [String], stage: String, in context: RunContext
  ) throws -> (samples: [EscapeSample], curves: [[Int: TrainingCurve]]) {
    let jobs = try zip(cells, names).map { cell, name in
      StoredEnsemble(
        cell.ensemble.passages, name: name, parameters: .object(cell.parameters),
        identity: try identity(of: cell), streamCell: cell.number,
        extent: try EnsembleExtent(runs: cell.runs))
    }
    let samples: [EscapeSample]
    do {
      samples = try context.samples(
        of: jobs, seed: seed, engine: .reference, threads: threads, stage: stage)
    } catch {
      for cell in cells { try cell.ensemble.checkProblems() }
      throw error
    }
    for cell in cells { try cell.ensemble.checkProblems() }
    return (
      samples,
      try jobs.map {
        try context.records(of: $0, seed: seed, engine: .reference, as: TrainingCurve.self)
      }
    )
  }

  /// Tries what the verdict says would end the delay.
  private func confirm(
    _ result: inout TrainingEnsembleResult, _ cells: [Cell], in context: RunContext
  ) throws {
    guard let diagnosis = result.diagnosis else {
      result.notes.append("there is no verdict, so nothing to confirm")
      return
    }
    // With noise, and of those the slowest that came to the event often enough; where none did the first.
    let noisy = cells.filter { !$0.isControl || cells.allSatisfy(\.isControl) }
    let known = noisy.filter {
      result.settings[$0.number].events >= LawComparison.fewestEvents
    }
    guard
      let base = known.max(by: {
        (result.settings[$0.number].meanFirstPassageTime.value ?? 0)
          < (result.settings[$1.number].meanFirstPassageTime.value ?? 0)
      }) ?? noisy.first, let remedy = remedy(for: diagnosis, at: base.setting)
    else {
      result.notes.append(
        "the verdict is \(diagnosis.verdict.rawValue), which names nothing that could be tried here"
      )
      return
    }
    var other = self
    other.conduct = remedy.conduct
    other.grid.testFractions = remedy.after.testFraction.map { [$0] } ?? []
    let cell = try other.cell(remedy.after, number: cells.count)
    let (samples, curves) = try other.run(
      [cell], names: ["confirmation"], stage: "confirmation", in: context)
    // Where nothing is to be run, there may be none.
    guard samples[0].runs > 0 else { return }
    let after = TrainingEnsembleResult.Setting(
      cell,
      curves[0].sorted { $0.key < $1.key }.compactMap {
        TrainingEnsembleResult.Training(
          cell, replica: $0.key, curve: $0.value, until: until, isOnly: false)
      }, samples[0], level: level)
    result.confirmation = TrainingEnsembleResult.Confirmation(
      remedy, before: result.settings[base.number], after: after)
  }
}

/// How long a run may take.
package enum TrainingLength: Sendable, Equatable {
  /// Passes over the data.
  case epochs(Int)
  /// t.
  case time(Double)

  func check() throws {
    switch self {
    case .epochs(let epochs): try Require.atLeast(1, "number of epochs", epochs)
    case .time(let cap): try Require.positive("cap", cap)
    }
  }

  /// In steps.
  func steps(learningRate: Double, stepsPerEpoch: Int) throws -> Int {
    switch self {
    case .epochs(let epochs):
      let steps = epochs.multipliedReportingOverflow(by: stepsPerEpoch)
      guard !steps.overflow, steps.partialValue < 1 << 52 else {
        throw InvalidInput("number of epochs \(epochs) is more than can be counted; use fewer")
      }
      return steps.partialValue
    case .time(let cap):
      let steps = (cap / learningRate).rounded(.up)
      guard steps < 0x1p52 else {
        throw InvalidInput("a cap of \(sixDigits(cap)) takes more steps than can be counted")
      }
      return max(1, Int(steps))
    }
  }
}

/// Noise beside batches, before the number of layers is known.
package struct TrainingNoise: Sendable, Equatable {
  package var dropout: [Double] = []
  package var labelNoise = 0.0

  package init(dropout: [Double] = [], labelNoise: Double = 0) {
    self.dropout = dropout
    self.labelNoise = labelNoise
  }

  package func noise(hiddenLayers: Int) throws -> NetworkNoise {
    try NetworkNoise(dropout: dropout, labelNoise: labelNoise, hiddenLayers: hiddenLayers)
  }
}

/// A schedule, before the length of the run is known.
package enum ScheduleChoice: Sendable, Equatable {
  case constant
  case warmUp(Int)
  case cosine(warmUp: Int)
  case steps(warmUp: Int, every: Int, factor: Double)

  package func schedule(steps: Int) throws -> LearningRateSchedule {
    switch self {
    case .constant: .constant
    case .warmUp(let warmUp): try LearningRateSchedule(warmUpSteps: warmUp)
    case .cosine(let warmUp):
      try LearningRateSchedule(
        warmUpSteps: warmUp, decay: .cosine(steps: max(1, steps - warmUp)))
    case .steps(let warmUp, let every, let factor):
      try LearningRateSchedule(
        warmUpSteps: warmUp, decay: .steps(every: every, factor: factor))
    }
  }
}

// MARK: - One setting

extension TrainingEnsembleExperiment {
  /// A setting of the grid, ready to run.
  struct Cell {
    let number: Int
    let setting: TrainingSetting
    let plan: TrainingPlan
    let runs: Int
    /// N, and how many are held back.
    let samples: Int
    let testSamples: Int
    let architecture: NetworkArchitecture
    let problem: @Sendable (Int) throws -> TrainingProblem
    let ensemble: TrainingEnsemble

    /// Whether nothing is drawn by chance while a run goes.
    var isControl: Bool { plan.settings.isDeterministic(on: samples) }

    var parameters: [(key: String, value: JSONValue)] {
      [
        (key: "learningRate", value: .number(setting.learningRate)),
        (key: "batchSize", value: setting.batchSize.map { .integer($0) } ?? .null),
        (key: "weightDecay", value: .number(setting.weightDecay)),
        (key: "network", value: .string(hyphenated(setting.widths))),
        (key: "testFraction", value: setting.testFraction.map { .number($0) } ?? .null),
      ]
    }
  }

  /// The data of a replica.
  private func data(_ setting: TrainingSetting, cell: Int, replica: Int) throws -> NetworkData {
    switch data {
    case .fixed(let data): return data
    case .unsplit(let rows):
      let varies = varying.contains(.split)
      return try rows.split(
        testFraction: setting.testFraction ?? 0, seed: seed, cell: varies ? cell : 0,
        replica: varies ? replica : 0)
    }
  }

  private func cell(_ setting: TrainingSetting, number: Int) throws -> Cell {
    let first = try data(setting, cell: number, replica: 0)
    guard let training = first.training else {
      throw InvalidInput(
        "training curves need finite data; name a file or a number of samples")
    }
    try conduct.lossFunction.checkClasses(first)
    let architecture = try NetworkArchitecture(
      widths: setting.widths, activation: conduct.activation, hasBiases: conduct.hasBiases)
    for start in conduct.starts where start.count != architecture.parameterCount {
      throw Self.misfit(start, architecture)
    }
    let samples = training.count
    let batches = try SGDSettings(
      learningRate: setting.learningRate, batchSize: setting.batchSize ?? samples,
      momentum: conduct.batches.momentum, sampling: conduct.batches.sampling)
    let lastStep = try length.steps(
      learningRate: setting.learningRate, stepsPerEpoch: batches.stepsPerEpoch(of: samples))
    let settings = try TrainingSettings(
      batches, optimiser: conduct.optimiser,
      schedule: conduct.schedule.schedule(steps: lastStep),
      noise: conduct.noise.noise(hiddenLayers: architecture.depth - 1),
      trainsOutput: conduct.trainsOutput)
    let testSamples = first.test?.count ?? 0
    // A forward pass of all samples costs a third of a step with as many; records are to cost a tenth of a run.
    let gap = (10 * (samples + testSamples) + 3 * batches.batchSize - 1) / (3 * batches.batchSize)
    let until = self.until
    let plan = TrainingPlan(
      settings: settings, lastStep: lastStep,
      schedule: .logarithmic(perDecade: recordsPerDecade, leastGap: max(1, gap)),
      event: until.map { TrainingMetric.holds($0) }, keepsWeights: keepsWeights)
    // Data that are the same for all are prepared once.
    let isShared: Bool
    switch data {
    case .fixed: isShared = true
    case .unsplit: isShared = !varying.contains(.split) || setting.testFraction == 0
    }
    let problem: @Sendable (Int) throws -> TrainingProblem = { replica in
      let data =
        isShared || replica == 0 ? first : try self.data(setting, cell: number, replica: replica)
      return try self.problem(setting, data, architecture, cell: number, replica: replica)
    }
    if let until {
      let zero = try problem(0)
      var run = try TrainingRun(
        loss: zero.loss, test: zero.test, settings: settings, start: zero.start, steps: 1,
        schedule: .even(every: 1), hasClasses: zero.hasClasses, key: zero.key)
      try run.advance()
      if let record = run.records.first {
        try TrainingMetric.check(until, atStart: record)
      }
    }
    return Cell(
      number: number, setting: setting, plan: plan,
      runs: min(
        runs, differentRuns(isShared: isShared, settings.isDeterministic(on: samples)) ?? runs),
      samples: samples, testSamples: testSamples, architecture: architecture, problem: problem,
      ensemble: try TrainingEnsemble(
        plan, problem: problem))
  }

  /// How many runs there are that differ; nil for as many as are wanted.
  private func differentRuns(isShared: Bool, _ isDeterministic: Bool) -> Int? {
    guard isDeterministic || !varying.contains(.order), isShared || !varying.contains(.split)
    else { return nil }
    guard varying.contains(.start) else { return 1 }
    return conduct.starts.isEmpty ? nil : conduct.starts.count
  }

  private func problem(
    _ setting: TrainingSetting, _ data: NetworkData, _ architecture: NetworkArchitecture, cell: Int,
    replica: Int
  ) throws -> TrainingProblem {
    let varies = varying.contains(.start)
    var start: [Double]
    if conduct.starts.isEmpty {
      start = architecture.randomWeights(
        scale: conduct.initialScale,
        random: RandomSource(
          StreamKey(
            seed: seed, purpose: .initialisation, cell: varies ? cell : 0,
            replica: varies ? replica : 0)))
    } else {
      start = conduct.starts[varies ? replica % conduct.starts.count : 0]
    }
    start = architecture.with(output: conduct.output, in: start)
    return TrainingProblem(
      loss: try NetworkLoss(
        architecture: architecture, data: data.training!, lossFunction: conduct.lossFunction,
        weightDecay: setting.weightDecay),
      test: data.test, hasClasses: data.hasClasses, start: start,
      key: StreamKey(
        seed: seed, purpose: .batches, cell: cell,
        replica: varying.contains(.order) ? replica : 0))
  }

  /// What to say of a start that is none of the network.
  static func misfit(_ start: [Double], _ architecture: NetworkArchitecture) -> InvalidInput {
    InvalidInput(
      "a start of \(counted(start.count, "number")) does not fit a network \(hyphenated(architecture.widths)), which has \(architecture.parameterCount) parameters; give the weights of such a network, W₁ row by row first"
    )
  }

  /// Every value that decides the numbers of the runs of a setting, beside its own.
  private func identity(of cell: Cell) throws -> [String: String] {
    let problem = try cell.problem(0)
    var identity = SGDDynamics(cell.plan.settings.batches).identity
    identity.merge(cell.plan.settings.identity) { $1 }
    var fingerprint = Fingerprint()
    fingerprint.add("\(cell.architecture) \(conduct.lossFunction)")
    for set in [problem.loss.data] + (problem.test.map { [$0] } ?? []) {
      fingerprint.add(set.inputs.elements)
      fingerprint.add(set.targets.elements)
    }
    fingerprint.add(problem.start)
    for start in conduct.starts { fingerprint.add(start) }
    identity["problem"] = fingerprint.text
    identity["weightDecay"] = "\(cell.setting.weightDecay)"
    identity["until"] = until?.description ?? "none"
    identity["steps"] = "\(cell.plan.lastStep)"
    identity["records"] = "\(recordsPerDecade)"
    identity["varying"] = "\(varying.rawValue)"
    identity["keepsWeights"] = "\(keepsWeights)"
    identity[StoreCell.methodKey] = "training"
    return identity
  }

  private func notes(on cells: [Cell]) throws -> [String] {
    var notes = [String]()
    switch data {
    case .fixed(let data): notes += data.notes
    case .unsplit: notes += try data(cells[0].setting, cell: 0, replica: 0).notes
    }
    if cells.contains(where: { $0.runs < runs }) {
      notes.append(
        "where nothing is drawn by chance runs from the same start are the same, so \(cells.map(\.runs).min()!) of \(runs) are made"
      )
    }
    for cell in cells {
      if let remark = cell.plan.settings.batches.fullBatchRemark(of: cell.samples),
        cell.setting.batchSize != nil, !notes.contains(remark)
      {
        notes.append(remark)
      }
    }
    if case .adamW = conduct.optimiser {
      notes.append(
        "AdamW takes the weight decay off the weights beside the division by √ŝ: it is not the β of E = ⟨ℓ⟩ + (β/2)‖θ‖², whose minima are not where these runs end"
      )
    }
    if conduct.optimiser.moments != nil {
      notes.append(
        "Adam divides each gradient by its own size, so h/B is not the scale of its noise: the verdict compares settings all the same, its exponents are not those of SGD"
      )
    }
    if !conduct.schedule.isConstant {
      notes.append("with a schedule t is the sum of the learning rates, not steps × h")
    }
    return notes
  }
}

extension ScheduleChoice {
  var isConstant: Bool { self == .constant }
}

extension LossFunction {
  /// Refuses data that the loss makes no sense of.
  func checkClasses(_ data: NetworkData) throws {
    for part in [data.training, data.test].compactMap({ $0 }) { try check(targets: part.targets) }
    if self == .crossEntropy {
      try Require.atLeast(2, "number of classes that the cross-entropy compares", data.targets)
    }
  }
}
