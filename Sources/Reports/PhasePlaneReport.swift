package import DataFiles
import EscapeStatistics
public import Experiments
package import Figures
import KramersRates
import NumericalMethods
import PhaseDiagrams

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension PhasePlaneResult: Tabulated {
  static let cellColumns: [Column<Cell>] =
    [
      .init("column", "column", "from 0, along x") { $0.column },
      .init("row", "row", "from 0, along y") { $0.row },
      .init("x", "x", "the parameter along x") { $0.x },
      .init("y", "y", "the parameter along y") { $0.y },
      .init("rank", "rank", "features with β < β_c: those that survive on the way up") {
        number($0.rank)
      },
      .init("groundRank", "ground rank", "features with β < β*: those of the state of lowest loss")
      { number($0.groundRank) },
      .init("minima", "minima", "coexisting minima that differ by more than symmetry") {
        number($0.minima)
      },
      .init("order", "m", "Σ λ₊η/Σ η², the share of the correlation that is learned") { $0.order },
      .init("barrier", "ΔE", "barrier to losing the weakest learned feature", unit: "loss units") {
        $0.barrier
      },
      .init("mechanism", "mechanism", "how the weakest learned feature is lost") {
        $0.mechanism?.rawValue ?? ""
      },
      .init("logTime", "ln τ", "ln of the mean time after which it is, by theory; τ in t") {
        $0.logTime
      },
      .init("validity", "validity", "how far to trust that") {
        $0.validity.map { "\($0)" } ?? ""
      },
      .init("reason", "reason", "why ln τ is missing, or everything") { $0.reason ?? "" },
    ] + simulatedColumns

  private static let withRuns = "with --runs"

  private static let simulatedColumns: [Column<Cell>] = [
    .init("method", "method", "brute force or splitting", only: withRuns) {
      $0.simulated?.method ?? ""
    },
    .init("runs", "runs", "runs, or replicates of splitting", only: withRuns) {
      number($0.simulated?.runs)
    },
    .init("events", "events", "those that lost the feature", only: withRuns) {
      number($0.simulated?.events)
    },
    .init("censored", "censored", "those that were stopped before", only: withRuns) {
      number($0.simulated?.censored)
    },
    .init("diverged", "diverged", "those that diverged", only: withRuns) {
      number($0.simulated?.diverged)
    },
    .init("time", "τ", "mean time after which the feature is lost", unit: "t", only: withRuns) {
      $0.simulated?.meanFirstPassageTime.value
    },
    .init("timeLower", "lower", "lower end of its interval", unit: "t", only: withRuns) {
      $0.simulated?.meanFirstPassageTime.lower
    },
    .init("timeUpper", "upper", "upper end of its interval", unit: "t", only: withRuns) {
      $0.simulated?.meanFirstPassageTime.upper
    },
  ]

  /// A whole number that may be missing: a cell without one is empty.
  private static func number(_ value: Int?) -> Double? { value.map(Double.init) }

  /// Cells of one rank.
  struct Phase {
    let rank: Int
    let cells: [Cell]
    /// Of the plane.
    let share: Double

    func range(_ value: (Cell) -> Double?) -> (low: Double?, high: Double?) {
      let values = cells.compactMap(value)
      return (values.min(), values.max())
    }
  }

  static let phaseColumns: [Column<Phase>] = [
    .init("rank", "rank", "features with β < β_c") { $0.rank },
    .init("share", "share", "of the plane, by points of the finest grid") { $0.share },
    .init("cells", "cells", "evaluated") { $0.cells.count },
    .init("groundRankLow", "ground rank", "least features of the state of lowest loss") {
      number($0.cells.compactMap(\.groundRank).min())
    },
    .init("groundRankHigh", "to", "most of them") {
      number($0.cells.compactMap(\.groundRank).max())
    },
    .init("barrierLow", "ΔE", "least barrier to losing the weakest", unit: "loss units") {
      $0.range(\.barrier).low
    },
    .init("barrierHigh", "to", "largest of them", unit: "loss units") { $0.range(\.barrier).high },
    .init("logTimeLow", "ln τ", "least ln τ of that by theory; τ in t") { $0.range(\.logTime).low },
    .init("logTimeHigh", "to", "largest of them") { $0.range(\.logTime).high },
  ]

  static let hysteresisColumns: [Column<Sweep>] = [
    .init("value", "value", "of the other parameter; empty where it does not matter") { $0.value },
    .init("topRank", "rank", "features learned at the start of the way up") {
      number($0.up.first ?? nil)
    },
    .init("bottomRank", "back", "features learned at the end of the way down") {
      number($0.down.first ?? nil)
    },
    .init("hysteresisArea", "area", "∫ (rank up − rank down) dβ") { $0.hysteresisArea },
    .init("reason", "reason", "why the area is missing") { $0.reason ?? "" },
  ]

  struct SweepRow {
    let value: Double?
    let beta: Double
    let up: Int?
    let down: Int?
  }

  static let sweepColumns: [Column<SweepRow>] = [
    .init("value", "value", "of the other parameter; empty where it does not matter") { $0.value },
    .init("beta", "β", "weight decay") { $0.beta },
    .init("up", "up", "features learned on the way up; empty where it did not converge") {
      number($0.up)
    },
    .init("down", "down", "features learned on the way down") { number($0.down) },
  ]

  struct LineRow {
    let number: Int
    let line: Line
    let x: Double
    let y: Double
  }

  static let lineColumns: [Column<LineRow>] = [
    .init("line", "line", "its number") { $0.number },
    .init("kind", "kind", "spinodal (β_c), coexistence (β*), budget or time (of constant τ)") {
      $0.line.kind.rawValue
    },
    .init("feature", "feature", "1 is the strongest; empty for τ") { number($0.line.feature) },
    .init("logTime", "ln τ", "along a line of constant τ, in t") { $0.line.logTime },
    .init("x", "x", "the parameter along x") { $0.x },
    .init("y", "y", "the parameter along y") { $0.y },
  ]

  package static var tableDescriptions: [TableDescription] {
    [
      TableDescription("cells", cellColumns), TableDescription("phases", phaseColumns),
      TableDescription("lines", lineColumns),
      TableDescription("hysteresis", hysteresisColumns, only: "with --sweep"),
      TableDescription("sweeps", sweepColumns, only: "with --sweep"),
    ]
  }

  private var hasRuns: Bool { cells.contains { $0.simulated != nil } }

  package var tables: [Table] {
    let columns =
      hasRuns ? Self.cellColumns : Self.cellColumns.filter { $0.description.only == nil }
    var tables = [
      Table(
        name: "cells",
        title: "Cells of \(x.parameter.rawValue) × \(y.parameter.rawValue) that were evaluated",
        columns: columns, rows: cells, isDetail: true),
      Table(
        name: "phases",
        title:
          "Phases over \(x.parameter.label) and \(y.parameter.label), \(self.columns) × \(rows) cells",
        columns: Self.phaseColumns, rows: phases),
      Table(
        name: "lines", title: "Lines of theory", columns: Self.lineColumns,
        rows: lines.enumerated().flatMap { number, line in
          zip(line.x, line.y).map { LineRow(number: number, line: line, x: $0, y: $1) }
        }, isDetail: true),
    ]
    guard !sweeps.isEmpty else { return tables }
    let other = x.parameter == .beta ? y.parameter : x.parameter
    tables.append(
      Table(
        name: "hysteresis", title: "Quasi-static sweeps in β, for each \(other.rawValue)",
        columns: Self.hysteresisColumns, rows: sweeps))
    tables.append(
      Table(
        name: "sweeps", title: "Steps of the sweeps", columns: Self.sweepColumns,
        rows: sweeps.flatMap { sweep in
          sweep.betas.indices.map {
            SweepRow(
              value: sweep.value, beta: sweep.betas[$0], up: sweep.up[$0], down: sweep.down[$0])
          }
        }, isDetail: true))
    return tables
  }

  private var phases: [Phase] {
    let map = PlaneMap(self)
    let ranks = map.kinds(\.rank)
    let known = ranks.values.compactMap { $0 }
    return Set(known).sorted(by: >).map { rank in
      Phase(
        rank: rank, cells: cells.filter { $0.rank == rank },
        share: Double(known.count { $0 == rank }) / Double(columns * rows))
    }
  }

  package var archives: [(name: String, arrays: [NumericArray])] {
    let places = Dictionary(
      uniqueKeysWithValues: cells.map { (GridPoint($0.column, $0.row), $0) })
    func array(_ key: String, _ value: (Cell) -> Double?) -> NumericArray {
      NumericArray(
        key, shape: [rows, columns],
        values: (0..<rows).flatMap { row in
          (0..<columns).map { places[GridPoint($0, row)].flatMap(value) ?? .nan }
        })
    }
    var arrays = [
      NumericArray("x", x.values), NumericArray("y", y.values),
      NumericArray(
        "evaluated", shape: [rows, columns],
        values: (0..<rows).flatMap { row in
          (0..<columns).map { places[GridPoint($0, row)] == nil ? 0 : 1 }
        }),
      array("rank") { Self.number($0.rank) }, array("groundRank") { Self.number($0.groundRank) },
      array("minima") { Self.number($0.minima) }, array("order") { $0.order },
      array("barrier") { $0.barrier },
      array("mechanism") { cell in
        cell.mechanism.map { Double(PlaneMechanism.allCases.firstIndex(of: $0)!) }
      },
      array("logTime") { $0.logTime },
    ]
    if hasRuns {
      arrays += [
        array("time") { $0.simulated?.meanFirstPassageTime.value },
        array("timeLower") { $0.simulated?.meanFirstPassageTime.lower },
        array("timeUpper") { $0.simulated?.meanFirstPassageTime.upper },
      ]
    }
    return [("plane", arrays)]
  }

  package func figures() throws -> [(name: String, figure: Figure)] {
    var figures = fields.compactMap { field in
      PhasePlanePlot(result: self, field: field).figure.map { ("plane-\(field.rawValue)", $0) }
    }
    for measured in PhasePlanePlot.Measurement.allCases {
      let field: PlaneField = measured == .time ? .logTime : .rank
      if let figure = PhasePlanePlot(result: self, field: field, measured: measured).figure {
        figures.append(("plane-\(measured.rawValue)", figure))
      }
    }
    return figures
  }

  package var notes: [String] {
    var notes = dataNotes
    let pending = cells.filter { $0.rank == nil }
    for (reason, count) in Self.grouped(pending.compactMap(\.reason)) {
      notes.append("\(counted(count, "cell")) could not be evaluated: \(reason)")
    }
    let lost = cells.filter { $0.rank != nil && $0.mechanism == nil && $0.reason != nil }
    for (reason, count) in Self.grouped(lost.compactMap(\.reason)) {
      notes.append("in \(counted(count, "cell")) ln τ is not known: \(reason)")
    }
    let doubtful = cells.filter { $0.validity.map { $0 != .valid } ?? false }
    if !doubtful.isEmpty {
      let invalid = doubtful.count { $0.validity == .invalid }
      notes.append(
        "of \(cells.count { $0.logTime != nil }) cells with a ln τ the theory is marginal in \(doubtful.count - invalid) and invalid in \(invalid); 'metastable rate' at such a point says why"
      )
    }
    let silent = cells.compactMap(\.simulated).filter { $0.meanFirstPassageTime.value == nil }
    if !silent.isEmpty {
      notes.append(
        "in \(counted(silent.count, "cell")) runs give no mean time, as where none lost the feature or some diverged: no number is filled in"
      )
    }
    return notes
  }

  /// Reasons that differ in their numbers alone count as one, by the first of them.
  private static func grouped(_ reasons: [String]) -> [(reason: String, count: Int)] {
    var groups = [(key: String, reason: String, count: Int)]()
    for reason in reasons {
      let key = reason.filter { !$0.isNumber && $0 != "." && $0 != "-" }
      if let i = groups.firstIndex(where: { $0.key == key }) {
        groups[i].count += 1
      } else {
        groups.append((key, reason, 1))
      }
    }
    return groups.map { ($0.reason, $0.count) }
  }

  package var summary: [String] {
    let total = columns * rows
    var sentences = [
      "\(cells.count) of \(total) cells were evaluated (\(twoDigits(100 * Double(cells.count) / Double(total))) %): a coarse grid in steps of \(stride), refined along the boundaries of \(fields.map(\.rawValue).joined(separator: ", "))."
    ]
    if let budget { sentences.append(stuckSentence(budget)) }
    let ratios = cells.compactMap { cell -> Double? in
      guard let time = cell.simulated?.meanFirstPassageTime.value, let theory = cell.logTime
      else { return nil }
      return time / exp(theory)
    }.sorted()
    if let first = ratios.first, let last = ratios.last {
      let inside = cells.count { cell in
        guard let simulated = cell.simulated, let theory = cell.logTime else { return false }
        return simulated.meanFirstPassageTime.value != nil
          && simulated.meanFirstPassageTime.contains(exp(theory))
      }
      sentences.append(
        "Runs take \(brief(ratios[ratios.count / 2])) times as long as theory says in the middle of \(counted(ratios.count, "cell")), \(brief(first)) to \(brief(last)) at the ends; theory lies within the interval in \(inside)."
      )
    }
    let areas = sweeps.compactMap(\.hysteresisArea)
    if let low = areas.min(), let high = areas.max() {
      sentences.append(
        "Between the ways up and down in β lies a hysteresis area of "
          + (low == high ? "\(brief(low))." : "\(brief(low)) to \(brief(high))."))
    }
    return sentences
  }

  /// Where a run of given length ends in a state that is not the one of lowest loss.
  private func stuckSentence(_ budget: Double) -> String {
    let map = PlaneMap(self)
    let isMetastable = map.kinds { cell in cell.rank.map { $0 > (cell.groundRank ?? $0) } }
    let times = map.numbers(\.logTime)
    let metastable = isMetastable.filter { $0.value == true }.keys
    let stuck = metastable.count { point in
      (times[point] ?? nil).map { $0 > log(budget) } ?? false
    }
    let share = Double(metastable.count) / Double(columns * rows)
    guard !metastable.isEmpty else {
      return
        "Nowhere in the plane does the weakest learned feature have the higher loss (β > β*), so no run is stuck."
    }
    return
      "In \(twoDigits(100 * share)) % of the plane the weakest learned feature has the higher loss (β > β*): a run of t = \(sixDigits(budget)) still looks stuck there in \(twoDigits(100 * Double(stuck) / Double(metastable.count))) % of it, where τ is longer."
  }
}
