#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How many steps the runs of an ensemble still take: what has been seen of their rate, or else what theory
/// says, up to the cap.
///
/// Times are taken as exponential, so a run on its way is as good as a new one, but for its cap.
struct RunExpectation: Equatable {
  /// Ends other than by the cap, per step.
  let rate: Double
  /// Steps after which a run is censored.
  let cap: Double

  /// - Parameters:
  ///   - ends: runs that ended before their cap, after `steps` in all runs, those on their way included.
  ///   - theory: the mean number of steps by theory. It counts until the first end is seen, and less once
  ///     runs have gone on for longer without one.
  init(ends: Int, steps: Double, theory: Double?, cap: Double) {
    self.cap = cap
    if ends > 0 {
      rate = Double(ends) / max(steps, 1)
    } else if let theory, theory > 0 {
      rate = 1 / max(theory, steps)
    } else {
      rate = 0
    }
  }

  /// The mean of what a run at a step still takes, (1 − e^{−k(c − s)})/k.
  func stepsToGo(from step: Double = 0) -> Double {
    let left = max(0, cap - step)
    return rate * left > 1e-9 ? -expm1(-rate * left) / rate : left
  }

  /// The probability that a run ends before its cap.
  var endProbability: Double { -expm1(-rate * cap) }

  /// What the last of some runs still takes: (1 + 1/2 + … + 1/u)/k on average, or what is left to the cap.
  func stepsToGoOfLast(from steps: [Double]) -> Double {
    guard let first = steps.min() else { return 0 }
    let left = max(0, cap - first)
    guard rate > 0 else { return left }
    let count = Double(steps.count)
    return min(
      left,
      (steps.count < 100
        ? (1...steps.count).reduce(0) { $0 + 1 / Double($1) } : log(count) + 0.5772) / rate)
  }
}
