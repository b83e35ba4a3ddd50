internal import CGSL

/// Eigenvalues in ascending order and, in the columns of `vectors`, their eigenvectors.
package struct SymmetricEigensystem: Sendable {
  package let values: [Double]
  package let vectors: Matrix
}

/// The singular value decomposition A = U diag(σ) Vᵀ with σ descending.
///
/// For an m × n matrix, r = min(m, n): `left` is m × r, `right` is n × r.
package struct SingularValueDecomposition: Sendable {
  package let left: Matrix
  package let values: [Double]
  package let right: Matrix
}

/// Runs `body` with a matrix seen by GSL; what GSL writes into it is lost.
private func withGSLMatrix<Result>(
  _ matrix: Matrix, _ body: (UnsafeMutablePointer<gsl_matrix>) throws -> Result
) rethrows -> Result {
  var elements = matrix.elements
  return try elements.withUnsafeMutableBufferPointer { buffer in
    var view = gsl_matrix_view_array(buffer.baseAddress, matrix.rows, matrix.columns)
    return try body(&view.matrix)
  }
}

private func copy(_ source: UnsafePointer<gsl_matrix>) -> Matrix {
  var matrix = Matrix(rows: source.pointee.size1, columns: source.pointee.size2)
  for i in 0..<matrix.rows {
    for j in 0..<matrix.columns { matrix[i, j] = gsl_matrix_get(source, i, j) }
  }
  return matrix
}

extension Matrix {
  /// Eigenvalues and eigenvectors of a real symmetric matrix (`gsl_eigen_symmv`); only the lower
  /// triangle is read.
  package func symmetricEigensystem() throws -> SymmetricEigensystem {
    precondition(rows == columns, "a \(rows) × \(columns) matrix is not square")
    guard rows > 0 else { return SymmetricEigensystem(values: [], vectors: self) }
    GSLRuntime.prepare()
    return try withGSLMatrix(self) { matrix in
      let workspace = gsl_eigen_symmv_alloc(rows)!
      let values = gsl_vector_alloc(rows)!
      let vectors = gsl_matrix_alloc(rows, rows)!
      defer {
        gsl_eigen_symmv_free(workspace)
        gsl_vector_free(values)
        gsl_matrix_free(vectors)
      }
      let activity = "the eigensystem of a \(rows) × \(rows) matrix"
      try check(
        gsl_eigen_symmv(matrix, values, vectors, workspace), "gsl_eigen_symmv", while: activity)
      try check(
        gsl_eigen_symmv_sort(values, vectors, GSL_EIGEN_SORT_VAL_ASC), "gsl_eigen_symmv_sort",
        while: activity)
      return SymmetricEigensystem(
        values: (0..<rows).map { gsl_vector_get(values, $0) }, vectors: copy(vectors))
    }
  }

  /// The singular value decomposition (`gsl_linalg_SV_decomp`; a wide matrix is transposed first).
  package func singularValueDecomposition() throws -> SingularValueDecomposition {
    if rows < columns {
      let transposed = try self.transposed.singularValueDecomposition()
      return SingularValueDecomposition(
        left: transposed.right, values: transposed.values, right: transposed.left)
    }
    guard columns > 0 else {
      return SingularValueDecomposition(left: self, values: [], right: self)
    }
    GSLRuntime.prepare()
    return try withGSLMatrix(self) { matrix in
      let right = gsl_matrix_alloc(columns, columns)!
      let values = gsl_vector_alloc(columns)!
      let work = gsl_vector_alloc(columns)!
      defer {
        gsl_matrix_free(right)
        gsl_vector_free(values)
        gsl_vector_free(work)
      }
      try check(
        gsl_linalg_SV_decomp(matrix, right, values, work), "gsl_linalg_SV_decomp",
        while: "the singular values of a \(rows) × \(columns) matrix")
      return SingularValueDecomposition(
        left: copy(matrix), values: (0..<columns).map { gsl_vector_get(values, $0) },
        right: copy(right))
    }
  }

  /// The lower triangular L with L Lᵀ = A (`gsl_linalg_cholesky_decomp1`).
  ///
  /// - Throws: ``GSLError`` (`GSL_EDOM`) where A is not positive definite.
  package func choleskyFactor() throws -> Matrix {
    precondition(rows == columns, "a \(rows) × \(columns) matrix is not square")
    GSLRuntime.prepare()
    return try withGSLMatrix(self) { matrix in
      try check(
        gsl_linalg_cholesky_decomp1(matrix), "gsl_linalg_cholesky_decomp1",
        while: "the Cholesky factor of a \(rows) × \(rows) matrix")
      var factor = copy(matrix)
      for i in 0..<rows { for j in (i + 1)..<max(rows, i + 1) { factor[i, j] = 0 } }
      return factor
    }
  }

  /// x of A x = b for a symmetric positive definite A (`gsl_linalg_cholesky_svx`).
  ///
  /// - Throws: ``GSLError`` (`GSL_EDOM`) where A is not positive definite.
  package func choleskySolution(of b: [Double]) throws -> [Double] {
    precondition(rows == columns && b.count == rows, "the equations do not fit")
    GSLRuntime.prepare()
    return try withGSLMatrix(self) { matrix in
      let activity = "solving \(rows) equations"
      try check(
        gsl_linalg_cholesky_decomp1(matrix), "gsl_linalg_cholesky_decomp1", while: activity)
      let x = gsl_vector_alloc(rows)!
      defer { gsl_vector_free(x) }
      for i in b.indices { gsl_vector_set(x, i, b[i]) }
      try check(gsl_linalg_cholesky_svx(matrix, x), "gsl_linalg_cholesky_svx", while: activity)
      return b.indices.map { gsl_vector_get(x, $0) }
    }
  }
}
