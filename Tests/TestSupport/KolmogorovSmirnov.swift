public import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The one-sample Kolmogorov–Smirnov test: D = sup |F̂(x) − F(x)| and P(D ≥ d) for a continuous F.
///
/// Source: M. A. Stephens, J. R. Stat. Soc. B 32, 115 (1970): Kolmogorov's limit law at
/// (√n + 0.12 + 0.11/√n)·D, good to a few per cent of p for n ≥ 20.
public struct KolmogorovSmirnov: Sendable {
  public let statistic: Double
  public let pValue: Double

  public init(_ sample: [Double], against distribution: (Double) -> Double) {
    let sorted = sample.sorted()
    let n = Double(sorted.count)
    var largest = 0.0
    for (i, x) in sorted.enumerated() {
      let f = distribution(x)
      largest = max(largest, f - Double(i) / n, Double(i + 1) / n - f)
    }
    self.init(statistic: largest, count: n)
  }

  /// p of a distance D between distribution functions, n the (effective) number of values.
  init(statistic: Double, count: Double) {
    self.statistic = statistic
    let root = count.squareRoot()
    let x = (root + 0.12 + 0.11 / root) * statistic
    // Q(x) = 2 Σ (−1)^{j−1} e^{−2j²x²}; the series is 1 to machine precision below x = 0.2.
    var q = 0.0
    for j in 1...100 {
      q += (j % 2 == 1 ? 2 : -2) * exp(-2 * Double(j * j) * x * x)
    }
    pValue = x < 0.2 ? 1 : min(1, max(0, q))
  }
}

/// Expects a sample to come from the distribution function F, at the level α of false alarms.
public func expectDistribution(
  _ sample: [Double], _ name: String, alpha: Double,
  sourceLocation: SourceLocation = #_sourceLocation, _ distribution: (Double) -> Double
) {
  let test = KolmogorovSmirnov(sample, against: distribution)
  guard !(test.pValue >= alpha) else { return }
  Issue.record(
    "\(sample.count) values do not follow \(name): D = \(test.statistic), p = \(test.pValue) below \(alpha)",
    sourceLocation: sourceLocation)
}
