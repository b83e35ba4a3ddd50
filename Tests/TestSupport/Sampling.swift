import Foundation
public import NumericalMethods

/// `count` values drawn one after the other.
public func draws<Value>(_ count: Int, _ draw: () -> Value) -> [Value] {
  (0..<count).map { _ in draw() }
}

/// A point with independent normal coordinates.
public func randomPoint(
  _ dimension: Int, scale: Double = 1, _ random: borrowing RandomSource
) -> [Double] {
  var point = [Double](repeating: 0, count: dimension)
  for i in 0..<dimension { point[i] = scale * random.normal() }
  return point
}

/// A matrix with independent standard normal elements.
public func randomMatrix(
  _ rows: Int, _ columns: Int, _ random: borrowing RandomSource
) -> Matrix {
  Matrix(rows: rows, columns: columns, elements: randomPoint(rows * columns, random))
}

/// The matrix with every row made a distribution: absolute values, divided by their sum.
public func distributions(_ matrix: Matrix) -> Matrix {
  let rows = (0..<matrix.rows).flatMap { row -> [Double] in
    let values = matrix.row(row).map(abs)
    let sum = values.reduce(0, +)
    return values.map { $0 / sum }
  }
  return Matrix(rows: matrix.rows, columns: matrix.columns, elements: rows)
}

/// An orthogonal matrix: the left singular vectors of a normal one.
public func randomOrthogonal(
  _ size: Int, _ random: borrowing RandomSource
) throws -> Matrix {
  try randomMatrix(size, size, random).singularValueDecomposition().left
}

/// max |aᵢⱼ − bᵢⱼ|.
public func largestDifference(_ a: Matrix, _ b: Matrix) -> Double {
  precondition(a.rows == b.rows && a.columns == b.columns, "the shapes differ")
  return zip(a.elements, b.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

/// A seed of the tests: fixed, unless the environment variable `METASTABLE_TEST_SEED` shifts them all.
///
/// A fixed seed can be lucky; running with another now and then shows it.
public func testSeed(_ seed: UInt64) -> UInt64 {
  let shift = ProcessInfo.processInfo.environment["METASTABLE_TEST_SEED"].flatMap(UInt64.init) ?? 0
  return seed &+ shift << 32
}

/// The name of a random stream for tests.
public func testKey(_ seed: UInt64, replica: Int = 0) -> StreamKey {
  StreamKey(seed: testSeed(seed), purpose: .test, replica: replica)
}

/// A random stream for tests.
public func testStream(_ seed: UInt64, replica: Int = 0) -> RandomSource {
  RandomSource(testKey(seed, replica: replica))
}
