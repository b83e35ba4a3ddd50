import EscapeStatistics
public import Experiments
package import Figures
import NumericalMethods

extension ComparisonResult: Tabulated {
  /// Real SGD beside the theory of its state-dependent noise.
  static let columns: [Column<Level>] =
    [
      .init("learningRate", "h", "learning rate") { $0.learningRate },
      .init("batchSize", "B", "batch size") { $0.batchSize },
      inverseNoise { $0.inverseNoise },
    ]
    + timeColumns("sgd", "τ SGD", "real minibatch SGD") { $0.sgd }
    + [
      .init("sgdEvents", "events", "SGD runs that escaped") { $0.sgd.events },
      .init(
        "sgdDiverged", "diverged", "SGD runs that diverged; beyond 1 % there is no time",
        only: "where one did"
      ) { $0.sgd.diverged },
      .init(
        "across", "τ theory", "theory with the noise across the line, without a fitted constant",
        unit: "t"
      ) { $0.theory.acrossTheLine?.meanFirstPassageTime },
      .init("acrossRatio", "SGD/theory", "sgd divided by across") { level -> Double? in
        guard let measured = level.sgd.meanFirstPassageTime.value,
          let theory = level.theory.acrossTheLine?.meanFirstPassageTime
        else { return nil }
        return measured / theory
      },
      .init(
        "acrossValidity", "validity",
        "of across: valid, marginal or invalid; none without a barrier"
      ) { $0.theory.acrossTheLine?.validity.description ?? "–" },
      .init(
        "stateDependent", "τ 1-D",
        "exact 1-D passage time under the measured state-dependent noise", unit: "t"
      ) { $0.theory.stateDependentNoise },
      .init("ratio", "SGD/1-D", "sgd divided by stateDependent") { level -> Double? in
        guard let measured = level.sgd.meanFirstPassageTime.value,
          let theory = level.theory.stateDependentNoise
        else { return nil }
        return measured / theory
      },
    ]
    + timeColumns("lineSGD", "τ SGD line", "minibatch SGD confined to the balanced line") {
      $0.lineSGD
    }

  /// Langevin dynamics at the matched temperature beside the theory of white noise.
  static let langevinColumns: [Column<Level>] =
    [
      .init("learningRate", "h", "learning rate whose noise is matched") { $0.learningRate },
      inverseNoise { $0.inverseNoise },
      .init(
        "matchedTemperature", "T_n",
        "(h/2B) n·C·n along the line at the minimum, with momentum (h/2B(1 − μ)) n·C·n",
        unit: "loss units"
      ) { $0.matchedTemperature },
      .init("constantNoise", "τ theory", "exact 1-D passage time at constant T_n", unit: "t") {
        $0.theory.constantNoise
      },
    ]
    + timeColumns("lineLangevin", "τ Langevin line", "Langevin on the balanced line at T_n") {
      $0.lineLangevin
    }
    + timeColumns(
      "weightLangevin", "τ Langevin weights", "Langevin in full weight space at T_n"
    ) { $0.weightLangevin }

  private static func inverseNoise<Row>(
    _ value: @escaping @Sendable (Row) -> Double
  ) -> Column<Row> {
    .init("inverseNoise", "B/h", "inverse noise scale, with momentum B(1 − μ)/h", value)
  }

  /// The mean first-passage time of a process, and the ends of its interval.
  private static func timeColumns(
    _ key: String, _ symbol: String, _ meaning: String,
    _ measured: @escaping @Sendable (Level) -> Measured
  ) -> [Column<Level>] {
    [
      .init(key, symbol, meaning, unit: "t") { measured($0).meanFirstPassageTime.value },
      .init(key + "Lower", "from", "lower end of the interval of \(key)") {
        measured($0).meanFirstPassageTime.lower
      },
      .init(key + "Upper", "to", "upper end of the interval of \(key)") {
        measured($0).meanFirstPassageTime.upper
      },
    ]
  }

  struct Run {
    let process: String
    let learningRate: Double
    let inverseNoise: Double
    let replica: Int
    let passage: PassageTime
  }

