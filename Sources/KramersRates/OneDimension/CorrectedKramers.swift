package import Landscapes
import NumericalMethods

/// Kramers' escape in one dimension, overdamped, with its first correction in T.
///
/// ```
/// ln τ = ln τ_Kramers + c·T,
/// c = 5E‴²/(24 E″³) − E⁗/(8 E″²)  at the minimum
///   + 5E‴²/(24|E″|³) + E⁗/(8 E″²)  at the saddle
/// ```
///
/// With white noise the exact time is ∫e^{E/T}dy · ∫e^{−E/T}dz/T up to exponentially small terms. In
/// each integral let u = x√(|E″|/T): the exponent is −u²/2 ∓ √T E‴u³/(6|E″|^{3/2}) ∓ T E⁗u⁴/(24E″²),
/// upper signs at the minimum. Its exponential has the mean, with ⟨u⁶⟩ = 15 and ⟨u⁴⟩ = 3,
/// 1 + T(15E‴²/(72|E″|³) ∓ 3E⁗/(24E″²)). Quartic double well: c = 15/16 − 3/16 + 3/4 = 3/2.
///
/// τ_K·e^{cT} and τ_K·(1 + cT) agree to O(T²); the former is positive for every c. Validity: the next term
/// must be small, see ``FirstCorrection``. The clock stops in the product well. ``WellChain`` is the same in D
/// dimensions.
///
/// Source: Laplace's method; C. M. Bender and S. A. Orszag, Advanced Mathematical Methods, Eq. 6.4.35.
package struct CorrectedKramers: ThermalRate {
  package let kramers: KramersOverdamped
  /// c and the size of the next coefficient.
  package let correction: FirstCorrection

  /// c, in inverse loss units.
  package var coefficient: Double { correction.coefficient }

  /// From the derivatives at both points.
  ///
  /// - Parameters:
  ///   - minimumThird, minimumFourth: E‴ and E⁗ at the minimum.
  ///   - saddleThird, saddleFourth: E‴ and E⁗ at the saddle.
  /// - Throws: `InvalidInput` where a derivative is not finite.
  package init(
    kramers: KramersOverdamped, minimumThird: Double, minimumFourth: Double, saddleThird: Double,
    saddleFourth: Double
  ) throws {
    for (name, value) in [
      ("E‴ at the minimum", minimumThird), ("E⁗ at the minimum", minimumFourth),
      ("E‴ at the saddle", saddleThird), ("E⁗ at the saddle", saddleFourth),
    ] { try Require.finite(name, value) }
    let a = kramers.minimumCurvature
    let b = -kramers.saddleCurvature
    self.kramers = kramers
    correction = FirstCorrection(
      well: 5 * minimumThird * minimumThird / (24 * a * a * a) - minimumFourth / (8 * a * a),
      saddle: -5 * saddleThird * saddleThird / (24 * b * b * b) - saddleFourth / (8 * b * b))
  }

  /// From a one-dimensional landscape; E‴ and E⁗ by differences of E″.
  ///
  /// Central differences at d and d/2 with d = |saddle − minimum|/50, extrapolated: truncation O(d⁴),
  /// about 1e-6 of E⁗ where the landscape varies on the scale of that distance.
  ///
  /// - Throws: `InvalidInput` as ``KramersOverdamped/init(landscape:minimum:saddle:)``.
  package init(landscape: some EnergyLandscape, minimum: Double, saddle: Double) throws {
    kramers = try KramersOverdamped(landscape: landscape, minimum: minimum, saddle: saddle)
    guard let correction = kramers.correction else {
      throw InvalidInput(
        "E‴ or E⁗ is not finite at the minimum \(minimum) or at the saddle \(saddle); use Kramers' formula without the correction"
      )
    }
    self.correction = correction
  }

  package var name: String { "Kramers, first correction" }

  /// ln τ at temperature T.
  package func logMeanFirstPassageTime(temperature: Double) -> Double {
    kramers.logMeanFirstPassageTime(temperature: temperature) + coefficient * temperature
  }

  package func prediction(temperature: Double) throws -> RatePrediction {
    try Require.positive("temperature", temperature)
    let logTime = logMeanFirstPassageTime(temperature: temperature)
    let shift = coefficient * temperature
    return RatePrediction(
      theory: name, noise: .temperature(temperature), logMeanFirstPassageTime: logTime,
      clockStop: "the product well", logPrefactor: kramers.logPrefactor + shift,
      // d(cT)/d(1/T) = −cT²
      apparentBarrier: kramers.barrierHeight - shift * temperature,
      validity: .all([
        .barrier(kramers.barrierHeight, temperature: temperature),
        .corrected(correction, temperature: temperature),
        .timeScales(logTime: logTime, relaxationRate: kramers.minimumCurvature),
      ]))
  }
}
