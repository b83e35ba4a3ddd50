public import Landscapes
import NumericalMethods

/// A minimum or saddle as Langer's formula sees it: its energy, the curvatures across its orbit of
/// equivalent points and the volume of that orbit.
public struct HarmonicState: Sendable {
  /// E, in loss units.
  public let energy: Double
  /// Non-zero Hessian eigenvalues ω, ascending.
  public let curvatures: [Double]
  /// Eigenvalues taken for zero: the n of least |ω|.
  public let zeroCurvatures: [Double]
  /// ln V of the orbit, an n-dimensional volume in parameter space; 0 for a point.
  public let logVolume: Double
  /// |∇E| at the point, 0 where it is exactly stationary.
  public let gradientNorm: Double

  /// From a spectrum.
  ///
  /// - Parameters:
  ///   - spectrum: all D eigenvalues of the Hessian, in any order.
  ///   - zeroModes: n, how many of them the symmetry makes zero.
  ///   - logVolume: ln V; 0 (one point) where n = 0.
  /// - Throws: ``InvalidInput`` where a number is not finite, there are more zero modes than eigenvalues,
  ///   or an eigenvalue that is kept is zero.
  public init(
    energy: Double, spectrum: [Double], zeroModes: Int = 0, logVolume: Double = 0,
    gradientNorm: Double = 0
  ) throws {
    try Require.finite("energy of a stationary point", energy)
    try Require.finite("ln volume of an orbit", logVolume)
    try Require.nonNegative("gradient norm at a stationary point", gradientNorm)
    try Require.atLeast(0, "number of zero modes", zeroModes)
    for value in spectrum { try Require.finite("eigenvalue of a Hessian", value) }
    guard zeroModes < spectrum.count else {
      throw InvalidInput(
        "\(zeroModes) zero modes leave none of \(spectrum.count) eigenvalues; count them again")
    }
    let sorted = spectrum.sorted { abs($0) < abs($1) }
    guard sorted[zeroModes] != 0 else {
      let zeros = sorted.count { $0 == 0 }
      throw InvalidInput(
        "the spectrum has \(zeros) zero eigenvalues, but \(zeroModes) zero modes were named; count the symmetry's directions again"
      )
    }
    self.energy = energy
    zeroCurvatures = Array(sorted[..<zeroModes])
    curvatures = sorted[zeroModes...].sorted()
    self.logVolume = logVolume
    self.gradientNorm = gradientNorm
  }

  /// From a point of a landscape: energy, gradient and the eigenvalues of the Hessian there.
  ///
  /// Complexity: D Hessian–vector products and O(D³).
  public init(
    landscape: some EnergyLandscape, point: [Double], zeroModes: Int = 0, logVolume: Double = 0
  ) throws {
    try self.init(
      energy: landscape.energy(at: point),
      spectrum: landscape.hessian(at: point).symmetricEigensystem().values, zeroModes: zeroModes,
      logVolume: logVolume, gradientNorm: norm(landscape.gradient(at: point)))
  }

  /// n.
  public var zeroModes: Int { zeroCurvatures.count }

  /// D, zero modes included.
  public var dimension: Int { curvatures.count + zeroModes }

  /// How many curvatures are negative, zero modes excluded.
  public var index: Int { curvatures.count { $0 < 0 } }

  /// The smallest |ω| that is not zero.
  public var softestCurvature: Double { curvatures.map(abs).min()! }

  /// Largest |ω| among the zero modes; 0 where there are none.
  public var largestZeroCurvature: Double { zeroCurvatures.map(abs).max() ?? 0 }
}
