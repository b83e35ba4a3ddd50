import DataFiles
import Escapes
import Figures
import Landscapes
import NetworkTraining
import Networks
import NumericalMethods
import RunStores

/// One real training run, with its curves.
public struct TrainingExperiment: Sendable {
  public let data: NetworkData
  public let architecture: NetworkArchitecture
  public let lossFunction: LossFunction
  public let weightDecay: Double
  public let settings: SGDSettings
  public let epochs: Int
  /// Scale of the random start, relative to 1/√fan-in.
  public let initialScale: Double
  public let seed: UInt64

  public init(
    data: NetworkData, architecture: NetworkArchitecture,
    lossFunction: LossFunction = .meanSquaredError, weightDecay: Double, settings: SGDSettings,
    epochs: Int, initialScale: Double = 1, seed: UInt64
  ) throws {
    try Require.nonNegative("weight decay β", weightDecay)
    try Require.atLeast(1, "number of epochs", epochs)
    try Require.nonNegative("initial scale", initialScale)
    guard data.training != nil else {
      throw InvalidInput(
        "training curves need finite data; name a file or a number of samples")
    }
    let steps = epochs.multipliedReportingOverflow(by: data.training!.count)
    guard !steps.overflow else {
      throw InvalidInput("number of epochs \(epochs) is more than can be counted; use fewer")
    }
    self.data = data
    self.architecture = architecture
    self.lossFunction = lossFunction
    self.weightDecay = weightDecay
    self.settings = settings
    self.epochs = epochs
    self.initialScale = initialScale
    self.seed = seed
  }

  public func findings(in context: RunContext = RunContext()) throws -> Findings {
    let training = data.training!
    let loss = try NetworkLoss(
      architecture: architecture, data: training, lossFunction: lossFunction,
      weightDecay: weightDecay)
    let stepsPerEpoch = max(1, training.count / settings.batchSize)
    let steps = epochs * stepsPerEpoch
    // About 200 records, evenly spaced.
    let recordEvery = max(1, epochs / 200) * stepsPerEpoch
    let start = architecture.randomWeights(
      scale: initialScale, random: RandomSource(StreamKey(seed: seed, purpose: .initialisation)))
    var run = try TrainingRun(
      loss: loss, test: data.test, settings: settings, start: start, steps: steps,
      recordEvery: recordEvery, hasClasses: data.hasClasses,
      key: StreamKey(seed: seed, purpose: .batches))
    let count = steps / recordEvery + 1
    let end = try context.curve(
      of: &run,
      cell: StoreCell(
        name: "training", kind: .curve, timeStep: settings.learningRate,
        cap: Double(steps) * settings.learningRate),
      stage: ("training", records: count + 1), leastVerified: 2
    ) { "after \($0) of \(count) records" }
    let records = run.records
    let divergedAtStep = end.flatMap { $0.passage.outcome == .diverged ? $0.steps : nil }

    var notes = data.notes
    if settings.batchSize >= training.count {
      notes.append(
        "batch size \(settings.batchSize) is at least the \(training.count) samples: every batch is the full batch and there is no gradient noise"
      )
    }
    if let step = divergedAtStep {
      notes.append(
        "the run diverged: the loss was no longer finite at step \(step) (epoch \(step / stepsPerEpoch)); use a smaller learning rate than \(settings.learningRate)"
      )
    }
    let curve = curve(records)
    var results: [(key: String, value: JSONValue)] = [
      (
        "outcome",
        .string(
          divergedAtStep != nil
            ? "diverged" : records.last?.step == steps ? "finished" : "unfinished")
      ),
      ("divergedAtStep", divergedAtStep.map { .integer($0) } ?? .null),
      ("parameters", .integer(architecture.parameterCount)),
      ("stepsPerEpoch", .integer(stepsPerEpoch)),
    ]
    var summary = [String]()
    if let last = records.last {
      results += [
        ("steps", .integer(last.step)), ("time", .number(last.time)),
        ("trainLoss", .number(last.trainLoss)), ("energy", .number(last.energy)),
        ("testLoss", .optional(last.testLoss)), ("trainAccuracy", .optional(last.trainAccuracy)),
        ("testAccuracy", .optional(last.testAccuracy)),
        ("singularValues", .array(last.singularValues.map { .number($0) })),
      ]
      var sentence =
        "After \(Table.format(last.epoch)) epochs (\(last.step) steps) the train loss is \(Table.format(last.trainLoss))"
      if let test = last.testLoss { sentence += ", the test loss \(Table.format(test))" }
      if let accuracy = last.testAccuracy ?? last.trainAccuracy {
        sentence +=
          ", \(last.testAccuracy == nil ? "train" : "test") accuracy \(Table.format(100 * accuracy)) %"
      }
      summary.append(sentence + ".")
    }
    results.append(("curve", curve.json))
    return Findings(
      results: .object(results), tables: [curve.table], figures: figures(records), notes: notes,
      summary: summary)
  }

