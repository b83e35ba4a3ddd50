import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Escape under the SGD noise of a mean-square loss, C = 2L(θ)H*: a power law in the loss (Mori, Ziyin,
/// Liu and Ueda).
///
/// ```
/// k = (|h_s|/2π) √(det H*/|det H_s|) (L_s/L*)^{−(α + 1 − n/2)},   α = B/(h·h*)
/// ```
///
/// where L* > 0 and L_s are the losses at minimum and saddle, h* and h_s < 0 the curvatures along the
/// escape, H* and H_s the Hessians in the n outlier directions, h the learning rate and B the batch size.
///
/// Derivation: D = (h/2B)C = L·h*·h/B along the escape. In the time ds = L dt the noise is
/// additive, of temperature 1/α, and the drift is −∇L/L = −∇ln L: Langer's formula on the landscape ln L,
/// with the curvatures h*/L* and h_s/L_s, in n dimensions, gives
/// (|h_s|/2πL_s)√(det H*/|det H_s|)(L_s/L*)^{n/2 − α}; near the minimum ds = L*dt, hence one more power
/// of L*/L_s. In one dimension ∫L′/D = α ln(L_s/L*) is the quasi-potential, and Laplace's method on the
/// exact passage time (Itô) gives the same law times √(α/(α+1)).
///
/// Validity: noise exactly proportional to the loss, so the verdict is at best marginal: weight decay
/// enters the drift but not the noise, and H varies along the way. α ≫ 1, with relative error 1/(2α);
/// exponent ≥ 4. The noise must not vanish, L* > 0.
///
/// Source: T. Mori, L. Ziyin, K. Liu and M. Ueda, ICML 2022, arXiv:2105.09557, the escape-rate formula.
package struct PowerLawEscape: Sendable {
  /// L*, the loss at the minimum.
  package let minimumLoss: Double
  /// L_s, the loss at the saddle.
  package let saddleLoss: Double
  /// h*, along the escape.
  package let minimumCurvature: Double
  /// h_s < 0.
  package let saddleCurvature: Double
  /// n.
  package let outliers: Int
  /// ln(det H*/|det H_s|) over the n outlier directions.
  package let logDeterminantRatio: Double

  /// - Parameter logDeterminantRatio: nil for ln(h*/|h_s|), the other curvatures being equal.
  /// - Throws: `InvalidInput` unless 0 < L* < L_s, h* > 0, h_s < 0 and n ≥ 1.
  package init(
    minimumLoss: Double, saddleLoss: Double, minimumCurvature: Double, saddleCurvature: Double,
    outliers: Int = 1, logDeterminantRatio: Double? = nil
  ) throws {
    try Require.positive("loss at the minimum", minimumLoss)
    try Require.positive("curvature at the minimum", minimumCurvature)
    try Require.atLeast(1, "number of outlier eigenvalues", outliers)
    guard saddleLoss > minimumLoss, saddleLoss.isFinite else {
      throw InvalidInput(
        "the loss at the saddle must exceed \(minimumLoss), the loss at the minimum, but is \(saddleLoss)"
      )
    }
    guard saddleCurvature < 0, saddleCurvature.isFinite else {
      throw InvalidInput(
        "the curvature at the saddle must be negative, but is \(saddleCurvature); the point is no barrier top"
      )
    }
    self.minimumLoss = minimumLoss
    self.saddleLoss = saddleLoss
    self.minimumCurvature = minimumCurvature
    self.saddleCurvature = saddleCurvature
    self.outliers = outliers
    self.logDeterminantRatio = logDeterminantRatio ?? log(minimumCurvature / -saddleCurvature)
  }

  package var name: String { "Mori et al., power law" }

  /// ln(L_s/L*).
  package var logLossBarrier: Double { log(saddleLoss / minimumLoss) }

  /// ln(L_s/L*)/h*: ln τ ≈ (B/h) times this.
  package var quasiPotentialBarrier: Double { logLossBarrier / minimumCurvature }

  /// α = 1/(ε h*) at the noise scale ε = h/B.
  package func exponent(noiseScale: Double) -> Double { 1 / (noiseScale * minimumCurvature) }

  /// ln τ at the noise scale ε = h/B.
  package func logMeanFirstPassageTime(noiseScale: Double) -> Double {
    logPrefactor + quasiPotentialBarrier / noiseScale
  }

  /// ln τ₀ = ln(2π/|h_s|) − ½ ln(det H*/|det H_s|) + (1 − n/2) ln(L_s/L*).
  package var logPrefactor: Double {
    log(2 * Double.pi / -saddleCurvature) - 0.5 * logDeterminantRatio
      + (1 - 0.5 * Double(outliers)) * logLossBarrier
  }

  /// ln τ, its slope in B/h and its validity at the noise scale ε = h/B.
  ///
  /// - Parameter momentum: μ, which ε is to be named with.
  /// - Throws: `InvalidInput` unless ε > 0.
  package func prediction(noiseScale: Double, momentum: Double = 0) throws -> RatePrediction {
    try Require.positive("noise scale h/B", noiseScale)
    let alpha = exponent(noiseScale: noiseScale)
    let logTime = logMeanFirstPassageTime(noiseScale: noiseScale)
    return RatePrediction(
      theory: name, noise: .noiseScale(noiseScale, momentum: momentum),
      logMeanFirstPassageTime: logTime,
      clockStop: "the product well", logPrefactor: logPrefactor,
      apparentBarrier: quasiPotentialBarrier,
      validity: .all([
        .marginal(
          .noiseProportionalToLoss,
          "the prefactor holds for a noise covariance that is exactly 2L times a constant Hessian"),
        .judge(
          .powerLaw, 1 / alpha,
          "the power is only \(brief(alpha)), so the loss varies within the well's own fluctuations"
        ),
        .barrier(logLossBarrier, temperature: 1 / alpha),
        .timeScales(logTime: logTime, relaxationRate: minimumCurvature),
      ]), notes: ["power law (L_s/L*)^\(brief(alpha + 1 - 0.5 * Double(outliers)))"])
  }
}
