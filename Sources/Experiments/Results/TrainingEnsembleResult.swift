public import DataFiles
public import EscapeStatistics
import LangevinDynamics
package import NetworkTraining
import NumericalMethods
import TrainingLogs

/// What `train --runs` finds: when the runs of each setting came to their event, and why so late.
public struct TrainingEnsembleResult: Codable, Sendable, DescribedJSON {
  /// The runs of one setting.
  public struct Setting: Codable, Sendable, DescribedJSON {
    /// h.
    public let learningRate: Double
    /// B; nil for all samples.
    public let batchSize: Int?
    /// β.
    public let weightDecay: Double
    /// Layer widths.
    public let network: String
    /// Of the rows that are held back; nil where data are not split.
    public let testFraction: Double?
    /// Whether nothing is drawn by chance while a run goes.
    public let isControl: Bool
    /// How many there are.
    public let runs: Int
    /// Runs that came to the event.
    public let events: Int
    /// Runs whose loss became non-finite.
    public let diverged: Int
    /// Of the event, in steps.
    public let medianSteps: Double?
    /// In t, by the law that describes the times best.
    public let meanFirstPassageTime: Estimate
    /// Of all runs, where each came to the event.
    public let coefficientOfVariation: Double?

    package static let keys: [KeyDescription] = [
      .init("learningRate", "–", "h"),
      .init("batchSize", "–", "B", null: "all samples"),
      .init("weightDecay", "–", "β"),
      .init("network", "text", "layer widths"),
      .init("testFraction", "–", "of the rows", null: "the data are not split"),
      .init("isControl", "bool", "nothing is drawn by chance while a run goes"),
      .init("runs", "–", "count"),
      .init("events", "–", "count of runs that came to the event"),
      .init("diverged", "–", "count of runs whose loss became non-finite"),
      .init("medianSteps", "steps", "of the event", null: "half of the runs did not come to it"),
      .estimate("meanFirstPassageTime", "t", "τ by the law that describes the times best"),
      .init(
        "coefficientOfVariation", "–", "standard deviation over mean of the times",
        null: "fewer than two events, or not all runs came to it"),
    ]
  }

  /// What ends a run; nil where all go to their last step.
  public let until: String?
  /// Those of a grid, in its order.
  public let settings: [Setting]
  /// Why the event came so late; nil where that cannot be said.
  @OmittedIfNil public var diagnosis: DiagnosisResult?
  /// Why there is no diagnosis; nil where there is one.
  public let diagnosisReason: String?

  /// What the verdict says would end the delay, tried; nil where that is not asked for, or nothing can be tried.
  @OmittedIfNil public var confirmation: Confirmation?

  /// Every run, not part of the document.
  package internal(set) var trainings: [Training] = []
  package internal(set) var notes: [String] = []
  package internal(set) var failure: String? = nil

  /// One run.
  package struct Training: Sendable {
    package let name: String
    package let setting: Int
    package let replica: Int
    package let outcome: PassageOutcome
    /// Of the event; or how far the run went.
    package let interval: PassageInterval
    package let records: [TrainingRecord]
    /// nil where they are not kept.
    package let weights: [Double]?
  }

  private enum CodingKeys: String, CodingKey {
    case until, settings, diagnosis, diagnosisReason, confirmation
  }

  package static let keys: [KeyDescription] = [
    .init("until", "text", "what ends a run", null: "all go to their last step"),
    .objects("settings", Setting.self, "the runs of each setting"),
    .object(
      "diagnosis", DiagnosisResult.self, "as `diagnose` finds it", only: "where there is one"),
    .init("diagnosisReason", "text", "why there is no diagnosis", null: "there is one"),
    .object(
      "confirmation", Confirmation.self, "what would end the delay, tried",
      only: "with `--confirm`, where something can be tried"),
  ]
}

extension TrainingEnsembleResult {
  init(
    of experiment: TrainingEnsembleExperiment, cells: [TrainingEnsembleExperiment.Cell],
    samples: [EscapeSample], curves: [[Int: TrainingCurve]], notes: [String]
  ) throws {
    var notes = notes
    var trainings = [Training]()
    var settings = [Setting]()
    for (cell, (sample, curves)) in zip(cells, zip(samples, curves)) {
      let ensemble = curves.sorted { $0.key < $1.key }.compactMap {
        Training(
          cell, replica: $0.key, curve: $0.value, until: experiment.until,
          isOnly: cells.count == 1)
      }
      trainings += ensemble
      settings.append(Setting(cell, ensemble, sample, level: experiment.level))
      if curves.count < sample.runs {
        notes.append(
          "\(counted(sample.runs - curves.count, "run")) of setting \(cell.number + 1) without records on the way: the same command goes on"
        )
      }
    }
    let early = curves.reduce(0) { $0 + $1.values.count { $0.records.count == 1 } }
    if early > 0, let until = experiment.until {
      notes.append(
        "\(counted(early, "run")) met \(until) at the start, or diverged before the next record, and \(early == 1 ? "is" : "are") left out"
      )
    }
    let reverting = curves.reduce(0) { $0 + $1.values.count { $0.reverts == true } }
    let events = settings.reduce(0) { $0 + $1.events }
    if Double(reverting) > 0.02 * Double(events), let until = experiment.until {
      notes.append(
        "in \(reverting) of \(counted(events, "run")) \(until) ceased to hold soon after it had come: looks get sparser with time and miss such moments, so late passages are seen too late and waits look like a mixture; choose an event that stays, beyond the barrier"
      )
    }
    let diverged = settings.reduce(0) { $0 + $1.diverged }
    let all = settings.reduce(0) { $0 + $1.runs }
    if diverged > 0 {
      notes.append(
        "\(diverged) of \(all) runs diverged: their loss was no longer finite; they count as stopped at their last record. Use a smaller learning rate"
      )
    }
    let (diagnosis, reason) = try Self.diagnosis(of: trainings, experiment, cells)
    self.init(
      until: experiment.until?.description, settings: settings, diagnosisReason: reason)
    self.diagnosis = diagnosis
    self.trainings = trainings
    self.notes = notes
    if all > 0, EscapeSample.isLost(diverged: diverged, of: all) {
      failure = "\(diverged) of \(all) runs diverged; \(EscapeSample.divergenceRemedy)"
    }
  }

