import Foundation
import TestSupport
import Testing
import TrainingLogs

/// A program that logs training runs, and what is to be said to read its logs.
struct LogExport: Sendable, CustomTestStringConvertible {
  let name: String
  var metric = "val_acc"
  var mapping = LogMapping(learningRate: .key("lr"), batchSize: .key("b"))
  /// Added to the steps of the script.
  var shift = 0
  /// Whether every record is in it.
  var isComplete = true
  let write: @Sendable (SyntheticTraining, URL) throws -> Void

  var testDescription: String { name }

  static let all = [
    tidy, long, tensorBoard, thinned, lightning, chart, history, huggingFace, lines,
  ]

  private static let bothColumns = LogMapping(
    learningRate: .key("lr"), batchSize: .key("batch_size"))

  /// Writes lines to a file in folders that are made.
  private static func save(
    _ lines: [String], _ folder: URL, _ path: String, lineEnd: String = "\n"
  ) throws {
    let file = folder.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data((lines.joined(separator: lineEnd) + lineEnd).utf8).write(to: file)
  }

  /// One row for each record, one column for each metric.
  static let tidy = LogExport(name: "tidy CSV", mapping: bothColumns) { training, folder in
    var lines = ["seed,lr,batch_size,step,train_loss,val_acc"]
    for run in training.runs {
      lines += run.records.map {
        "\(run.seed),\(run.learningRate),\(run.batchSize),\($0.step),\($0.loss),\($0.accuracy)"
      }
    }
    try save(lines, folder, "runs.csv")
  }

  /// One row for each value.
  static let long = LogExport(name: "CSV with a row for each value") { training, folder in
    var lines = ["run,step,metric,value"]
    for run in training.runs {
      for record in run.records {
        lines.append("\(run.name),\(record.step),train_loss,\(record.loss)")
        lines.append("\(run.name),\(record.step),val_acc,\(record.accuracy)")
      }
    }
    try save(lines, folder, "long.csv")
  }

  /// A file for each run and metric; values are float32; of settings nothing but the names.
  static let tensorBoard = LogExport(name: "TensorBoard CSV") { training, folder in
    for run in training.runs {
      try save(
        tensorBoardLines(run.records), folder, "run-\(run.name)-tag-val_acc.csv",
        lineEnd: "\r\n")
    }
  }

  /// The same thinned out at random to half of the records, as TensorBoard keeps a thousand of a longer log; the last is
  /// always there.
  static let thinned = LogExport(name: "TensorBoard CSV, thinned out", isComplete: false) {
    training, folder in
    let random = testStream(41)
    for run in training.runs {
      let kept = run.records.enumerated().filter { i, _ in
        let isKept = random.uniform() < 0.5
        return i == 0 || i == run.records.count - 1 || isKept
      }
      try save(
        tensorBoardLines(kept.map(\.element)), folder, "run-\(run.name)-tag-val_acc.csv",
        lineEnd: "\r\n")
    }
  }

  private static func tensorBoardLines(_ records: [SyntheticTraining.Record]) -> [String] {
    ["Wall time,Step,Value"]
      + records.map {
        "\(1_764_000_000 + 0.25 * Double($0.step)),\($0.step),\(Double(Float($0.accuracy)))"
      }
  }

  /// Training and validation in rows of their own; steps are counted from 0, so that a record after 50 steps is at 49, and
  /// there is none before the first. Settings are in a file beside it.
  static let lightning = LogExport(
    name: "Lightning", mapping: LogMapping(), shift: -1
  ) { training, folder in
    for run in training.runs {
      var lines = ["epoch,step,train_loss,val_acc"]
      for record in run.records.dropFirst() {
        lines.append("\(record.step / 100),\(record.step - 1),\(record.loss),")
        lines.append("\(record.step / 100),\(record.step - 1),,\(record.accuracy)")
      }
      try save(lines, folder, "\(run.name)/version_0/metrics.csv")
      try save(
        ["batch_size: \(run.batchSize)", "lr: \(run.learningRate)", "betas:", "- 0.9", "- 0.999"],
        folder, "\(run.name)/version_0/hparams.yaml")
    }
  }

