import NumericalMethods

/// A symmetric block tridiagonal matrix: the Hessian of a sum over neighbouring images of a path.
struct BlockTridiagonal {
  /// H_ii.
  var diagonal: [Matrix]
  /// H_{i,i+1}, one fewer than the diagonal blocks.
  var upper: [Matrix]

  /// The block Cholesky factorisation, S_0 = H_00 and S_i = H_ii − Uᵀ_{i−1} S⁻¹_{i−1} U_{i−1}.
  struct Factor {
    fileprivate let pivots: [CholeskySolver]
    fileprivate let upper: [Matrix]

    /// H⁻¹ y, one vector for each block.
    func solve(_ right: [[Double]]) -> [[Double]] {
      var x = right
      for i in x.indices.dropFirst() {
        let carried = pivots[i - 1].solve(x[i - 1])
        for k in x[i].indices {
          for j in carried.indices { x[i][k] -= upper[i - 1][j, k] * carried[j] }
        }
      }
      for i in x.indices.reversed() {
        if i + 1 < x.count {
          let next = product(upper[i], x[i + 1])
          for k in x[i].indices { x[i][k] -= next[k] }
        }
        x[i] = pivots[i].solve(x[i])
      }
      return x
    }
  }

  /// The factorisation of H + shift·diag(scales), block by block; nil where that is not positive definite.
  ///
  /// - Complexity: O(N D³).
  func factor(shift: Double, scales: [Double]) -> Factor? {
    var pivots = [CholeskySolver]()
    for i in diagonal.indices {
      var block = diagonal[i]
      for k in 0..<block.rows { block[k, k] += shift * scales[i] }
      if i > 0 {
        block = block + (-1) * (upper[i - 1].transposed * pivots[i - 1].solve(upper[i - 1]))
      }
      guard let pivot = CholeskySolver(block) else { return nil }
      pivots.append(pivot)
    }
    return Factor(pivots: pivots, upper: upper)
  }
}
