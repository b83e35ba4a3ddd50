import NumericalMethods

/// Mean and variance (divisor N) of every column.
struct ColumnStatistics {
  let means: [Double]
  let variances: [Double]
  /// The columns that hold one value only. Decided by comparison, not by the variance, which rounding
  /// can leave above zero; their mean is that value exactly.
  let constant: [Int]

  init(_ matrix: Matrix) {
    let scale = 1 / Double(matrix.rows)
    var isConstant = [Bool](repeating: true, count: matrix.columns)
    var sums = [Double](repeating: 0, count: matrix.columns)
    for i in 0..<matrix.rows {
      for j in 0..<matrix.columns {
        sums[j] += matrix[i, j]
        if matrix[i, j] != matrix[0, j] { isConstant[j] = false }
      }
    }
    var means = sums.map { scale * $0 }
    // A second pass over the residuals removes what rounding left of the mean, and gives the variance
    // without the cancellation of ⟨x²⟩ − ⟨x⟩².
    var residuals = [Double](repeating: 0, count: matrix.columns)
    var squares = residuals
    for i in 0..<matrix.rows {
      for j in 0..<matrix.columns {
        let residual = matrix[i, j] - means[j]
        residuals[j] += residual
        squares[j] += residual * residual
      }
    }
    var variances = squares
    for j in 0..<matrix.columns {
      let correction = scale * residuals[j]
      means[j] += correction
      variances[j] = max(0, scale * squares[j] - correction * correction)
      if isConstant[j] {
        means[j] = matrix[0, j]
        variances[j] = 0
      }
    }
    self.means = means
    self.variances = variances
    constant = isConstant.indices.filter { isConstant[$0] }
  }
}
