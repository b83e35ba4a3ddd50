/// A dense real matrix, row after row.
public struct Matrix: Equatable, Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// Element (i, j) is `elements[i * columns + j]`.
  public var elements: [Double]

  /// A matrix from its elements, row by row.
  public init(rows: Int, columns: Int, elements: [Double]) {
    precondition(
      elements.count == rows * columns,
      "a \(rows) × \(columns) matrix needs \(rows * columns) elements, but got \(elements.count)")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// A matrix of zeros.
  public init(rows: Int, columns: Int) {
    self.init(
      rows: rows, columns: columns, elements: [Double](repeating: 0, count: rows * columns))
  }

  public static func identity(_ size: Int) -> Matrix {
    diagonal([Double](repeating: 1, count: size))
  }

  /// A square matrix with the given diagonal and zeros elsewhere.
  public static func diagonal(_ values: [Double]) -> Matrix {
    var matrix = Matrix(rows: values.count, columns: values.count)
    for i in values.indices { matrix[i, i] = values[i] }
    return matrix
  }

  /// The element of row i and column j, counted from 0.
  @inlinable
  public subscript(_ i: Int, _ j: Int) -> Double {
    get { elements[i * columns + j] }
    set { elements[i * columns + j] = newValue }
  }

  /// Aᵀ.
  public var transposed: Matrix {
    var result = Matrix(rows: columns, columns: rows)
    for i in 0..<rows { for j in 0..<columns { result[j, i] = self[i, j] } }
    return result
  }

  /// Row i, counted from 0.
  public func row(_ i: Int) -> [Double] { Array(elements[i * columns..<(i + 1) * columns]) }

  /// Column j, counted from 0.
  public func column(_ j: Int) -> [Double] { (0..<rows).map { self[$0, j] } }

  public static func * (left: Matrix, right: Matrix) -> Matrix {
    precondition(
      left.columns == right.rows,
      "cannot multiply \(left.rows) × \(left.columns) by \(right.rows) × \(right.columns)")
    var result = Matrix(rows: left.rows, columns: right.columns)
    left.elements.withUnsafeBufferPointer { a in
      right.elements.withUnsafeBufferPointer { b in
        result.elements.withUnsafeMutableBufferPointer { c in
          guard !c.isEmpty, !a.isEmpty else { return }
          multiplyAdd(
            a.baseAddress!, b.baseAddress!, into: c.baseAddress!,
            rows: left.rows, inner: left.columns, columns: right.columns)
        }
      }
    }
    return result
  }

  public static func + (left: Matrix, right: Matrix) -> Matrix {
    precondition(left.rows == right.rows && left.columns == right.columns)
    return Matrix(
      rows: left.rows, columns: left.columns,
      elements: zip(left.elements, right.elements).map { $0 + $1 })
  }

  public static func * (scale: Double, matrix: Matrix) -> Matrix {
    Matrix(
      rows: matrix.rows, columns: matrix.columns, elements: matrix.elements.map { scale * $0 })
  }
}

// MARK: - Kernels
//
// Inner loops run over contiguous rows (y += a·x), which the compiler vectorises without reordering a
// floating-point sum: results do not depend on the vector width.

/// C += A·B; A is rows × inner, B inner × columns.
@inlinable
package func multiplyAdd(
  _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, into c: UnsafeMutablePointer<Double>,
  rows: Int, inner: Int, columns: Int
) {
  for i in 0..<rows {
    let out = c + i * columns
    for k in 0..<inner {
      let factor = a[i * inner + k]
      let source = b + k * columns
      for j in 0..<columns { out[j] += factor * source[j] }
    }
  }
}

/// C += Aᵀ·B; A is inner × rows, B inner × columns.
@inlinable
package func multiplyAddTransposedLeft(
  _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, into c: UnsafeMutablePointer<Double>,
  rows: Int, inner: Int, columns: Int
) {
  for k in 0..<inner {
    let source = b + k * columns
    for i in 0..<rows {
      let factor = a[k * rows + i]
      let out = c + i * columns
      for j in 0..<columns { out[j] += factor * source[j] }
    }
  }
}

/// C += A·Bᵀ; A is rows × inner, B columns × inner.
@inlinable
package func multiplyAddTransposedRight(
  _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, into c: UnsafeMutablePointer<Double>,
  rows: Int, inner: Int, columns: Int
) {
  for i in 0..<rows {
    for j in 0..<columns { c[i * columns + j] += dot(a + i * inner, b + j * inner, inner) }
  }
}

/// Σ xᵢyᵢ in eight partial sums, in a fixed order.
@inlinable
package func dot(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int) -> Double {
  var partial = SIMD8<Double>.zero
  var i = 0
  while i + 8 <= count {
    let a = UnsafeRawPointer(x + i).loadUnaligned(as: SIMD8<Double>.self)
    let b = UnsafeRawPointer(y + i).loadUnaligned(as: SIMD8<Double>.self)
    partial += a * b
    i += 8
  }
  var sum = partial.sum()
  while i < count {
    sum += x[i] * y[i]
    i += 1
  }
  return sum
}

/// y += a·x.
@inlinable
package func addScaled(
  _ factor: Double, _ x: UnsafePointer<Double>, to y: UnsafeMutablePointer<Double>, _ count: Int
) {
  for i in 0..<count { y[i] += factor * x[i] }
}
