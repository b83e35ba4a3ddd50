import DataFiles
import NumericalMethods

/// One metric of one run, as TensorBoard exports it. Which ones only the name of the file says:
/// `run-<run>-tag-<tag>.csv`, where every slash was made an underscore.
enum TensorBoardCSV {
  /// TensorBoard keeps so many points of a scalar by default.
  private static let reservoir = 1000

  static func run(
    _ rows: LogRows, folder: String, mapping: LogMapping, notes: inout [String]
  ) throws -> LoggedRun {
    let stem = rows.runName
    var (name, tag) = (stem, "value")
    if stem.hasPrefix("run-"), let range = stem.ranges(of: "-tag-").last {
      name = String(stem[stem.index(stem.startIndex, offsetBy: 4)..<range.lowerBound])
      tag = String(stem[range.upperBound...])
    }
    if name.isEmpty || name == "." { name = "run" }
    notes.append("\(rows.source), TensorBoard: its name says run '\(name)' and metric '\(tag)'")
    if let note = mapping.noteOnNames(rows.source, lacking: []) { notes.append(note) }
    if rows.rows.count == reservoir {
      notes.append(
        "\(rows.source) has \(reservoir) records, to which TensorBoard thins out a longer log; its event file has them all"
      )
    }
    let records = try rows.rows.indices.compactMap { row -> WrittenRecord? in
      guard let step = try rows.step(row, 1), let value = rows.rows[row][2].number else {
        return nil
      }
      return WrittenRecord(step: step, value: value, line: rows.lines[row])
    }
    switch StepOrder(records.map(\.step), isSampled: true) {
    case .increasing, .resumed: break
    case .begunAgain(let i), .disordered(let i):
      throw InvalidInput(
        "line \(records[i].line) of \(rows.source) begins again at step \(numeral(records[i].step)); delete what was logged before the start over, or export each run by itself"
      )
    }
    return LoggedRun(
      name: name, files: [rows.path], curves: [MetricCurve(name: tag, written: records)],
      settings: try mapping.settingsWithoutKeys(
        of: rows.source, names: [name] + folderNames(rows.path)), place: folder)
  }
}
