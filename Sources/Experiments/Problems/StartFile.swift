import DataFiles
package import Networks
import NumericalMethods

/// Weights to start from.
package enum StartFile {
  /// Weights with names: of one network, which follows from them.
  case checkpoint(NetworkCheckpoint)
  /// Starts of a network that is known otherwise.
  case points([[Double]])

  /// A checkpoint; or the rows of a table, each a start; of one column, its numbers as one start.
  ///
  /// - Throws: `InvalidInput` where the file is none of numbers.
  package init(contentsOf path: String) throws {
    if let checkpoint = try NetworkCheckpoint.ifAny(path) {
      self = .checkpoint(checkpoint)
      return
    }
    let table: DataTable
    do {
      table = try DataTable(contentsOf: path, reading: TableReading(indexColumn: "none"))
    } catch let error as InvalidInput {
      throw InvalidInput(
        "'\(path)' holds no weights: it is neither a checkpoint (safetensors, .npz) nor a table of numbers (\("\(error)".split(separator: ";")[0]))"
      )
    }
    let columns = try table.columns.enumerated().map { i, column -> [Double] in
      guard case .numbers(let numbers) = column else {
        throw InvalidInput(
          "column '\(table.names[i])' of \(table.source) holds entries that are no finite numbers, but weights are; give numbers alone, W₁ row by row first"
        )
      }
      return numbers
    }
    guard columns.count > 1 else {
      self = .points([columns.first ?? []])
      return
    }
    self = .points((0..<table.rowCount).map { row in columns.map { $0[row] } })
  }

  /// θ of each start.
  package var points: [[Double]] {
    switch self {
    case .checkpoint(let checkpoint): [checkpoint.parameters]
    case .points(let points): points
    }
  }

  /// nil for starts without names.
  package var checkpoint: NetworkCheckpoint? {
    if case .checkpoint(let checkpoint) = self { checkpoint } else { nil }
  }
}
