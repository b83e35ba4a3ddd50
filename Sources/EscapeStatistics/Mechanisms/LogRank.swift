import NumericalMethods

/// The log-rank test of equal laws of passage in several groups, right-censored runs included.
///
/// ```
/// z = O − E,   χ² = zᵀ V⁻¹ z   with groups − 1 degrees of freedom
/// ```
///
/// O are the passages of a group, E those expected if every run still on its way had passed with the same probability,
/// and V is the hypergeometric covariance, summed over the times of passage. A passage that is known to an interval is taken
/// at its end, where it was seen, so groups have to be looked at equally often: runs seen at other times differ by that
/// alone.
///
/// Source: J. P. Klein and M. L. Moeschberger, Survival Analysis, 2nd ed. (2003), section 7.3.
package struct LogRank: Sendable {
  package let chiSquared: Double
  package let degreesOfFreedom: Int
  package let pValue: Double

  /// nil with fewer than two groups, or where the covariance is singular: no two groups at risk together.
  package init?(_ groups: [IntervalSample]) {
    let size = groups.count - 1
    guard size >= 1 else { return nil }
    struct Mark {
      let time: Double
      let isEvent: Bool
      let group: Int
      let count: Double
    }
    let marks = groups.enumerated().flatMap { i, sample in
      sample.intervals.map {
        Mark(
          time: $0.isEvent ? $0.upper : $0.lower, isEvent: $0.isEvent, group: i,
          count: Double($0.count))
      }
    }.sorted { $0.time < $1.time }
    var atRisk = groups.map { Double($0.runs) }
    var excess = [Double](repeating: 0, count: size)
    var covariance = Matrix(rows: size, columns: size)
    var next = 0
    while next < marks.count {
      // Runs stopped at a time were still on their way then.
      let alike = marks[next...].prefix { $0.time == marks[next].time }
      let n = atRisk.reduce(0, +)
      let d = alike.reduce(0) { $0 + ($1.isEvent ? $1.count : 0) }
      if d > 0 {
        let weight = n > 1 ? d * (n - d) / (n - 1) : 0
        for i in 0..<size {
          excess[i] -= d * atRisk[i] / n
          for j in 0..<size {
            covariance[i, j] += weight * atRisk[i] / n * ((i == j ? 1 : 0) - atRisk[j] / n)
          }
        }
      }
      for mark in alike {
        if mark.isEvent, mark.group < size { excess[mark.group] += mark.count }
        atRisk[mark.group] -= mark.count
      }
      next += alike.count
    }
    guard let solution = try? covariance.choleskySolution(of: excess) else { return nil }
    chiSquared = zip(excess, solution).reduce(0) { $0 + $1.0 * $1.1 }
    degreesOfFreedom = size
    pValue = Distributions.chiSquaredUpperTail(chiSquared, degreesOfFreedom: Double(size))
  }
}
