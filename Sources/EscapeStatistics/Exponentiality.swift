import NumericalMethods

/// How far the waiting times of a sample are from an exponential law; knows of censoring.
///
/// Under an exponential law the total times on test at which events fall divide the last of them uniformly.
/// Their mean Ū over the first n − 1, centred and scaled, is normal for n events: z = (Ū − ½)√(12(n − 1))
/// (Laplace's test). z > 0 where times are narrower than exponential (a lag, a rate that grows), z < 0 where
/// they are wider (a mixture of rates, a rate that falls).
///
/// Source: D. R. Cox and P. A. W. Lewis, The Statistical Analysis of Series of Events (1966), section 3.3.
package struct Exponentiality: Sendable {
  /// z.
  package let score: Double
  /// Two-sided.
  package let pValue: Double

  /// nil with fewer than five events.
  ///
  /// - Parameter sorted: by time.
  init?(_ sorted: [EscapeSample.Group]) {
    var totalTimeOnTest = 0.0
    var previous = 0.0
    var atRisk = sorted.runs
    var marks = [(time: Double, count: Int)]()
    for group in sorted {
      totalTimeOnTest += Double(atRisk) * (group.time - previous)
      previous = group.time
      atRisk -= group.count
      if group.outcome == .escaped { marks.append((totalTimeOnTest, group.count)) }
    }
    let n = marks.reduce(0) { $0 + $1.count }
    guard n >= 5, let last = marks.last?.time, last > 0 else { return nil }
    // The last escape is not among those that it is compared with.
    marks[marks.count - 1].count -= 1
    let mean = marks.reduce(0) { $0 + Double($1.count) * ($1.time / last) } / Double(n - 1)
    score = (mean - 0.5) * (12 * Double(n - 1)).squareRoot()
    pValue = 2 * Distributions.normalUpperTail(abs(score))
  }

  /// The p below which times count as narrower than exponential. To miss that makes an interval too wide,
  /// never too narrow, so little is risked by a strict level.
  package static let narrowLevel = 0.01
  /// The p below which they count as wider. To miss that makes an interval too narrow: 10 % of exponential
  /// samples are given up for it (on either side together 10.5 %), at no cost in coverage.
  package static let wideLevel = 0.2

  /// Whether an interval may not take the times as exponential.
  package var isRejected: Bool { pValue < (score > 0 ? Self.narrowLevel : Self.wideLevel) }
}
