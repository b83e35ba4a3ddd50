import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct LinearAlgebraTests {
  static let shapes = [(1, 1), (3, 3), (8, 3), (3, 8), (17, 16), (1, 5), (5, 1)]

  private func orthonormalityError(_ matrix: Matrix) -> Double {
    largestDifference(matrix.transposed * matrix, .identity(matrix.columns))
  }

  @Test(arguments: [1, 2, 5, 20])
  func eigensystemRebuildsTheMatrix(_ size: Int) throws {
    let a = randomMatrix(size, size, testStream(30))
    let symmetric = a + a.transposed
    let system = try symmetric.symmetricEigensystem()
    #expect(system.values == system.values.sorted())
    #expect(orthonormalityError(system.vectors) < 1e-12)
    let rebuilt = system.vectors * Matrix.diagonal(system.values) * system.vectors.transposed
    #expect(largestDifference(rebuilt, symmetric) < 1e-12)
  }

  @Test func eigenvaluesOfAKnownMatrix() throws {
    // The second-difference matrix of size n: 2 − 2 cos(kπ/(n + 1)).
    let n = 9
    var matrix = Matrix(rows: n, columns: n)
    for i in 0..<n {
      matrix[i, i] = 2
      if i > 0 {
        matrix[i, i - 1] = -1
        matrix[i - 1, i] = -1
      }
    }
    for (k, value) in try matrix.symmetricEigensystem().values.enumerated() {
      expectClose(value, to: 2 - 2 * cos(Double(k + 1) * .pi / Double(n + 1)), absolute: 1e-14)
    }
  }

  @Test(arguments: shapes)
  func singularValuesRebuildTheMatrix(_ rows: Int, _ columns: Int) throws {
    let matrix = randomMatrix(rows, columns, testStream(31))
    let svd = try matrix.singularValueDecomposition()
    let rank = min(rows, columns)
    #expect(svd.left.rows == rows && svd.left.columns == rank)
    #expect(svd.right.rows == columns && svd.right.columns == rank)
    #expect(svd.values == svd.values.sorted(by: >) && svd.values.allSatisfy { $0 >= 0 })
    #expect(orthonormalityError(svd.left) < 1e-12)
    #expect(orthonormalityError(svd.right) < 1e-12)
    let rebuilt = svd.left * Matrix.diagonal(svd.values) * svd.right.transposed
    #expect(largestDifference(rebuilt, matrix) < 1e-12)
  }

  @Test func singularValuesOfARankDeficientMatrix() throws {
    let u = randomMatrix(6, 2, testStream(32))
    let v = randomMatrix(4, 2, testStream(33))
    let values = try (u * v.transposed).singularValueDecomposition().values
    #expect(values[1] > 1e-3)
    #expect(values[2] < 1e-12 && values[3] < 1e-12)
  }

  @Test(arguments: [1, 4, 15])
  func choleskyFactorRebuildsTheMatrix(_ size: Int) throws {
    let a = randomMatrix(size, size + 3, testStream(34))
    let positive = a * a.transposed
    let factor = try positive.choleskyFactor()
    for i in 0..<size { for j in (i + 1)..<max(size, i + 1) { #expect(factor[i, j] == 0) } }
    #expect(largestDifference(factor * factor.transposed, positive) < 1e-12)
  }

  @Test func choleskyRefusesAnIndefiniteMatrix() {
    let indefinite = Matrix(rows: 2, columns: 2, elements: [1, 2, 2, 1])
    let error = #expect(throws: GSLError.self) { try indefinite.choleskyFactor() }
    #expect(error?.routine == "gsl_linalg_cholesky_decomp1")
    #expect(error?.activity == "the Cholesky factor of a 2 × 2 matrix")
    #expect(
      error?.description.hasPrefix(
        "gsl_linalg_cholesky_decomp1 failed while computing the Cholesky factor of a 2 × 2 matrix: "
      )
        == true)
  }

  @Test(arguments: [(1, 1, 1), (2, 3, 4), (10, 7, 9), (3, 17, 33), (1, 64, 1)])
  func productsMatchTheirDefinition(_ rows: Int, _ inner: Int, _ columns: Int) {
    let a = randomMatrix(rows, inner, testStream(35))
    let b = randomMatrix(inner, columns, testStream(36))
    var naive = Matrix(rows: rows, columns: columns)
    for i in 0..<rows {
      for j in 0..<columns { for k in 0..<inner { naive[i, j] += a[i, k] * b[k, j] } }
    }
    #expect(largestDifference(a * b, naive) < 1e-13)

    // The kernels add to what is there.
    let ones = Matrix(
      rows: rows, columns: columns, elements: [Double](repeating: 1, count: rows * columns))
    var left = ones
    var right = ones
    left.elements.withUnsafeMutableBufferPointer { c in
      multiplyAddTransposedLeft(
        a.transposed.elements, b.elements, into: c.baseAddress!, rows: rows, inner: inner,
        columns: columns)
    }
    right.elements.withUnsafeMutableBufferPointer { c in
      multiplyAddTransposedRight(
        a.elements, b.transposed.elements, into: c.baseAddress!, rows: rows, inner: inner,
        columns: columns)
    }
    #expect(largestDifference(left, naive + ones) < 1e-13)
    #expect(largestDifference(right, naive + ones) < 1e-13)
  }

  @Test(arguments: [0, 1, 7, 8, 9, 16, 31])
  func dotProductsAndScaledSumsOfAnyLength(_ count: Int) {
    let x = randomPoint(count, testStream(37))
    var y = randomPoint(count, testStream(38))
    expectClose(dot(x, y, count), to: zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }, absolute: 1e-13)
    let expected = zip(x, y).map { $1 + 1.5 * $0 }
    addScaled(1.5, x, to: &y, count)
    #expect(y == expected)
  }

  @Test func rowsColumnsAndTransposes() {
    let matrix = Matrix(rows: 2, columns: 3, elements: [1, 2, 3, 4, 5, 6])
    #expect(matrix.row(1) == [4, 5, 6])
    #expect(matrix.column(1) == [2, 5])
    #expect(matrix.transposed.elements == [1, 4, 2, 5, 3, 6])
    #expect(matrix.transposed.transposed == matrix)
    #expect((2 * matrix).elements == [2, 4, 6, 8, 10, 12])
  }
}

