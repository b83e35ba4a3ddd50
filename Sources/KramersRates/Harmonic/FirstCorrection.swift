/// The first correction in T of a harmonic formula for τ, with an estimate of what comes after it.
///
/// ```
/// ln τ = ln τ_harmonic + c·T + O(T²),   c = a − s
/// ```
///
/// a is the correction of the well's integral and s that of the saddle's (see `LaplaceCorrection`). Laplace's
/// series is asymptotic with growing coefficients; its next term is about 3(xT)², where
/// x = max(|c|, (|a| + |s|)/2), so that a and s that happen to cancel do not pass for small ones. Quartic
/// double well: 6T² in ln τ, x = c = 3/2, so 3x² = 6.75. Müller–Brown surface, into the intermediate
/// minimum: 3.7·10⁻⁴T², 3x² = 5.3·10⁻⁴.
package struct FirstCorrection: Equatable, Sendable {
  /// c, in inverse loss units.
  package let coefficient: Double
  /// 3x², the size of the next coefficient, that of T².
  package let nextCoefficient: Double

  /// From a and s of the one well and the one saddle that matter.
  package init(well: Double, saddle: Double) {
    coefficient = well - saddle
    let size = max(abs(coefficient), 0.5 * (abs(well) + abs(saddle)))
    nextCoefficient = 3 * size * size
  }

  /// The mean over parts of τ, weighted by their shares, which sum to 1; nil where one is not known.
  init?(_ parts: [(share: Double, correction: FirstCorrection?)]) {
    var coefficient = 0.0
    var next = 0.0
    for (share, correction) in parts {
      guard let correction else { return nil }
      coefficient += share * correction.coefficient
      next += share * correction.nextCoefficient
    }
    self.coefficient = coefficient
    nextCoefficient = next
  }
}
