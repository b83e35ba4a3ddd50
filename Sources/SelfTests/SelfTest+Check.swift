package import DataFiles

extension SelfTest {
  /// What a check found and what it should have found.
  package struct Measurement: Sendable {
    package let measured: Double
    package let expected: Double
    package let tolerance: Double
    /// Of a random `measured`; nil for a deterministic one.
    package let standardError: Double?
    /// How many random numbers are compared, each at z = 5: the suite's chance of a false alarm grows with them.
    package let comparisons: Int

    /// A deterministic number.
    package init(_ measured: Double, expected: Double, tolerance: Double) {
      self.init(measured, expected, tolerance, standardError: nil, comparisons: 0)
    }

    /// A deterministic number with a tolerance relative to the expected one.
    package init(_ measured: Double, expected: Double, relative: Double) {
      self.init(measured, expected: expected, tolerance: relative * abs(expected))
    }

    /// A random number within z × standard error + bias.
    ///
    /// - Parameter bias: a systematic error that is known to be there and is not the sample's.
    package init(
      _ measured: Double, standardError: Double, expected: Double, bias: Double = 0
    ) {
      self.init(
        measured, expected, standardScore * standardError + bias, standardError: standardError,
        comparisons: 1)
    }

    init(_ sample: RunningMean, expected: Double, bias: Double = 0) {
      self.init(
        sample.mean, standardError: sample.standardError, expected: expected, bias: bias)
    }

    /// A share of `count` trials, with the standard error that its true value gives it.
    init(share hits: Int, of count: Int, expected probability: Double, bias: Double = 0) {
      self.init(
        Double(hits) / Double(count),
        standardError: (probability * (1 - probability) / Double(count)).squareRoot(),
        expected: probability, bias: bias)
    }

    private init(
      _ measured: Double, _ expected: Double, _ tolerance: Double, standardError: Double?,
      comparisons: Int
    ) {
      self.measured = measured
      self.expected = expected
      self.tolerance = tolerance
      self.standardError = standardError
      self.comparisons = comparisons
    }

    /// A statistic that a right program keeps below `critical`, but for the chance that z = 5 has.
    static func statistic(_ value: Double, critical: Double, comparisons: Int = 1) -> Measurement {
      Measurement(value, 0, critical, standardError: nil, comparisons: comparisons)
    }

    /// The largest of several |mean − expected|/standard error.
    static func largestScore(_ samples: [(sample: RunningMean, expected: Double)]) -> Measurement {
      statistic(
        worst(samples.map { abs($0.sample.mean - $0.expected) / $0.sample.standardError }),
        critical: standardScore, comparisons: samples.count)
    }

    /// How many of `count` words, runs, … are right; all should be.
    static func agreeing(_ right: Int, of count: Int) -> Measurement {
      Measurement(Double(right), expected: Double(count), tolerance: 0)
    }
  }

  /// One row: a measurement with its verdict.
  package struct Check: DescribedJSON {
    /// What is checked.
    package let group: Group
    /// The check.
    package let name: String
    /// nil where the check threw an error.
    package let measured: Double?
    /// Closed form, published value or independent method; nil where the check threw an error.
    package let expected: Double?
    /// |measured − expected|.
    package let deviation: Double?
    /// The largest deviation that passes.
    package let tolerance: Double?
    /// Of a random number; nil for a deterministic one.
    package let standardError: Double?
    /// How many random numbers are compared.
    package let comparisons: Int
    /// Whether the deviation is within the tolerance; never where one of them is not a number.
    package let passes: Bool
    /// The error that the check threw.
    @OmittedIfNil package var reason: String?

    private enum CodingKeys: String, CodingKey {
      case group
      case name = "check"
      case measured, expected, deviation, tolerance, standardError, comparisons, passes, reason
    }

    /// The row of a check that was made.
    package init(group: Group, name: String, result: Swift.Result<Measurement, any Error>) {
      self.group = group
      self.name = name
      switch result {
      case .success(let found):
        measured = found.measured
        expected = found.expected
        let deviation = abs(found.measured - found.expected)
        self.deviation = deviation
        tolerance = found.tolerance
        standardError = found.standardError
        comparisons = found.comparisons
        passes = deviation <= found.tolerance && found.tolerance.isFinite
        reason = nil
      case .failure(let error):
        measured = nil
        expected = nil
        deviation = nil
        tolerance = nil
        standardError = nil
        comparisons = 0
        passes = false
        reason = "\(error)"
      }
    }

    package static let keys: [KeyDescription] = [
      .init("group", "text", "what is checked"),
      .init("check", "text", "the check"),
      .init("measured", "of the check", "computed here", null: "see `reason`"),
      .init(
        "expected", "of the check", "closed form, published value or independent method",
        null: "see `reason`"),
      .init("deviation", "of the check", "|measured − expected|", null: "see `reason`"),
      .init("tolerance", "of the check", "the largest that passes", null: "see `reason`"),
      .init(
        "standardError", "of the check", "of a random number", null: "the number is not random"),
      .init("comparisons", "–", "random numbers that the row compares"),
      .init("passes", "bool", "the deviation is within the tolerance"),
      .init("reason", "text", "the error that stopped the check", only: "then"),
    ]
  }
}