@Suite struct DistributionTests {
  // NIST/SEMATECH e-Handbook of Statistical Methods, tables 1.3.6.7.1 to 1.3.6.7.4.
  @Test func quantilesMatchTheTables() {
    expectClose(
      Distributions.chiSquaredQuantile(0.95, degreesOfFreedom: 1), to: 3.841, absolute: 5e-4)
    expectClose(
      Distributions.chiSquaredQuantile(0.975, degreesOfFreedom: 10), to: 20.483, absolute: 5e-4)
    expectClose(
      Distributions.chiSquaredQuantile(0.025, degreesOfFreedom: 10), to: 3.247, absolute: 5e-4)
    expectClose(Distributions.normalQuantile(0.975), to: 1.959963984540054, absolute: 1e-14)
    expectClose(
      Distributions.studentQuantile(0.975, degreesOfFreedom: 5), to: 2.571, absolute: 5e-4)
  }

  // Where GSL's inverse finds nothing, and at the change of method. Golden numbers: mpmath at 30 digits,
  // Newton's method on gammainc(ν/2, 0, x/2, regularized=True).
  @Test(arguments: [
    (1001.0, 0.00003, 831.425237981104), (1001, 0.99997, 1190.70299801465),
    (2321, 0.975, 2456.4208004386), (1_500_000, 0.025, 1496607.1375006),
    (10_001.0, 0.025, 9725.70451845759), (10_001, 0.975, 10280.0840388252),
    (50_000, 0.025, 49382.101443275), (50_000, 0.975, 50621.6871575898),
    (800_000, 0.025, 797522.714720113), (800_000, 0.975, 802481.073890967),
  ])
  func quantilesOfManyEventsExist(_ degreesOfFreedom: Double, _ p: Double, _ expected: Double) {
    expectClose(
      Distributions.chiSquaredQuantile(p, degreesOfFreedom: degreesOfFreedom), to: expected,
      relative: 1e-9)
    let below = Distributions.chiSquaredQuantile(p, degreesOfFreedom: 999.9)
    let above = Distributions.chiSquaredQuantile(p, degreesOfFreedom: 1000.1)
    expectClose(above - below, to: 0.2, absolute: 0.02)
  }

  @Test func quantilesInClosedForm() {
    // χ² with 2 degrees of freedom is exponential; Student's t with 1 is Cauchy.
    for p in [0.01, 0.5, 0.975] {
      expectClose(
        Distributions.chiSquaredQuantile(p, degreesOfFreedom: 2), to: -2 * log(1 - p),
        relative: 1e-12)
      expectClose(
        Distributions.studentQuantile(p, degreesOfFreedom: 1), to: tan(.pi * (p - 0.5)),
        absolute: 1e-10)
      expectClose(
        Distributions.normalUpperTail(Distributions.normalQuantile(p)), to: 1 - p, relative: 1e-12)
      let x = Distributions.chiSquaredQuantile(p, degreesOfFreedom: 7)
      expectClose(
        Distributions.chiSquaredUpperTail(x, degreesOfFreedom: 7), to: 1 - p, relative: 1e-10)
    }
    // The budget of false alarms: two-sided, five standard errors.
    expectClose(2 * Distributions.normalUpperTail(5), to: falseAlarmLevel, relative: 0.01)
  }

  @Test func logarithmsOfSumsOfExponentials() {
    expectClose(logSumExp([log(1), log(2), log(3)]), to: log(6), relative: 1e-15)
    expectClose(logSumExp([1000, 1000]), to: 1000 + log(2), relative: 1e-15)
    expectClose(logSumExp([-1e4, -1e4 - 800]), to: -1e4, relative: 1e-15)
    #expect(logSumExp([]) == -.infinity)
    #expect(logSumExp([-.infinity, -.infinity]) == -.infinity)
    #expect(logSumExp([-.infinity, 3]) == 3)
    #expect(logSumExp([.infinity, 3]) == .infinity)
    expectClose(logAddExp(-2000, -2001), to: -2000 + log1p(exp(-1)), relative: 1e-15)
    #expect(logAddExp(-.infinity, -.infinity) == -.infinity)
    #expect(logAddExp(-.infinity, 2) == 2)
    #expect(logAddExp(2, .infinity) == .infinity)
    #expect(logAddExp(0, 1e-3) == logAddExp(1e-3, 0))
  }

  @Test func refusalsNameTheQuantityAndItsValue() {
    #expect(
      words { try Require.positive("dt", 0) } == "dt must be positive and finite, but is 0.0")
    #expect(
      words { try Require.positive("dt", .nan) } == "dt must be positive and finite, but is nan")
    #expect(
      words { try Require.nonNegative("T", -0.1) }
        == "T must be zero or positive and finite, but is -0.1")
    #expect(words { try Require.finite("x", .infinity) } == "x must be finite, but is inf")
    #expect(words { try Require.atLeast(1, "runs", 0) } == "runs must be at least 1, but is 0")
    #expect(
      words { try Require.fraction("level", 1) }
        == "level must lie strictly between 0 and 1, but is 1.0")
    #expect(words { try Require.nonNegative("T", 0) } == nil)
  }
}
