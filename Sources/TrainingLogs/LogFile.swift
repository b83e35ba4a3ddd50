import DataFiles
internal import Foundation
import NumericalMethods

/// One file of a log: what it is, by its content.
struct LogFile {
  let path: String

  /// Its name, for a sentence.
  var source: String { url.lastPathComponent }
  private var url: URL { URL(fileURLWithPath: path) }
  private var folder: URL { url.deletingLastPathComponent() }
  private var stem: String { url.deletingPathExtension().lastPathComponent }

  /// A file is a log, settings that stand beside one, or neither.
  enum Content {
    case runs([LoggedRun])
    case settings
  }

  private static let remedy = "give the log as CSV, JSON lines or trainer_state.json"

  /// - Throws: `InvalidInput` that says what the file is and what to do.
  func content(_ mapping: LogMapping, notes: inout [String]) throws -> Content {
    var bytes = try bytes(ofFile: path)
    if FileContent.isCompressed(bytes) { bytes = try Inflation.gzip(bytes, source: source) }
    let blanks: [UInt8] = [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF]
    switch bytes.first(where: { !blanks.contains($0) }) {
    case nil: throw InvalidInput("\(source) is empty; \(Self.remedy)")
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      // A record of TensorFlow or weights may begin with such a byte, but not with text only.
      if !bytes.prefix(64).contains(0) { return try document(bytes, mapping, &notes) }
    default: break
    }
    if let what = try FileContent.words(for: bytes, source: source) {
      throw InvalidInput("\(source) is \(what); \(Self.remedy(what))")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    if HyperParameters(text) != nil { return .settings }
    return .runs(try table(text, mapping, &notes))
  }

  private static func remedy(_ what: String) -> String {
    if what.contains("TensorBoard") {
      return
        "export its scalars as CSV (in TensorBoard: Show data download links), one file for each run and metric"
    }
    if what.contains("Weights & Biases") {
      return "export the history with run.scan_history(), or a chart as CSV"
    }
    return what.contains("pickle") ? "pickles are never read: \(remedy)" : remedy
  }

  // MARK: - Tables

  private func table(
    _ text: String, _ mapping: LogMapping, _ notes: inout [String]
  ) throws -> [LoggedRun] {
    let table = try DataTable(
      parsing: text, reading: TableReading(header: true, indexColumn: "none"), source: source)
    let names = table.names.map { $0.lowercased() }
    var rows = LogRows(table, path: path, kind: "a table", runName: stem)
    if names == ["wall time", "step", "value"] {
      return [
        try TensorBoardCSV.run(rows, folder: folder.path, mapping: mapping, notes: &notes)
      ]
    }
    if names.contains(where: { $0.hasSuffix("__min") }),
      names.contains(where: { $0.hasSuffix("__max") })
    {
      return try ChartExport.runs(rows, folder: folder.path, mapping: mapping, notes: &notes)
    }
    if names.contains("_step") {
      rows = LogRows(table, path: path, kind: "a history of Weights & Biases", runName: stem)
      if rows.rows.count == 500 {
        notes.append(
          "\(source) has 500 rows, as many as run.history() picks; run.scan_history() gives all")
      }
    } else if let settings = settings(names) {
      rows = LogRows(
        table, path: path, kind: "Lightning",
        runName: stem == "metrics" ? folder.lastPathComponent : stem)
      rows.config = settings.settings
      if !settings.leftOut.isEmpty {
        notes.append(
          "hparams.yaml beside \(source): \(quotedList(settings.leftOut)) \(settings.leftOut.count == 1 ? "is no plain value and was" : "are no plain values and were") left out"
        )
      }
    }
    return try rows.runs(mapping, notes: &notes)
  }

  /// What Lightning wrote beside a log with these columns, which may be nothing; nil for other logs.
  private func settings(_ names: [String]) -> HyperParameters? {
    guard names.contains("epoch"), names.contains("step") else { return nil }
    let file = folder.appendingPathComponent("hparams.yaml").path
    guard let bytes = try? bytes(ofFile: file) else { return nil }
    return HyperParameters(String(decoding: bytes, as: UTF8.self))
  }

  // MARK: - JSON

  private func document(
    _ bytes: [UInt8], _ mapping: LogMapping, _ notes: inout [String]
  ) throws -> Content {
    var text = JSONText(bytes, source: source)
    var table = RecordTable()
    /// The first value that is more than a flat record: all of a document, if it is one.
    var document: JSONValue?
    var areRecords = true
    do {
      while true {
        try table.refuseSparse(source)
        if text.addFlatRecord(to: &table) { continue }
        guard let (value, line) = try text.next() else { break }
        if case .object = value {} else { areRecords = false }
        document = document ?? value
        table.add(value, line: line)
      }
    } catch let error as InvalidInput {
      // A killed job leaves its last line half written.
      guard text.position >= bytes.count, table.lines.count > 1 else { throw error }
      notes.append("the last line of \(source) is cut off and was left out")
    }
    try table.refuseSparse(source)
    let isAlone = table.lines.count == 1
    if isAlone, case .array(let history)? = document?["log_history"] {
      let output =
        folder.lastPathComponent.hasPrefix("checkpoint-")
        ? folder.deletingLastPathComponent() : folder
      let rows = try TrainerState.rows(
        history, source: source, path: path, runName: output.lastPathComponent)
      notes += rows.notes
      var runs = try rows.runs(mapping, notes: &notes)
      for i in runs.indices { runs[i].place = output.path }
      return .runs(runs)
    }
    if isAlone, case .array(let elements)? = document {
      table = RecordTable()
      for (i, element) in elements.enumerated() {
        table.add(element, line: i + 1)
        try table.refuseSparse(source)
      }
      areRecords = elements.allSatisfy { if case .object = $0 { true } else { false } }
    }
    guard areRecords, table.lines.count > 1 else {
      throw InvalidInput(
        "\(source) is a JSON document, but no list of records; \(Self.remedy)")
    }
    let rows = LogRows(
      table, source: source, path: path, kind: "JSON lines", runName: stem)
    return .runs(try rows.runs(mapping, notes: &notes))
  }
}
