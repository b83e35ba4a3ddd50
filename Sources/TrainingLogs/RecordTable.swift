import DataFiles
import NumericalMethods

/// Rows that are made of records with keys, in the order of the records; the keys in the order in which they first occur.
struct RecordTable {
  private(set) var keys: [String] = []
  /// One cell for each key that was known at the time.
  private(set) var rows: [[LogCell]] = []
  /// Where each record begins.
  private(set) var lines: [Int] = []
  private var columns: [String: Int] = [:]
  private var cells = 0
  private var values = 0
  /// The keys as bytes: records repeat them, and to compare bytes is faster than to make a string of each.
  private var names: [[UInt8]] = []

  /// Adds a record; objects inside it have the keys of both, joined by a slash.
  mutating func add(_ value: JSONValue, line: Int) {
    var row: [LogCell] = []
    row.reserveCapacity(keys.count)
    add(value, "", to: &row)
    append(row, line: line)
  }

  /// Adds a record whose cells are known.
  mutating func append(_ row: [LogCell], line: Int) {
    rows.append(row)
    lines.append(line)
    cells += row.count
    values += row.count { $0 != .missing }
  }

  /// Refuses records of which hardly one has the keys of another: their table would grow as the square of the log.
  func refuseSparse(_ source: String) throws {
    guard cells > 1 << 24, cells > 20 * values else { return }
    throw InvalidInput(
      "\(source) has \(keys.count) different keys in its first \(rows.count) records, hardly any of them twice, as where steps or names of runs are keys; write them as values, as in {\"run\": \"a\", \"step\": 1, \"loss\": 2}"
    )
  }

  /// The column of a key, which is new or the one before it in most records.
  ///
  /// - Parameter guess: where it is looked for first.
  mutating func column(_ name: UnsafeBufferPointer<UInt8>, guess: Int) -> Int {
    if guess < names.count, names[guess].elementsEqual(name) { return guess }
    return column(String(decoding: name, as: UTF8.self))
  }

  /// Forgets the keys beyond so many, which belong to a record that was not added.
  mutating func forgetKeys(beyond count: Int) {
    for key in keys[count...] { columns[key] = nil }
    keys.removeLast(keys.count - count)
    names.removeLast(names.count - count)
  }

  private mutating func column(_ key: String) -> Int {
    if let column = columns[key] { return column }
    columns[key] = keys.count
    keys.append(key)
    names.append(Array(key.utf8))
    return keys.count - 1
  }

  private mutating func add(_ value: JSONValue, _ key: String, to row: inout [LogCell]) {
    switch value {
    case .object(let members):
      for member in members {
        add(member.value, key.isEmpty ? member.key : key + "/" + member.key, to: &row)
      }
    case .number(let number): row.set(column(key), .number(number))
    case .integer(let number): row.set(column(key), .number(Double(number)))
    case .string(let text): row.set(column(key), LogCell(text))
    case .null: row.reserve(column(key))
    case .bool, .array, .raw: break
    }
  }
}

extension [LogCell] {
  /// Makes room for a column.
  mutating func reserve(_ column: Int) {
    while count <= column { append(.missing) }
  }

  /// Puts a cell into a column; of a key that occurs twice the last value counts.
  mutating func set(_ column: Int, _ cell: LogCell) {
    if column == count {
      append(cell)
    } else {
      reserve(column)
      self[column] = cell
    }
  }
}
