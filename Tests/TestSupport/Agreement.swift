public import EscapeStatistics
import NumericalMethods
public import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

// The false-alarm budget of the whole suite.
//
// Every comparison of a random number with theory allows z = 5 standard errors, two-sided: a right
// program fails one such check with probability 5.7e-7. The suite makes some 1200 of them (700 in
// `LaneStreamTests`), so a new seed raises a false alarm about once in 1500 runs. Seeds are fixed, so a given build passes or fails every
// time; `METASTABLE_TEST_SEED` rotates them. Distribution tests use the same level, `falseAlarmLevel`,
// as their α.
//
// The smallest error that a check finds is its `bias` plus about 5 standard errors; where it matters it
// is written beside the check.

/// The probability with which one statistical check fails a right program: two-sided z = 5.
public let falseAlarmLevel = 5.7e-7

/// The mean of independent values, with its standard error.
public struct SampleMean: Sendable {
  public let mean: Double
  public let standardError: Double
  public let count: Int

  public init(mean: Double, standardError: Double, count: Int) {
    self.mean = mean
    self.standardError = standardError
    self.count = count
  }

  /// Mean and s/√n of independent values, n ≥ 2.
  public init(_ values: [Double]) {
    precondition(values.count >= 2, "a standard error needs two values, but got \(values.count)")
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.init(mean: mean, standardError: (sum / (n - 1) / n).squareRoot(), count: values.count)
  }

  /// A proportion `hits`/`count` whose true value is `probability` under the hypothesis.
  public init(hits: Int, of count: Int, underProbability probability: Double) {
    self.init(
      mean: Double(hits) / Double(count),
      standardError: (probability * (1 - probability) / Double(count)).squareRoot(), count: count)
  }

  /// By how many standard errors the mean misses `expected` by more than `bias`.
  public func standardScore(from expected: Double, bias: Double = 0) -> Double {
    // Not max(0, …): that would hide a NaN.
    let excess = abs(mean - expected) - bias
    return excess <= 0 ? 0 : excess / standardError
  }
}

/// Expects |mean − expected| ≤ bias + z·SE and records the z-score where not.
///
/// - Parameter bias: a stated systematic error (of a time step, say) that is not the sample's.
public func expectAgreement(
  _ sample: SampleMean, with expected: Double, z: Double = 5, bias: Double = 0,
  _ quantity: String = "the mean", sourceLocation: SourceLocation = #_sourceLocation
) {
  let score = sample.standardScore(from: expected, bias: bias)
  guard !(score <= z) else { return }
  Issue.record(
    "\(quantity) is \(sample.mean) ± \(sample.standardError), expected \(expected) (bias up to \(bias)): z = \(score) exceeds \(z)",
    sourceLocation: sourceLocation)
}

/// Expects an interval estimate to agree with theory; its standard error is half the width of the
/// interval in units of the normal quantile of its level.
public func expectAgreement(
  _ estimate: Estimate, with expected: Double, z: Double = 5, bias: Double = 0,
  _ quantity: String = "the estimate", sourceLocation: SourceLocation = #_sourceLocation
) {
  guard let value = estimate.value, let lower = estimate.lower, let upper = estimate.upper else {
    Issue.record(
      "\(quantity) has no two-sided interval to compare with \(expected)",
      sourceLocation: sourceLocation)
    return
  }
  let quantile = Distributions.normalQuantile(0.5 + estimate.level / 2)
  expectAgreement(
    SampleMean(
      mean: value, standardError: (upper - lower) / (2 * quantile), count: estimate.events ?? 0),
    with: expected, z: z, bias: bias, quantity, sourceLocation: sourceLocation)
}

/// Expects two deterministic numbers to agree to |a − b| ≤ relative·|b| + absolute.
public func expectClose(
  _ value: Double, to expected: Double, relative: Double = 0, absolute: Double = 0,
  _ quantity: String = "the value", sourceLocation: SourceLocation = #_sourceLocation
) {
  let error = abs(value - expected)
  guard !(error <= relative * abs(expected) + absolute) else { return }
  Issue.record(
    "\(quantity) is \(value), expected \(expected): off by \(error), relative \(error / abs(expected))",
    sourceLocation: sourceLocation)
}
