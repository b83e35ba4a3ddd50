import NumericalMethods

/// A table read from a file: named columns of numbers or of labels.
///
/// ```swift
/// let table = try DataTable(contentsOf: "digits.csv")
/// let digits = try table.dataset(targets: "64", oneHot: true)
/// ```
///
/// The file is CSV, or an array or archive of NumPy, compressed with gzip or not; what it is, its content says. Cells
/// of CSV are separated by commas, semicolons or tabs and may be quoted. A column in which any cell is not a finite
/// decimal number is a column of labels; it is refused only where numbers are asked of it, so a table may hold columns
/// that are not used.
package struct DataTable: Sendable {
  package enum Column: Sendable, Equatable {
    case numbers([Double])
    /// Row i holds `distinct[codes[i]]`; labels are numbered as they first appear.
    case labels(distinct: [String], codes: [Int32])
  }

  /// The names in the header, or the indices 0, 1, … where there is none.
  package let names: [String]
  package let hasHeader: Bool
  package let columns: [Column]
  /// What the table is called in a refusal.
  package let source: String
  /// The line of the file on which each row begins, from 1; the row itself, from 0, of an array.
  package let lines: [Int]
  /// The arrays of an archive, and the columns that each has here; empty for other files.
  let arrays: [(name: String, columns: Range<Int>)]
  /// Whether decimals are written with a comma.
  package let decimalComma: Bool

  /// The columns that are no inputs: an index of the rows, and what was dropped.
  package internal(set) var leftOut: Set<Int> = []
  /// Columns that may be an index of the rows or an input: why, and how to say so.
  package internal(set) var doubts: [Int: String] = [:]
  /// What to say of a column that becomes an input.
  package internal(set) var remarks: [Int: String] = [:]
  /// How the file was understood, where that was not plain.
  package internal(set) var notes: [String]

  /// N, the rows below the header.
  package var rowCount: Int { lines.count }

  init(
    names: [String], hasHeader: Bool, columns: [Column], source: String, lines: [Int],
    arrays: [(name: String, columns: Range<Int>)] = [], decimalComma: Bool = false,
    notes: [String] = []
  ) {
    self.names = names
    self.hasHeader = hasHeader
    self.columns = columns
    self.source = source
    self.lines = lines
    self.arrays = arrays
    self.decimalComma = decimalComma
    self.notes = notes
  }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - reading: what the file leaves open (``init(parsing:reading:source:)``).
  ///   - target: what is to be learned. It decides which arrays of an archive belong together.
  /// - Throws: `InvalidInput` naming the row, or what the file is if it is no table.
  package init(
    contentsOf path: String, reading: TableReading = TableReading(), target: String? = nil
  ) throws {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    var contents = try bytes(ofFile: path)
    var content = FileContent(contents)
    if content == .gzip {
      contents = try Inflation.gzip(contents, source: name)
      content = FileContent(contents)
    }
    switch content {
    case .text:
      self = try contents.withUnsafeBufferPointer {
        try DataTable($0, reading: reading, source: name)
      }
    case .gzip: throw InvalidInput("\(name) is compressed twice; decompress it")
    case .numPyArray: try self.init(array: contents, reading: reading, source: name)
    case .zip:
      try self.init(
        archive: ZIPArchive(contents, source: name), reading: reading, target: target, source: name)
    case .foreign(let what, let remedy): throw InvalidInput("\(name) is \(what); \(remedy)")
    }
  }

  /// Reads a text.
  ///
  /// By default the first row is a header if it holds any word: a cell that is neither a number nor
  /// missing. One case is ambiguous, numbers beside words, as in `5.1,3.5,setosa`: such a row is data if
  /// every word in it occurs again further down its column, as classes do and names do not. Without a word it is a
  /// header if it counts its columns, `0,1,2`, or as many after an empty cell, as data frames without names write it.
  package init(
    parsing text: String, reading: TableReading = TableReading(), source: String = "the table"
  ) throws {
    var text = text
    self = try text.withUTF8 { try DataTable($0, reading: reading, source: source) }
  }

  private init(
    _ bytes: UnsafeBufferPointer<UInt8>, reading: TableReading, source: String
  ) throws {
    let cells = try SeparatedValues(bytes, separator: reading.separator, source: source)
    guard !cells.lines.isEmpty else {
      throw InvalidInput("\(source) is empty; it needs at least one row of data")
    }
    let reader = CellReader(bytes: bytes, cells: cells, decimalComma: reading.decimalComma)
    if reading.decimalComma, cells.separator == .comma, !reader.hasCommas {
      throw InvalidInput(
        "the cells of \(source) are separated by commas, which cannot be told from decimal ones; separate them by semicolons or tabs"
      )
    }
    var notes: [String] = []
    let hasHeader: Bool
    switch try reading.header.map({ $0 ? .names : .data }) ?? reader.firstRow(of: source) {
    case .names: hasHeader = true
    case .data: hasHeader = false
    case .numbers(let numbers):
      hasHeader = true
      notes.append(
        "the first row of \(source) (\(numbers)) was taken as a header of numbers; --no-header takes it as data"
      )
    }
    let first = hasHeader ? 1 : 0
    guard cells.lines.count > first else {
      throw InvalidInput(
        "\(source) has a header but no data below it; add at least one row of data")
    }
    let header = hasHeader ? (0..<cells.columnCount).map { reader.text(row: 0, column: $0) } : []
    let given = Set(header)
    self.init(
      names: (0..<cells.columnCount).map {
        guard hasHeader else { return "\($0)" }
        return header[$0].isEmpty && !given.contains("\($0)") ? "\($0)" : header[$0]
      }, hasHeader: hasHeader,
      columns: (0..<cells.columnCount).map { reader.column($0, from: first) }, source: source,
      lines: Array(cells.lines[first...]), decimalComma: reading.decimalComma, notes: notes)
    try findIndex(reading.indexColumn, isUnnamed: header.first == "")
    try drop(reading.dropped)
  }
}

