public import Landscapes
public import NumericalMethods

/// Overdamped Langevin dynamics: drift −∇E of a landscape, noise of unit mobility in every direction.
///
/// ```
/// dX = −∇E dt + √(2ε) dW
/// ```
///
/// with ε the temperature. The quasi-potential of a minimum is E itself: ΔΦ = ΔE.
public struct GradientDrift<Landscape: EnergyLandscape>: DriftDiffusion {
  public let landscape: Landscape

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
}
