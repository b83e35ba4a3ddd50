import NumericalMethods

/// A point with its energy, its gradient and the spectrum of its Hessian: a minimum, a saddle, or not
/// yet stationary.
///
/// ```
/// H uᵢ = ωᵢ uᵢ,   ω₁ ≤ … ≤ ω_D
/// ```
///
/// Which ω count as zero is ``HessianSpectrum``'s rule; the Morse index counts the negative ones. Zero modes are
/// exact on an orbit of a continuous symmetry: rotations of hidden layers give them at every learned state of a
/// network, minimum or saddle.
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
  /// ω.
  public let spectrum: HessianSpectrum
  /// The orbit of equivalent points that it lies on.
  public let orbit: SymmetryOrbit
  /// Rotations that the landscape nearly does not notice, where they are known.
  package let softRotations: [SoftRotation]
  /// The unit eigenvector of the most negative (else the lowest) eigenvalue; empty where it was not computed.
  public let leadingDirection: [Double]

  /// Looks at one point of a landscape through its dense Hessian.
  ///
  /// - Parameter zeroTolerance: relative to the largest |ω|.
  /// - Complexity: D products of the Hessian with a vector, and O(D³).
  /// - Throws: `InvalidInput` where the point does not fit the landscape or E or ∇E is not finite.
  package init(
    of landscape: some EnergyLandscape, at point: [Double],
    zeroTolerance: Double = HessianSpectrum.standardTolerance
  ) throws {
    try Require.positive("zero-mode tolerance", zeroTolerance)
    try self.init(try LocalExpansion(of: landscape, at: point), zeroTolerance: zeroTolerance)
  }

  init(_ expansion: LocalExpansion, zeroTolerance: Double) throws {
    self.init(
      point: expansion.point, energy: expansion.energy, gradientNorm: norm(expansion.gradient),
      spectrum: try HessianSpectrum(
        eigenvalues: expansion.curvatures, relativeTolerance: zeroTolerance),
      leadingDirection: expansion.directions.column(0))
  }

  /// A point that is known, in closed form say.
  package init(
    point: [Double], energy: Double, gradientNorm: Double, spectrum: HessianSpectrum,
    orbit: SymmetryOrbit = .point, softRotations: [SoftRotation] = [],
    leadingDirection: [Double] = []
  ) {
    self.point = point
    self.energy = energy
    self.gradientNorm = gradientNorm
    self.spectrum = spectrum
    self.orbit = orbit
    self.softRotations = softRotations
    self.leadingDirection = leadingDirection
  }

  /// The same on an orbit that is known.
  package func on(_ orbit: SymmetryOrbit) -> StationaryPoint {
    StationaryPoint(
      point: point, energy: energy, gradientNorm: gradientNorm, spectrum: spectrum, orbit: orbit,
      softRotations: softRotations, leadingDirection: leadingDirection)
  }

  /// ω, ascending.
  public var eigenvalues: [Double] { spectrum.eigenvalues }

  /// How many ω count as zero.
  public var zeroModeCount: Int { spectrum.zeroCount }

  /// The Morse index: how many non-zero ω are negative.
  public var negativeCount: Int { spectrum.negativeCount }

  /// max |ω|.
  public var largestCurvature: Double { spectrum.largest }

  /// The eigenvalues that are not zero modes, ascending.
  public var nonZeroEigenvalues: [Double] { spectrum.nonZero }

  /// |ω| up to which an eigenvalue counts as zero, relative to the largest |ω|.
  package var zeroTolerance: Double { spectrum.relativeTolerance }

  /// The smallest non-zero |ω| over the largest zero |ω|, which says how safe the count of zero modes
  /// is; nil without both.
  package var zeroModeGap: Double? {
    guard let upper = spectrum.smallestNonZero, let lower = spectrum.largestZero else { return nil }
    return upper / lower
  }

  /// No negative mode; zero modes are allowed.
  public var isMinimum: Bool { negativeCount == 0 }

  /// Exactly one negative mode; zero modes are allowed.
  public var isSaddle: Bool { negativeCount == 1 }

  /// |∇E| in units of max |ω|·(1 + |θ|): about the distance to the stationary point over that of θ, in
  /// the stiffest direction. Multiplying E by a constant leaves it.
  package var relativeGradient: Double {
    relativeResidual(gradientNorm, curvature: largestCurvature, point: point)
  }
}

/// |g| / (ω(1 + |θ|)); zero where g = 0, even on a flat landscape.
func relativeResidual(_ gradientNorm: Double, curvature: Double, point: [Double]) -> Double {
  gradientNorm == 0 ? 0 : gradientNorm / (curvature * (1 + norm(point)))
}
