import NumericalMethods

/// A = L Lᵀ of a small symmetric positive definite matrix, for solving A x = y many times without GSL's
/// allocations.
struct CholeskySolver {
  let size: Int
  private var factor: [Double]

  /// Nil where A is not positive definite.
  init?(_ matrix: Matrix) {
    size = matrix.rows
    factor = matrix.elements
    let n = size
    for j in 0..<n {
      var pivot = factor[j * n + j]
      let original = pivot
      for k in 0..<j { pivot -= factor[j * n + k] * factor[j * n + k] }
      // A pivot lost to roundoff means a singular matrix.
      guard pivot > 1e-14 * original, original > 0, pivot.isFinite else { return nil }
      let root = pivot.squareRoot()
      factor[j * n + j] = root
      for i in (j + 1)..<max(n, j + 1) {
        var sum = factor[i * n + j]
        for k in 0..<j { sum -= factor[i * n + k] * factor[j * n + k] }
        factor[i * n + j] = sum / root
      }
    }
  }

  /// A⁻¹ y.
  func solve(_ right: [Double]) -> [Double] {
    var x = right
    let n = size
    for i in 0..<n {
      for k in 0..<i { x[i] -= factor[i * n + k] * x[k] }
      x[i] /= factor[i * n + i]
    }
    for i in (0..<n).reversed() {
      for k in (i + 1)..<max(n, i + 1) { x[i] -= factor[k * n + i] * x[k] }
      x[i] /= factor[i * n + i]
    }
    return x
  }

  /// A⁻¹ B.
  func solve(_ right: Matrix) -> Matrix {
    var result = Matrix(rows: right.rows, columns: right.columns)
    for j in 0..<right.columns {
      let column = solve(right.column(j))
      for i in 0..<right.rows { result[i, j] = column[i] }
    }
    return result
  }

  /// A⁻¹.
  var inverse: Matrix { solve(.identity(size)) }
}