  /// Three columns for each run, every cell in quotes, rows for the steps of all.
  static let chart = LogExport(name: "chart of Weights & Biases") { training, folder in
    let steps = Set(training.runs.flatMap { $0.records.map(\.step) }).sorted()
    var header = ["Step"]
    for run in training.runs {
      header += ["", "__MIN", "__MAX"].map { "\(run.name) - val_acc\($0)" }
    }
    var lines = [header.map { "\"\($0)\"" }.joined(separator: ",")]
    let values = training.runs.map { run in
      Dictionary(uniqueKeysWithValues: run.records.map { ($0.step, "\"\($0.accuracy)\"") })
    }
    for step in steps {
      let cells = values.map { $0[step] ?? "\"\"" }.map { "\($0),\($0),\($0)" }
      lines.append("\"\(step)\"," + cells.joined(separator: ","))
    }
    try save(lines, folder, "wandb_export_2026-11-25T20_10_00.000+00_00.csv")
  }

  /// A data frame for each run, with an index.
  static let history = LogExport(name: "histories of Weights & Biases") { training, folder in
    for run in training.runs {
      var lines = [",_step,_runtime,_timestamp,train_loss,val_acc"]
      for (i, record) in run.records.enumerated() {
        let clock = 0.25 * Double(record.step)
        lines.append(
          "\(i),\(record.step),\(clock),\(1_764_000_000 + clock),\(record.loss),\(record.accuracy)")
      }
      try save(lines, folder, "\(run.name).csv")
    }
  }

  /// Training and evaluation are records of their own, and the last is a summary; the batch size is known from the name
  /// alone.
  static let huggingFace = LogExport(
    name: "trainer_state.json of Hugging Face", metric: "eval_acc",
    mapping: LogMapping(batchSize: .key("b"))
  ) { training, folder in
    for run in training.runs {
      var records: [String] = []
      for record in run.records {
        let epoch = Double(record.step) / 32
        records.append(
          "    {\n      \"epoch\": \(epoch),\n      \"grad_norm\": NaN,\n      \"learning_rate\": \(run.learningRate),\n      \"loss\": \((record.loss * 1e4).rounded() / 1e4),\n      \"step\": \(record.step)\n    }"
        )
        records.append(
          "    {\n      \"epoch\": \(epoch),\n      \"eval_acc\": \(record.accuracy),\n      \"eval_runtime\": 0.1,\n      \"eval_samples_per_second\": 9000.0,\n      \"step\": \(record.step)\n    }"
        )
      }
      let last = run.records.last?.step ?? 0
      records.append(
        "    {\n      \"epoch\": 9.0,\n      \"step\": \(last),\n      \"total_flos\": 1.0,\n      \"train_loss\": 1.0,\n      \"train_runtime\": 60.0\n    }"
      )
      try save(
        [
          "{", "  \"best_metric\": null,", "  \"global_step\": \(last),", "  \"log_history\": [",
          records.joined(separator: ",\n"), "  ],", "  \"train_batch_size\": \(run.batchSize)", "}",
        ], folder, "\(run.name)/checkpoint-\(last)/trainer_state.json")
    }
  }

  /// All runs in one file, told apart by seed and settings.
  static let lines = LogExport(name: "JSON lines", mapping: bothColumns) { training, folder in
    var lines: [String] = []
    for run in training.runs {
      lines += run.records.map {
        "{\"seed\": \(run.seed), \"lr\": \(run.learningRate), \"batch_size\": \(run.batchSize), \"step\": \($0.step), \"train_loss\": \($0.loss), \"val_acc\": \($0.accuracy), \"grad_norm\": NaN}"
      }
    }
    try save(lines, folder, "log.jsonl")
  }
}
