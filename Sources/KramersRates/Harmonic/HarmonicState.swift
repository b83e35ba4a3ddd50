package import Landscapes
import NumericalMethods

/// A minimum or saddle as Langer's formula sees it: its energy, the curvatures across its orbit of
/// equivalent points and the volume of that orbit.
package struct HarmonicState: Sendable {
  /// E, in loss units.
  package let energy: Double
  /// Non-zero Hessian eigenvalues ω, ascending.
  package let curvatures: [Double]
  /// Eigenvalues taken for zero: the n of least |ω|.
  package let zeroCurvatures: [Double]
  /// ln V of the orbit, an n-dimensional volume in parameter space; 0 for a point.
  package let logVolume: Double
  /// |∇E| at the point, 0 where it is exactly stationary.
  package let gradientNorm: Double
  /// The first correction in T of the state's integral, in inverse loss units: a of a minimum, s of a saddle
  /// of index 1 (see `LaplaceCorrection`); nil where it is not known.
  package let correction: Double?
  /// Rotations whose angle has the whole circle rather than a Gaussian.
  package let softRotations: [SoftRotation]

  /// The most parameters for which the correction is computed: 4D² Hessian–vector products.
  package static let largestCorrectedDimension = 12

  /// From a spectrum.
  ///
  /// - Parameters:
  ///   - spectrum: all D eigenvalues of the Hessian, in any order.
  ///   - zeroModes: n, how many of them the symmetry makes zero.
  ///   - logVolume: ln V; 0 (one point) where n = 0.
  ///   - correction: the first correction in T, where it is known.
  ///   - softRotations: each belongs to one of the curvatures.
  /// - Throws: `InvalidInput` where a number is not finite, there are more zero modes than eigenvalues,
  ///   or an eigenvalue that is kept is zero.
  package init(
    energy: Double, spectrum: [Double], zeroModes: Int = 0, logVolume: Double = 0,
    gradientNorm: Double = 0, correction: Double? = nil, softRotations: [SoftRotation] = []
  ) throws {
    try self.init(
      energy: energy, spectrum: HessianSpectrum(eigenvalues: spectrum, zeroCount: zeroModes),
      logVolume: logVolume, gradientNorm: gradientNorm, correction: correction,
      softRotations: softRotations)
  }

  private init(
    energy: Double, spectrum: HessianSpectrum, logVolume: Double, gradientNorm: Double,
    correction: Double?, softRotations: [SoftRotation]
  ) throws {
    try Require.finite("energy of a stationary point", energy)
    try Require.finite("ln volume of an orbit", logVolume)
    try Require.nonNegative("gradient norm at a stationary point", gradientNorm)
    self.energy = energy
    zeroCurvatures = spectrum.eigenvalues.filter { abs($0) <= spectrum.tolerance }
    curvatures = spectrum.nonZero
    self.logVolume = logVolume
    self.gradientNorm = gradientNorm
    self.correction = correction
    self.softRotations = softRotations
  }

  /// From a stationary point and its orbit.
  ///
  /// - Throws: `NumericalFailure` where the Hessian has other zero modes than the orbit has dimensions.
  package init(_ state: StationaryPoint) throws {
    guard state.zeroModeCount == state.orbit.dimension else {
      throw NumericalFailure(
        "the Hessian at E = \(state.energy) has \(state.zeroModeCount) zero modes, but the landscape's symmetries account for \(state.orbit.dimension); the point is degenerate, so change a parameter a little"
      )
    }
    try self.init(
      energy: state.energy, spectrum: state.spectrum, logVolume: state.orbit.logVolume,
      gradientNorm: state.gradientNorm, correction: nil, softRotations: state.softRotations)
  }

  /// From a point of a landscape: energy, gradient and the eigenvalues of the Hessian there.
  ///
  /// - Parameter differenceStep: a small part of the distance between minimum and saddle, for the third and
  ///   fourth derivatives of the first correction in T (two per cent is right for polynomial wells). The
  ///   correction is computed where it is given, the index is 0 or 1, there are no zero modes and
  ///   D ≤ ``largestCorrectedDimension``.
  ///
  /// Complexity: D Hessian–vector products and O(D³); with the correction 4D² products and O(D⁴).
  package init(
    landscape: some EnergyLandscape, point: [Double], zeroModes: Int = 0, logVolume: Double = 0,
    differenceStep: Double? = nil
  ) throws {
    try self.init(
      energy: landscape.energy(at: point),
      spectrum: landscape.hessian(at: point).symmetricEigensystem().values, zeroModes: zeroModes,
      logVolume: logVolume, gradientNorm: norm(landscape.gradient(at: point)))
    if let differenceStep {
      self = try corrected(on: landscape, point: point, differenceStep: differenceStep)
    }
  }

  /// The same state with its first correction in T, where that can be had.
  package func corrected(
    on landscape: some EnergyLandscape, point: [Double], differenceStep: Double
  ) throws -> HarmonicState {
    guard zeroModes == 0, index <= 1, dimension <= Self.largestCorrectedDimension else {
      return self
    }
    let expansion = try AnharmonicExpansion(of: landscape, at: point, step: differenceStep)
    let correction = index == 0 ? expansion.wellCorrection : expansion.saddleCorrection
    guard correction.isFinite else { return self }
    return try HarmonicState(
      energy: energy, spectrum: curvatures, logVolume: logVolume, gradientNorm: gradientNorm,
      correction: correction, softRotations: softRotations)
  }

  /// n.
  package var zeroModes: Int { zeroCurvatures.count }

  /// D, zero modes included.
  package var dimension: Int { curvatures.count + zeroModes }

  /// How many curvatures are negative, zero modes excluded.
  package var index: Int { curvatures.count { $0 < 0 } }

  /// The smallest |ω| that is not zero.
  package var softestCurvature: Double { curvatures.map(abs).min()! }

  /// Largest |ω| among the zero modes; 0 where there are none.
  package var largestZeroCurvature: Double { zeroCurvatures.map(abs).max() ?? 0 }

  /// Whether the point is stationary enough and its zero modes are separated.
  func criteria(temperature: Double) -> [Validity] {
    [
      .residualForce(gradientNorm, curvature: softestCurvature, temperature: temperature),
      .zeroModeGap(largestZero: largestZeroCurvature, smallestNonZero: softestCurvature),
    ] + (softRotations.count > 1 ? [.softRotations(softRotations, temperature: temperature)] : [])
  }
}