  static let passageColumns: [Column<Run>] = [
    .init("process", "process", "sgd, lineSGD, lineLangevin or weightLangevin") { $0.process },
    .init("learningRate", "h", "learning rate") { $0.learningRate },
    inverseNoise { $0.inverseNoise },
    .init("replica", "replica", "run number") { $0.replica },
    .init("time", "time", "first-passage or censoring time", unit: "t") { $0.passage.time },
    .init("outcome", "outcome", "escaped, censored or diverged") { $0.passage.outcome.rawValue },
  ]

  package static var tableDescriptions: [TableDescription] {
    [
      TableDescription("compare", columns), TableDescription("langevin", langevinColumns),
      TableDescription("passages", passageColumns),
    ] + Ladder.tableDescriptions
  }

  package var tables: [Table] {
    let layers = hyphenated(widths)
    let setting = beta.map { " at β = \(sixDigits($0)), \(layers)" } ?? ""
    var columns = Self.columns
    if levels.allSatisfy({ $0.sgd.diverged == 0 }) { columns = columns.without("sgdDiverged") }
    return [
      Table(
        name: "compare",
        title:
          "Losing feature \(feature) (η = \(sixDigits(eta)))\(setting): mean first-passage time τ under SGD, in t = steps × h",
        columns: columns.heading("inverseNoise", as: inverseNoiseSymbol), rows: levels),
      Table(
        name: "langevin",
        title:
          "The same under white noise at the temperature matched along the line, in t"
          + (momentum > 0 ? " of Langevin dynamics" : ""),
        columns: Self.langevinColumns.heading("inverseNoise", as: inverseNoiseSymbol),
        rows: levels),
      passages,
    ] + (ladder?.tables(isDetail: true) ?? [])
  }

  /// Every run.
  private var passages: Table {
    let samples = levels.flatMap { level in
      [
        ("sgd", level.sgd), ("lineSGD", level.lineSGD), ("lineLangevin", level.lineLangevin),
        ("weightLangevin", level.weightLangevin),
      ].map { (process: $0, level: level, passages: $1.sample.passages) }
    }
    // The number of the first row of each sample, and of all rows.
    let starts = samples.reduce(into: [0]) { $0.append($0.last! + $1.passages.count) }
    return Table(
      name: "passages", title: "Every run", columns: Self.passageColumns, count: starts.last!
    ) { row in
      let i = starts.lastIndex { $0 <= row && $0 < starts.last! }!
      let (process, level, passages) = samples[i]
      return Run(
        process: process, learningRate: level.learningRate, inverseNoise: level.inverseNoise,
        replica: row - starts[i], passage: passages[row - starts[i]])
    }
  }

  package func figures() throws -> [(name: String, figure: Figure)] {
    let confidence = levels[0].sgd.meanFirstPassageTime.level
    var figures: [(name: String, figure: Figure)] = [
      ("arrhenius", ArrheniusPlot(result: self, level: confidence).figure())
    ]
    if let ratios = ArrheniusPlot(result: self, level: confidence).ratios() {
      figures.append(("ratio", ratios))
    }
    let weakest = levels[0]
    if let figure = SurvivalPlot(sample: weakest.sgd.sample, level: confidence).figure(
      title:
        "SGD losing feature \(feature): h = \(sixDigits(weakest.learningRate)), B = \(weakest.batchSize)",
      theory: weakest.theory.acrossTheLine.flatMap { theory in
        theory.meanFirstPassageTime.map { (theory.theory, $0) }
      } ?? weakest.theory.stateDependentNoise.map { ("exact 1-D theory", $0) })
    {
      figures.append(("survival", figure))
    }
    return figures
  }

  package var summary: [String] {
    (verdict?.sentences(feature: feature, inverseNoise: inverseNoiseSymbol) ?? [])
      + [ladder?.comparison.map { "Laws of SGD's times: \($0.sentence)" }].compactMap { $0 }
  }

  /// What ln τ is plotted against.
  var inverseNoiseSymbol: String { momentum > 0 ? "B(1 − μ)/h" : "B/h" }

  package var failure: String? {
    let diverged = mostlyDiverged
    guard !diverged.isEmpty else { return nil }
    return diverged.map { "\($0.diverged) of \($0.runs) runs of \($0.process) diverged" }
      .joined(separator: ", ") + "; \(EscapeSample.divergenceRemedy)"
  }
}
