import NumericalMethods

/// A table read from CSV: named columns of numbers or of labels.
///
/// ```swift
/// let table = try DataTable(contentsOf: "digits.csv")
/// let digits = try table.dataset(targets: "64", oneHot: true)
/// ```
///
/// Cells are separated by commas, semicolons or tabs and may be quoted. A column in which any cell is not
/// a finite decimal number is a column of labels; it is refused only where numbers are asked of it, so a
/// table may hold columns that are not used.
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
  /// The line of the file on which each row begins, from 1.
  package let lines: [Int]

  /// N, the rows below the header.
  package var rowCount: Int { lines.count }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - header: whether the first row holds names; by default found out (``init(parsing:header:separator:source:)``).
  ///   - separator: by default tab or semicolon where the first line has one, else comma.
  /// - Throws: `InvalidInput` naming the row.
  package init(
    contentsOf path: String, header: Bool? = nil, separator: Separator? = nil
  ) throws {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    self = try bytes(ofFile: path).withUnsafeBufferPointer {
      try DataTable($0, header: header, separator: separator, source: name)
    }
  }

  /// Reads a text.
  ///
  /// By default the first row is a header if it holds any word: a cell that is neither a number nor
  /// missing. One case is ambiguous, numbers beside words, as in `5.1,3.5,setosa`: such a row is data if
  /// every word in it occurs again further down its column, as classes do and names do not.
  package init(
    parsing text: String, header: Bool? = nil, separator: Separator? = nil,
    source: String = "the table"
  ) throws {
    var text = text
    self = try text.withUTF8 {
      try DataTable($0, header: header, separator: separator, source: source)
    }
  }

  private init(
    _ bytes: UnsafeBufferPointer<UInt8>, header: Bool?, separator: Separator?, source: String
  ) throws {
    let cells = try SeparatedValues(bytes, separator: separator, source: source)
    guard !cells.lines.isEmpty else {
      throw InvalidInput("\(source) is empty; it needs at least one row of data")
    }
    let reader = CellReader(bytes: bytes, cells: cells)
    let hasHeader = header ?? reader.firstRowIsHeader
    let first = hasHeader ? 1 : 0
    guard cells.lines.count > first else {
      throw InvalidInput(
        "\(source) has a header but no data below it; add at least one row of data")
    }
    names = (0..<cells.columnCount).map {
      let name = hasHeader ? reader.text(row: 0, column: $0) : ""
      return name.isEmpty ? "\($0)" : name
    }
    columns = (0..<cells.columnCount).map { reader.column($0, from: first) }
    lines = Array(cells.lines[first...])
    self.hasHeader = hasHeader
    self.source = source
  }
}

/// The cells of a text as values.
private struct CellReader {
  let bytes: UnsafeBufferPointer<UInt8>
  let cells: SeparatedValues

  func content(row: Int, column: Int) -> UnsafeBufferPointer<UInt8> {
    let cell = cells.cells[row * cells.columnCount + column]
    return UnsafeBufferPointer(rebasing: bytes[cell.start..<cell.start + Int(cell.count)])
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

  func column(_ column: Int, from first: Int) -> DataTable.Column {
    let rows = first..<cells.lines.count
    var numbers: [Double] = []
    numbers.reserveCapacity(rows.count)
    for row in rows {
      guard let value = decimalNumber(content(row: row, column: column)) else {
        return labels(column, rows)
      }
      numbers.append(value)
    }
    return .numbers(numbers)
  }

  private func labels(_ column: Int, _ rows: Range<Int>) -> DataTable.Column {
    var distinct: [String] = []
    var numbering: [String: Int32] = [:]
    let codes = rows.map { row in
      let label = text(row: row, column: column)
      if let code = numbering[label] { return code }
      let code = Int32(distinct.count)
      numbering[label] = code
      distinct.append(label)
      return code
    }
    return .labels(distinct: distinct, codes: codes)
  }

  var firstRowIsHeader: Bool {
    let columns = 0..<cells.columnCount
    let isNumber = columns.map { decimalNumber(content(row: 0, column: $0)) != nil }
    let words = columns.filter { !isNumber[$0] && !isMissing(text(row: 0, column: $0)) }
    guard !words.isEmpty else { return false }
    guard isNumber.contains(true) else { return true }
    return !words.allSatisfy { column in
      let word = content(row: 0, column: column)
      return (1..<cells.lines.count).contains {
        content(row: $0, column: column).elementsEqual(word)
      }
    }
  }
}

/// Whether a cell stands for an absent value: empty, NaN or an infinity.
package func isMissing(_ cell: String) -> Bool {
  let word = cell.lowercased().drop { $0 == "+" || $0 == "-" }
  return cell.isEmpty || word == "nan" || word == "inf" || word == "infinity"
}
