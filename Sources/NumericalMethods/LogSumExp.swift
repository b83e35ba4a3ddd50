#if canImport(Glibc)
  public import Glibc
#elseif canImport(Musl)
  public import Musl
#elseif canImport(Darwin)
  public import Darwin
#endif

/// ln(eᵃ + eᵇ) without overflow.
@inlinable
package func logAddExp(_ a: Double, _ b: Double) -> Double {
  let larger = max(a, b)
  guard larger.isFinite else { return larger }
  return larger + log1p(exp(-abs(a - b)))
}

/// ln Σ e^{xᵢ} without overflow; −∞ for an empty list.
@usableFromInline package func logSumExp(_ values: [Double]) -> Double {
  guard let largest = values.max(), largest.isFinite else { return values.max() ?? -.infinity }
  var sum = 0.0
  for value in values { sum += exp(value - largest) }
  return largest + log(sum)
}
