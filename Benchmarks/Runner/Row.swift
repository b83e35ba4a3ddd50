/// One line of results.
struct Row: Codable {
  /// What was timed.
  var work: String
  /// The engine or whatever else tells rows of the same work apart.
  var variant: String? = nil
  var unit: String
  /// The least and the median of the repetitions.
  var minimum: Double? = nil
  var median: Double? = nil
  var repetitions: Int? = nil

  /// Where it was raced against something: what, how long that took, and how many times faster this was, as
  /// the ratio of the least times and as the median of the ratios of neighbouring repetitions.
  var against: String? = nil
  var baselineMinimum: Double? = nil
  var baselineMedian: Double? = nil
  var ratio: Double? = nil
  var pairedRatio: Double? = nil

  /// The ratio aimed at, and whether it was reached: "met", "missed", or why that cannot be said.
  var target: Double? = nil
  var verdict: String? = nil
  var note: String? = nil
}

extension Row {
  init(_ work: String, _ variant: String?, unit: String, _ samples: Samples, note: String? = nil) {
    self.init(
      work: work, variant: variant, unit: unit, minimum: samples.minimum, median: samples.median,
      repetitions: samples.values.count, note: note)
  }

  init(_ work: String, unit: String, _ pair: Pair, against: String, target: Double? = nil) {
    self.init(work, nil, unit: unit, pair.first)
    self.against = against
    baselineMinimum = pair.second.minimum
    baselineMedian = pair.second.median
    ratio = pair.ratio
    pairedRatio = pair.pairedRatio
    self.target = target
    if let target { verdict = pair.ratio >= target ? "met" : "missed" }
  }
}
