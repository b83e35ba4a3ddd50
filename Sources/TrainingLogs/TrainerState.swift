import DataFiles
import NumericalMethods

/// The log in `trainer_state.json` of Hugging Face: only `log_history` is read, whose keys last from version to version.
enum TrainerState {
  static func rows(
    _ history: [JSONValue], source: String, path: String, runName: String
  ) throws -> LogRows {
    // The summary at the end holds means over the whole run.
    let records = history.filter { $0["train_runtime"] == nil }
    let measures = ["_runtime", "_per_second"]
    let kept = records.map { record -> JSONValue in
      guard case .object(let members) = record else { return record }
      return .object(
        members.filter { member in !measures.contains { member.key.hasSuffix($0) } })
    }
    var table = RecordTable()
    for (i, record) in kept.enumerated() {
      table.add(record, line: i + 1)
      try table.refuseSparse(source)
    }
    var rows = LogRows(
      table, source: source, path: path, kind: "Hugging Face", runName: runName)
    if rows.keys.contains("loss") {
      rows.notes.append(
        "'loss' in \(source) is a mean since the record before, so what it passes it passed earlier"
      )
    }
    return rows
  }
}
