/// One training run, as its log tells it.
public struct LoggedRun: Sendable {
  /// Unique among the runs that were read together.
  public internal(set) var name: String
  /// The files that tell of it.
  public internal(set) var files: [String]
  /// In the order of the log.
  public internal(set) var curves: [MetricCurve]
  /// What does not change during the run.
  public internal(set) var settings: RunSettings

  /// The curve of a metric, or nil.
  public func curve(_ metric: String) -> MetricCurve? { curves.first { $0.name == metric } }

  /// Where names must not be confused: runs of the same name in the same place are one run.
  var place: String
}

/// What does not change during a run.
public struct RunSettings: Sendable, Equatable {
  /// Size of a step.
  public internal(set) var learningRate: Double?
  /// Examples of a step.
  public internal(set) var batchSize: Double?
  /// As the optimiser's argument says it.
  public internal(set) var weightDecay: Double?
  /// Runs of one group differ in nothing but chance.
  public internal(set) var group: String?
  /// All that the log says, as it is written.
  public internal(set) var config: [Setting] = []

  /// A key and its value.
  public struct Setting: Sendable, Equatable {
    /// As the log has it.
    public let key: String
    /// As the log has it.
    public let value: String
  }
}
