/// A matrix of lanes in memory: element (i, j) is the vector at `base[i * row + j * column]`.
///
/// With the strides exchanged it is its own transpose, so one product serves all four.
@frozen
@usableFromInline package struct LaneMatrix<Vector: Lanes> {
  @usableFromInline let base: UnsafePointer<Vector>
  @usableFromInline let row: Int
  @usableFromInline let column: Int

  /// Rows one after the other, `columns` vectors each.
  @inlinable @inline(__always)
  package init(_ base: UnsafePointer<Vector>, columns: Int) {
    self.base = base
    row = columns
    column = 1
  }

  @inlinable @inline(__always)
  init(base: UnsafePointer<Vector>, row: Int, column: Int) {
    self.base = base
    self.row = row
    self.column = column
  }

  @inlinable @inline(__always)
  package var transposed: LaneMatrix {
    LaneMatrix(base: base, row: column, column: row)
  }

  @inlinable @inline(__always)
  subscript(_ i: Int, _ j: Int) -> Vector { base[i &* row &+ j &* column] }
}

/// C = A·B, or C = A·B + factor·D.
///
/// C and D are rows × columns, row after row; A is rows × inner and B inner × columns. Two by two elements
/// of C are summed at a time, so that each vector loaded serves twice.
@inlinable
package func multiply<Vector: Lanes>(
  _ a: LaneMatrix<Vector>, _ b: LaneMatrix<Vector>, into c: UnsafeMutablePointer<Vector>,
  rows: Int, inner: Int, columns: Int, adding d: UnsafePointer<Vector>? = nil,
  times factor: Double = 0
) {
  // With two terms a sum (networks of two inputs) the loop over them would cost more than they do.
  if inner == 2 {
    multiplyOfTwo(a, b, into: c, rows: rows, columns: columns, adding: d, times: factor)
    return
  }
  let scale = Vector(repeating: factor)
  @inline(__always)
  func initial(_ i: Int, _ j: Int) -> Vector {
    d.map { $0[i &* columns &+ j] * scale } ?? .zero
  }
  var i = 0
  while i &+ 2 <= rows {
    var j = 0
    while j &+ 2 <= columns {
      var c00 = initial(i, j)
      var c01 = initial(i, j &+ 1)
      var c10 = initial(i &+ 1, j)
      var c11 = initial(i &+ 1, j &+ 1)
      for k in 0..<inner {
        let a0 = a[i, k]
        let a1 = a[i &+ 1, k]
        let b0 = b[k, j]
        let b1 = b[k, j &+ 1]
        c00 = a0.multiplied(by: b0, adding: c00)
        c01 = a0.multiplied(by: b1, adding: c01)
        c10 = a1.multiplied(by: b0, adding: c10)
        c11 = a1.multiplied(by: b1, adding: c11)
      }
      c[i &* columns &+ j] = c00
      c[i &* columns &+ j &+ 1] = c01
      c[(i &+ 1) &* columns &+ j] = c10
      c[(i &+ 1) &* columns &+ j &+ 1] = c11
      j &+= 2
    }
    if j < columns {
      var c0 = initial(i, j)
      var c1 = initial(i &+ 1, j)
      for k in 0..<inner {
        c0 = a[i, k].multiplied(by: b[k, j], adding: c0)
        c1 = a[i &+ 1, k].multiplied(by: b[k, j], adding: c1)
      }
      c[i &* columns &+ j] = c0
      c[(i &+ 1) &* columns &+ j] = c1
    }
    i &+= 2
  }
  if i < rows {
    for j in 0..<columns {
      var sum = initial(i, j)
      for k in 0..<inner { sum = a[i, k].multiplied(by: b[k, j], adding: sum) }
      c[i &* columns &+ j] = sum
    }
  }
}

/// The same where the inner dimension is two, in the same order of additions.
@inlinable
func multiplyOfTwo<Vector: Lanes>(
  _ a: LaneMatrix<Vector>, _ b: LaneMatrix<Vector>, into c: UnsafeMutablePointer<Vector>,
  rows: Int, columns: Int, adding d: UnsafePointer<Vector>?, times factor: Double
) {
  let scale = Vector(repeating: factor)
  for i in 0..<rows {
    let (a0, a1) = (a[i, 0], a[i, 1])
    let row = c + i &* columns
    if let d {
      let term = d + i &* columns
      for j in 0..<columns {
        let first = a0.multiplied(by: b[0, j], adding: term[j] * scale)
        row[j] = a1.multiplied(by: b[1, j], adding: first)
      }
    } else {
      for j in 0..<columns { row[j] = a1.multiplied(by: b[1, j], adding: a0 * b[0, j]) }
    }
  }
}
