import EscapeStatistics
public import Experiments
package import Figures
import NumericalMethods

extension EscapeResult: Tabulated {
  /// An estimate, or a number without an interval, in some unit.
  struct Row {
    let quantity: String
    let value: Double?
    var lower: Double? = nil
    var upper: Double? = nil
    let unit: String

    init(_ quantity: String, _ value: Double?, _ unit: String) {
      self.quantity = quantity
      self.value = value
      self.unit = unit
    }

    init(_ quantity: String, _ estimate: Estimate, _ unit: String) {
      self.init(quantity, estimate.value, unit)
      lower = estimate.lower
      upper = estimate.upper
    }
  }

  static let columns: [Column<Row>] = [
    .init("quantity", "quantity", "what was estimated") { $0.quantity },
    .init("value", "value", "estimate") { $0.value },
    .init("lower", "lower", "lower end of the interval") { $0.lower },
    .init("upper", "upper", "upper end of the interval") { $0.upper },
    .init("unit", "unit", "unit of the three numbers") { $0.unit },
  ]

  struct Run {
    let replica: Int
    let passage: PassageTime
  }

  static let passageColumns: [Column<Run>] = [
    .init("replica", "replica", "run number; with the seed it names the random stream") {
      $0.replica
    },
    .init("time", "time", "first-passage or censoring time", unit: "unit t") { $0.passage.time },
    .init("outcome", "outcome", "escaped, censored or diverged") { $0.passage.outcome.rawValue },
  ]

  static let replicateColumns: [Column<Run>] = [
    .init("replica", "replicate", "number; with the seed it names the random streams") {
      $0.replica
    },
    .init("time", "τ", "its estimate of τ, or the time of all its paths", unit: "unit t") {
      $0.passage.time
    },
    .init("outcome", "outcome", "escaped, or censored where no path reached the target") {
      $0.passage.outcome.rawValue
    },
  ]

  static let histogramColumns: [Column<PassageHistogram.Row>] = [
    .init("outcome", "outcome", "escaped, censored or diverged") { $0.outcome.rawValue },
    .init("from", "from", "shortest time of the bin", unit: "unit t") { $0.from },
    .init("to", "to", "longest time of the bin", unit: "unit t") { $0.to },
    .init("runs", "runs", "runs that ended then") { $0.runs },
    .init("meanTime", "mean time", "their mean time", unit: "unit t") { $0.meanTime },
  ]

  static let levelColumns: [Column<SplittingLevels.Level>] = [
    .init("level", "level", "0 at the end of a loop; the last is the target") { $0.number },
    .init(
      "distance", "distance", "from the target, where the level begins", unit: "order parameter"
    ) { $0.distance },
    .init("probability", "P", "share of loops that comes to it, mean of the replicates") {
      $0.probability
    },
    .init("spread", "s/P", "standard deviation of a replicate's share over the mean") {
      $0.spread
    },
    .init("stopped", "stopped", "share of a replicate's paths that comes no farther") {
      $0.stopped
    },
    .init(
      "steps", "steps", "of the paths that took their places, in all replicates", unit: "steps"
    ) { $0.steps },
  ]

  package static var tableDescriptions: [TableDescription] {
    [
      TableDescription("escape", columns),
      TableDescription(
        "laws", WaitingTimes.columns, only: "of runs that are not replicates, five escapes or more"),
      TableDescription("passages", passageColumns, only: "of runs that are kept"),
      TableDescription("replicates", replicateColumns, only: "with `--method splitting`"),
      TableDescription("levels", levelColumns, only: "with `--method splitting`"),
      TableDescription("histogram", histogramColumns, only: "with `--keep-runs none`"),
    ]
  }

  package var tables: [Table] {
    let levels = levels.map { levels in
      Table(
        name: "levels", title: title, columns: Self.levelColumns, count: levels.levels.count
      ) { levels.levels[$0] }
    }
    return [
      Table(name: "escape", title: title, columns: Self.columns, rows: rows), laws, passages,
      levels,
    ].compactMap { $0 }
  }

  private var laws: Table? {
    guard let waitingTimes, !waitingTimes.laws.isEmpty else { return nil }
    return Table(
      name: "laws", title: title, columns: WaitingTimes.columns,
      rows: waitingTimes.laws.map { WaitingTimes.Row(group: nil, law: $0) }, isDetail: true)
  }

  /// Every run, or where none is kept how many ended when.
  private var passages: Table {
    let runs = sample.passages
    if splitting != nil {
      return Table(
        name: "replicates", title: title, columns: Self.replicateColumns, count: runs.count
      ) { Run(replica: $0, passage: runs[$0]) }
    }
    guard var histogram = sample.histogram else {
      return Table(
        name: "passages", title: title, columns: Self.passageColumns, count: runs.count
      ) { Run(replica: $0, passage: runs[$0]) }
    }
    for passage in runs { histogram.add(passage) }
    let rows = histogram.rows
    return Table(
      name: "histogram", title: title, columns: Self.histogramColumns, count: rows.count
    ) { rows[$0] }
  }

