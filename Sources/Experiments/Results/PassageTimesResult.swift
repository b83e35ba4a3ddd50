public import DataFiles
public import EscapeStatistics

/// What `times` finds: the law of passages that were measured elsewhere.
public struct PassageTimesResult: Codable, Sendable, DescribedJSON {
  /// Runs with one setting.
  public struct Group: Codable, Sendable, DescribedJSON {
    /// nil where no column names it.
    public let group: String?
    /// x; nil where no column has it.
    public let inverseNoise: Double?
    /// β; nil where no column has it.
    public let weightDecay: Double?
    /// How many there are.
    public let runs: Int
    /// Runs that passed.
    public let events: Int
    /// Runs that did not.
    public let censored: Int
    /// In the unit of the table.
    public let meanFirstPassageTime: Estimate
    /// Beyond the mean.
    public let waitingTimes: WaitingTimes
    /// Not part of the document.
    package internal(set) var sample = IntervalSample([])
    /// Where passages are known to intervals; not part of the document.
    package internal(set) var turnbull: TurnbullEstimate? = nil

    private enum CodingKeys: String, CodingKey {
      case group, inverseNoise, weightDecay, runs, events, censored, meanFirstPassageTime
      case waitingTimes
    }

    package static let keys: [KeyDescription] = [
      .init("group", "text", "its name", null: "no column names it"),
      .init("inverseNoise", "–", "x", null: "no column has it"),
      .init("weightDecay", "–", "β", null: "no column has it"),
      .init("runs", "–", "count"),
      .init("events", "–", "count of runs that passed"),
      .init("censored", "–", "count of runs that did not"),
      .estimate(
        "meanFirstPassageTime", "the table's", "τ; of the best law where times are intervals"),
      .object("waitingTimes", WaitingTimes.self, "in the unit of the table"),
    ]
  }

  /// By setting.
  public let groups: [Group]
  /// How the mean depends on the setting; nil with one setting.
  @OmittedIfNil public var ladder: Ladder?
  /// How the table was understood; not part of the document.
  package internal(set) var notes: [String] = []

  private enum CodingKeys: String, CodingKey { case groups, ladder }

  package static let keys: [KeyDescription] = [
    .objects("groups", Group.self, "runs with one setting"),
    .object(
      "ladder", Ladder.self, "how the mean depends on the setting",
      only: "with escapes at two settings or more"),
  ]
}
