internal import CGSL

/// Quantiles and tail probabilities of the distributions used for intervals and tests.
package enum Distributions {
  // GSL's own error handler, which aborts, is off before the first of these calls: see `GSLRuntime`.

  /// x with P(χ²_ν ≤ x) = p. `gsl_cdf_chisq_Pinv` up to ν = 1000.
  ///
  /// GSL's inverse fails now and then from ν = 2320 (1160 escapes) and always from 5·10⁵. From ν = 1000 the cube
  /// of a normal deviate, x = ν(1 − 2/(9ν) + z√(2/(9ν)))³, and two steps of Newton's method on
  /// `gsl_cdf_chisq_P` stand for it: relative error below 10⁻⁹ for |z| ≤ 4. From ν = 10⁶ the first alone is as
  /// good.
  ///
  /// Source: E. B. Wilson and M. M. Hilferty, Proc. Natl. Acad. Sci. USA 17, 684 (1931),
  /// doi:10.1073/pnas.17.12.684.
  package static func chiSquaredQuantile(_ probability: Double, degreesOfFreedom: Double) -> Double
  {
    GSLRuntime.prepare()
    guard degreesOfFreedom > 1000, probability > 0, probability < 1 else {
      return gsl_cdf_chisq_Pinv(probability, degreesOfFreedom)
    }
    let variance = 2 / (9 * degreesOfFreedom)
    let root = 1 - variance + normalQuantile(probability) * variance.squareRoot()
    var x = degreesOfFreedom * root * root * root
    guard degreesOfFreedom < 1e6 else { return x }
    for _ in 0..<2 {
      let excess = gsl_cdf_chisq_P(x, degreesOfFreedom) - probability
      x -= excess / gsl_ran_chisq_pdf(x, degreesOfFreedom)
    }
    return x
  }

  /// P(χ²_ν > x). `gsl_cdf_chisq_Q`.
  package static func chiSquaredUpperTail(_ x: Double, degreesOfFreedom: Double) -> Double {
    GSLRuntime.prepare()
    return gsl_cdf_chisq_Q(x, degreesOfFreedom)
  }

  /// z with P(Z ≤ z) = p for the standard normal. `gsl_cdf_ugaussian_Pinv`.
  package static func normalQuantile(_ probability: Double) -> Double {
    GSLRuntime.prepare()
    return gsl_cdf_ugaussian_Pinv(probability)
  }

  /// P(Z > z) for the standard normal. `gsl_cdf_ugaussian_Q`.
  package static func normalUpperTail(_ z: Double) -> Double {
    GSLRuntime.prepare()
    return gsl_cdf_ugaussian_Q(z)
  }

  /// t with P(T_ν ≤ t) = p for Student's distribution. `gsl_cdf_tdist_Pinv`.
  package static func studentQuantile(_ probability: Double, degreesOfFreedom: Double) -> Double {
    GSLRuntime.prepare()
    return gsl_cdf_tdist_Pinv(probability, degreesOfFreedom)
  }

  /// ln P(Z > z) for the standard normal, also where the probability underflows. `gsl_sf_log_erfc`.
  package static func logNormalUpperTail(_ z: Double) -> Double {
    GSLRuntime.prepare()
    return gsl_sf_log_erfc(z * 0.5.squareRoot()) - gsl_sf_log(2)
  }

  /// ln P(X > x) for a gamma law of shape κ and scale 1. `gsl_sf_gamma_inc_Q`; where that underflows the leading
  /// terms of its asymptotic series, ln x^{κ−1}e^{−x}(1 + (κ−1)/x)/Γ(κ).
  package static func logGammaUpperTail(_ x: Double, shape: Double) -> Double {
    GSLRuntime.prepare()
    guard x > 0 else { return 0 }
    var result = gsl_sf_result()
    if gsl_sf_gamma_inc_Q_e(shape, x, &result) == GSL_SUCCESS, result.val > 1e-290 {
      return result.val < 1 ? gsl_sf_log(result.val) : 0
    }
    return (shape - 1) * gsl_sf_log(x) - x + gsl_sf_log_1plusx((shape - 1) / x)
      - gsl_sf_lngamma(shape)
  }

  /// ln P(X ≤ x) for a gamma law of shape κ and scale 1. `gsl_sf_gamma_inc_P`; where that underflows the leading term,
  /// ln x^κ e^{−x}/Γ(κ + 1).
  package static func logGammaLowerTail(_ x: Double, shape: Double) -> Double {
    GSLRuntime.prepare()
    guard x > 0 else { return -.infinity }
    var result = gsl_sf_result()
    if gsl_sf_gamma_inc_P_e(shape, x, &result) == GSL_SUCCESS, result.val > 1e-290 {
      return gsl_sf_log(result.val)
    }
    return shape * gsl_sf_log(x) - x - gsl_sf_lngamma(shape + 1)
  }

  /// ln Γ(x) for x > 0. `gsl_sf_lngamma`.
  package static func logGamma(_ x: Double) -> Double {
    GSLRuntime.prepare()
    return gsl_sf_lngamma(x)
  }
}