  private func curve(_ records: [TrainingRecord]) -> (table: Table, json: JSONValue) {
    let values = records.first?.singularValues.count ?? 0
    var columns = [
      Table.Column("step", "step", "SGD steps"),
      Table.Column("epoch", "epoch", "passes over the data"),
      Table.Column("time", "t", "steps × learning rate"),
      Table.Column("trainLoss", "train loss", "mean loss per sample without penalty"),
      Table.Column("energy", "E", "train loss with penalty"),
      Table.Column("testLoss", "test loss", "on held-out data"),
      Table.Column("trainAccuracy", "train acc.", "fraction correct"),
      Table.Column("testAccuracy", "test acc.", "fraction correct"),
    ]
    columns += (0..<values).map {
      Table.Column(
        "sigma\($0 + 1)", "σ_\($0 + 1)", "singular value \($0 + 1) of the end-to-end map")
    }
    var table = Table(
      name: "curve",
      title:
        "Training \(architecture.widths.map(String.init).joined(separator: "-")) on \(data.description)",
      columns: columns, isDetail: true)
    var documents = [JSONValue]()
    for record in records {
      table.append(
        [
          .integer(record.step), .number(record.epoch), .number(record.time),
          .number(record.trainLoss), .number(record.energy), .number(record.testLoss),
          .number(record.trainAccuracy), .number(record.testAccuracy),
        ] + record.singularValues.map { .number($0) })
      documents.append([
        "step": .integer(record.step), "epoch": .number(record.epoch), "time": .number(record.time),
        "trainLoss": .number(record.trainLoss), "energy": .number(record.energy),
        "testLoss": .optional(record.testLoss), "trainAccuracy": .optional(record.trainAccuracy),
        "testAccuracy": .optional(record.testAccuracy),
        "singularValues": .array(record.singularValues.map { .number($0) }),
      ])
    }
    return (table, .array(documents))
  }

  private func figures(_ records: [TrainingRecord]) -> [(name: String, figure: Figure)] {
    guard records.count > 1 else { return [] }
    func points(_ value: (TrainingRecord) -> Double?) -> [Point] {
      records.map { Point(x: $0.epoch, y: value($0)) }
    }
    var losses = [
      Series("train loss", points: points(\.trainLoss), style: .line, colour: Palette.blue),
      Series(
        "energy E (with penalty)", points: points(\.energy), style: .dashedLine,
        colour: Palette.black),
    ]
    if data.test != nil {
      losses.append(
        Series("test loss", points: points(\.testLoss), style: .line, colour: Palette.vermillion))
    }
    var figures: [(name: String, figure: Figure)] = [
      (
        "loss",
        Figure(
          title: "Training curves", xAxis: Axis("epoch"), yAxis: Axis("loss per sample"),
          series: losses, legend: .outside)
      )
    ]
    let count = min(records[0].singularValues.count, 10)
    if count > 0 {
      figures.append(
        (
          "singular-values",
          Figure(
            title: "Singular values of the end-to-end map", xAxis: Axis("epoch"),
            yAxis: Axis("σ_r"),
            series: (0..<count).map { r in
              Series(
                "σ_\(r + 1)", points: points { $0.singularValues[r] }, style: .line, colour: r % 8)
            }, legend: .outside)
        ))
    }
    return figures
  }
}
