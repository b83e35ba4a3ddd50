import Landscapes
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport
import Testing

/// Fixed seeds; every statistical bound is five standard errors, so about one re-seeding in 10⁵ per
/// compared number would fail.
@Suite("The Gaussian teacher")
struct DataGaussianTeacherTests {
  private let count = 20_000

  private func sample(_ teacher: GaussianTeacher, seed: UInt64 = 11) -> Dataset {
    teacher.sample(count: count, random: RandomSource(StreamKey(seed: seed, purpose: .data)))
  }

  /// Every pair of the p + q Gaussian coordinates: ⟨uv⟩ has standard error √((1 + c²)/N) at covariance c
  /// and unit variances (Isserlis).
  @Test(
    "Sample moments match the population's", .tags(.statistical),
    arguments: [([0.9, 0.5], 4, 3), ([1.0, 0.3], 2, 2), ([0.7], 1, 3)])
  func moments(_ singularValues: [Double], _ p: Int, _ q: Int) throws {
    let teacher = try GaussianTeacher(singularValues: singularValues, inputs: p, targets: q)
    let data = sample(teacher)
    let population = teacher.moments
    var joint = Matrix.identity(p + q)
    for i in 0..<q {
      for j in 0..<p {
        joint[p + i, j] = population.cross[i, j]
        joint[j, p + i] = population.cross[i, j]
      }
    }
    var rows = Matrix(rows: count, columns: p + q)
    for n in 0..<count {
      for j in 0..<p { rows[n, j] = data.inputs[n, j] }
      for i in 0..<q { rows[n, p + i] = data.targets[n, i] }
    }
    let found = (1 / Double(count)) * (rows.transposed * rows)
    for (c, value) in zip(joint.elements, found.elements) {
      #expect(abs(value - c) < 5 * ((1 + c * c) / Double(count)).squareRoot())
    }
    for column in 0..<(p + q) {
      let mean = rows.column(column).reduce(0, +) / Double(count)
      #expect(abs(mean) < 5 / Double(count).squareRoot())
    }
    #expect(population.targetSquare == Double(q))
    #expect(population.inputsAreWhite)
  }

  /// With r = y − λx, per-sample gradients of one mode are r x up to a factor. r is Gaussian with
  /// ⟨r²⟩ = 1 − 2λη + λ² and ⟨rx⟩ = η − λ, so by Isserlis
  ///
  /// ```
  /// Var[rx] = ⟨r²⟩⟨x²⟩ + ⟨rx⟩² = 2(λ − η)² + 1 − η²
  /// ```
  ///
  /// The standard error of a variance is estimated from the sample's own fourth moment.
  @Test(
    "The variance of a mode's gradient", .tags(.statistical), arguments: [0.0, 0.4, 0.8, 1.3],
    [0.8, 1.0])
  func gradientVariance(_ mode: Double, _ singularValue: Double) throws {
    let data = sample(
      try GaussianTeacher(singularValues: [singularValue], inputs: 1, targets: 1), seed: 12)
    let products = zip(data.inputs.elements, data.targets.elements).map { ($1 - mode * $0) * $0 }
    let n = Double(count)
    let mean = products.reduce(0, +) / n
    let second = products.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    let fourth =
      products.reduce(0) {
        let square = ($1 - mean) * ($1 - mean)
        return $0 + square * square
      } / n
    let error = ((fourth - second * second) / n).squareRoot()
    let expected =
      2 * (mode - singularValue) * (mode - singularValue)
      + (1 - singularValue * singularValue)
    #expect(abs(second - expected) < 5 * error + 1e-12)
  }

  @Test("Samples are the Cholesky factor of Σ times normals")
  func choleskyFactor() throws {
    let values = [0.95, 0.6]
    let teacher = try GaussianTeacher(singularValues: values, inputs: 2, targets: 3)
    var joint = Matrix.identity(5)
    for i in 0..<2 {
      joint[2 + i, i] = values[i]
      joint[i, 2 + i] = values[i]
    }
    let factor = try joint.choleskyFactor()
    let random = RandomSource(StreamKey(seed: 4, purpose: .data))
    let normals = RandomSource(StreamKey(seed: 4, purpose: .data))
    let data = teacher.sample(count: 10, random: random)
    for n in 0..<10 {
      let z = Matrix(rows: 5, columns: 1, elements: (0..<5).map { _ in normals.normal() })
      let expected = (factor * z).elements
      let found = data.inputs.row(n) + data.targets.row(n)
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-14 })
    }
  }

  @Test("At η = 1 the target is the input")
  func deterministic() throws {
    let data = sample(try GaussianTeacher(singularValues: [1, 1]))
    #expect(data.inputs == data.targets)
  }

  @Test("The stream decides every bit")
  func reproducible() throws {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.5], inputs: 3, targets: 2)
    let first = sample(teacher)
    let again = sample(teacher)
    #expect(first.inputs == again.inputs)
    #expect(first.targets == again.targets)
    #expect(first.inputs != sample(teacher, seed: 12).inputs)
    // One at a time or all at once.
    let random = RandomSource(StreamKey(seed: 11, purpose: .data))
    var x = [Double](repeating: 0, count: 3)
    var y = [Double](repeating: 0, count: 2)
    for n in 0..<5 {
      teacher.draw(&x, &y, random: random)
      #expect(x == first.inputs.row(n))
      #expect(y == first.targets.row(n))
    }
  }

  @Test(
    "Refusals",
    arguments: [
      ([], nil, nil, "the number of singular values must be at least 1, but is 0"),
      (
        [0.5, 0], nil, nil,
        "singular value η must be positive and finite, but is 0.0; leave directions without signal out and raise the number of inputs or targets instead"
      ),
      (
        [.nan], nil, nil,
        "singular value η must be positive and finite, but is nan; leave directions without signal out and raise the number of inputs or targets instead"
      ),
      (
        [1.2], nil, nil,
        "singular value η must not exceed 1, but is 1.2: inputs and targets of unit variance cannot be correlated more; divide all singular values by a common factor"
      ),
      ([0.5, 0.4], 1, nil, "the number of inputs must be at least 2, but is 1"),
      ([0.5, 0.4], nil, 0, "the number of targets must be at least 2, but is 0"),
    ] as [([Double], Int?, Int?, String)])
  func refusals(_ values: [Double], _ p: Int?, _ q: Int?, _ refusal: String) {
    #expect(throws: InvalidInput(refusal)) {
      try GaussianTeacher(singularValues: values, inputs: p, targets: q)
    }
  }
}
