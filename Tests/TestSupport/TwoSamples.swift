public import Testing

extension KolmogorovSmirnov {
  /// The two-sample test: D = sup |F̂(x) − Ĝ(x)|, by the same limit law with n = n₁n₂/(n₁ + n₂).
  ///
  /// Equal values (times are whole or half steps) only make it more cautious.
  public init(_ first: [Double], _ second: [Double]) {
    let a = first.sorted()
    let b = second.sorted()
    var largest = 0.0
    var i = 0
    var j = 0
    while i < a.count && j < b.count {
      let x = min(a[i], b[j])
      while i < a.count && a[i] == x { i += 1 }
      while j < b.count && b[j] == x { j += 1 }
      largest = max(largest, abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)))
    }
    self.init(
      statistic: largest,
      count: Double(a.count) * Double(b.count) / (Double(a.count) + Double(b.count)))
  }
}

/// Expects two samples to come from the same law: Kolmogorov–Smirnov at `falseAlarmLevel`, and means
/// within z = 5.
public func expectSameLaw(
  _ first: [Double], _ second: [Double], _ name: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let test = KolmogorovSmirnov(first, second)
  if !(test.pValue >= falseAlarmLevel) {
    Issue.record(
      "\(name): the samples differ, D = \(test.statistic), p = \(test.pValue)",
      sourceLocation: sourceLocation)
  }
  let a = SampleMean(first)
  let b = SampleMean(second)
  let error = (a.standardError * a.standardError + b.standardError * b.standardError).squareRoot()
  expectAgreement(
    SampleMean(mean: a.mean - b.mean, standardError: error, count: min(a.count, b.count)), with: 0,
    "\(name): the difference of the means \(a.mean) and \(b.mean)", sourceLocation: sourceLocation)
}
