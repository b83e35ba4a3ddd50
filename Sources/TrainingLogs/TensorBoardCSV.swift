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
    if rows.rows.count == reservoir {
      notes.append(
        "\(rows.source) has \(reservoir) records, to which TensorBoard thins out a longer log; its event file has them all"
      )
    }
    let records = rows.rows.indices.compactMap { row -> WrittenRecord? in
      guard let step = rows.rows[row][1].number, let value = rows.rows[row][2].number else {
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
    for (constant, flag) in [
      (mapping.learningRate, "--learning-rate"), (mapping.batchSize, "--batch-size"),
      (mapping.weightDecay, "--weight-decay"),
    ] { try refuseKey(constant, flag, source: rows.source) }
    if let key = mapping.runKey ?? mapping.groupKey { try refuse(key, source: rows.source) }
    return LoggedRun(
      name: name, files: [rows.path], curves: [MetricCurve(name: tag, written: records)],
      settings: settings(mapping), place: folder)
  }

  /// The numbers of a mapping, for logs without settings of their own.
  static func settings(_ mapping: LogMapping) -> RunSettings {
    func number(_ constant: LogMapping.Constant?) -> Double? {
      if case .value(let value) = constant { return value }
      return nil
    }
    var settings = RunSettings()
    settings.learningRate = number(mapping.learningRate)
    settings.batchSize = number(mapping.batchSize)
    settings.weightDecay = number(mapping.weightDecay)
    return settings
  }

  static func refuseKey(_ constant: LogMapping.Constant?, _ flag: String, source: String) throws {
    guard case .key(let key) = constant else { return }
    throw InvalidInput(
      "\(source) has no '\(shortened(key))', because such a file holds one metric only; give the number itself, as in \(flag) 0.1"
    )
  }

  static func refuse(_ key: String, source: String) throws {
    throw InvalidInput(
      "\(source) has no '\(shortened(key))', because such a file holds one metric only; leave --run-key and --group out, or give a table with that column"
    )
  }
}
