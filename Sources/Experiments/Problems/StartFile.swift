import DataFiles
import NumericalMethods

/// Weights to start from.
package enum StartFile {
  /// The rows of a table, each a start; of one column, its numbers as one start.
  ///
  /// - Throws: `InvalidInput` where the file is none of numbers.
  package static func starts(contentsOf path: String) throws -> [[Double]] {
    let table = try DataTable(contentsOf: path, reading: TableReading(indexColumn: "none"))
    let columns = try table.columns.enumerated().map { i, column -> [Double] in
      guard case .numbers(let numbers) = column else {
        throw InvalidInput(
          "column '\(table.names[i])' of \(table.source) holds words, but weights are numbers; give one start a row, W₁ row by row first"
        )
      }
      return numbers
    }
    guard columns.count > 1 else { return [columns.first ?? []] }
    return (0..<table.rowCount).map { row in columns.map { $0[row] } }
  }
}
