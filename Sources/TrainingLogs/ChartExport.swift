import DataFiles
import NumericalMethods

/// The data of a chart, as Weights & Biases exports them: for each run the columns `run - metric`,
/// `run - metric__MIN` and `run - metric__MAX`.
enum ChartExport {
  static func runs(
    _ rows: LogRows, folder: String, mapping: LogMapping, notes: inout [String]
  ) throws -> [LoggedRun] {
    let columns = Dictionary(
      zip(rows.keys, rows.keys.indices), uniquingKeysWith: { first, _ in first })
    let bases = rows.keys.filter { $0.hasSuffix("__MIN") }.map { String($0.dropLast(5)) }
      .filter { columns[$0] != nil && columns[$0 + "__MAX"] != nil }
    if let group = bases.first(where: { $0.hasPrefix("Group: ") }) {
      throw InvalidInput(
        "'\(shortened(group))' in \(rows.source) is a mean over runs, of which no run's own passage can be read; switch the grouping of the panel off and export it again"
      )
    }
    let ownSteps = Set(bases.filter { $0.hasSuffix(" - _step") })
    let curves = bases.filter { !$0.hasSuffix(" - _step") }
    let metric = commonMetric(curves)
    let axis = rows.keys.first ?? ""
    if let asked = mapping.stepKey, asked != axis, asked != "_step" || ownSteps.isEmpty {
      throw InvalidInput(
        "\(rows.source) has no '\(shortened(asked))' for the step; its axis is '\(shortened(axis))': leave --step-key out, or export the chart over another axis"
      )
    }
    var runs: [LoggedRun] = []
    var places: [String: Int] = [:]
    var takesOwnSteps = false
    for base in curves {
      let (run, name) = split(base, metric)
      let own = run + " - _step"
      let step = mapping.stepKey != axis && ownSteps.contains(own) ? own : axis
      takesOwnSteps = takesOwnSteps || step == own
      let curve = try curve(rows, columns, base: base, name: name, step: step)
      if let i = places[run] {
        runs[i].curves.append(curve)
      } else {
        places[run] = runs.count
        runs.append(
          LoggedRun(
            name: run, files: [rows.path], curves: [curve],
            settings: try mapping.settingsWithoutKeys(
              of: rows.source, names: [run] + folderNames(rows.path)), place: folder))
      }
    }
    notes.append(
      "\(rows.source), a chart of Weights & Biases: \(counted(runs.count, "run")), the step is \(takesOwnSteps ? "each run's '_step'" : "'\(axis)'")\(metric.map { ", the metric '\($0)'" } ?? "")"
    )
    if let note = mapping.noteOnNames(rows.source, lacking: []) { notes.append(note) }
    if runs.contains(where: { $0.curves.contains { $0.extremes != nil } }) {
      notes.append(
        "\(rows.source) holds means over buckets of records; passages are as wide as the extremes of the buckets leave open"
      )
    } else if rows.rows.count >= 1500 {
      notes.append(
        "\(rows.source) has \(rows.rows.count) rows; from 1500 on a chart may leave records out, run.scan_history() has them all"
      )
    }
    return runs
  }

  /// What stands behind a " - " in the names of all curves, as long as may be; of one curve, behind the last.
  private static func commonMetric(_ curves: [String]) -> String? {
    guard let first = curves.first else { return nil }
    let suffixes = first.ranges(of: " - ").map { String(first[$0.upperBound...]) }
    if curves.count == 1 { return suffixes.last }
    return suffixes.first { suffix in curves.allSatisfy { $0.hasSuffix(" - " + suffix) } }
  }

  private static func split(_ base: String, _ metric: String?) -> (run: String, metric: String) {
    if let metric { return (String(base.dropLast(metric.count + 3)), metric) }
    guard let last = base.ranges(of: " - ").last else { return ("run", base) }
    return (String(base[..<last.lowerBound]), String(base[last.upperBound...]))
  }

  private static func curve(
    _ rows: LogRows, _ columns: [String: Int], base: String, name: String, step: String
  ) throws -> MetricCurve {
    guard let steps = columns[step], let values = columns[base],
      let low = columns[base + "__MIN"], let high = columns[base + "__MAX"]
    else { preconditionFailure("the columns of a curve are there") }
    let records = try rows.rows.indices.compactMap { i -> WrittenRecord? in
      let row = rows.rows[i]
      guard let step = try rows.step(i, steps), let value = row[values].number else { return nil }
      var extremes: ClosedRange<Double>?
      if let low = row[low].number, let high = row[high].number, low <= high {
        extremes = low...high
      }
      return WrittenRecord(step: step, value: value, extremes: extremes, line: rows.lines[i])
    }
    switch StepOrder(records.map(\.step), isSampled: true) {
    case .increasing, .resumed: return MetricCurve(name: name, written: records)
    case .begunAgain(let i), .disordered(let i):
      throw InvalidInput(
        "the steps of '\(shortened(base))' in \(rows.source) are out of order on line \(records[i].line); export the chart over the axis Step"
      )
    }
  }
}
