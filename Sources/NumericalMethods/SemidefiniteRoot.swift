/// A root L of a symmetric positive semidefinite matrix, A = L Lᵀ: lower trapezoidal, a column for each
/// independent direction.
package struct SemidefiniteRoot: Sendable {
  /// A pivot at or below this share of its diagonal element is roundoff, not a direction.
  package static let tolerance = 1e-12

  /// L, size × rank, row after row; row i ends with column `ends[i]`, what follows is zero.
  package let factor: Matrix
  /// For each row the columns that it may use: row i is zero from column `ends[i]` on.
  package let ends: [Int]

  /// The Cholesky factor, row by row, without the columns of vanishing pivots.
  ///
  /// ```
  /// d_i = A_ii − Σ_k L_ik²,   L_ij = (A_ij − Σ_k L_ik L_jk)/√d_j
  /// ```
  ///
  /// Where d_i ≤ 10⁻¹² A_ii the i-th direction is a combination of the earlier ones to roundoff and gets no
  /// column: no jitter is added, and the rank is found. In exact arithmetic L Lᵀ = A; here to some 10⁻¹²
  /// of √(A_ii A_jj) for well-scaled data.
  ///
  /// Only the lower triangle is read.
  ///
  /// - Throws: ``NumericalFailure`` where A is not positive semidefinite, or not finite.
  ///
  /// Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 10.3.
  package init(_ matrix: Matrix) throws {
    precondition(
      matrix.rows == matrix.columns, "a \(matrix.rows) × \(matrix.columns) matrix is not square")
    let n = matrix.rows
    var rows = [Double](repeating: 0, count: n * n)
    // The column of each row with a pivot of its own.
    var pivots = [(row: Int, column: Int)]()
    var ends = [Int]()
    ends.reserveCapacity(n)
    try rows.withUnsafeMutableBufferPointer { buffer in
      guard let l = buffer.baseAddress else { return }
      for i in 0..<n {
        let row = l + i * n
        for (j, column) in pivots {
          let other = l + j * n
          row[column] = (matrix[i, j] - dot(row, other, column)) / other[column]
        }
        let rank = pivots.count
        let diagonal = matrix[i, i]
        let pivot = diagonal - dot(row, row, rank)
        guard pivot >= -1e3 * Self.tolerance * abs(diagonal), pivot.isFinite, diagonal >= 0 else {
          throw NumericalFailure(
            "a \(n) × \(n) covariance is not positive semidefinite: its pivot \(i) is \(pivot), of a diagonal element \(diagonal)"
          )
        }
        if pivot > Self.tolerance * diagonal {
          row[rank] = pivot.squareRoot()
          pivots.append((i, rank))
        }
        ends.append(pivots.count)
      }
    }
    let rank = pivots.count
    var factor = Matrix(rows: n, columns: rank)
    for i in 0..<n {
      for k in 0..<ends[i] { factor[i, k] = rows[i * n + k] }
    }
    self.factor = factor
    self.ends = ends
  }

  /// The number of columns.
  package var rank: Int { factor.columns }
}
