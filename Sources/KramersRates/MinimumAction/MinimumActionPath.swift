/// The path by which small noise most probably leads from a point of rest to another point, and the
/// exponent of the time it takes.
package struct MinimumActionPath: Sendable {
  /// φ_0, …, φ_{2N}, equally spaced.
  package let images: [[Double]]
  /// The action from the start to each image, on the path as discretised.
  package let actionProfile: [Double]
  /// ΔΦ = ½ ∫ (|φ′||b| − ⟨φ′, b⟩), norms in D̂⁻¹, for dX = b dt + √(2εD̂) dW: the stationary density is
  /// exp(−ΔΦ/ε) and, over a saddle, ln τ ≈ ΔΦ/ε. Extrapolated to infinitely many images from N and 2N.
  ///
  /// For b = −∇E and D̂ = I this is ΔE.
  package let quasiPotentialBarrier: Double
  /// |S_{2N} − S_N|/3, the error estimate of S_{2N}: more than that of the extrapolated value.
  package let discretisationError: Double
  /// The largest slope of the action with respect to an image, across the path.
  package let gradientNorm: Double
  /// The relative decrease of the action that one more Newton step would bring.
  package let predictedDecrease: Double
  /// Newton steps over both discretisations.
  package let iterations: Int
  /// Whether the predicted decrease met the tolerance at N and at 2N, at a minimum of the action.
  package let converged: Bool
  /// |b| at the start. The barrier is that of a quasi-potential where this is zero.
  package let driftAtStart: Double
  /// |b| at the end. Zero at a saddle.
  package let driftAtEnd: Double

  /// ∫ (|φ′||b| − ⟨φ′, b⟩) = 2ΔΦ: the action in the classical normalisation dX = b dt + √(ε a) dW with
  /// a = D̂, where ln τ ≈ S/ε. For b = −∇E and a = I this is 2ΔE.
  ///
  /// Both are the same law: noise √(ε a) is √(2ε′D̂) with ε′ = ε/2, and ΔΦ/ε′ = S/ε.
  package var freidlinWentzellAction: Double { 2 * quasiPotentialBarrier }

  /// ln τ to leading order, ΔΦ/ε; without the prefactor.
  ///
  /// - Parameter noiseScale: ε, the temperature of Langevin dynamics or h/B of SGD.
  package func logMeanEscapeTime(noiseScale: Double) -> Double {
    quasiPotentialBarrier / noiseScale
  }
}
