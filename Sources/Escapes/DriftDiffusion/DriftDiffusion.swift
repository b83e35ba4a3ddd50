public import NumericalMethods

/// A stochastic process with drift b and small noise, the setting of large deviations:
///
/// ```
/// dX = b(X) dt + √(2ε) σ(X) dW,   D̂ = σ σᵀ,   ε → 0
/// ```
///
/// For SGD ε = h/B, b = −∇E and D̂ = C/2 with C the per-sample gradient covariance; for Langevin dynamics
/// ε = T and D̂ = I. The Itô and Stratonovich readings differ at order ε only and share all that is
/// computed from this protocol.
///
/// Conform with `dimension`, `drift` and `diffusion`; the derivatives default to central differences.
public protocol DriftDiffusion: Sendable {
  /// D.
  var dimension: Int { get }

  /// b(x).
  func drift(at point: [Double]) -> [Double]

  /// D̂(x), symmetric and positive semidefinite, D × D.
  func diffusion(at point: [Double]) -> Matrix

  /// ∂ₖ(θ·b)(x) for all k, that is (∇b)ᵀθ.
  func driftGradient(at point: [Double], momentum: [Double]) -> [Double]

  /// ∂ₖ(θ·D̂θ)(x) for all k.
  func diffusionGradient(at point: [Double], momentum: [Double]) -> [Double]
}

extension DriftDiffusion {
  /// Central differences with the step ε^{1/3}(1 + |xₖ|); relative error about 1e-10 where b is smooth.
  public func driftGradient(at point: [Double], momentum: [Double]) -> [Double] {
    centralDifferences(at: point) { inner(momentum, drift(at: $0)) }
  }

  /// Central differences with the step ε^{1/3}(1 + |xₖ|); relative error about 1e-10 where D̂ is smooth.
  public func diffusionGradient(at point: [Double], momentum: [Double]) -> [Double] {
    centralDifferences(at: point) { inner(momentum, product(diffusion(at: $0), momentum)) }
  }
}

/// ∇f(x) by central differences.
func centralDifferences(at point: [Double], _ function: ([Double]) -> Double) -> [Double] {
  var shifted = point
  return point.indices.map { k in
    let step = 6.055e-6 * (1 + abs(point[k]))
    shifted[k] = point[k] + step
    let forward = function(shifted)
    shifted[k] = point[k] - step
    let backward = function(shifted)
    shifted[k] = point[k]
    return (forward - backward) / (2 * step)
  }
}
