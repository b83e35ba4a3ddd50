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

  /// Objects; those inside others have the keys of both, joined by a slash.
  init(
    objects: [(value: JSONValue, line: Int)], source: String, path: String, kind: String,
    runName: String
  ) {
    self.init(source: source, path: path, kind: kind, runName: runName)
    var indices: [String: Int] = [:]
    func add(_ value: JSONValue, _ key: String, to row: inout [LogCell]) {
      switch value {
      case .object(let members):
        for member in members {
          add(member.value, key.isEmpty ? member.key : key + "/" + member.key, to: &row)
        }
      case .number, .integer, .string, .null:
        let index = indices[key] ?? keys.count
        if index == keys.count {
          indices[key] = index
          keys.append(key)
        }
        while row.count <= index { row.append(.missing) }
        switch value {
        case .number(let number): row[index] = .number(number)
        case .integer(let number): row[index] = .number(Double(number))
        case .string(let text): row[index] = LogCell(text)
        default: break
        }
      case .bool, .array, .raw: break
      }
    }
    for object in objects {
      var row: [LogCell] = []
      add(object.value, "", to: &row)
      rows.append(row)
      lines.append(object.line)
    }
    for i in rows.indices {
      rows[i] += [LogCell](repeating: .missing, count: keys.count - rows[i].count)
    }
  }
}
