/// The orbit of a point under a continuous group of isometries that leaves E unchanged.
///
/// Along it the Hessian has exact zero modes, one for each dimension; in Langer's formula they are
/// replaced by its volume.
public struct SymmetryOrbit: Sendable, Equatable {
  /// The number of zero modes the symmetry makes.
  public let dimension: Int
  /// ln Vol, the volume measured in the weight space of the landscape; for dimension 0 the logarithm of
  /// the number of points.
  public let logVolume: Double

  /// An orbit by its dimension and the logarithm of its volume.
  public init(dimension: Int, logVolume: Double) {
    self.dimension = dimension
    self.logVolume = logVolume
  }

  /// One point: no continuous symmetry, or one that does not move the point.
  public static let point = SymmetryOrbit(dimension: 0, logVolume: 0)
}

/// A landscape with a continuous symmetry.
///
/// Networks with nonlinear hidden units have only permutations and signs of their units, which make no
/// zero modes; they need not conform.
public protocol SymmetricLandscape: EnergyLandscape {
  /// The orbit of a stationary point.
  func orbit(at point: [Double]) throws -> SymmetryOrbit
}

extension EnergyLandscape {
  /// The orbit of a stationary point under the landscape's continuous symmetries:
  /// ``SymmetryOrbit/point`` for a landscape that declares none by ``SymmetricLandscape``.
  public func symmetryOrbit(at point: [Double]) throws -> SymmetryOrbit {
    try (self as? any SymmetricLandscape)?.orbit(at: point) ?? .point
  }

  /// How many zero modes the landscape's continuous symmetries make at a stationary point: 0 for a
  /// landscape that declares none.
  public func continuousSymmetryCount(at point: [Double]) throws -> Int {
    try symmetryOrbit(at: point).dimension
  }
}