  private var rows: [Row] {
    let time = "mean first-passage time τ"
    var rows = [
      Row("escape rate k", measured.rate, "per unit t"),
      Row(time, measured.meanFirstPassageTime, "t"),
      Row(time, measured.meanFirstPassageTimeSteps, "steps"),
    ]
    if let epochs = measured.meanFirstPassageTimeEpochs.estimate {
      rows.append(Row(time, epochs, "epochs"))
    }
    if let median = measured.medianFirstPassageTime {
      rows.append(Row("median (Kaplan–Meier)", median, "t"))
    }
    if let timeStepExtrapolation {
      rows.append(Row("τ at dt → 0", timeStepExtrapolation.meanFirstPassageTime, "t"))
    }
    if let theory { rows.append(Row("τ, \(theory.name)", theory.meanFirstPassageTime, "t")) }
    if measured.isSpoiltByDivergence {
      rows += [
        Row("escaped", Double(measured.events), "runs"),
        Row("censored", Double(measured.censored), "runs"),
        Row("diverged", Double(measured.diverged), "runs"),
      ]
    }
    return rows
  }

  package func figures() throws -> [(name: String, figure: Figure)] {
    if splitting != nil {
      return (ReplicatePlot(result: self).figure.map { [("replicates", $0)] } ?? [])
        + (LevelPlot(result: self).figure.map { [("levels", $0)] } ?? [])
    }
    let level = measured.meanFirstPassageTime.level
    let line = theory.flatMap { theory in
      theory.meanFirstPassageTime.map { (name: theory.name, meanTime: $0) }
    }
    return waitingTimes?.figures(of: sample, level: level, title: title, theory: line) ?? []
  }

  package var summary: [String] {
    var summary = ["The clock stops when \(measured.clockStops)."]
    if measured.isSpoiltByDivergence {
      summary.append(
        "Of \(measured.runs) runs \(measured.diverged) diverged, \(measured.events) escaped and \(measured.censored) were censored: no time is given."
      )
      if let doubt = theoryDoubt { summary.append(doubt) }
    }
    let time = measured.meanFirstPassageTime
    if let splitting, let value = time.value, time.lower == nil {
      summary.append(
        "By splitting, \(measured.runs) replicates of \(splitting.paths) paths: τ = \(sixDigits(value)), without an interval: \(time.method)."
      )
    }
    guard measured.events > 0, let value = time.value, let lower = time.lower,
      let upper = time.upper
    else { return summary }
    if let splitting {
      var sentence =
        "By splitting, \(measured.runs) replicates of \(splitting.paths) paths: τ = \(sixDigits(value)) [\(sixDigits(lower)), \(sixDigits(upper))] at \(sixDigits(100 * time.level)) %, in \(brief(splitting.steps)) steps"
      if let steps = splitting.bruteForceSteps {
        sentence +=
          steps > splitting.steps
          ? ", where runs from the start take \(brief(steps)) for the same precision"
          : "; runs from the start take only \(brief(steps)) for the same precision, so --method brute-force is cheaper"
      }
      summary.append(sentence + "." + comparison(value))
      return summary
    }
    var sentence =
      "\(measured.events) of \(measured.runs) runs escaped: τ = \(sixDigits(value)) [\(sixDigits(lower)), \(sixDigits(upper))] at \(sixDigits(100 * time.level)) %."
    if !time.assumesExponentialTimes { sentence += " Method: \(time.method)." }
    summary.append(sentence + comparison(value))
    summary += timeStepExtrapolation.map { [$0.sentence] } ?? []
    return summary + (waitingTimes?.sentences ?? [])
  }

  /// With theory, after the measurement; empty where there is none.
  private func comparison(_ value: Double) -> String {
    guard let theory, let predicted = theory.meanFirstPassageTime else { return "" }
    return
      " The theory (\(theory.name)) gives \(sixDigits(predicted)), \(theory.insideInterval ? "inside" : "outside") the interval (ratio \(sixDigits(value / predicted)))."
      + (theoryDoubt.map { " " + $0 } ?? "")
  }

  /// What the theory beside the measurement does not meet; nil for a valid one.
  private var theoryDoubt: String? {
    guard let theory, theory.validity != .valid else { return nil }
    return "The theory is \(theory.validity): \(theory.reasons.joined(separator: "; "))."
  }

  package var failure: String? {
    guard EscapeSample.isLost(diverged: measured.diverged, of: measured.runs) else { return nil }
    return
      "\(measured.diverged) of \(measured.runs) runs diverged, so no time is given; \(EscapeSample.divergenceRemedy)"
  }
}
