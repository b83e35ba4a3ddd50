internal import CGSL

/// Modified Bessel functions of the first kind, scaled: e^{−|z|} Iₙ(z).
package enum ModifiedBessel {
  /// e^{−|z|} I₀(z). `gsl_sf_bessel_I0_scaled`.
  package static func scaledI0(_ z: Double) -> Double {
    GSLRuntime.prepare()
    return gsl_sf_bessel_I0_scaled(z)
  }

  /// e^{−|z|} I₁(z). `gsl_sf_bessel_I1_scaled`.
  package static func scaledI1(_ z: Double) -> Double {
    GSLRuntime.prepare()
    return gsl_sf_bessel_I1_scaled(z)
  }
}
