/// A change of a metric from one level to another, between two stretches on which it stays.
public struct MetricTransition: Sendable, Equatable {
  /// The middle of the change lies after this step of the log,
  public let after: Double
  /// and at this one or before.
  public let by: Double
  /// The last step on the level before.
  public let start: Double
  /// The first step on the level behind.
  public let end: Double
  /// The level before.
  public let levelBefore: Double
  /// The level behind.
  public let levelAfter: Double
  /// λ, twice the gain in log-likelihood by a ramp.
  public let evidence: Double
}

extension MetricCurve {
  /// The transitions of a curve, in their order: none for noise, however it drifts.
  ///
  /// A plateau is a stretch of records that stays on a level, a transition what leads from one plateau to the next. The
  /// best ramp of the whole curve, between a jump and half the curve wide, is compared with a straight drift, both in
  /// first-order autoregressive noise, and taken for a transition if
  ///
  /// - its likelihood ratio λ exceeds 20 + 15 ρ + 300/n, ρ the autocorrelation of the noise and n the records searched,
  ///   and by 12 less against a relaxation, exp(−i/T) from either end, in place of the ramp,
  /// - a plateau of at least 8 records, and half as long as the ramp, lies on either side, on which the curve changes by
  ///   less than half the ramp's height, and at less than half its rate,
  /// - the levels of the plateaus differ by at least twice the noise about them, and by a twentieth of the range of the
  ///   curve.
  ///
  /// Then the stretches before and behind are searched in the same way, so a curve may have several stages. A stretch
  /// needs 24 records, and longer ones are averaged to 256 points. Records count alike, whatever the steps between them.
  ///
  /// Fewer than one in a thousand curves of noise alone show a transition: 11 of 80 000 with autocorrelations from 0 to
  /// 0.95 and random walks of 40…1000 records, with and without a straight drift, and 20 of 40 000 about a relaxation. A
  /// jump, or a ramp over up to a tenth of the records, of three times the noise is missed in at most 3 of 1000 curves
  /// of 300 independent records, n(1 − ρ)/(1 + ρ), if each plateau is a fifth of the curve; in 1 of 100 of 200 records.
  /// Smooth curves without noise show what takes up to a fifth of the records; wider changes pass for a drift.
  public func transitions() -> [MetricTransition] {
    guard let low = values.min(), let high = values.max(), high > low else { return [] }
    return transitions(in: 0..<values.count, least: 0.05 * (high - low))
  }

  private func transitions(in range: Range<Int>, least: Double) -> [MetricTransition] {
    let size = (range.count + TransitionSearch.mostPoints - 1) / TransitionSearch.mostPoints
    guard range.count >= TransitionSearch.leastPoints else { return [] }
    let points = stride(from: range.lowerBound, to: range.upperBound - size + 1, by: size).map {
      values[$0..<$0 + size].reduce(0, +) / Double(size)
    }
    guard let search = TransitionSearch(points), search.statistic > search.threshold else {
      return []
    }
    func first(_ point: Int) -> Int { range.lowerBound + max(0, point) * size }
    func last(_ point: Int) -> Int {
      min(range.upperBound, first(point) + size) - 1
    }
    let before = transitions(in: range.lowerBound..<first(search.start), least: least)
    let behind = transitions(
      in: min(range.upperBound, last(search.end) + 1)..<range.upperBound, least: least)
    guard let levels = Plateaus(points, search), levels.areApart(by: least),
      search.evidenceAgainstRelaxation(points) > search.thresholdAgainstRelaxation
    else {
      return before + behind
    }
    let after = Int(search.middles.lowerBound.rounded(.down))
    let by = Int(search.middles.upperBound.rounded(.up))
    return before + [
      MetricTransition(
        after: steps[first(after)], by: steps[last(min(by, points.count - 1))],
        start: steps[first(search.start)], end: steps[last(search.end)],
        levelBefore: levels.before.mean, levelAfter: levels.behind.mean,
        evidence: search.statistic)
    ] + behind
  }
}

/// The stretches next to a ramp, if the curve stays on a level there.
private struct Plateaus {
  /// The fewest points of a plateau.
  private static let leastPoints = 8

  let before: Line
  let behind: Line

  init?(_ points: [Double], _ search: TransitionSearch) {
    let width = search.end - search.start
    let longest = max(Plateaus.leastPoints, width, points.count / 4)
    let first = max(0, search.start + 1 - longest)
    let last = min(points.count, search.end + longest)
    before = Line(points[first...search.start])
    behind = Line(points[search.end..<last])
    let least = max(Plateaus.leastPoints, width / 2)
    guard before.count >= least, behind.count >= least else { return nil }
    let step = behind.mean - before.mean
    guard step * search.height > 0, abs(step) >= 0.5 * abs(search.height) else { return nil }
    for line in [before, behind] {
      let change = abs(line.change) - 2.5 * line.standardError
      guard change <= 0.5 * abs(step) else { return nil }
      let rate = change / Double(line.count)
      guard rate <= 0.5 * abs(step) / Double(width) else { return nil }
    }
  }

  func areApart(by least: Double) -> Bool {
    let noise = ((before.variance + behind.variance) / 2).squareRoot()
    let step = abs(behind.mean - before.mean)
    return step >= least && step >= 2 * noise
  }
}

/// A straight line through some points.
private struct Line {
  let count: Int
  let mean: Double
  /// From the first point to the last.
  let change: Double
  /// Of the change, if the noise is white.
  let standardError: Double
  /// About the line.
  let variance: Double

  /// - Precondition: at least one point.
  init(_ points: ArraySlice<Double>) {
    let n = Double(points.count)
    count = points.count
    let mean = points.reduce(0, +) / n
    let middle = 0.5 * (n - 1)
    let spread = n * (n * n - 1) / 12
    var slope = 0.0
    for (i, value) in points.enumerated() { slope += (Double(i) - middle) * (value - mean) }
    slope = n > 1 ? slope / spread : 0
    var sum = 0.0
    for (i, value) in points.enumerated() {
      let error = value - mean - slope * (Double(i) - middle)
      sum += error * error
    }
    self.mean = mean
    change = slope * (n - 1)
    variance = n > 2 ? sum / (n - 2) : 0
    standardError = n > 2 ? (variance / spread).squareRoot() * (n - 1) : 0
  }
}
