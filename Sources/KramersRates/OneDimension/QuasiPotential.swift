import NumericalMethods

extension OneDimensionalProblem {
  /// Φ(b) − Φ(x₀) = ∫ E′/D dx along the line, up to its largest value: the exponent of the escape time,
  /// ln τ ≈ ΔΦ as the noise vanishes.
  ///
  /// With D = (h/2B)·C this is (B/h)·∫ 2E′/C ds, the Freidlin–Wentzell barrier of SGD along an
  /// invariant line. `saddle` is the point between start and b where E′ changes sign.
  package func quasiPotentialBarrier(to saddle: Double) throws -> Double {
    let lower = min(start, saddle)
    let upper = max(start, saddle)
    let integral = try integrate(
      { slope($0) / diffusion($0) }, over: lower...upper, relativeTolerance: 1e-10,
      while: "the quasi-potential between \(start) and \(saddle)")
    return saddle > start ? integral.value : -integral.value
  }
}
