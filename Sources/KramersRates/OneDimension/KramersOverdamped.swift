import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Kramers' escape over a parabolic barrier in the overdamped limit, one dimension, unit mobility.
///
/// ```
/// τ = 2π / √(E″(min)|E″(saddle)|) · e^{ΔE/T}
/// ```
///
/// τ is the mean passage time to the product basin (to the saddle itself it is half of that). Leading
/// relative error cT, see ``CorrectedKramers``; valid for ΔE/T ≫ 1.
///
/// Source: H. A. Kramers, Physica 7, 284 (1940), doi:10.1016/S0031-8914(40)90098-2, Eq. 17.
package struct KramersOverdamped: Sendable {
  /// ΔE, in loss units.
  package let barrierHeight: Double
  /// E″ at the minimum, positive.
  package let minimumCurvature: Double
  /// E″ at the saddle, negative.
  package let saddleCurvature: Double
  /// c of ``CorrectedKramers``; nil where the higher derivatives are not known.
  package let correction: FirstCorrection?

  /// - Throws: `InvalidInput` where a curvature has the wrong sign or ΔE ≤ 0.
  package init(
    barrierHeight: Double, minimumCurvature: Double, saddleCurvature: Double,
    correction: FirstCorrection? = nil
  ) throws {
    try Require.positive("barrier height ΔE", barrierHeight)
    try Require.positive("curvature at the minimum", minimumCurvature)
    guard saddleCurvature < 0 else {
      throw InvalidInput(
        "the curvature at the saddle must be negative, but is \(saddleCurvature); the point is no barrier top"
      )
    }
    self.barrierHeight = barrierHeight
    self.minimumCurvature = minimumCurvature
    self.saddleCurvature = saddleCurvature
    self.correction = correction
  }

  /// ln τ₀, τ₀ = 2π/√(E″(min)|E″(saddle)|).
  package var logPrefactor: Double {
    log(2 * Double.pi) - 0.5 * log(minimumCurvature * -saddleCurvature)
  }

  /// ln τ at temperature T.
  package func logMeanFirstPassageTime(temperature: Double) -> Double {
    logPrefactor + barrierHeight / temperature
  }
}
