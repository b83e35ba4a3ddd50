package import DataFiles
import Foundation
import NumericalMethods

/// A result as rows and columns: printed in a terminal, or written as CSV.
public struct Table: Sendable {
  /// What stands in a cell.
  public enum Cell: Sendable {
    case text(String)
    case integer(Int)
    /// Printed with six significant digits; CSV has all.
    case number(Double?)
    case flag(Bool)
  }

  /// What a column is.
  public struct Column: Sendable {
    /// The CSV name: one word.
    public let name: String
    /// The heading in a terminal: a symbol where there is one.
    public let heading: String
    /// The unit or meaning, for the CSV's header.
    public let meaning: String

    package init(_ name: String, _ heading: String, _ meaning: String) {
      self.name = name
      self.heading = heading
      self.meaning = meaning
    }
  }

  /// The file name without its ending.
  public let name: String
  public let title: String
  /// From left to right.
  public let columns: [Column]
  /// Too long for a terminal: written to files only.
  package let isDetail: Bool
  private var stored: [[Cell]] = []
  /// Rows that are made when they are written: a row for each of a million runs takes no room.
  private let generated: Generated?

  private struct Generated: Sendable {
    let count: Int
    let row: @Sendable (Int) -> [Cell]
  }

  package init(name: String, title: String, columns: [Column], isDetail: Bool = false) {
    self.name = name
    self.title = title
    self.columns = columns
    self.isDetail = isDetail
    generated = nil
  }

  /// A table for files, whose rows are made when they are written.
  package init(
    name: String, title: String, columns: [Column], count: Int,
    row: @escaping @Sendable (Int) -> [Cell]
  ) {
    self.name = name
    self.title = title
    self.columns = columns
    isDetail = true
    generated = Generated(count: count, row: row)
  }

  package var count: Int { generated?.count ?? stored.count }

  private func row(_ i: Int) -> [Cell] { generated?.row(i) ?? stored[i] }

  package var rows: [[Cell]] { (0..<count).map(row) }

  package mutating func append(_ row: [Cell]) {
    precondition(generated == nil, "the rows of this table are made when they are written")
    precondition(
      row.count == columns.count, "\(row.count) cells in a table of \(columns.count) columns")
    stored.append(row)
  }

  /// Aligned text with the title above.
  public func rendered() -> String {
    let rows = rows
    let cells = [columns.map(\.heading)] + rows.map { $0.map(Self.short) }
    let widths = columns.indices.map { j in cells.map { $0[j].count }.max()! }
    let isText = columns.indices.map { j in
      rows.contains { if case .text = $0[j] { true } else { false } }
    }
    var lines = [title]
    for (i, row) in cells.enumerated() {
      lines.append(
        row.indices.map { j in
          let padding = String(repeating: " ", count: widths[j] - row[j].count)
          return isText[j] ? row[j] + padding : padding + row[j]
        }.joined(separator: "  ").trimmingTrailingSpaces())
      if i == 0 {
        lines.append(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "))
      }
    }
    return lines.joined(separator: "\n")
  }

  /// RFC 4180 rows under a header of column names.
  public func csv() -> String {
    var text = ""
    writeCSV { text += $0 }
    return text
  }

  /// The same in parts, for tables that are long.
  package func writeCSV(_ write: (String) throws -> Void) rethrows {
    var text = columns.map { Self.escaped($0.name) }.joined(separator: ",") + "\n"
    for i in 0..<count {
      text += row(i).map { Self.escaped(Self.full($0)) }.joined(separator: ",") + "\n"
      if text.utf8.count > 1 << 16 {
        try write(text)
        text.removeAll(keepingCapacity: true)
      }
    }
    try write(text)
  }

  /// One object per row, by the names of the columns.
  package var json: JSONValue {
    .array(
      rows.map { row in
        .object(
          zip(columns, row).map { column, cell in
            let value: JSONValue =
              switch cell {
              case .text(let text): .string(text)
              case .integer(let number): .integer(number)
              case .number(let number): .optional(number)
              case .flag(let flag): .bool(flag)
              }
            return (key: column.name, value: value)
          })
      })
  }

  package var isEmpty: Bool { count == 0 }

  private static func short(_ cell: Cell) -> String {
    switch cell {
    case .text(let text): text
    case .integer(let value): String(value)
    case .number(let value): value.map { sixDigits($0) } ?? "–"
    case .flag(let value): value ? "yes" : "no"
    }
  }

  private static func full(_ cell: Cell) -> String {
    switch cell {
    case .text(let text): text
    case .integer(let value): String(value)
    case .number(let value): value.map { $0.isFinite ? "\($0)" : "" } ?? ""
    case .flag(let value): value ? "true" : "false"
    }
  }

  private static func escaped(_ field: String) -> String {
    field.contains { $0 == "," || $0 == "\"" || $0.isNewline }
      ? "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : field
  }
}

extension String {
  fileprivate func trimmingTrailingSpaces() -> String {
    var result = self
    while result.last == " " { result.removeLast() }
    return result
  }
}
