public import EscapeStatistics

/// What a log tells of one passage of one run.
public struct RunPassage: Sendable, Equatable {
  /// How it went, in steps of the log.
  public enum Outcome: Sendable, Equatable {
    /// After the first step, and at the second or before.
    case passed(after: Double, by: Double)
    /// Not until the last record; `diverged` if NaN came after it.
    case notYet(at: Double, diverged: Bool)
    /// Already at the first record.
    case beyondFromStart(at: Double)
    /// The run ends beyond, yet no transition was found that took it there.
    case unclear(at: Double)
  }

  /// The run's name.
  public let run: String
  /// Its group, if the log has any.
  public let group: String?
  /// How it went.
  public let outcome: Outcome

  /// What is known of the time in steps: right-censored for a run that did not pass; nil where nothing is.
  public var interval: PassageInterval? {
    switch outcome {
    case .passed(let lower, let upper): PassageInterval(lower: lower, upper: upper)
    case .notYet(let last, _): PassageInterval(lower: last, upper: .infinity)
    case .beyondFromStart, .unclear: nil
    }
  }

  /// Steps between which the passage lies.
  public var gap: Double? {
    if case .passed(let lower, let upper) = outcome { return upper - lower }
    return nil
  }
}
