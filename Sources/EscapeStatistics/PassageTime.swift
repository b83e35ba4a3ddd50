/// How one run ended.
public enum PassageOutcome: String, Sendable, CaseIterable {
  /// The target set was reached.
  case escaped
  /// The cap came first: the passage takes longer than `time`.
  case censored
  /// A state became non-finite: the run says nothing about the passage.
  case diverged
}

/// One run's first-passage time, or the time up to which there was none.
public struct PassageTime: Sendable, Equatable {
  /// In units of t (for SGD: steps × learning rate).
  public let time: Double
  /// How the run ended.
  public let outcome: PassageOutcome

  /// A run that ended at a time, in t.
  public init(time: Double, outcome: PassageOutcome) {
    self.time = time
    self.outcome = outcome
  }
}
