/// A value that stands in a cell of a table.
package protocol CellValue: Sendable {
  var cell: Table.Cell { get }
  /// The cell of a value that does not exist.
  static var missing: Table.Cell { get }
}

extension CellValue {
  /// A dash.
  package static var missing: Table.Cell { .text("–") }
}

extension Double: CellValue {
  package var cell: Table.Cell { .number(self) }
  package static var missing: Table.Cell { .number(nil) }
}

extension Int: CellValue {
  package var cell: Table.Cell { .integer(self) }
}

extension Bool: CellValue {
  package var cell: Table.Cell { .flag(self) }
}

extension String: CellValue {
  package var cell: Table.Cell { .text(self) }
}

extension Optional: CellValue where Wrapped: CellValue {
  package var cell: Table.Cell { self?.cell ?? Wrapped.missing }
}

/// A column, declared once: its name in CSV, its heading in a terminal, its meaning in both and in the reference,
/// and its value in each row.
package struct Column<Row>: Sendable {
  /// What the reference says of it.
  package let description: ColumnDescription
  let cell: @Sendable (Row) -> Table.Cell

  /// - Parameters:
  ///   - key: the CSV name, one word.
  ///   - symbol: the heading in a terminal.
  ///   - unit: stands behind the meaning; nil for what has none, or where the meaning says it.
  ///   - only: when the column is there; nil for always.
  package init<Value: CellValue>(
    _ key: String, _ symbol: String, _ meaning: String, unit: String? = nil, only: String? = nil,
    _ value: @escaping @Sendable (Row) -> Value
  ) {
    description = ColumnDescription(
      key: key, symbol: symbol, unit: unit, meaning: meaning, only: only)
    cell = { value($0).cell }
  }

  private init(description: ColumnDescription, cell: @escaping @Sendable (Row) -> Table.Cell) {
    self.description = description
    self.cell = cell
  }

  /// The same column under another heading.
  func headed(_ symbol: String) -> Column {
    var description = description
    description.symbol = symbol
    return Column(description: description, cell: cell)
  }

  /// The same column as one of many that differ by their number.
  var numbered: Column {
    var description = description
    description.isNumbered = true
    return Column(description: description, cell: cell)
  }
}

/// What the reference says of a column.
package struct ColumnDescription: Sendable {
  /// The CSV name.
  package let key: String
  /// The heading in a terminal.
  package internal(set) var symbol: String
  /// nil for what has none, or where the meaning says it.
  package let unit: String?
  /// In words.
  package let meaning: String
  /// When the column is there; nil for always.
  package let only: String?
  /// The first of as many as there are features, coordinates, …: `sigma1`, `sigma2`, …
  package internal(set) var isNumbered = false

  /// The line in the head of a CSV file.
  var head: String { unit.map { "\(meaning), \($0)" } ?? meaning }
}

/// What the reference says of a table.
package struct TableDescription: Sendable {
  /// The file name without its ending.
  package let name: String
  /// Every column that it can have.
  package let columns: [ColumnDescription]
  /// When there is one; nil for always.
  package let only: String?

  /// The description of a table with these columns.
  package init<Row>(_ name: String, _ columns: [Column<Row>], only: String? = nil) {
    self.name = name
    self.only = only
    self.columns = columns.map(\.description)
  }

  private init(name: String, columns: [ColumnDescription], only: String) {
    self.name = name
    self.columns = columns
    self.only = only
  }

  /// The same on one more condition.
  func only(_ condition: String) -> TableDescription {
    TableDescription(
      name: name, columns: columns, only: only.map { "\(condition), \($0)" } ?? condition)
  }
}

/// σ_1, σ_2, … of the end-to-end map.
func singularValueColumns<Row>(
  _ count: Int, only: String? = nil, _ values: @escaping @Sendable (Row) -> [Double]
) -> [Column<Row>] {
  (0..<count).map { r in
    Column(
      "sigma\(r + 1)", "σ_\(r + 1)", "singular value \(r + 1) of the end-to-end map", only: only
    ) { values($0)[r] }.numbered
  }
}

extension Array {
  /// The columns, one of them under another heading.
  func heading<Row>(_ key: String, as symbol: String) -> [Column<Row>]
  where Element == Column<Row> {
    map { $0.description.key == key ? $0.headed(symbol) : $0 }
  }

  /// The columns without those of these keys.
  func without<Row>(_ keys: String...) -> [Column<Row>] where Element == Column<Row> {
    filter { !keys.contains($0.description.key) }
  }
}

extension Table {
  /// A table of rows.
  package init<Row>(
    name: String, title: String, columns: [Reports.Column<Row>], rows: some Sequence<Row>,
    isDetail: Bool = false
  ) {
    self.init(name: name, title: title, columns: columns.map(\.head), isDetail: isDetail)
    for row in rows { append(columns.map { $0.cell(row) }) }
  }

  /// A table for files, whose rows are made when they are written.
  package init<Row>(
    name: String, title: String, columns: [Reports.Column<Row>], count: Int,
    row: @escaping @Sendable (Int) -> Row
  ) {
    self.init(name: name, title: title, columns: columns.map(\.head), count: count) {
      let row = row($0)
      return columns.map { $0.cell(row) }
    }
  }
}

extension Column {
  fileprivate var head: Table.Column {
    Table.Column(description.key, description.symbol, description.head)
  }
}
