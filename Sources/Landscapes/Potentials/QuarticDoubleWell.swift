public import NumericalMethods

/// The quartic double well, tilted or not, in one dimension:
///
/// ```
/// E(x) = x⁴/4 − x²/2 + c·x
/// ```
///
/// For c = 0: minima at ±1 with E = −1/4 and E″ = 2; saddle at 0 with E = 0 and E″ = −1; so ΔE = 1/4.
/// Two minima exist for |c| < 2/(3√3).
public struct QuarticDoubleWell: EnergyLandscape {
  /// c. Positive values lower the left well.
  public let tilt: Double

  /// Two equal wells without a tilt.
  public init(tilt: Double = 0) { self.tilt = tilt }

  @inlinable public var dimension: Int { 1 }

  @inlinable
  public func energy(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let x = point[0]
    return x * x * (0.25 * x * x - 0.5) + tilt * x
  }

  @inlinable
  public func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    gradient[0] = point[0] * (point[0] * point[0] - 1) + tilt
    return energy(at: point, scratch: scratch)
  }

  @inlinable @inline(__always)
  public func gradient<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, into gradient: UnsafeMutablePointer<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    let x = point[0]
    let slope = x.multiplied(by: x, adding: Vector(repeating: -1))
    gradient[0] = slope.multiplied(by: x, adding: Vector(repeating: tilt))
  }

  public func hessianVectorProduct(at point: [Double], along direction: [Double]) -> [Double] {
    [(3 * point[0] * point[0] - 1) * direction[0]]
  }
}
