import DataFiles
import EscapeStatistics
import Foundation
import NumericalMethods
public import RunStores
public import TrainingLogs

/// Why a transition of training runs came late, from the logs of other programs.
public struct DiagnosisExperiment: Experiment {
  /// What training logs do not say of themselves.
  public struct Conditions: Sendable {
    /// What runs are to reach; nil for the first transition that is found of `metric`.
    public var reach: ReachCondition?
    /// Whose transition is looked for where nothing is to be reached.
    public var metric: String?
    /// μ.
    public var momentum: Double
    /// A batch of so many samples is all of them, which has no noise; nil where none is.
    public var fullBatch: Double?

    /// Conditions.
    public init(
      reach: ReachCondition? = nil, metric: String? = nil, momentum: Double = 0,
      fullBatch: Double? = nil
    ) {
      self.reach = reach
      self.metric = metric
      self.momentum = momentum
      self.fullBatch = fullBatch
    }
  }

  package let logs: LoggedRuns
  package let conditions: Conditions
  package let level: Double

  /// - Throws: `InvalidInput` where a number makes no sense, or there is one run only.
  public init(of logs: LoggedRuns, conditions: Conditions, level: Double = 0.95) throws {
    try Require.fraction("confidence level", level)
    guard (0..<1).contains(conditions.momentum) else {
      throw InvalidInput("momentum μ must be in [0, 1), but is \(conditions.momentum)")
    }
    if let full = conditions.fullBatch { try Require.positive("the size of the full batch", full) }
    try logs.requireEnsemble()
    self.logs = logs
    self.conditions = conditions
    self.level = level
  }

  public func result(in context: RunContext) throws -> DiagnosisResult {
    let (metric, passages) = try found()
    var notes = logs.notes + passages.notes
    let runs = Dictionary(logs.runs.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var members = [Key: [(run: LoggedRun, interval: PassageInterval)]]()
    for passage in passages.passages {
      guard let interval = passage.interval, let run = runs[passage.run] else { continue }
      let (h, batch) = try step(of: run)
      guard (h * interval.lower).isFinite, h * interval.upper > 0 else {
        throw InvalidInput(
          "steps × learning rate is no number for run '\(shortened(run.name))', whose learning rate is \(brief(h)); correct it with --learning-rate"
        )
      }
      let isFull = conditions.fullBatch.map { batch >= $0 } ?? false
      let key = Key(
        learningRate: h, batchSize: isFull ? nil : batch, weightDecay: run.settings.weightDecay)
      members[key, default: []].append((run, interval))
    }
    guard !members.isEmpty else {
      throw InvalidInput(
        "no run tells when it reached \(passages.event): \(passages.notes.first ?? "none has a record before"); set the threshold further, or give logs that begin earlier"
      )
    }
    let groups = members.map { key, members in
      (
        setting: DelaySetting(
          learningRate: key.learningRate, batchSize: key.batchSize, momentum: conditions.momentum,
          weightDecay: key.weightDecay, steps: IntervalSample(members.map(\.interval))),
        members: members
      )
    }.sorted { $0.setting.precedes($1.setting) }
    let settings = groups.map(\.setting)
    if settings.allSatisfy({ !$0.isControl }) {
      notes.append(
        "no run is without noise, and without such a control a drift and what noise does are hard to tell apart; --full-batch N says that batches of N samples are all of them"
      )
    }
    return try DiagnosisResult(
      of: settings,
      runs: groups.enumerated().flatMap { place, group in
        group.members.map { diagnosed($0.run, $0.interval, metric, place) }
      }, metric: metric, threshold: conditions.reach?.threshold, event: passages.event,
      level: level, notes: notes)
  }

  /// h and B of a run.
  private func step(of run: LoggedRun) throws -> (learningRate: Double, batchSize: Double) {
    let name = shortened(run.name)
    func positive(_ number: Double, _ what: String, _ flag: String) throws -> Double {
      guard number > 0 else {
        throw InvalidInput(
          "the \(what) of run '\(name)' must be positive, but its log says \(brief(number)); give \(flag), a number or the name of a column"
        )
      }
      return number
    }
    guard let h = run.settings.learningRate else {
      throw InvalidInput(
        "the log of run '\(name)' does not tell its learning rate, and without it steps are no times; give --learning-rate, a number or the name of a column"
      )
    }
    guard let batch = run.settings.batchSize else {
      throw InvalidInput(
        "the log of run '\(name)' does not tell its batch size, and without it the noise is not known; give --batch-size, a number or the name of a column"
      )
    }
    if let decay = run.settings.weightDecay, decay < 0 {
      throw InvalidInput(
        "the weight decay of run '\(name)' must not be negative, but its log says \(brief(decay)); give --weight-decay, a number or the name of a column"
      )
    }
    return (
      try positive(h, "learning rate", "--learning-rate"),
      try positive(batch, "batch size", "--batch-size")
    )
  }

  /// What runs of one setting have in common.
  private struct Key: Hashable {
    let learningRate: Double
    /// nil for the full batch.
    let batchSize: Double?
    let weightDecay: Double?
  }

  private func diagnosed(
    _ run: LoggedRun, _ interval: PassageInterval, _ metric: String, _ setting: Int
  ) -> DiagnosedRun {
    let h = run.settings.learningRate ?? 1
    let curve = run.curve(metric)
    return DiagnosedRun(
      name: run.name, setting: setting, learningRate: h,
      passage: PassageInterval(lower: h * interval.lower, upper: h * interval.upper),
      times: curve?.steps.map { h * $0 } ?? [], values: curve?.values ?? [])
  }

  /// The passages that are asked for, and the metric whose they are.
  private func found() throws -> (metric: String, passages: LogPassages) {
    if let reach = conditions.reach { return (reach.metric, try logs.passages(reaching: reach)) }
    guard let metric = conditions.metric ?? (logs.metrics.count == 1 ? logs.metrics[0] : nil) else {
      throw InvalidInput(
        "nothing to reach: give --reach, such as 'val_acc >= 0.99', or one --metric whose transition is looked for; the metrics are \(logs.metrics.prefix(8).map { "'\($0)'" }.joined(separator: ", "))"
      )
    }
    guard let first = try logs.stages(of: metric).first else {
      throw InvalidInput(
        "no transition of '\(metric)' is found between two plateaus; say what is to be reached with --reach"
      )
    }
    return (metric, first)
  }
}
