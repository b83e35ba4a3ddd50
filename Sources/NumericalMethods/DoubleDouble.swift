/// A number as the unevaluated sum of two doubles, about 106 bits: for a difference that would cancel in one.
///
/// Valid while products and quotients neither overflow nor leave the range of normal doubles.
///
/// Source: T. J. Dekker, Numer. Math. 18, 224 (1971), doi:10.1007/BF01397083, with the errors of products from
/// fused multiply–adds.
package struct DoubleDouble: Sendable {
  /// The sum, rounded.
  package let high: Double
  /// What rounding left out.
  package let low: Double

  package init(_ value: Double) { (high, low) = (value, 0) }

  /// a + b, for |a| ≥ |b|.
  private init(larger a: Double, smaller b: Double) {
    high = a + b
    low = b - (high - a)
  }

  package static func * (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let product = a.high * b.high
    let error = (-product).addingProduct(a.high, b.high)
    return DoubleDouble(larger: product, smaller: error + (a.high * b.low + a.low * b.high))
  }

  package static func - (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let difference = a.high - b.high
    let part = difference - a.high
    let error = (a.high - (difference - part)) - (b.high + part)
    return DoubleDouble(larger: difference, smaller: error + (a.low - b.low))
  }

  package static func / (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let first = a.high / b.high
    let rest = a - DoubleDouble(first) * b
    return DoubleDouble(larger: first, smaller: rest.high / b.high)
  }

  /// The n-th power, n ≥ 0.
  package func power(_ n: Int) -> DoubleDouble {
    (0..<n).reduce(DoubleDouble(1)) { product, _ in product * self }
  }
}
