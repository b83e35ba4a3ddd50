package import NumericalMethods

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
/// This is the one rule for zero modes. Where a symmetry is known its count decides instead:
/// `init(eigenvalues:zeroCount:)`.
///
/// A zero mode of a symmetry is exactly flat only where ∇E = 0: elsewhere its ω is of the order of
/// |∇E| over the distance by which the symmetry moves the point, so refine a stationary point until that
/// is below the tolerance, and read `largestZero` and `smallestNonZero` to see how clear the gap is.
///
/// Complexity: D Hessian–vector products and O(D³); meant for D up to about 1000. Beyond that, see
/// `ExtremeEigenvalues` and `LogDeterminant`.
public struct HessianSpectrum: Sendable, Equatable {
  /// Suits exact Hessian–vector products.
  public static let standardTolerance = 1e-7

  /// ω in ascending order.
  public let eigenvalues: [Double]
  /// |ω| up to which an eigenvalue counts as zero.
  public let tolerance: Double
  /// The same relative to the largest |ω|.
  package let relativeTolerance: Double
  /// Eigenvalues below −tolerance.
  public let negativeCount: Int
  /// Eigenvalues within the tolerance.
  public let zeroCount: Int
  /// Eigenvalues above it.
  public let positiveCount: Int

  /// The spectrum of `landscape` at a point.
  ///
  /// - Throws: `InvalidInput` unless 0 < `relativeTolerance` < 1 and the Hessian is finite.
  package init(
    of landscape: some EnergyLandscape, at point: [Double],
    relativeTolerance: Double = HessianSpectrum.standardTolerance
  ) throws {
    try self.init(
      of: landscape.hessian(at: point), relativeTolerance: relativeTolerance)
  }

  /// The spectrum of a symmetric matrix.
  package init(of hessian: Matrix, relativeTolerance: Double = HessianSpectrum.standardTolerance)
    throws
  {
    guard hessian.elements.allSatisfy(\.isFinite) else {
      throw InvalidInput("the Hessian must be finite, but has elements that are not")
    }
    try self.init(
      eigenvalues: hessian.symmetricEigensystem().values, relativeTolerance: relativeTolerance)
  }

  /// A spectrum from its eigenvalues in any order.
  package init(eigenvalues: [Double], relativeTolerance: Double = HessianSpectrum.standardTolerance)
    throws
  {
    try Require.fraction("relative tolerance of zero modes", relativeTolerance)
    let sorted = eigenvalues.sorted()
    let tolerance = relativeTolerance * max(abs(sorted.first ?? 0), abs(sorted.last ?? 0))
    self.eigenvalues = sorted
    self.tolerance = tolerance
    self.relativeTolerance = relativeTolerance
    negativeCount = sorted.count { $0 < -tolerance }
    zeroCount = sorted.count { abs($0) <= tolerance }
    positiveCount = sorted.count { $0 > tolerance }
  }

  /// A spectrum, in any order, of which a symmetry makes so many eigenvalues zero: those of least |ω|.
  ///
  /// - Throws: `InvalidInput` where an eigenvalue is not finite, or that many or fewer are there, or one that
  ///   is kept is zero.
  package init(eigenvalues: [Double], zeroCount: Int) throws {
    try Require.atLeast(0, "number of zero modes", zeroCount)
    for value in eigenvalues { try Require.finite("eigenvalue of a Hessian", value) }
    guard zeroCount < eigenvalues.count else {
      throw InvalidInput(
        "\(zeroCount) zero modes leave none of \(eigenvalues.count) eigenvalues; count them again")
    }
    let sizes = eigenvalues.map(abs).sorted()
    guard sizes[zeroCount] != 0 else {
      throw InvalidInput(
        "the spectrum has \(sizes.count { $0 == 0 }) zero eigenvalues, but \(zeroCount) zero modes were named; count the symmetry's directions again"
      )
    }
    let tolerance = zeroCount > 0 ? sizes[zeroCount - 1] : 0
    self.eigenvalues = eigenvalues.sorted()
    self.tolerance = tolerance
    relativeTolerance = tolerance / sizes[sizes.count - 1]
    self.zeroCount = zeroCount
    negativeCount = eigenvalues.count { $0 < -tolerance }
    positiveCount = eigenvalues.count - negativeCount - zeroCount
  }

  /// The eigenvalues that are not zero modes, ascending.
  public var nonZero: [Double] { eigenvalues.filter { abs($0) > tolerance } }

  /// max |ω|.
  public var largest: Double { eigenvalues.reduce(0) { max($0, abs($1)) } }

  /// The largest |ω| that counted as zero; nil where none did.
  package var largestZero: Double? {
    eigenvalues.lazy.map(abs).filter { $0 <= tolerance }.max()
  }

  /// The smallest |ω| that did not count as zero; nil where all did.
  package var smallestNonZero: Double? {
    eigenvalues.lazy.map(abs).filter { $0 > tolerance }.min()
  }

  /// ln Π′|ω| over the modes that are not zero; 0 where all are.
  public var logDeterminant: Double {
    eigenvalues.reduce(0) { abs($1) > tolerance ? $0 + log(abs($1)) : $0 }
  }
}
