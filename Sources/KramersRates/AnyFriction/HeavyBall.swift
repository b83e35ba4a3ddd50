package import Escapes
import NumericalMethods

/// Heavy-ball SGD as underdamped Langevin dynamics of unit mass.
///
/// ```
/// v ← μv + g,   θ ← θ − hv
/// ```
///
/// Eliminating v: θ_{k+1} − 2θ_k + θ_{k−1} + (1 − μ)(θ_k − θ_{k−1}) = −h g(θ_k). With the time δ per
/// step the differences are δ²θ̈ and δθ̇ to leading order, so δ²θ̈ + (1 − μ)δ θ̇ = −h∇E. Unit mass needs
///
/// ```
/// δ = √h,   γ = (1 − μ)/√h,   θ̈ + γθ̇ = −∇E.
/// ```
///
/// The momentum is p = −√h·v; a gradient variance σ² (per step, C/B of a minibatch) kicks it by −√h·ξ,
/// of variance hσ² in the time √h. That is 2γT√h at T = hσ²/(2(1 − μ)).
///
/// At strong friction the position moves by −∇E·h/(1 − μ) per step, the overdamped time δ/γ: momentum
/// only rescales the learning rate there. Validity: relative error of γ and ω about (1 − μ)/2 and
/// hω²; the ball is unstable for hω² > 2(1 + μ).
///
/// The next order, exactly. In a well or at a saddle of curvature c the recursion has the slow root r of
/// r² − (1 + μ − hc)r + μ = 0, and per overdamped time ĥ = h/(1 − μ)
///
/// ```
/// −ln r/ĥ = c(1 + ½ h_e c + …),   h_e = ĥ(1 + μ)/(1 − μ) = ĥ + 2m,   m = hμ/(1 − μ)²
/// ```
///
/// Descent without momentum at the learning rate ĥ has h_e = ĥ; the rest is inertia, the ``mass`` m in overdamped time,
/// 1/γ² for μ → 1. It slows the growth from a saddle by 1 − m|c|, as the prefactor of Kramers' spatial diffusion
/// does: (γ/|c|)(√(γ²/4 + |c|) − γ/2) ≈ 1 − |c|/γ².
///
/// Source: B. T. Polyak, USSR Comput. Math. Math. Phys. 4(5), 1 (1964), doi:10.1016/0041-5553(64)90137-5,
/// Eq. 9, for the recursion.
package struct HeavyBall: Sendable {
  /// h.
  package let learningRate: Double
  /// μ.
  package let momentum: Double

  /// - Throws: `InvalidInput` unless h > 0 and 0 ≤ μ < 1.
  package init(learningRate: Double, momentum: Double) throws {
    try Require.positive("learning rate h", learningRate)
    guard momentum >= 0, momentum < 1 else {
      throw InvalidInput(
        "momentum μ must be at least 0 and below 1, but is \(momentum); at 1 there is no friction")
    }
    self.learningRate = learningRate
    self.momentum = momentum
  }

  package init(_ settings: SGDSettings) {
    learningRate = settings.learningRate
    momentum = settings.momentum
  }

  /// γ = (1 − μ)/√h.
  package var friction: Double { (1 - momentum) / learningRate.squareRoot() }

  /// δ = √h, the time of unit-mass dynamics that one step takes.
  package var timePerStep: Double { learningRate.squareRoot() }

  /// δ/γ = h/(1 − μ), the time of overdamped, unit-mobility dynamics that one step takes.
  package var overdampedTimePerStep: Double { learningRate / (1 - momentum) }

  /// m = hμ/(1 − μ)², the mass in overdamped time: mθ̈ + θ̇ = −∇E + noise.
  package var mass: Double { overdampedTimePerStep * momentum / (1 - momentum) }

  /// T = hσ²/(2(1 − μ)) along a direction with the gradient variance σ² = n·C·n/B.
  package func temperature(gradientVariance: Double) -> Double {
    0.5 * overdampedTimePerStep * gradientVariance
  }
}
