import ArgumentParser
import Metastable

struct Diagnose: Verb {
  static let configuration = CommandConfiguration(
    commandName: "diagnose",
    abstract: "Why training was delayed: the mechanism behind the logs of runs made elsewhere.",
    discussion:
      "Logs are tables of one row per step or per value, TensorBoard's and W&B's exports, Lightning's metrics.csv, Hugging Face's trainer_state.json, or JSON lines: files or folders, separated by commas. When a run reaches --reach is its passage; passages at several batch sizes or learning rates, and without noise (--full-batch), tell a drift from an escape."
  )
  static let example: KeyValuePairs = ["logs": "runs.csv", "reach": "val_acc >= 0.99"]

  @Argument(help: "YAML file with any of the options below as keys.")
  var file: String?

  @Option(help: "Logs: files or folders, separated by commas.")
  var logs: String?

  @Option(help: "What runs are to reach, such as 'val_acc >= 0.99'.")
  var reach: String?

  @Option(
    help: "Metric whose transition between two plateaus is looked for, where --reach is not given.")
  var metric: String?

  @Option(help: "Column or key of the step. Default: step, epoch or the like.")
  var stepKey: String?

  @Option(help: "Columns or keys that tell runs in one file apart, separated by commas.")
  var runKey: String?

  @Option(help: "Learning rate: a number for all runs, or the column or key that has it.")
  var learningRate: String?

  @Option(help: "Batch size: a number for all runs, or the column or key that has it.")
  var batchSize: String?

  @Option(help: "Weight decay: a number for all runs, or the column or key that has it.")
  var weightDecay: String?

  @Option(parsing: .unconditional, help: "Momentum μ of all runs.")
  var momentum = 0.0

  @Option(
    parsing: .unconditional,
    help: "Batches of so many samples are all there are: such runs are without noise.")
  var fullBatch: Double?

  @Option(help: "How accuracies are written: fraction or percent.")
  var accuracyScale: LogMapping.AccuracyScale?

  @Option(parsing: .unconditional, help: "Confidence level of intervals.")
  var level = 0.95

  @OptionGroup var output: RunOptions

  var seedValue: UInt64? { nil }

  func experiment() throws -> DiagnosisExperiment {
    guard let logs else {
      throw InvalidInput("no logs: give files or folders with --logs, separated by commas")
    }
    return try DiagnosisExperiment(
      of: LoggedRuns(
        contentsOf: DataTable.list(logs),
        mapping: LogMapping(
          metrics: metric.map { [$0] } ?? [], stepKey: stepKey, runKey: runKey,
          learningRate: learningRate.map { .init($0) }, batchSize: batchSize.map { .init($0) },
          weightDecay: weightDecay.map { .init($0) }, accuracyScale: accuracyScale)),
      conditions: .init(
        reach: reach.map { try ReachCondition(parsing: $0) }, metric: metric, momentum: momentum,
        fullBatch: fullBatch), level: level)
  }
}

extension LogMapping.AccuracyScale: ExpressibleByArgument {}
