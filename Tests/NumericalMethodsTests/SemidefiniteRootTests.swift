import NumericalMethods
import TestSupport
import Testing

@Suite("Root of a semidefinite matrix")
struct SemidefiniteRootTests {
  /// A Gram matrix B Bᵀ of n × r normals.
  private func gram(_ n: Int, _ r: Int, _ stream: UInt64) -> Matrix {
    var b = Matrix(rows: n, columns: r)
    let random = testStream(stream)
    for i in b.elements.indices { b.elements[i] = random.normal() }
    return b * b.transposed
  }

  @Test(
    "L Lᵀ is the matrix, and the rank is found", arguments: [(1, 1), (9, 9), (40, 12), (60, 59)])
  func product(_ size: Int, _ rank: Int) throws {
    let matrix = gram(size, rank, 460)
    let root = try SemidefiniteRoot(matrix)
    #expect(root.rank == rank)
    let product = root.factor * root.factor.transposed
    for i in 0..<size {
      for j in 0..<size {
        expectClose(
          product[i, j], to: matrix[i, j],
          absolute: 1e-11 * (matrix[i, i] * matrix[j, j]).squareRoot())
      }
      for k in root.ends[i]..<rank { #expect(root.factor[i, k] == 0) }
    }
  }

  @Test("Where no direction vanishes it is GSL's Cholesky factor")
  func cholesky() throws {
    let matrix = gram(12, 20, 461)
    let root = try SemidefiniteRoot(matrix)
    for (a, b) in zip(root.factor.elements, try matrix.choleskyFactor().elements) {
      expectClose(a, to: b, absolute: 1e-12)
    }
  }

  @Test("Zero has rank zero; what is no covariance is refused")
  func edges() throws {
    #expect(try SemidefiniteRoot(Matrix(rows: 3, columns: 3)).rank == 0)
    #expect(try SemidefiniteRoot(Matrix(rows: 0, columns: 0)).rank == 0)
    for elements in [[1.0, 2, 2, 1], [-1, 0, 0, 1], [.nan, 0, 0, 1], [0, 0, 0, -1]] {
      #expect(throws: NumericalFailure.self) {
        try SemidefiniteRoot(Matrix(rows: 2, columns: 2, elements: elements))
      }
    }
  }
}
