import Foundation

/// The mean of independent values and its standard error, value by value.
struct RunningMean: Sendable {
  private var count = 0.0
  private(set) var mean = 0.0
  private var squares = 0.0

  init() {}

  init(_ values: some Sequence<Double>) { for value in values { add(value) } }

  /// Welford's update.
  mutating func add(_ value: Double) {
    count += 1
    let shift = value - mean
    mean += shift / count
    squares += shift * (value - mean)
  }

  /// s/√n; not a number below two values.
  var standardError: Double { (squares / (count - 1) / count).squareRoot() }
}

/// The largest of the values, and not a number where one of them is (`max` would drop it).
func worst(_ values: some Sequence<Double>) -> Double {
  var worst = 0.0
  for value in values where !(value <= worst) {
    if value.isNaN { return .nan }
    worst = value
  }
  return worst
}

/// Kolmogorov and Smirnov's distance, scaled to the law that does not depend on the number of values:
/// x = (√n + 0.12 + 0.11/√n)·D, P(x) ≈ 2e^{−2x²}.
///
/// Source: M. A. Stephens, J. R. Stat. Soc. B 32, 115 (1970).
enum KolmogorovDistance {
  /// x with P(x) that of |z| = 5: √(½ ln(2/5.7·10⁻⁷)).
  static let critical = (0.5 * log(2 / 5.733e-7)).squareRoot()

  /// From a distribution function F.
  static func scaled(_ sample: [Double], _ distribution: (Double) -> Double) -> Double {
    let n = Double(sample.count)
    let gaps = sample.sorted().enumerated().flatMap { i, x in
      let f = distribution(x)
      return [f - Double(i) / n, Double(i + 1) / n - f]
    }
    return factor(n) * worst(gaps)
  }

  /// Between two samples.
  static func scaled(_ first: [Double], _ second: [Double]) -> Double {
    let a = first.sorted()
    let b = second.sorted()
    guard a.allSatisfy(\.isFinite), b.allSatisfy(\.isFinite) else { return .nan }
    var largest = 0.0
    var (i, j) = (0, 0)
    while i < a.count && j < b.count {
      let x = min(a[i], b[j])
      while i < a.count && a[i] == x { i += 1 }
      while j < b.count && b[j] == x { j += 1 }
      largest = max(largest, abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)))
    }
    let n = Double(a.count) * Double(b.count) / Double(a.count + b.count)
    return factor(n) * largest
  }

  /// √n + 0.12 + 0.11/√n.
  static func factor(_ n: Double) -> Double { n.squareRoot() + 0.12 + 0.11 / n.squareRoot() }
}
