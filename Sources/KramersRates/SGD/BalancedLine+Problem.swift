import Landscapes
package import Networks
import NumericalMethods

extension BalancedLine {
  /// The problem under white noise of temperature T.
  package func problem(temperature: Double) -> OneDimensionalProblem {
    OneDimensionalProblem(
      start: minimum, reflecting: reflecting, absorbing: absorbing, slope: { slope($0) },
      diffusion: { _ in temperature })
  }

  /// The problem under minibatch SGD.
  ///
  /// - Parameters:
  ///   - noiseScale: ε = h/B, or h/(B(1 − μ)) with momentum μ.
  ///   - finiteStep: h to include the leading effect of a finite learning rate, the modified loss
  ///     E + (h/4)|E′|² (Barrett and Dherin, arXiv:2009.11162, Eq. 7); with momentum h/(1 − μ); nil to
  ///     leave it out.
  package func problem(
    noise: ModeNoise, noiseScale: Double, finiteStep: Double? = nil
  ) -> OneDimensionalProblem {
    let h = finiteStep ?? 0
    return OneDimensionalProblem(
      start: minimum, reflecting: reflecting, absorbing: absorbing,
      slope: { s in
        let slope = slope(s)
        return h == 0 ? slope : slope * (1 + 0.5 * h * curvature(s))
      },
      diffusion: { s in 0.5 * noiseScale * noise.covariance(of: mode, arcLength: s) })
  }

  /// ΔΦ̂ = ∫ 2E′/C_ss ds from the saddle to the minimum: ln τ ≈ (B/h)·ΔΦ̂ as h/B → 0.
  package func quasiPotentialBarrier(noise: ModeNoise) throws -> Double {
    try problem(noise: noise, noiseScale: 1).quasiPotentialBarrier(to: saddle)
  }

  /// ∫E′² C′/C² ds from saddle to minimum, C = C_ss(s): zero where the noise does not vary along the line.
  package func noiseGradientIntegral(_ noise: ModeNoise) throws -> Double {
    try integrate(
      { s in
        let slope = slope(s)
        let covariance = noise.covariance(of: mode, arcLength: s)
        return slope * slope * noise.covarianceSlope(of: mode, arcLength: s)
          / (covariance * covariance)
      }, over: saddle...minimum, relativeTolerance: 1e-9,
      while: "the effect of inertia on the exponent"
    ).value
  }

  /// J·VJ, J = ∫ f/C ds from saddle to minimum: how hard the climb pulls on the noise of an epoch, which sums to
  /// zero.
  ///
  /// Batches move s by f·ξ, f = √L a^{L−1}(λ, −1), where ξ has the covariance εV of (x_r², y_r x_r) per unit time, and
  /// f·Vf = C. The least path, ṡ = E′, needs ξ = 2VfE′/C, in all the impulse ∫ξ dt = 2VJ. An epoch of length P gives it
  /// back elsewhere, at least cost evenly: that adds 2 J·VJ/(εP) to the action. Leading order in 1/(ωP).
  package func epochImpulse(_ noise: ModeNoise) throws -> Double {
    func integral(_ component: (_ singularValue: Double) -> Double) throws -> Double {
      try integrate(
        { s in
          let lambda = mode.singularValue(arcLength: s)
          return lever(s) * component(lambda)
            / noise.covariance(of: mode, arcLength: s)
        }, over: saddle...minimum, relativeTolerance: 1e-9, while: "the impulse of an epoch"
      ).value
    }
    let square = try integral { $0 }
    let cross = try integral { _ in 1 }
    let c = noise.coefficients
    return c.z * square * square + c.y * square * cross + c.x * cross * cross
  }

  /// Kramers' formula on the line.
  package func kramers() throws -> KramersOverdamped {
    let kramers = try KramersOverdamped(landscape: mode, minimum: minimum, saddle: saddle)
    // The barrier without the cancellation of two energies.
    return try KramersOverdamped(
      barrierHeight: mode.barrierDown() ?? 0, minimumCurvature: kramers.minimumCurvature,
      saddleCurvature: kramers.saddleCurvature, correction: kramers.correction)
  }
}
