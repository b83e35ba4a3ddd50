package import NumericalMethods

/// Targets that another network makes, of units that each see one input:
///
/// ```
/// y = Σ_{j ≤ k} φ(s x_j),   x ~ N(0, 1_d)
/// ```
///
/// A soft committee machine learns it with k units or more.
public struct NonlinearTeacher: Sendable, Equatable {
  /// φ.
  public let activation: Activation
  /// k.
  public let units: Int
  /// d; inputs beyond the k-th are noise.
  public let inputs: Int
  /// s.
  public let scale: Double

  /// - Parameter inputs: k of them where it is left out.
  /// - Throws: `InvalidInput` unless k ≥ 1, d ≥ k and s is finite and not zero.
  public init(_ activation: Activation, units: Int, inputs: Int? = nil, scale: Double = 1) throws {
    try Require.atLeast(1, "number of units of the teacher", units)
    let inputs = inputs ?? units
    try Require.atLeast(units, "number of inputs of the teacher", inputs)
    try Require.atMost(SecondMoments.largestSize, "number of inputs of the teacher", inputs)
    guard scale.isFinite, scale != 0 else {
      throw InvalidInput("the scale of the teacher must be finite and not zero, but is \(scale)")
    }
    self.activation = activation
    self.units = units
    self.inputs = inputs
    self.scale = scale
  }

  /// Some samples.
  package func sample(count: Int, random: borrowing RandomSource) -> Dataset {
    var x = Matrix(rows: count, columns: inputs)
    var y = Matrix(rows: count, columns: 1)
    for n in 0..<count {
      for j in 0..<inputs {
        let input = random.normal()
        x[n, j] = input
        if j < units { y[n, 0] += activation.value(scale * input) }
      }
    }
    return Dataset(inputs: x, targets: y)
  }
}
