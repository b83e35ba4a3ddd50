import NumericalMethods

/// What separates the cells of a row.
package enum Separator: UInt8, CaseIterable, Sendable {
  case comma = 0x2C
  case semicolon = 0x3B
  case tab = 0x09
}

/// Where the cells of a CSV text lie: offsets into its bytes, nothing copied.
///
/// RFC 4180 with the tolerance real files need: LF, CRLF or CR line ends, blanks around a cell, and a
/// last row with or without its line end. A quoted cell may hold separators, line ends and doubled quotes. Lines
/// before the first row that begin with `#` are comments.
struct SeparatedValues {
  struct Cell {
    var start: Int
    var count: Int32
    /// Holds doubled quotes, each of which stands for one.
    var hasDoubledQuotes: Bool
  }

  let separator: Separator
  /// All rows have this many cells.
  private(set) var columnCount = 0
  /// Row after row.
  private(set) var cells: [Cell] = []
  /// The line of the file on which each row begins, from 1.
  private(set) var lines: [Int] = []

  /// - Parameter source: what the text is called in a refusal.
  init(
    _ bytes: UnsafeBufferPointer<UInt8>, separator forced: Separator? = nil, source: String
  ) throws {
    // A byte-order mark is no part of the first cell.
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let comments = SeparatedValues.skipComments(bytes, &start)
    separator = forced ?? SeparatedValues.detectSeparator(bytes, from: start)
    try scan(bytes, from: start, line: comments + 1, source: source)
  }

  /// Moves to the first line without `#`; the number of lines before it.
  private static func skipComments(_ bytes: UnsafeBufferPointer<UInt8>, _ i: inout Int) -> Int {
    var lines = 0
    while i < bytes.count, bytes[i] == hash {
      while i < bytes.count, bytes[i] != lineFeed, bytes[i] != carriageReturn { i += 1 }
      if i < bytes.count, bytes[i] == carriageReturn { i += 1 }
      if i < bytes.count, bytes[i] == lineFeed { i += 1 }
      lines += 1
    }
    return lines
  }

  /// Tab if the first line has one outside quotes, else semicolon, else comma: a file separated by tabs
  /// or semicolons may hold commas (decimal ones, to be refused as such), hardly ever the reverse.
  private static func detectSeparator(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> Separator {
    var isQuoted = false
    var hasSemicolon = false
    for byte in bytes[start...] {
      if byte == quote { isQuoted.toggle() }
      if isQuoted { continue }
      if byte == lineFeed || byte == carriageReturn { break }
      if byte == Separator.tab.rawValue { return .tab }
      if byte == Separator.semicolon.rawValue { hasSemicolon = true }
    }
    return hasSemicolon ? .semicolon : .comma
  }

  /// The most bytes of a cell; a longer one is a quote that was not meant, or no table.
  static let longestCell = 1 << 20

  private mutating func append(
    _ start: Int, _ end: Int, hasDoubledQuotes: Bool, row: Int, source: String
  ) throws {
    guard end - start <= SeparatedValues.longestCell else {
      throw InvalidInput(
        "row \(row) of \(source) has a cell of \(end - start) bytes, more than \(SeparatedValues.longestCell); look for a quote that is not closed"
      )
    }
    cells.append(
      Cell(start: start, count: Int32(end - start), hasDoubledQuotes: hasDoubledQuotes))
  }

  private mutating func scan(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, line first: Int, source: String
  ) throws {
    let end = bytes.count
    let separator = separator.rawValue
    var i = start
    var line = first
    var blankLine: Int?
    func isBlank(_ byte: UInt8) -> Bool { byte == space || (byte == tab && separator != tab) }

    while i < end {
      let rowLine = line
      let firstCell = cells.count
      var isQuoted = false
      while true {
        while i < end, isBlank(bytes[i]) { i += 1 }
        if i < end, bytes[i] == quote {
          isQuoted = true
          i += 1
          let first = i
          var hasDoubledQuotes = false
          while true {
            guard i < end else {
              throw InvalidInput(
                "row \(rowLine) of \(source) opens a quote that is never closed; add the closing quote"
              )
            }
            if bytes[i] == quote {
              guard i + 1 < end, bytes[i + 1] == quote else { break }
              hasDoubledQuotes = true
              i += 1
            } else if bytes[i] == lineFeed {
              line += 1
            }
            i += 1
          }
          try append(first, i, hasDoubledQuotes: hasDoubledQuotes, row: rowLine, source: source)
          i += 1
          while i < end, isBlank(bytes[i]) { i += 1 }
          guard
            i == end || bytes[i] == separator || bytes[i] == lineFeed || bytes[i] == carriageReturn
          else {
            throw InvalidInput(
              "row \(rowLine) of \(source) has text after a closing quote; double the quotes inside a quoted cell"
            )
          }
        } else {
          let first = i
          while i < end, bytes[i] != separator, bytes[i] != lineFeed, bytes[i] != carriageReturn {
            i += 1
          }
          var last = i
          while last > first, isBlank(bytes[last - 1]) { last -= 1 }
          try append(first, last, hasDoubledQuotes: false, row: rowLine, source: source)
        }
        guard i < end, bytes[i] == separator else { break }
        i += 1
      }
      // The line end: LF, CRLF, CR or the end of the text.
      if i < end, bytes[i] == carriageReturn { i += 1 }
      if i < end, bytes[i] == lineFeed { i += 1 }
      line += 1

      let found = cells.count - firstCell
      if found == 1, cells[firstCell].count == 0, !isQuoted {
        // Blank lines may end a file, not interrupt it.
        cells.removeLast()
        blankLine = blankLine ?? rowLine
        continue
      }
      if let blankLine {
        throw InvalidInput("row \(blankLine) of \(source) is blank; remove it or fill it in")
      }
      if lines.isEmpty {
        columnCount = found
        // Rows tend to be alike: one allocation instead of many.
        let rows = end / max(1, i - start)
        cells.reserveCapacity((rows + rows / 8 + 1) * found)
      }
      guard found == columnCount else {
        let halves =
          separator == Separator.comma.rawValue && found == 2 * columnCount
          ? ", or, where commas are decimal, separate cells by semicolons and say --decimal ," : ""
        throw InvalidInput(
          "row \(rowLine) of \(source) has \(counted(found, "cell")), but the first row has \(columnCount); give every row the same number\(halves)"
        )
      }
      lines.append(rowLine)
    }
  }
}

private let lineFeed: UInt8 = 0x0A
private let carriageReturn: UInt8 = 0x0D
private let quote: UInt8 = 0x22
private let hash: UInt8 = 0x23
private let space: UInt8 = 0x20
private let tab: UInt8 = 0x09

/// "1 row", "2 rows".
package func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}