/// The cells of a text as values.
private struct CellReader {
  let bytes: UnsafeBufferPointer<UInt8>
  let cells: SeparatedValues
  let decimalComma: Bool

  func content(row: Int, column: Int) -> UnsafeBufferPointer<UInt8> {
    let cell = cells.cells[row * cells.columnCount + column]
    return UnsafeBufferPointer(rebasing: bytes[cell.start..<cell.start + Int(cell.count)])
  }

  func number(row: Int, column: Int) -> Double? {
    decimalNumber(content(row: row, column: column), comma: decimalComma)
  }

  func text(row: Int, column: Int) -> String {
    let text = String(decoding: content(row: row, column: column), as: UTF8.self)
    guard cells.cells[row * cells.columnCount + column].hasDoubledQuotes else { return text }
    var result = ""
    var previousWasQuote = false
    for character in text.unicodeScalars {
      previousWasQuote = character == "\"" && !previousWasQuote
      if !previousWasQuote { result.unicodeScalars.append(character) }
    }
    return result
  }

  /// Whether any cell, quoted then, holds a comma.
  var hasCommas: Bool {
    cells.cells.contains { bytes[$0.start..<$0.start + Int($0.count)].contains(0x2C) }
  }

  func column(_ column: Int, from first: Int) -> DataTable.Column {
    let rows = first..<cells.lines.count
    var numbers: [Double] = []
    numbers.reserveCapacity(rows.count)
    for row in rows {
      guard let value = number(row: row, column: column) else { return labels(column, rows) }
      numbers.append(value)
    }
    return .numbers(numbers)
  }

  private func labels(_ column: Int, _ rows: Range<Int>) -> DataTable.Column {
    .labels(rows.lazy.map { text(row: $0, column: column) })
  }

  // MARK: - The first row

