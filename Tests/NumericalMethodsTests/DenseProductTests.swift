import NumericalMethods
import TestSupport
import Testing

@Suite("Dense products")
struct DenseProductTests {
  struct Shape: CustomTestStringConvertible {
    let rows: Int
    let inner: Int
    let columns: Int
    var testDescription: String { "\(rows) × \(inner) by \(inner) × \(columns)" }
  }

  // Whole and broken tiles of every kernel, and more than one pass over the inner index.
  static let shapes = [
    Shape(rows: 1, inner: 1, columns: 1), Shape(rows: 3, inner: 7, columns: 10),
    Shape(rows: 8, inner: 64, columns: 16), Shape(rows: 13, inner: 5, columns: 17),
    Shape(rows: 64, inner: 64, columns: 64), Shape(rows: 10, inner: 300, columns: 31),
    Shape(rows: 7, inner: 515, columns: 72), Shape(rows: 5, inner: 0, columns: 9),
  ]

  /// Rows of `width` numbers, `row` apart, and between them what a product must neither use nor change.
  private func spaced(_ matrix: Matrix, row: Int) -> [Double] {
    var elements = [Double](repeating: .nan, count: matrix.rows * row + 8)
    for i in 0..<matrix.rows {
      for j in 0..<matrix.columns { elements[i * row + j] = matrix[i, j] }
    }
    return elements
  }

  private func product(_ a: Matrix, _ b: Matrix, isTransposed: Bool, adding start: Matrix?)
    -> [Double]
  {
    let left = isTransposed ? a.transposed : a
    let aRow = left.columns + 3
    let bRow = (b.columns + 7) / 8 * 8 + 8
    let cRow = b.columns + 2
    var c = spaced(start ?? Matrix(rows: a.rows, columns: b.columns), row: cRow)
    spaced(left, row: aRow).withUnsafeBufferPointer { a0 in
      spaced(b, row: bRow).withUnsafeBufferPointer { b0 in
        c.withUnsafeMutableBufferPointer { c0 in
          let view = StridedMatrix(a0.baseAddress!, row: aRow)
          denseProduct(
            isTransposed ? view.transposed : view, b0.baseAddress!, row: bRow,
            into: c0.baseAddress!, row: cRow, rows: a.rows, inner: a.columns, columns: b.columns,
            adding: start != nil)
        }
      }
    }
    for i in 0..<a.rows {
      #expect(c[i * cRow + b.columns].isNaN && c[i * cRow + b.columns + 1].isNaN)
    }
    return (0..<a.rows).flatMap { c[$0 * cRow..<$0 * cRow + b.columns] }
  }

  @Test("Element by element: C = A·B, AᵀB, C + A·B", arguments: shapes, [false, true])
  func elements(_ shape: Shape, _ isTransposed: Bool) {
    let random = testStream(70)
    let a = randomMatrix(shape.rows, shape.inner, random)
    let b = randomMatrix(shape.inner, shape.columns, random)
    let start = randomMatrix(shape.rows, shape.columns, random)
    let plain = product(a, b, isTransposed: isTransposed, adding: nil)
    let added = product(a, b, isTransposed: isTransposed, adding: start)
    for i in 0..<shape.rows {
      for j in 0..<shape.columns {
        var sum = 0.0
        var size = 0.0
        for k in 0..<shape.inner {
          sum += a[i, k] * b[k, j]
          size += abs(a[i, k] * b[k, j])
        }
        let n = i * shape.columns + j
        let tolerance = 1e-16 * Double(shape.inner + 2) * (1 + size)
        expectClose(plain[n], to: sum, absolute: tolerance)
        expectClose(added[n], to: sum + start[i, j], absolute: tolerance)
      }
    }
  }

  @Test("An element depends on its row and its column alone, to the last bit", arguments: shapes)
  func independence(_ shape: Shape) {
    let random = testStream(71)
    let a = randomMatrix(shape.rows, shape.inner, random)
    let b = randomMatrix(shape.inner, shape.columns, random)
    let whole = product(a, b, isTransposed: false, adding: nil)
    #expect(product(a, b, isTransposed: true, adding: nil) == whole)
    for i in [0, shape.rows - 1] {
      for j in [0, shape.columns / 2, shape.columns - 1] {
        let alone = product(
          Matrix(rows: 1, columns: shape.inner, elements: a.row(i)),
          Matrix(rows: shape.inner, columns: 1, elements: b.column(j)), isTransposed: false,
          adding: nil)
        #expect(alone == [whole[i * shape.columns + j]])
      }
    }
  }

  @Test(
    "Transposes, filled up with zeros", arguments: [(1, 1), (5, 11), (8, 8), (17, 24), (64, 10)])
  func transposes(_ rows: Int, _ columns: Int) {
    let a = randomMatrix(rows, columns, testStream(72))
    let aRow = columns + 1
    let bRow = (rows + 7) / 8 * 8 + 3
    var b = [Double](repeating: 7, count: columns * bRow)
    spaced(a, row: aRow).withUnsafeBufferPointer { a0 in
      b.withUnsafeMutableBufferPointer {
        transpose(
          a0.baseAddress!, row: aRow, into: $0.baseAddress!, row: bRow, rows: rows,
          columns: columns)
      }
    }
    for j in 0..<columns {
      for i in 0..<bRow {
        #expect(b[j * bRow + i] == (i < rows ? a[i, j] : i < bRow - 3 ? 0 : 7))
      }
    }
  }
}