  private init(until: String?, settings: [Setting], diagnosisReason: String?) {
    self.until = until
    self.settings = settings
    self.diagnosisReason = diagnosisReason
  }

  private static func diagnosis(
    of trainings: [Training], _ experiment: TrainingEnsembleExperiment,
    _ cells: [TrainingEnsembleExperiment.Cell]
  ) throws -> (DiagnosisResult?, String?) {
    guard let until = experiment.until else {
      return (nil, "no event is asked for; --until says what ends a run")
    }
    guard trainings.count > 1 else { return (nil, "there is one run only") }
    guard experiment.grid.widths.count == 1, experiment.grid.testFractions.count <= 1 else {
      return (
        nil,
        "the verdict compares learning rates, batch sizes and weight decays; with several widths or test fractions take one of them at a time"
      )
    }
    typealias Group = (setting: DelaySetting, runs: [Training])
    var groups = [Group]()
    for cell in cells {
      let runs = trainings.filter { $0.setting == cell.number }
      guard !runs.isEmpty else { continue }
      let setting = DelaySetting(
        learningRate: cell.setting.learningRate,
        batchSize: cell.isControl ? nil : Double(cell.setting.batchSize ?? cell.samples),
        momentum: experiment.conduct.batches.momentum, weightDecay: cell.setting.weightDecay,
        isControl: cell.isControl, sample: IntervalSample(runs.map(\.interval)))
      groups.append((setting, runs))
    }
    groups.sort { $0.setting.precedes($1.setting) }
    var runs = [DiagnosedRun]()
    for (number, group) in groups.enumerated() {
      for run in group.runs {
        runs.append(
          DiagnosedRun(
            name: run.name, setting: number, learningRate: group.setting.learningRate,
            passage: run.interval, times: run.records.map(\.time),
            values: run.records.map { TrainingMetric.value(until.metric, of: $0) ?? .nan }))
      }
    }
    let diagnosis = try DiagnosisResult(
      of: groups.map(\.setting), runs: runs, metric: until.metric, threshold: until.threshold,
      event: until.description, level: experiment.level, notes: [])
    return (diagnosis, nil)
  }
}

extension TrainingEnsembleResult.Training {
  /// nil for a run without a record after its start.
  init?(
    _ cell: TrainingEnsembleExperiment.Cell, replica: Int, curve: TrainingCurve,
    until: ReachCondition?, isOnly: Bool
  ) {
    guard let last = curve.records.last, last.time > 0 else { return nil }
    let event = until.flatMap { curve.records.firstIndex(where: TrainingMetric.holds($0)) }
    if let event, event > 0 {
      outcome = .escaped
      interval = PassageInterval(
        lower: curve.records[event - 1].time, upper: curve.records[event].time)
    } else {
      outcome = last.step < cell.plan.lastStep ? .diverged : .censored
      interval = PassageInterval(lower: last.time, upper: .infinity)
    }
    name = (isOnly ? "" : "\(cell.number + 1)-") + "\(replica)"
    setting = cell.number
    self.replica = replica
    records = curve.records
    weights = curve.weights
  }
}

extension TrainingEnsembleResult.Setting {
  init(
    _ cell: TrainingEnsembleExperiment.Cell, _ runs: [TrainingEnsembleResult.Training],
    _ sample: EscapeSample, level: Double
  ) {
    let intervals = IntervalSample(runs.map(\.interval))
    let events = runs.filter { $0.outcome == .escaped }
    let times = events.map { 0.5 * ($0.interval.lower + $0.interval.upper) }
    let sorted = events.map { Double($0.records.last!.step) }.sorted()
    let laws = LawComparison(intervals, level: level)
    var spread: Double? = nil
    if times.count == sample.runs, times.count > 1 {
      let mean = times.reduce(0, +) / Double(times.count)
      let variance =
        times.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(times.count - 1)
      spread = variance.squareRoot() / mean
    }
    self.init(
      learningRate: cell.setting.learningRate, batchSize: cell.setting.batchSize,
      weightDecay: cell.setting.weightDecay, network: hyphenated(cell.setting.widths),
      testFraction: cell.setting.testFraction, isControl: cell.isControl, runs: sample.runs,
      events: events.count, diverged: sample.count(.diverged),
      medianSteps: 2 * sorted.count >= sample.runs && !sorted.isEmpty
        ? sorted[(sample.runs - 1) / 2] : nil,
      meanFirstPassageTime: laws?.best.mean
        ?? .missing(
          level: level, reason: "fewer than \(LawComparison.fewestEvents) events, or all at once",
          events: events.count, censored: sample.runs - events.count),
      coefficientOfVariation: spread)
  }
}
