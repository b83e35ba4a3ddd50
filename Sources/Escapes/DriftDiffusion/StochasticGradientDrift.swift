public import Landscapes
public import NumericalMethods

/// Minibatch SGD as a diffusion: drift −∇E, noise from the per-sample gradient covariance C(θ).
///
/// ```
/// dθ = −∇E dt + √(2εD̂) dW,   ε = h/B,   D̂(θ) = C(θ)/2
/// ```
///
/// C of a network is rank deficient nearly everywhere (a sample pushes the weights in few directions), so
/// use `MinimumActionMethod.regularisedLimit` with it.
public struct StochasticGradientDrift<Landscape: EnergyLandscape>: DriftDiffusion {
  public let landscape: Landscape
  private let covariance: @Sendable ([Double]) -> Matrix

  /// - Parameter covariance: C(θ), D × D, of the gradient of one sample.
  public init(_ landscape: Landscape, covariance: @escaping @Sendable ([Double]) -> Matrix) {
    self.landscape = landscape
    self.covariance = covariance
  }

  public var dimension: Int { landscape.dimension }

  public func drift(at point: [Double]) -> [Double] { landscape.gradient(at: point).map { -$0 } }

  public func diffusion(at point: [Double]) -> Matrix { 0.5 * covariance(point) }

  /// −Hθ.
  public func driftGradient(at point: [Double], momentum: [Double]) -> [Double] {
    landscape.hessianVectorProduct(at: point, along: momentum).map { -$0 }
  }
}
