#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What is known of some first-passage times: that each lies in (lower, upper].
///
/// A time that is known exactly has lower = upper, and one of which only a beginning was seen (right-censored) has
/// upper = ∞. A run that was looked at every now and then is known to have passed after the last look before the event
/// and not later than the first one at or after it.
public struct PassageInterval: Sendable, Equatable {
  /// In units of t.
  public let lower: Double
  /// In units of t; infinite for a run that did not pass.
  public let upper: Double
  /// Runs of which the same is known.
  public let count: Int

  /// - Precondition: 0 ≤ lower ≤ upper, and a time that is known exactly is positive.
  public init(lower: Double, upper: Double, count: Int = 1) {
    precondition(lower >= 0 && lower <= upper && upper > 0 && lower < .infinity && count > 0)
    self.lower = lower
    self.upper = upper
    self.count = count
  }

  /// Whether the time itself is known.
  public var isExact: Bool { lower == upper }
  /// Whether it is known that the run passed.
  public var isEvent: Bool { upper < .infinity }

  /// In the middle, or for a run that did not pass where it was last seen.
  var middle: Double { isEvent ? 0.5 * (lower + upper) : lower }
}

/// First passages of one ensemble, each known to lie in an interval.
public struct IntervalSample: Sendable {
  /// What is known of each, or of some that are known alike.
  public let intervals: [PassageInterval]

  /// First passages known to lie in intervals.
  public init(_ intervals: [PassageInterval]) { self.intervals = intervals }

  /// Beyond so many, times are put together at their mean in bins of 1/128 of an octave, counted from the first of
  /// them, about which a lag is decided: it changes no likelihood by as much as 10⁻⁵ a run.
  private static let mostIntervals = 300

  /// Passages that are known exactly; runs that were stopped, or diverged, are right-censored.
  public init(_ sample: EscapeSample) {
    let groups = sample.byTime.filter { $0.time > 0 }
    func interval(_ time: Double, _ isEvent: Bool, _ count: Int) -> PassageInterval {
      PassageInterval(lower: time, upper: isEvent ? time : .infinity, count: count)
    }
    guard groups.count > Self.mostIntervals, let last = groups.last?.time else {
      self.init(groups.map { interval($0.time, $0.outcome == .escaped, $0.count) })
      return
    }
    var intervals = [PassageInterval]()
    for isEvent in [true, false] {
      let alike = groups.filter { ($0.outcome == .escaped) == isEvent }
      guard let first = alike.first?.time else { continue }
      var (bin, count, sum) = (Int.min, 0, 0.0)
      for group in alike {
        let here = Int((128 * log2(max(group.time - first, 1e-9 * last))).rounded(.down))
        if here != bin, count > 0 {
          intervals.append(interval(sum / Double(count), isEvent, count))
          (count, sum) = (0, 0)
        }
        bin = here
        count += group.count
        sum += Double(group.count) * group.time
      }
      intervals.append(interval(sum / Double(count), isEvent, count))
    }
    self.init(intervals)
  }

  /// Their number.
  public var runs: Int { intervals.runs }
  /// Runs that passed.
  public var events: Int { intervals.events }
  /// The summed time of all runs, of those that passed to the middle of their interval.
  var exposure: Double { intervals.exposure }
  /// Whether every passage is known exactly, or not at all.
  public var isExact: Bool { intervals.allSatisfy { !$0.isEvent || $0.isExact } }
  /// The latest time of which something is known.
  var lastTime: Double { intervals.reduce(0) { max($0, $1.isEvent ? $1.upper : $1.lower) } }

  /// The median distance between the looks about a passage, as a share of the median passage; nil where none passed.
  var relativeGap: Double? {
    let passed = intervals.filter(\.isEvent)
    guard !passed.isEmpty else { return nil }
    func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    return median(passed.map { $0.upper - $0.lower }) / median(passed.map(\.upper))
  }

  /// Passages where they are known exactly.
  ///
  /// - Precondition: ``isExact``.
  package var sample: EscapeSample {
    precondition(isExact)
    return EscapeSample(
      intervals.flatMap {
        [PassageTime](
          repeating: PassageTime(time: $0.lower, outcome: $0.isEvent ? .escaped : .censored),
          count: $0.count)
      })
  }
}

extension Sequence<PassageInterval> {
  /// All runs.
  var runs: Int { reduce(0) { $0 + $1.count } }
  /// Those that passed.
  var events: Int { reduce(0) { $0 + ($1.isEvent ? $1.count : 0) } }
  /// The summed time of all, of those that passed to the middle of their interval.
  var exposure: Double { reduce(0) { $0 + Double($1.count) * $1.middle } }
}
