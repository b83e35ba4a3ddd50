import DataFiles
import NumericalMethods

/// What stands in a row of a log under a key.
enum LogCell: Equatable {
  case missing
  /// May be NaN or infinite.
  case number(Double)
  case text(String)

  /// A cell of CSV.
  init(_ text: String) {
    let word = text.lowercased()
    if text.isEmpty || word == "null" || word == "none" || word == "na" {
      self = .missing
    } else if let number = decimalNumber(text) {
      self = .number(number)
    } else if isMissing(text) {
      self = .number(
        word.hasSuffix("nan") ? .nan : word.hasPrefix("-") ? -.infinity : .infinity)
    } else {
      self = .text(text)
    }
  }

  var number: Double? {
    if case .number(let number) = self { return number }
    return nil
  }

  /// As the name of a run or a group; nil where there is none.
  var label: String? {
    switch self {
    case .missing: nil
    case .text(let text): text
    case .number(let number): numeral(number)
    }
  }
}

/// "3" or "0.001": a number as a log would write it.
func numeral(_ number: Double) -> String {
  Int(exactly: number).map(String.init) ?? "\(number)"
}

/// Records of which each has values under keys: the rows of a table, or the objects of a list.
struct LogRows {
  /// What the file is called in a sentence.
  let source: String
  let path: String
  /// What wrote it, for a note.
  let kind: String
  /// The name of the run where the file holds only one.
  let runName: String
  var keys: [String] = []
  /// One cell for each key.
  var rows: [[LogCell]] = []
  /// Where each row begins.
  var lines: [Int] = []
  /// What is said of the whole file.
  var config: [RunSettings.Setting] = []
  var notes: [String] = []

  func index(of key: String) -> Int? { keys.firstIndex(of: key) }

  /// "its columns are 'a', 'b'".
  var available: String { "it has \(quotedList(keys.filter { !$0.isEmpty }))" }
}

extension LogRows {
  /// The rows of a table.
  init(_ table: DataTable, path: String, kind: String, runName: String) {
    self.init(source: table.source, path: path, kind: kind, runName: runName)
    keys = table.names
    lines = table.lines
    let columns = table.columns.map { column in
      switch column {
      case .numbers(let numbers): return numbers.map(LogCell.number)
      case .labels(let distinct, let codes):
        let cells = distinct.map { LogCell($0) }
        return codes.map { cells[Int($0)] }
      }
    }
    rows = table.lines.indices.map { row in columns.map { $0[row] } }
  }

  /// Records, each with a cell for every key of all.
  init(_ records: RecordTable, source: String, path: String, kind: String, runName: String) {
    self.init(source: source, path: path, kind: kind, runName: runName)
    keys = records.keys
    lines = records.lines
    rows = records.rows
    for i in rows.indices where rows[i].count < keys.count { rows[i].reserve(keys.count - 1) }
  }
}
