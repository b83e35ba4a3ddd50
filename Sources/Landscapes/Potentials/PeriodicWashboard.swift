public import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The tilted washboard, one-dimensional and periodic up to its tilt:
///
/// ```
/// E(x) = −V cos x − F x
/// ```
///
/// Minima at x = asin(F/V) + 2πn and saddles at π − asin(F/V) + 2πn exist for |F| < V.
public struct PeriodicWashboard: EnergyLandscape {
  /// V.
  public let amplitude: Double
  /// F, the mean force.
  public let force: Double

  /// A row of wells, level without a force.
  public init(amplitude: Double = 1, force: Double = 0) {
    self.amplitude = amplitude
    self.force = force
  }

  @inlinable public var dimension: Int { 1 }

  public func energy(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double { -amplitude * cos(point[0]) - force * point[0] }

  public func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    gradient[0] = amplitude * sin(point[0]) - force
    return energy(at: point, scratch: scratch)
  }

  @inlinable @inline(__always)
  public func gradient<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, into gradient: UnsafeMutablePointer<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    gradient[0] = point[0].sine().multiplied(
      by: Vector(repeating: amplitude), adding: Vector(repeating: -force))
  }

  public func hessianVectorProduct(at point: [Double], along direction: [Double]) -> [Double] {
    [amplitude * cos(point[0]) * direction[0]]
  }
}
