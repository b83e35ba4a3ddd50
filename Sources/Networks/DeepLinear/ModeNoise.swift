/// The gradient noise of one mode along its balanced line.
///
/// With f = uᵀ(y − Wx)·vᵀx the only random factor, the per-sample gradient covariance along the line is
///
/// ```
/// C_ss = L a^{2L−2} V(λ),   V(λ) = Var[(y_r − λ x_r) x_r] = c₀ + c₁λ + c₂λ²
/// ```
///
/// where x_r = vᵀx and y_r = uᵀy; V is exactly quadratic in λ for any data.
package struct ModeNoise: Sendable, Equatable {
  /// c₀ = Var(y_r x_r), c₁ = −2 Cov(y_r x_r, x_r²), c₂ = Var(x_r²).
  package let coefficients: SIMD3<Double>

  package init(coefficients: SIMD3<Double>) { self.coefficients = coefficients }

  /// Gaussian data y = ηx + √(1−η²)ξ: V = 2(λ − η)² + (1 − η²).
  package static func gaussian(singularValue eta: Double) -> ModeNoise {
    ModeNoise(coefficients: SIMD3(1 + eta * eta, -4 * eta, 2))
  }

  /// V(λ).
  package func variance(singularValue lambda: Double) -> Double {
    coefficients.x + lambda * (coefficients.y + lambda * coefficients.z)
  }

  /// C_ss at arc length s of `mode`.
  package func covariance(of mode: DeepLinearMode, arcLength s: Double) -> Double {
    let depth = Double(mode.depth)
    let a = s / depth.squareRoot()
    var power = 1.0
    for _ in 1..<max(mode.depth, 1) { power *= a }
    return depth * power * power * variance(singularValue: power * a)
  }

  /// dC_ss/ds at arc length s of `mode`.
  package func covarianceSlope(of mode: DeepLinearMode, arcLength s: Double) -> Double {
    let depth = Double(mode.depth)
    let lambda = mode.singularValue(arcLength: s)
    let logSlope =
      (2 * depth - 2) + depth * lambda * (coefficients.y + 2 * lambda * coefficients.z)
      / variance(singularValue: lambda)
    return covariance(of: mode, arcLength: s) * logSlope / s
  }
}
