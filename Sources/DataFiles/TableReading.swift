/// How a table is to be read, where its file leaves it open.
package struct TableReading: Sendable {
  /// Whether the first row holds names; by default found out.
  package var header: Bool?
  /// By default tab or semicolon where the first line has one, else comma.
  package var separator: Separator?
  /// Whether decimals are written with a comma.
  package var decimalComma: Bool
  /// The column that holds an index of the rows, by name or number; `none` for no such column. By default found out.
  package var indexColumn: String?
  /// Columns, or arrays, that are left out, by name or number, separated by commas.
  package var dropped: String?

  package init(
    header: Bool? = nil, separator: Separator? = nil, decimalComma: Bool = false,
    indexColumn: String? = nil, dropped: String? = nil
  ) {
    self.header = header
    self.separator = separator
    self.decimalComma = decimalComma
    self.indexColumn = indexColumn
    self.dropped = dropped
  }
}
