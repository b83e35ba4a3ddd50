#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// At which steps a run is looked at.
package enum RecordSchedule: Sendable, Equatable {
  /// Every so many steps.
  case even(every: Int)
  /// So many times in each decade of steps, at least `leastGap` steps apart: what happens at step 100 is seen as well as
  /// what happens at step 10⁶.
  case logarithmic(perDecade: Int, leastGap: Int)

  /// The step of the record after the one at `step`.
  package func next(after step: Int) -> Int {
    switch self {
    case .even(let every): return (step / every + 1) * every
    case .logarithmic(let perDecade, let leastGap):
      let growth = pow(10, 1 / Double(perDecade)) - 1
      return step + max(leastGap, Int((Double(step) * growth).rounded(.up)), 1)
    }
  }

  /// Records of a run of so many steps, the start and the end among them.
  package func count(upTo lastStep: Int) -> Int {
    var count = 1
    var step = 0
    while step < lastStep {
      step = min(lastStep, next(after: step))
      count += 1
    }
    return count
  }
}
