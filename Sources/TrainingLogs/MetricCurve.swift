/// One metric of one run: its values at the steps at which it was logged.
///
/// Each metric has steps of its own: training and validation are seldom logged at the same ones.
public struct MetricCurve: Sendable, Equatable {
  /// As the log calls it.
  public let name: String
  /// Strictly increasing, in the unit of the log.
  public let steps: [Double]
  /// Finite, one for each step.
  public let values: [Double]
  /// The smallest and largest value about each step, where the log holds means of several records; nil where it holds
  /// the records themselves.
  public let extremes: [ClosedRange<Double>]?
  /// Steps at which the log says NaN or infinity.
  public let undefinedSteps: [Double]
  /// Records that were left out because a later one has the same step.
  public let repeated: Int

  /// Whether the last record is not a number.
  public var endsUndefined: Bool {
    guard let undefined = undefinedSteps.last else { return false }
    return steps.last.map { undefined > $0 } ?? true
  }

  /// A curve of which nothing is undefined or repeated.
  ///
  /// - Precondition: `steps` increase strictly and each has a value.
  package init(name: String, steps: [Double], values: [Double]) {
    precondition(steps.count == values.count, "each step has a value")
    self.init(
      name: name, steps: steps, values: values, extremes: nil, undefinedSteps: [], repeated: 0)
  }

  /// All that a log tells.
  init(
    name: String, steps: [Double], values: [Double], extremes: [ClosedRange<Double>]?,
    undefinedSteps: [Double], repeated: Int
  ) {
    self.name = name
    self.steps = steps
    self.values = values
    self.extremes = extremes
    self.undefinedSteps = undefinedSteps
    self.repeated = repeated
  }

  /// The same values in another unit.
  func scaled(by factor: Double) -> MetricCurve {
    MetricCurve(
      name: name, steps: steps, values: values.map { $0 * factor },
      extremes: extremes?.map { $0.lowerBound * factor...$0.upperBound * factor },
      undefinedSteps: undefinedSteps, repeated: repeated)
  }
}

/// A value as it was written.
struct WrittenRecord {
  var step: Double
  /// May be NaN or infinite.
  var value: Double
  var extremes: ClosedRange<Double>?
  /// Where it stands in its file.
  var line: Int
}

extension MetricCurve {
  /// Sorts records by their steps; of equal steps the one that was written last is kept.
  ///
  /// - Precondition: the order of the steps is that of a run, or of one that was resumed (`StepOrder`).
  init(name: String, written records: [WrittenRecord]) {
    let sorted = records.enumerated().sorted {
      ($0.element.step, $0.offset) < ($1.element.step, $1.offset)
    }.map(\.element)
    var kept: [WrittenRecord] = []
    for record in sorted {
      if kept.last?.step == record.step { kept.removeLast() }
      kept.append(record)
    }
    let finite = kept.filter(\.value.isFinite)
    let isBucketed = finite.contains {
      $0.extremes.map { $0.lowerBound < $0.upperBound } ?? false
    }
    self.init(
      name: name, steps: finite.map(\.step), values: finite.map(\.value),
      extremes: isBucketed ? finite.map { $0.extremes ?? $0.value...$0.value } : nil,
      undefinedSteps: kept.filter { !$0.value.isFinite }.map(\.step),
      repeated: records.count - kept.count)
  }
}
