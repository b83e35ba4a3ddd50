import Experiments
import Figures

/// The axis of t that figures of a diagnosis share: logarithmic where passages are decades apart.
struct DelayTimeAxis {
  /// A late run this many times later than an early one would leave the early ones no room on a linear axis.
  private static let widest = 20.0

  let axis: Axis
  /// Where a line begins that would begin at 0.
  let start: Double

  /// - Parameter following: whether to show how runs go on after their passages, for half as long again.
  init(_ runs: [DiagnosedRun], following: Bool = false) {
    let ends = runs.map { $0.passage.isEvent ? $0.passage.upper : $0.passage.lower }
      .filter { $0 > 0 }.sorted()
    let passages = runs.map(\.passage).filter(\.isEvent).map(\.upper).filter { $0 > 0 }.sorted()
    let label = "t = steps × h"
    var last = ends.last ?? 1
    if following { last = max(last, min(1.5 * last, runs.compactMap(\.times.last).max() ?? 0)) }
    guard let first = passages.first, case let early = passages[passages.count / 10],
      last > Self.widest * early
    else {
      axis = Axis(label, range: 0...1.03 * last)
      start = 0
      return
    }
    start = first / 3
    axis = Axis(label, isLogarithmic: true, range: start...1.2 * last)
  }
}
