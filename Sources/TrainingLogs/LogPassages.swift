import DataFiles
public import EscapeStatistics
import NumericalMethods

/// The passages of some runs, one of each.
public struct LogPassages: Sendable {
  /// Of what: a condition, or a stage that was found.
  public let event: String
  /// In the order of the runs.
  public let passages: [RunPassage]
  /// What is to be known of them, a sentence each.
  public let notes: [String]

  /// The passages as a sample, in steps; runs of which nothing is known are left out.
  public var sample: IntervalSample { IntervalSample(passages.compactMap(\.interval)) }

  /// The median step between the records about a passage, as a part of the median passage; nil where none passed.
  public var relativeGap: Double? {
    let passed = passages.compactMap { $0.interval }.filter(\.isEvent)
    guard !passed.isEmpty else { return nil }
    return median(passed.map { $0.upper - $0.lower }) / median(passed.map(\.upper))
  }
}

/// The middle one, or the mean of the two in the middle.
func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  let half = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[half] : 0.5 * (sorted[half - 1] + sorted[half])
}

extension LoggedRuns {
  /// When each run first meets a condition.
  ///
  /// The passage lies after the last record before, and not later than the first record that meets the condition.
  /// Where the log holds means over buckets, it lies after the last bucket of which no record meets it and not later
  /// than the first whose mean does, or the bucket after one with a record that does. A run that ends before is
  /// right-censored, a NaN ends nothing, and what comes after the passage does not undo it.
  ///
  /// - Throws: `InvalidInput` where no run has the metric, or it mixes per cent and fractions.
  public func passages(reaching condition: ReachCondition) throws -> LogPassages {
    let having = try having(condition.metric)
    try checkUnits(condition.metric, threshold: condition.threshold)
    var notes: [String] = []
    if having.count < runs.count {
      let names = Set(having.map(\.name))
      let without = runs.map(\.name).filter { !names.contains($0) }
      notes.append(
        "\(quotedList(without)) \(without.count == 1 ? "has" : "have") no '\(condition.metric)' and \(without.count == 1 ? "is" : "are") left out"
      )
    }
    let passages = having.compactMap { run in
      run.curve(condition.metric).map {
        RunPassage(run: run.name, group: run.settings.group, outcome: condition.outcome($0))
      }
    }
    let beyond = passages.filter {
      if case .beyondFromStart = $0.outcome { true } else { false }
    }
    if !beyond.isEmpty {
      notes.append(
        "\(quotedList(beyond.map(\.run))) \(beyond.count == 1 ? "meets" : "meet") \(condition) at the first record and \(beyond.count == 1 ? "is" : "are") left out; set the threshold further"
      )
    }
    return LogPassages(
      event: condition.description, passages: passages,
      notes: notes + LogPassages.noteOnGap(passages))
  }
}

extension LogPassages {
  /// How far apart records are, against the passages.
  static func noteOnGap(_ passages: [RunPassage]) -> [String] {
    let sample = LogPassages(event: "", passages: passages, notes: [])
    guard let gap = sample.relativeGap else { return [] }
    return [
      "records about the passages are \(brief(median(passages.compactMap(\.gap)))) steps apart, \(twoDigits(100 * gap)) % of the median passage"
    ]
  }
}

extension ReachCondition {
  /// How a curve meets the condition.
  ///
  /// - Precondition: the curve has a record.
  func outcome(_ curve: MetricCurve) -> RunPassage.Outcome {
    /// The value of a record that is nearest to the threshold, or beyond it.
    func foremost(_ i: Int) -> Double {
      guard let extremes = curve.extremes?[i] else { return curve.values[i] }
      return comparison.isRising ? extremes.upperBound : extremes.lowerBound
    }
    let records = curve.steps.indices
    guard let first = records.first(where: { holds(foremost($0)) }) else {
      return .notYet(at: curve.steps[records.upperBound - 1], diverged: curve.endsUndefined)
    }
    guard first > 0 else { return .beyondFromStart(at: curve.steps[0]) }
    let isMean = curve.extremes != nil && !holds(curve.values[first])
    let last = isMean ? min(first + 1, records.upperBound - 1) : first
    return .passed(after: curve.steps[first - 1], by: curve.steps[last])
  }
}
