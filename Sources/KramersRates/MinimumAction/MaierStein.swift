import Escapes
package import NumericalMethods

/// The Maier–Stein system, the standard example of escape without detailed balance:
///
/// ```
/// b(u, v) = (u − u³ − α u v²,  −μ(1 + u²) v),   D̂ = I
/// ```
///
/// Stable points (±1, 0), saddle (0, 0). For α = μ the drift is −∇E with
/// E = u⁴/4 − u²/2 + μ(1 + u²)v²/2, so ΔΦ = 1/4. For μ = 1 the escape path leaves the u axis at α = 4.
///
/// Source: R. S. Maier and D. L. Stein, J. Stat. Phys. 83, 291 (1996), doi:10.1007/BF02183736.
package struct MaierStein: DriftDiffusion {
  package let alpha: Double
  package let mu: Double

  package init(alpha: Double, mu: Double = 1) {
    self.alpha = alpha
    self.mu = mu
  }

  package var dimension: Int { 2 }

  package func drift(at point: [Double]) -> [Double] {
    let (u, v) = (point[0], point[1])
    return [u - u * u * u - alpha * u * v * v, -mu * (1 + u * u) * v]
  }

  package func diffusion(at point: [Double]) -> Matrix { .identity(2) }

  package var hasUnitDiffusion: Bool { true }

  package func driftGradient(at point: [Double], momentum: [Double]) -> [Double] {
    let (u, v) = (point[0], point[1])
    return [
      (1 - 3 * u * u - alpha * v * v) * momentum[0] - 2 * mu * u * v * momentum[1],
      -2 * alpha * u * v * momentum[0] - mu * (1 + u * u) * momentum[1],
    ]
  }

  package func diffusionGradient(at point: [Double], momentum: [Double]) -> [Double] { [0, 0] }
}
