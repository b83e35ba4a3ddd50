import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Mel'nikov and Meshkov's depopulation factor A(Δ): by how much weak friction slows an escape, because
/// the energies near the barrier top are refilled more slowly than they escape.
///
/// ```
/// A(Δ) = exp[(1/2π) ∫_{−∞}^{∞} ln(1 − e^{−Δ(λ²+1/4)}) / (λ²+1/4) dλ],   Δ = γI/T
/// ```
///
/// where Δ is the energy lost on one orbit at the barrier's energy, in units of T. A → 1 for Δ → ∞ and
/// A = Δ(1 + ζ(½)√(Δ/π) + …) = Δ(1 − 0.824√Δ + …) for Δ → 0.
///
/// With λ = ½ tan φ and y = Δ/(4cos²φ) the integral becomes ln A = (2/π)∫₀^{π/2} ln(1 − e^{−y}) dφ, of
/// bounded range and relative error 1e-10.
///
/// Source: V. I. Mel'nikov and S. V. Meshkov, J. Chem. Phys. 85, 1018 (1986), doi:10.1063/1.451844.
package struct DepopulationFactor: Sendable {
  /// Δ.
  package let energyLoss: Double
  /// ln A(Δ).
  package let logarithm: Double
  /// d ln A/d ln Δ = (2/π)∫₀^{π/2} y/(e^y − 1) dφ: 1 for Δ → 0, 0 for Δ → ∞.
  package let logarithmicDerivative: Double

  /// - Throws: `InvalidInput` unless Δ > 0.
  package init(energyLoss: Double) throws {
    try Require.positive("energy loss per orbit Δ", energyLoss)
    self.energyLoss = energyLoss
    // e^{−Δ/4} is below the smallest double.
    guard energyLoss < 2900 else {
      logarithm = 0
      logarithmicDerivative = 0
      return
    }
    func mean(_ function: (Double) -> Double) throws -> Double {
      try 2 / Double.pi
        * integrate(
          { angle in
            let cosine = cos(angle)
            return function(0.25 * energyLoss / (cosine * cosine))
          }, over: 0...(0.5 * Double.pi), relativeTolerance: 1e-11, absoluteTolerance: 1e-300,
          while: "the depopulation factor at Δ = \(energyLoss)"
        ).value
    }
    // Each form is exact where the other cancels.
    logarithm = try mean { $0 < 0.7 ? log(-expm1(-$0)) : log1p(-exp(-$0)) }
    logarithmicDerivative = try mean { $0 < 700 ? $0 / expm1($0) : 0 }
  }

  /// A(Δ).
  package var value: Double { exp(logarithm) }
}