  enum FirstRow {
    case names
    case data
    /// A header without a word: its numbers, for a sentence.
    case numbers(String)
  }

  /// - Throws: `InvalidInput` where it could be either.
  func firstRow(of source: String) throws -> FirstRow {
    let columns = 0..<cells.columnCount
    let isNumber = columns.map { number(row: 0, column: $0) != nil }
    let words = columns.filter { !isNumber[$0] && !isMissing(text(row: 0, column: $0)) }
    guard words.isEmpty else {
      guard isNumber.contains(true) else { return .names }
      let recur = words.allSatisfy { column in
        let word = content(row: 0, column: column)
        return (1..<cells.lines.count).contains {
          content(row: $0, column: column).elementsEqual(word)
        }
      }
      return recur ? .data : .names
    }
    return try firstRowOfNumbers(of: source)
  }

  private func firstRowOfNumbers(of source: String) throws -> FirstRow {
    let isCornerEmpty = text(row: 0, column: 0).isEmpty
    let named = (isCornerEmpty ? 1 : 0)..<cells.columnCount
    guard cells.lines.count > 1, let numbers = wholeNumbers(row: 0, named), !numbers.isEmpty else {
      return .data
    }
    let some = numbers.prefix(3).map(String.init).joined(separator: ", ")
    let sentence = numbers.count > 3 ? some + ", …" : some
    let isCount = numbers == Array(0..<numbers.count)
    if isCornerEmpty {
      let isIndexed = (1..<cells.lines.count).allSatisfy {
        number(row: $0, column: 0) == Double($0 - 1)
      }
      return isCount || isIndexed ? .numbers(sentence) : .data
    }
    if isCount, numbers.count > 2 { return .numbers(sentence) }
    let isPair = isCount && numbers.count == 2
    if isPair, (1..<cells.lines.count).allSatisfy({ wholeNumbers(row: $0, named) == nil }) {
      return .numbers(sentence)
    }
    // A row of many numbers in equal steps is hardly data, unless the next one is such a row too.
    let isProgression =
      numbers.count > 3 && hasEqualSteps(numbers)
      && wholeNumbers(row: 1, named).map(hasEqualSteps) != true
    guard isPair || isProgression else { return .data }
    throw InvalidInput(
      "the first row of \(source) (\(sentence)) could be a header of numbers or data; say --header or --no-header"
    )
  }

  private func hasEqualSteps(_ numbers: [Int]) -> Bool {
    guard numbers.count > 1, numbers[1] > numbers[0] else { return false }
    return zip(numbers, numbers.dropFirst()).allSatisfy { $1 - $0 == numbers[1] - numbers[0] }
  }

  /// The cells of a row if all are written with digits only.
  private func wholeNumbers(row: Int, _ columns: Range<Int>) -> [Int]? {
    var numbers: [Int] = []
    for column in columns {
      let cell = content(row: row, column: column)
      guard !cell.isEmpty, cell.count <= 9, cell.allSatisfy({ (0x30...0x39).contains($0) }) else {
        return nil
      }
      numbers.append(cell.reduce(0) { 10 * $0 + Int($1 - 0x30) })
    }
    return numbers
  }
}

extension DataTable.Column {
  /// A column of labels, numbered as they first appear.
  static func labels(_ labels: some Sequence<String>) -> DataTable.Column {
    var distinct: [String] = []
    var numbering: [String: Int32] = [:]
    let codes = labels.map { label in
      if let code = numbering[label] { return code }
      let code = Int32(distinct.count)
      numbering[label] = code
      distinct.append(label)
      return code
    }
    return .labels(distinct: distinct, codes: codes)
  }
}

/// Whether a cell stands for an absent value: empty, NaN or an infinity.
package func isMissing(_ cell: String) -> Bool {
  let word = cell.lowercased().drop { $0 == "+" || $0 == "-" }
  return cell.isEmpty || word == "nan" || word == "inf" || word == "infinity"
}
