package import DataFiles
import EscapeStatistics
public import Experiments
package import Figures
import NetworkTraining
import NumericalMethods

extension TrainingEnsembleResult: Tabulated {
  static let columns: [Column<Setting>] = [
    .init("learningRate", "h", "learning rate") { $0.learningRate },
    .init("batchSize", "B", "batch size; none for all samples") { $0.batchSize },
    .init("weightDecay", "β", "weight decay") { $0.weightDecay },
    .init("network", "network", "layer widths") { $0.network },
    .init("testFraction", "held back", "share of the rows") { $0.testFraction },
    .init("runs", "runs", "number of runs") { $0.runs },
    .init("events", "came", "runs that came to the event") { $0.events },
    .init("diverged", "diverged", "runs whose loss became non-finite") { $0.diverged },
    .init("medianSteps", "median step", "of the event") { $0.medianSteps },
    .init("time", "τ", "mean first-passage time", unit: "unit t = steps × h") {
      $0.meanFirstPassageTime.value
    },
    .init("timeLower", "lower", "lower end of its interval") { $0.meanFirstPassageTime.lower },
    .init("timeUpper", "upper", "upper end of its interval") { $0.meanFirstPassageTime.upper },
    .init("spread", "CV", "standard deviation over mean of the times") {
      $0.coefficientOfVariation
    },
  ]

  static func recordColumns(
    _ settings: [Setting], values: Int
  ) -> [Column<(run: Training, record: TrainingRecord)>] {
    typealias Row = (run: Training, record: TrainingRecord)
    let head: [Column<Row>] = [
      .init("run", "run", "setting and number of the run") { $0.run.name },
      .init("step", "step", "steps") { $0.record.step },
      .init("time", "t", "sum of the learning rates") { $0.record.time },
      .init("learningRate", "h", "learning rate") { settings[$0.run.setting].learningRate },
      .init("batchSize", "B", "batch size; none for all samples") {
        settings[$0.run.setting].batchSize
      },
      .init("weightDecay", "β", "weight decay") { settings[$0.run.setting].weightDecay },
      .init("trainLoss", "train loss", "mean loss per sample without penalty") {
        $0.record.trainLoss
      },
      .init("energy", "E", "train loss with penalty") { $0.record.energy },
      .init("testLoss", "test loss", "on held-out data") { $0.record.testLoss },
      .init("trainAccuracy", "train acc.", "fraction correct") { $0.record.trainAccuracy },
      .init("testAccuracy", "test acc.", "fraction correct") { $0.record.testAccuracy },
    ]
    return head + singularValueColumns(values) { $0.record.singularValues }
  }

  package static var tableDescriptions: [TableDescription] {
    [
      TableDescription("trainings", columns),
      TableDescription("records", recordColumns([], values: 1)),
    ]
      + DiagnosisResult.tableDescriptions.filter { $0.name != DiagnosisResult.settingsTable }
      .map { $0.only("where there is a verdict") }
  }

  package var tables: [Table] {
    let rows = trainings.flatMap { run in run.records.map { (run: run, record: $0) } }
    return [
      Table(
        name: "trainings", title: until.map { "Trainings until \($0)" } ?? "Trainings",
        columns: Self.columns, rows: settings),
      Table(
        name: "records", title: "Records of all runs",
        columns: Self.recordColumns(
          settings, values: trainings.first?.records.first?.singularValues.count ?? 0),
        rows: rows, isDetail: true),
    ] + (diagnosis?.tables.filter { $0.name != DiagnosisResult.settingsTable } ?? [])
  }

  package var archives: [(name: String, arrays: [NumericArray])] {
    let kept = trainings.filter { $0.weights != nil }
    guard let first = kept.first?.weights,
      kept.allSatisfy({ $0.weights?.count == first.count })
    else { return [] }
    return [
      (
        "weights",
        [
          NumericArray(
            "weights", shape: [kept.count, first.count], values: kept.flatMap { $0.weights! })
        ]
      )
    ]
  }

  package var summary: [String] {
    let events = settings.reduce(0) { $0 + $1.events }
    let runs = settings.reduce(0) { $0 + $1.runs }
    guard let until else {
      return [
        "\(runs) runs at \(settings.count == 1 ? "one setting" : "\(settings.count) settings") went to their last step."
      ]
    }
    let verdict =
      diagnosis?.summary ?? [
        diagnosisReason.map { "There is no verdict: \($0)." } ?? ""
      ]
    return ["\(events) of \(runs) runs came to \(until)."] + verdict
      + (confirmation.map { [$0.sentence] } ?? [])
  }

  package func figures() throws -> [(name: String, figure: Figure)] {
    [accuracyFigure(trainings)].compactMap { $0 }.map { ("accuracy", $0) }
      + (try diagnosis?.figures() ?? [])
  }

  /// Train and test accuracy of some of the runs.
  private func accuracyFigure(_ runs: [Training]) -> Figure? {
    let shown = 12
    let chosen = (0..<min(shown, runs.count)).map { runs[$0 * runs.count / min(shown, runs.count)] }
    return trainingAccuracyFigure(
      of: chosen.map(\.records),
      title: runs.count > shown
        ? "Accuracy of \(shown) of \(runs.count) runs" : "Accuracy")
  }
}

/// Train and test accuracy against steps, on a logarithmic axis, on which what is early is seen as well as what is late;
/// nil where there are no classes.
func trainingAccuracyFigure(of runs: [[TrainingRecord]], title: String) -> Figure? {
  func series(
    _ name: String, _ colour: Int, _ value: (TrainingRecord) -> Double?
  ) -> [Series] {
    runs.filter { $0.contains { value($0) != nil } }.enumerated().map { i, records in
      Series(
        i == 0 ? name : "",
        points: records.filter { $0.step > 0 }.map { Point(x: Double($0.step), y: value($0)) },
        style: .line, colour: colour)
    }
  }
  let all =
    series("train", Palette.blue, \.trainAccuracy)
    + series("test", Palette.vermillion, \.testAccuracy)
  guard !all.isEmpty, runs.contains(where: { $0.count > 2 }) else { return nil }
  return Figure(
    title: title, xAxis: Axis("step", isLogarithmic: true),
    yAxis: Axis("share that is right", range: 0...1.03), series: all, legend: .outside)
}
