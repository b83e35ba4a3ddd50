import NumericalMethods

/// The Lanczos process: an orthonormal basis q_1, …, q_m of the span of v, Av, …, A^{m−1}v, in which A is
/// tridiagonal.
///
/// ```
/// A q_j = b_{j−1} q_{j−1} + a_j q_j + b_j q_{j+1}
/// ```
///
/// Without care roundoff lets converged directions back in and they appear again as false copies; here
/// every new vector is orthogonalised against all earlier ones, twice, which keeps the basis orthogonal
/// to roundoff at the price of m vectors in memory and O(m²n) work.
///
/// One start vector meets one vector of each eigenspace, so an eigenvalue appears once however often A
/// has it.
///
/// Source: Golub and Van Loan, Matrix Computations, 4th ed. (2013), §10.3.
struct LanczosProcess {
  let linearMap: SymmetricOperator
  private(set) var basis: [[Double]]
  /// a_1, …, a_m.
  private(set) var diagonal: [Double] = []
  /// b_1, …, b_m; the last couples to the vector not yet used.
  private(set) var offDiagonal: [Double] = []
  /// Whether A maps the span into itself, so that its eigenvalues there are exact and no step is left.
  private(set) var isComplete = false
  private var scale = 0.0

  init(_ linearMap: SymmetricOperator, start: [Double]) {
    self.linearMap = linearMap
    let length = norm(start)
    precondition(length > 0, "the Lanczos process needs a start vector other than zero")
    basis = [start.map { $0 / length }]
  }

  var stepCount: Int { diagonal.count }

  /// Runs until m = `count` or the span is invariant.
  mutating func run(to count: Int) {
    while stepCount < count && !isComplete { step() }
  }

  private mutating func step() {
    let n = linearMap.dimension
    let last = basis[basis.count - 1]
    var next = linearMap(last)
    diagonal.append(dot(last, next, n))
    for _ in 0..<2 {
      for vector in basis { addScaled(-dot(vector, next, n), vector, to: &next, n) }
    }
    let length = norm(next)
    offDiagonal.append(length)
    scale = max(scale, abs(diagonal[stepCount - 1]) + length)
    if stepCount == n || length <= 1e-13 * scale {
      isComplete = true
    } else {
      basis.append(next.map { $0 / length })
    }
  }

  /// Eigenvalues and eigenvectors of the leading m × m block of the tridiagonal matrix.
  func eigensystem(steps m: Int) throws -> SymmetricEigensystem {
    var matrix = Matrix(rows: m, columns: m)
    for j in 0..<m {
      matrix[j, j] = diagonal[j]
      if j + 1 < m {
        matrix[j, j + 1] = offDiagonal[j]
        matrix[j + 1, j] = offDiagonal[j]
      }
    }
    return try matrix.symmetricEigensystem()
  }

  /// Σ_j c_j q_j.
  func combination(_ coefficients: [Double]) -> [Double] {
    var vector = [Double](repeating: 0, count: linearMap.dimension)
    for (c, q) in zip(coefficients, basis) { addScaled(c, q, to: &vector, q.count) }
    return vector
  }
}
