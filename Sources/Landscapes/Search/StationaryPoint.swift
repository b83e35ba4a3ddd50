import NumericalMethods

/// A point with its energy, its gradient and the spectrum of its Hessian: a minimum, a saddle, or not
/// yet stationary.
///
/// ```
/// H uᵢ = ωᵢ uᵢ,   ω₁ ≤ … ≤ ω_D
/// ```
///
/// An eigenvalue counts as zero where |ωᵢ| ≤ `zeroTolerance`·max |ω|; the Morse index counts the ω below
/// −`zeroTolerance`·max |ω|. Zero modes are exact on an orbit of a continuous symmetry: rotations of
/// hidden layers give them at every learned state of a network, minimum or saddle.
///
/// Validity: |∇E| is reported, not judged, here. The index of a degenerate point (a zero mode that no
/// symmetry explains) does not decide between minimum and saddle.
public struct StationaryPoint: Sendable {
  /// θ.
  public let point: [Double]
  /// E(θ), in loss units.
  public let energy: Double
  /// |∇E(θ)|.
  public let gradientNorm: Double
  /// ω, ascending.
  public let eigenvalues: [Double]
  /// The tolerance that divides zero from non-zero modes, relative to max |ω|.
  public let zeroTolerance: Double
  /// How many |ω| are at most `zeroTolerance`·max |ω|.
  public let zeroModeCount: Int
  /// The Morse index: how many non-zero ω are negative.
  public let negativeCount: Int
  /// The unit eigenvector of the most negative (else the lowest) eigenvalue.
  public let leadingDirection: [Double]

  /// Looks at one point of a landscape through its dense Hessian.
  ///
  /// - Parameter zeroTolerance: relative to the largest |ω|; 1e-7 suits exact Hessian–vector products.
  /// - Complexity: D products of the Hessian with a vector, and O(D³).
  /// - Throws: `InvalidInput` where the point does not fit the landscape or E or ∇E is not finite.
  public init(
    of landscape: some EnergyLandscape, at point: [Double], zeroTolerance: Double = 1e-7
  ) throws {
    try Require.positive("zero-mode tolerance", zeroTolerance)
    self.init(
      try LocalExpansion(of: landscape, at: point), zeroTolerance: zeroTolerance)
  }

  init(_ expansion: LocalExpansion, zeroTolerance: Double) {
    let threshold = zeroTolerance * expansion.largestCurvature
    point = expansion.point
    energy = expansion.energy
    gradientNorm = norm(expansion.gradient)
    eigenvalues = expansion.curvatures
    self.zeroTolerance = zeroTolerance
    zeroModeCount = expansion.curvatures.count { abs($0) <= threshold }
    negativeCount = expansion.curvatures.count { $0 < -threshold }
    leadingDirection = expansion.directions.column(0)
  }

  /// max |ω|.
  public var largestCurvature: Double { eigenvalues.reduce(0) { max($0, abs($1)) } }

  /// The eigenvalues that are not zero modes, ascending.
  public var nonZeroEigenvalues: [Double] {
    let threshold = zeroTolerance * largestCurvature
    return eigenvalues.filter { abs($0) > threshold }
  }

  /// The smallest non-zero |ω| over the largest zero |ω|, which says how safe the count of zero modes
  /// is; nil without both.
  public var zeroModeGap: Double? {
    let threshold = zeroTolerance * largestCurvature
    let zeros = eigenvalues.filter { abs($0) <= threshold }.map(abs)
    guard let upper = nonZeroEigenvalues.map(abs).min(), let lower = zeros.max() else { return nil }
    return upper / lower
  }

  /// No negative mode; zero modes are allowed.
  public var isMinimum: Bool { negativeCount == 0 }

  /// Exactly one negative mode; zero modes are allowed.
  public var isSaddle: Bool { negativeCount == 1 }

  /// |∇E| in units of max |ω|·(1 + |θ|): about the distance to the stationary point over that of θ, in
  /// the stiffest direction. Multiplying E by a constant leaves it.
  public var relativeGradient: Double {
    relativeResidual(gradientNorm, curvature: largestCurvature, point: point)
  }
}

/// |g| / (ω(1 + |θ|)); zero where g = 0, even on a flat landscape.
func relativeResidual(_ gradientNorm: Double, curvature: Double, point: [Double]) -> Double {
  gradientNorm == 0 ? 0 : gradientNorm / (curvature * (1 + norm(point)))
}
