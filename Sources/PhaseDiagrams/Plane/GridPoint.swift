/// A point of a grid, by its column and row.
package struct GridPoint: Hashable, Comparable, Sendable, Codable {
  package let column: Int
  package let row: Int

  package init(_ column: Int, _ row: Int) {
    self.column = column
    self.row = row
  }

  /// Column by column: what depends on x alone is then computed once for neighbours in this order.
  package static func < (left: GridPoint, right: GridPoint) -> Bool {
    (left.column, left.row) < (right.column, right.row)
  }
}

/// A rectangle of a grid whose four corners are points of it.
package struct GridBlock: Hashable, Sendable {
  package let columns: ClosedRange<Int>
  package let rows: ClosedRange<Int>

  package init(columns: ClosedRange<Int>, rows: ClosedRange<Int>) {
    self.columns = columns
    self.rows = rows
  }

  /// From one point to the next, both ways.
  package var isFinest: Bool { columns.count <= 2 && rows.count <= 2 }

  /// Lower left, lower right, upper left, upper right.
  package var corners: [GridPoint] {
    [rows.lowerBound, rows.upperBound].flatMap { row in
      [columns.lowerBound, columns.upperBound].map { GridPoint($0, row) }
    }
  }

  /// All points of it, its edges included.
  package var points: [GridPoint] {
    columns.flatMap { column in rows.map { GridPoint(column, $0) } }
  }

  /// Halves of each side that can be halved: four, or two of a strip.
  package var parts: [GridBlock] {
    func halves(_ range: ClosedRange<Int>) -> [ClosedRange<Int>] {
      guard range.count > 2 else { return [range] }
      let middle = (range.lowerBound + range.upperBound) / 2
      return [range.lowerBound...middle, middle...range.upperBound]
    }
    return halves(rows).flatMap { rows in
      halves(columns).map { GridBlock(columns: $0, rows: rows) }
    }
  }

  /// A grid in blocks of so many steps, those at the ends smaller.
  package static func all(columns: Int, rows: Int, stride: Int) -> [GridBlock] {
    func ranges(_ count: Int) -> [ClosedRange<Int>] {
      Swift.stride(from: 0, to: count - 1, by: stride).map { $0...min($0 + stride, count - 1) }
    }
    return ranges(rows).flatMap { rows in
      ranges(columns).map { GridBlock(columns: $0, rows: rows) }
    }
  }

  /// The stride of a coarse grid: a power of two that leaves five blocks or more along the shorter side.
  package static func coarsestStride(columns: Int, rows: Int) -> Int {
    var stride = 1
    while 2 * stride * 5 <= min(columns, rows) { stride *= 2 }
    return stride
  }
}
