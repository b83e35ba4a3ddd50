public import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// All eigenvalues ω of a Hessian, split into negative, zero and positive.
///
/// ```
/// zero:  |ω| ≤ tolerance,   tolerance = relativeTolerance · max |ω|
/// ```
///
/// A zero mode of a symmetry is exactly flat only where ∇E = 0: elsewhere its ω is of the order of
/// |∇E| over the distance by which the symmetry moves the point, so refine a stationary point until that
/// is below the tolerance, and read ``largestZero`` and ``smallestNonZero`` to see how clear the gap is.
///
/// Complexity: D Hessian–vector products and O(D³); meant for D up to about 1000. Beyond that, see
/// ``ExtremeEigenvalues`` and ``LogDeterminant``.
public struct HessianSpectrum: Sendable {
  /// ω in ascending order.
  public let eigenvalues: [Double]
  /// |ω| up to which an eigenvalue counts as zero.
  public let tolerance: Double
  public let negativeCount: Int
  public let zeroCount: Int
  public let positiveCount: Int

  /// The spectrum of `landscape` at a point.
  ///
  /// - Throws: `InvalidInput` unless 0 < `relativeTolerance` < 1 and the Hessian is finite.
  public init(
    of landscape: some EnergyLandscape, at point: [Double], relativeTolerance: Double = 1e-8
  ) throws {
    try self.init(
      of: landscape.hessian(at: point), relativeTolerance: relativeTolerance)
  }

  /// The spectrum of a symmetric matrix.
  public init(of hessian: Matrix, relativeTolerance: Double = 1e-8) throws {
    guard hessian.elements.allSatisfy(\.isFinite) else {
      throw InvalidInput("the Hessian must be finite, but has elements that are not")
    }
    try self.init(
      eigenvalues: hessian.symmetricEigensystem().values, relativeTolerance: relativeTolerance)
  }

  /// A spectrum from its eigenvalues in any order.
  public init(eigenvalues: [Double], relativeTolerance: Double = 1e-8) throws {
    try Require.fraction("relative tolerance of zero modes", relativeTolerance)
    let sorted = eigenvalues.sorted()
    let tolerance = relativeTolerance * max(abs(sorted.first ?? 0), abs(sorted.last ?? 0))
    self.eigenvalues = sorted
    self.tolerance = tolerance
    negativeCount = sorted.count { $0 < -tolerance }
    zeroCount = sorted.count { abs($0) <= tolerance }
    positiveCount = sorted.count { $0 > tolerance }
  }

  /// The largest |ω| that counted as zero; nil where none did.
  public var largestZero: Double? {
    eigenvalues.lazy.map(abs).filter { $0 <= tolerance }.max()
  }

  /// The smallest |ω| that did not count as zero; nil where all did.
  public var smallestNonZero: Double? {
    eigenvalues.lazy.map(abs).filter { $0 > tolerance }.min()
  }

  /// ln Π′|ω| over the modes that are not zero; 0 where all are.
  public var logDeterminant: Double {
    eigenvalues.reduce(0) { abs($1) > tolerance ? $0 + log(abs($1)) : $0 }
  }
}
