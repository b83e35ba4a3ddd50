import DataFiles
import NumericalMethods

/// Whether a metric's name says that it is an accuracy, a number from 0 to 1 or to 100 %.
func isAccuracy(_ metric: String) -> Bool {
  let names: Set = ["acc", "accuracy", "top", "precision", "recall", "auc", "auroc"]
  let spaced = metric.replacing(/([a-z])([A-Z])/) { "\($0.1) \($0.2)" }
  return spaced.split { !$0.isLetter }.contains { names.contains($0.lowercased()) }
}

/// No fraction is larger, even with errors of rounding; what is larger is in per cent.
private let largestFraction = 1.5

extension LogMapping {
  /// A curve in the unit that the mapping says.
  func inItsUnit(_ curve: MetricCurve, _ notes: inout [String], run: String) -> MetricCurve {
    guard accuracyScale == .percent, isAccuracy(curve.name) else { return curve }
    let note = "'\(curve.name)' was read as per cent and is a fraction here"
    if !notes.contains(note) { notes.append(note) }
    return curve.scaled(by: 0.01)
  }
}

extension LoggedRuns {
  /// Refuses accuracies of which some are in per cent and some are fractions, or whose threshold is the other.
  func checkUnits(_ metric: String, threshold: Double?) throws {
    guard isAccuracy(metric) else { return }
    let tops = runs.compactMap { run in
      run.curve(metric)?.values.max().map { (run: run.name, value: $0) }
    }
    guard let largest = tops.max(by: { $0.value < $1.value }) else { return }
    let isPercent = largest.value > largestFraction
    if isPercent, let small = tops.first(where: { $0.value <= 1 }) {
      throw InvalidInput(
        "'\(shortened(metric))' goes up to \(brief(largest.value)) in run '\(shortened(largest.run))' and to \(brief(small.value)) in run '\(shortened(small.run))', so one may be in per cent and the other a fraction; bring all into one unit"
      )
    }
    guard let threshold else { return }
    if isPercent, threshold <= 1, threshold > 0 {
      throw InvalidInput(
        "'\(shortened(metric))' goes up to \(brief(largest.value)), so it is in per cent, but the threshold \(numeral(threshold)) is a fraction; write \(brief(100 * threshold))"
      )
    }
    if !isPercent, threshold > largestFraction {
      throw InvalidInput(
        "'\(shortened(metric))' never exceeds \(brief(largest.value)), so it is a fraction, but the threshold \(numeral(threshold)) is in per cent; write \(brief(threshold / 100))"
      )
    }
  }
}
