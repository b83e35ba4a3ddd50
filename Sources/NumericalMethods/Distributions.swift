internal import CGSL

/// Quantiles and tail probabilities of the distributions used for intervals and tests.
public enum Distributions {
  /// x with P(χ²_ν ≤ x) = p. `gsl_cdf_chisq_Pinv`.
  public static func chiSquaredQuantile(_ probability: Double, degreesOfFreedom: Double) -> Double {
    gsl_cdf_chisq_Pinv(probability, degreesOfFreedom)
  }

  /// P(χ²_ν > x). `gsl_cdf_chisq_Q`.
  public static func chiSquaredUpperTail(_ x: Double, degreesOfFreedom: Double) -> Double {
    gsl_cdf_chisq_Q(x, degreesOfFreedom)
  }

  /// z with P(Z ≤ z) = p for the standard normal. `gsl_cdf_ugaussian_Pinv`.
  public static func normalQuantile(_ probability: Double) -> Double {
    gsl_cdf_ugaussian_Pinv(probability)
  }

  /// P(Z > z) for the standard normal. `gsl_cdf_ugaussian_Q`.
  public static func normalUpperTail(_ z: Double) -> Double { gsl_cdf_ugaussian_Q(z) }

  /// t with P(T_ν ≤ t) = p for Student's distribution. `gsl_cdf_tdist_Pinv`.
  public static func studentQuantile(_ probability: Double, degreesOfFreedom: Double) -> Double {
    gsl_cdf_tdist_Pinv(probability, degreesOfFreedom)
  }
}
