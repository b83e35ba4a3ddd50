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
  ///   - noiseScale: ε = h/B.
  ///   - finiteStep: h to include the leading effect of a finite learning rate, the modified loss
  ///     E + (h/4)|E′|² (Barrett and Dherin, arXiv:2009.11162, Eq. 7); nil to leave it out.
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

  /// Kramers' formula on the line.
  package func kramers() throws -> KramersOverdamped {
    let kramers = try KramersOverdamped(landscape: mode, minimum: minimum, saddle: saddle)
    // The barrier without the cancellation of two energies.
    return try KramersOverdamped(
      barrierHeight: mode.barrierDown() ?? 0, minimumCurvature: kramers.minimumCurvature,
      saddleCurvature: kramers.saddleCurvature, correction: kramers.correction)
  }
}
