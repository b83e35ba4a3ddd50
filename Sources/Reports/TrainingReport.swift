package import DataFiles
public import Experiments
package import Figures
import NetworkTraining
import Networks
import NumericalMethods

extension TrainingResult: Tabulated {
  static func columns(values: Int) -> [Column<TrainingRecord>] {
    [
      .init("step", "step", "SGD steps") { $0.step },
      .init("epoch", "epoch", "passes over the data") { $0.epoch },
      .init("time", "t", "steps × learning rate") { $0.time },
      .init("trainLoss", "train loss", "mean loss per sample without penalty") { $0.trainLoss },
      .init("energy", "E", "train loss with penalty") { $0.energy },
      .init("testLoss", "test loss", "on held-out data") { $0.testLoss },
      .init("trainAccuracy", "train acc.", "fraction correct") { $0.trainAccuracy },
      .init("testAccuracy", "test acc.", "fraction correct") { $0.testAccuracy },
    ] + singularValueColumns(values) { $0.singularValues }
  }

  package static var tableDescriptions: [TableDescription] {
    [TableDescription("curve", columns(values: 1))]
  }

  package var tables: [Table] {
    let setting =
      plan.map { " \(hyphenated($0.widths)) on \($0.data)" } ?? ""
    return [
      Table(
        name: "curve", title: "Training" + setting,
        columns: Self.columns(values: curve.first?.singularValues.count ?? 0), rows: curve,
        isDetail: true)
    ]
  }

  package var checkpoints: [(name: String, arrays: [NumericArray])] {
    plan?.weights.map { weights in
      [
        (
          "weights",
          weights.map { NumericArray($0.name, shape: $0.shape, values: $0.values ?? []) }
        )
      ]
    } ?? []
  }

  package var notes: [String] {
    guard let plan else { return [] }
    return plan.notes + [failure].compactMap { $0 }
  }

  package var failure: String? {
    run.divergedAtStep.map { step in
      "the run diverged: the loss was no longer finite at step \(step) (epoch \(step / run.stepsPerEpoch)); use a smaller learning rate"
        + (plan.map { " than \($0.learningRate)" } ?? "")
    }
  }

  package var summary: [String] {
    guard let last = curve.last else { return [] }
    var sentence =
      "After \(sixDigits(last.epoch)) epochs (\(last.step) steps) the train loss is \(sixDigits(last.trainLoss))"
    if let test = last.testLoss { sentence += ", the test loss \(sixDigits(test))" }
    if let accuracy = last.testAccuracy ?? last.trainAccuracy {
      sentence +=
        ", \(last.testAccuracy == nil ? "train" : "test") accuracy \(sixDigits(100 * accuracy)) %"
    }
    return [sentence + "."]
  }

  package func figures() throws -> [(name: String, figure: Figure)] {
    guard curve.count > 1 else { return [] }
    func points(_ value: (TrainingRecord) -> Double?) -> [Point] {
      curve.map { Point(x: $0.epoch, y: value($0)) }
    }
    var losses = [
      Series("train loss", points: points(\.trainLoss), style: .line, colour: Palette.blue),
      Series(
        "energy E (with penalty)", points: points(\.energy), style: .dashedLine,
        colour: Palette.black),
    ]
    if curve.contains(where: { $0.testLoss != nil }) {
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
    if let accuracy = trainingAccuracyFigure(of: [curve], title: "Accuracy") {
      figures.append(("accuracy", accuracy))
    }
    let count = min(curve[0].singularValues.count, 10)
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
