public import Landscapes
public import NumericalMethods

/// Overdamped Langevin dynamics: drift −∇E of a landscape, noise of unit mobility in every direction.
///
/// ```
/// dX = −∇E dt + √(2ε) dW
/// ```
///
/// with ε the temperature. The quasi-potential of a minimum is E itself: ΔΦ = ΔE. Its steps are those of
/// `OverdampedLangevin`.
public struct GradientDrift<Landscape: EnergyLandscape>: LaneDriftDiffusion {
  public let landscape: Landscape

  /// The descent on a landscape.
  public init(_ landscape: Landscape) { self.landscape = landscape }

  public var dimension: Int { landscape.dimension }

  public func drift(at point: [Double]) -> [Double] { landscape.gradient(at: point).map { -$0 } }

  public func diffusion(at point: [Double]) -> Matrix { .identity(dimension) }

  /// −Hθ.
  public func driftGradient(at point: [Double], momentum: [Double]) -> [Double] {
    landscape.hessianVectorProduct(at: point, along: momentum).map { -$0 }
  }

  /// Zero: the noise is the same everywhere.
  public func diffusionGradient(at point: [Double], momentum: [Double]) -> [Double] {
    [Double](repeating: 0, count: dimension)
  }

  // MARK: - Steps

  public var scratchCount: Int { dimension + landscape.scratchCount }
  public var laneScratchCount: Int { dimension + landscape.laneScratchCount }
  public var hasUnitDiffusion: Bool { true }

  @inlinable
  public func advance(
    _ point: UnsafeMutablePointer<Double>, timeStep: Double, amplitude: Double,
    normals: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    let count = dimension
    landscape.gradient(at: point, into: scratch, scratch: scratch + count)
    for i in 0..<count { point[i] += amplitude * normals[i] - timeStep * scratch[i] }
  }

  @inlinable @inline(__always)
  public func advance<Vector: Lanes>(
    lanes point: UnsafeMutablePointer<Vector>, timeStep: Double, amplitude: Double,
    normals: UnsafePointer<Vector>, scratch: UnsafeMutablePointer<Vector>
  ) {
    let count = landscape.dimension
    landscape.gradient(lanes: point, into: scratch, scratch: scratch + count)
    let descent = Vector(repeating: -timeStep)
    let amplitude = Vector(repeating: amplitude)
    for i in 0..<count {
      let moved = scratch[i].multiplied(by: descent, adding: point[i])
      point[i] = normals[i].multiplied(by: amplitude, adding: moved)
    }
  }
}
