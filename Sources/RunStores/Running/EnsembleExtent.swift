package import EscapeStatistics
import LangevinDynamics
import NumericalMethods

/// How many runs an ensemble takes: a number, or as many as a precision needs.
public struct EnsembleExtent: Sendable, Equatable {
  /// The most runs.
  public let runs: Int
  /// Whether each is kept, or counts and summed times of blocks of 131072 of them.
  public let keepsRuns: Bool
  /// Escapes after which no more are needed; nil where `runs` are run.
  public let eventGoal: Int?
  /// The precision ε that they are for; nil where `runs` are run.
  public let relativeError: Double?

  /// - Parameter keepingRuns: whether each run is kept: up to 10⁷ of them, else up to 10⁹.
  /// - Throws: `InvalidInput` where there would be no run, or too many.
  public init(runs: Int, keepingRuns: Bool = true) throws {
    try Self.check(runs: runs, keepingRuns: keepingRuns)
    self.runs = runs
    keepsRuns = keepingRuns
    eventGoal = nil
    relativeError = nil
  }

  /// - Throws: `InvalidInput` where there would be no run, or more than can be kept, or counted.
  package static func check(runs: Int, keepingRuns: Bool = true) throws {
    try Require.atLeast(1, "number of runs", runs)
    guard runs <= PassageEnsemble.mostUnkeptRuns || keepingRuns else {
      throw InvalidInput(
        "number of runs must be at most \(PassageEnsemble.mostUnkeptRuns), but is \(runs); run several seeds, each with a folder of its own"
      )
    }
    guard runs <= PassageEnsemble.mostRuns || !keepingRuns else {
      throw InvalidInput(
        "number of runs must be at most \(PassageEnsemble.mostRuns), since each is kept, but is \(runs); 'escape' runs up to \(PassageEnsemble.mostUnkeptRuns) with --keep-runs none, which keeps sums and a histogram"
      )
    }
  }

  /// Runs until the interval of the mean first-passage time lies within a share ε of its value.
  ///
  /// The interval of a rate after n escapes in the total time S is [χ²_{α/2; 2n}, χ²_{1−α/2; 2n+2}]/2S, so
  /// its relative width depends on n alone: a precision is a number of escapes, known beforehand. Runs
  /// count in the order of their replicas up to the n-th escape. Then, for exponential times, censored at a
  /// cap or not, the escapes are a Poisson process in the summed time of the runs, S is the time of its n-th
  /// event, and 2kS has the χ² law with 2n degrees of freedom exactly: stopping there costs the interval
  /// nothing of its level. (Looking at the interval after every run and stopping when it happens to be narrow
  /// would; so would taking the runs that end first.)
  ///
  /// For other times the stop is valid as well where no run is censored: n of them are n independent ones. But
  /// their interval is wider or narrower than ε by the spread of the times over their mean:
  /// `shortfall(of:interval:)` says where it is wider.
  ///
  /// - Parameters:
  ///   - relativeError: ε.
  ///   - level: of the interval.
  ///   - runs: the most runs; nil for ten times the escapes, within what can be run.
  /// - Throws: `InvalidInput` where ε is not between 0.001 and 1.
  public init(untilRelativeError relativeError: Double, level: Double, atMost runs: Int? = nil)
    throws
  {
    try Require.fraction("confidence level", level)
    guard relativeError >= 0.001, relativeError <= 1 else {
      throw InvalidInput(
        "relative error \(relativeError) is not between 0.001 and 1; 0.1 asks for an interval within 10 % of the value"
      )
    }
    let events = Self.events(relativeError: relativeError, level: level)
    let runs = runs ?? min(10 * events, PassageEnsemble.mostRuns)
    try Self.check(runs: runs)
    self.runs = runs
    keepsRuns = true
    eventGoal = events
    self.relativeError = relativeError
  }

  /// What a sample lacks of the precision, and what it would take; nil where nothing was asked for, or it is
  /// there.
  ///
  /// - Parameter interval: of the mean first-passage time.
  package func shortfall(of sample: EscapeSample, interval: Estimate) -> String? {
    guard let eventGoal, let relativeError else { return nil }
    let events = sample.events
    guard events >= eventGoal else {
      let remedy =
        events == 0
        ? "none says how many runs it would take; a longer --cap may help"
        : "it takes about \(brief((Double(eventGoal) * Double(sample.runs) / Double(events)).rounded(.up))) runs: allow more with --max-runs"
      return
        "the precision asked for needs \(eventGoal) escapes; there are \(events) after \(sample.runs) of at most \(runs) runs: \(remedy)"
    }
    guard let value = interval.value, let lower = interval.lower, let upper = interval.upper else {
      return nil
    }
    let reached = max(upper / value - 1, 1 - lower / value)
    guard reached > relativeError * (1 + 1e-9) else { return nil }
    return
      "the interval of τ lies within \(twoDigits(100 * reached)) % after \(events) escapes, not \(sixDigits(100 * relativeError)) %, since waiting times are not exponential: about \(brief((Double(events) * (reached / relativeError) * (reached / relativeError)).rounded(.up))) escapes would do, with --until-relative-error \(twoDigits(relativeError * relativeError / reached))"
  }

  /// The larger of upper/τ − 1 and 1 − lower/τ, of the interval [lower, upper] of τ after so many escapes.
  static func relativeError(events: Int, level: Double) -> Double {
    let alpha = 1 - level
    let count = Double(2 * events)
    // τ over τ̂: count/χ² at the two ends.
    let upper = count / Distributions.chiSquaredQuantile(alpha / 2, degreesOfFreedom: count)
    let lower =
      count / Distributions.chiSquaredQuantile(1 - alpha / 2, degreesOfFreedom: count + 2)
    return max(upper - 1, 1 - lower)
  }

  /// The fewest escapes whose interval of τ is within ε.
  static func events(relativeError: Double, level: Double) -> Int {
    func isNarrow(_ n: Int) -> Bool { Self.relativeError(events: n, level: level) <= relativeError }
    var (tooFew, enough) = (0, 1)
    while !isNarrow(enough) { (tooFew, enough) = (enough, 2 * enough) }
    while enough - tooFew > 1 {
      let middle = (tooFew + enough) / 2
      if isNarrow(middle) { enough = middle } else { tooFew = middle }
    }
    return enough
  }
}
