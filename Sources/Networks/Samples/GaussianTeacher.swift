import Landscapes
public import NumericalMethods

/// Gaussian data with whitened moments: the endless supply behind online training.
///
/// ```
/// (x, y) ~ N(0, Σ),   Σxx = I,   Σyx = diag(η) = C,   Σyy = I
/// ```
///
/// x ∈ ℝᵖ, y ∈ ℝ^q; η are the singular values of Σyx, and every direction beyond them is noise. Σ is a
/// covariance as long as the Schur complement I − CCᵀ = diag(1 − η²) is, so η ≤ 1. At η = 1 the target
/// is the input itself, with no noise left.
///
/// Samples are L(ξ, ζ) with standard normal ξ, ζ and the block Cholesky factor of Σ:
///
/// ```
/// L = │ I       0       │    LLᵀ = │ I   Cᵀ              │ = Σ
///     │ C  (I − CCᵀ)^½  │          │ C   CCᵀ + I − CCᵀ   │
///
/// x = ξ,   y = Cξ + (I − CCᵀ)^½ ζ
/// ```
///
/// I − CCᵀ is diagonal, so its root is triangular and L is the Cholesky factor a general routine would
/// find, except that such a routine stops at η = 1, where Σ is singular.
public struct GaussianTeacher: Sendable, Equatable {
  /// η.
  public let singularValues: [Double]
  /// p.
  public let inputCount: Int
  /// q.
  public let targetCount: Int
  /// √(1 − η²).
  @usableFromInline let noise: [Double]

  /// - Parameters:
  ///   - singularValues: η, each in (0, 1].
  ///   - inputs: p; default the number of singular values.
  ///   - targets: q; default the same.
  public init(singularValues: [Double], inputs: Int? = nil, targets: Int? = nil) throws {
    try Require.atLeast(1, "the number of singular values", singularValues.count)
    for value in singularValues {
      guard value > 0, value.isFinite else {
        throw InvalidInput(
          "singular value η must be positive and finite, but is \(value); leave directions without signal out and raise the number of inputs or targets instead"
        )
      }
      guard value <= 1 else {
        throw InvalidInput(
          "singular value η must not exceed 1, but is \(value): inputs and targets of unit variance cannot be correlated more; divide all singular values by a common factor"
        )
      }
    }
    self.singularValues = singularValues
    inputCount = inputs ?? singularValues.count
    targetCount = targets ?? singularValues.count
    try Require.atLeast(singularValues.count, "the number of inputs", inputCount)
    try Require.atLeast(singularValues.count, "the number of targets", targetCount)
    try Require.atMost(SecondMoments.largestSize, "the number of inputs", inputCount)
    try Require.atMost(SecondMoments.largestSize, "the number of targets", targetCount)
    // Not 1 − η²: near η = 1 it would lose the digits that matter.
    noise = singularValues.map { ((1 - $0) * (1 + $0)).squareRoot() }
  }

  /// The population moments Σxx = I, Σyx = diag(η), tr Σyy = q.
  public var moments: SecondMoments {
    SecondMoments(singularValues: singularValues, inputs: inputCount, targets: targetCount)
  }

  /// Draws one sample: p numbers into `input`, q into `target`. Nothing is allocated.
  package func draw(
    _ input: UnsafeMutablePointer<Double>, _ target: UnsafeMutablePointer<Double>,
    random: borrowing RandomSource
  ) {
    random.fillNormals(input, inputCount)
    random.fillNormals(target, targetCount)
    for i in 0..<singularValues.count {
      target[i] = singularValues[i] * input[i] + noise[i] * target[i]
    }
  }

  /// Draws `count` samples.
  public func sample(count: Int, random: borrowing RandomSource) -> Dataset {
    precondition(count >= 0, "cannot draw \(count) samples")
    var inputs = Matrix(rows: count, columns: inputCount)
    var targets = Matrix(rows: count, columns: targetCount)
    inputs.elements.withUnsafeMutableBufferPointer { x in
      targets.elements.withUnsafeMutableBufferPointer { y in
        for i in 0..<count {
          draw(x.baseAddress! + i * inputCount, y.baseAddress! + i * targetCount, random: random)
        }
      }
    }
    return Dataset(inputs: inputs, targets: targets)
  }
}
