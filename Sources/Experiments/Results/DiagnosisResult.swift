public import DataFiles
public import EscapeStatistics

/// What `diagnose` finds: why a transition of training runs came late.
public struct DiagnosisResult: Codable, Sendable, DescribedJSON {
  /// Runs with one setting.
  public struct Setting: Codable, Sendable, DescribedJSON {
    /// h.
    public let learningRate: Double
    /// B; nil for the full batch.
    public let batchSize: Double?
    /// β as the log has it; nil where it is not known.
    public let weightDecay: Double?
    /// Whether it is without noise.
    public let isControl: Bool
    /// B(1 − μ)/h; nil without noise.
    public let inverseNoise: Double?
    /// How many there are.
    public let runs: Int
    /// Runs that passed.
    public let events: Int
    /// In t = steps × h, by the law that describes the times best.
    public let meanFirstPassageTime: Estimate
    /// Not part of the document.
    package internal(set) var sample = IntervalSample([])

    private enum CodingKeys: String, CodingKey {
      case learningRate, batchSize, weightDecay, isControl, inverseNoise, runs, events
      case meanFirstPassageTime
    }

    package static let keys: [KeyDescription] = [
      .init("learningRate", "–", "h"),
      .init("batchSize", "–", "B", null: "the full batch"),
      .init("weightDecay", "–", "as the log has it", null: "not known"),
      .init("isControl", "bool", "it is without noise"),
      .init("inverseNoise", "–", "B(1 − μ)/h", null: "without noise"),
      .init("runs", "–", "count"),
      .init("events", "–", "count of runs that passed"),
      .estimate("meanFirstPassageTime", "t", "τ by the law that describes the times best"),
    ]
  }

  /// A mechanism, and how likely the runs are under it.
  public struct Candidate: Codable, Sendable, DescribedJSON {
    /// Which.
    public let mechanism: DelayMechanism
    /// Its maximum.
    public let logLikelihood: Double
    /// How many numbers it has.
    public let parameters: Int
    /// How much it has of the weight of all.
    public let weight: Double

    package static let keys: [KeyDescription] = [
      .init("mechanism", "text", "as in `verdict`"),
      .init("logLikelihood", "–", "ln L at its maximum"),
      .init("parameters", "–", "count"),
      .init("weight", "–", "Akaike's weight"),
    ]
  }

  /// One thing that was measured.
  public struct Evidence: Codable, Sendable, DescribedJSON {
    /// What.
    public let kind: String
    /// Runs that it is from.
    public let runs: Int
    /// Those of them that passed.
    public let events: Int
    /// nil where it is a test.
    @OmittedIfNil public var estimate: Estimate?
    /// nil where it is a number.
    @OmittedIfNil public var pValue: Double?
    /// In words.
    public let reading: String

    package static let keys: [KeyDescription] = [
      .init(
        "kind", "text",
        DelayEvidence.Kind.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")),
      .init("runs", "–", "count behind it"),
      .init("events", "–", "count of those that passed"),
      .estimate("estimate", "–", "where it is a number", only: "then"),
      .init("pValue", "–", "where it is a test", only: "then"),
      .init("reading", "text", "in words"),
    ]
  }

  /// What was to be reached.
  public let event: String
  /// What it amounts to.
  public let verdict: DelayMechanism
  /// Why there is no verdict; nil where there is one.
  public let reason: String?
  /// The same in a sentence.
  public let sentence: String
  /// By noise.
  public let settings: [Setting]
  /// Every mechanism that was tried.
  public let candidates: [Candidate]
  /// What was measured.
  public let evidence: [Evidence]
  /// What would end the delay.
  public let remedies: [String]
  /// Which further runs would settle it; nil where it is settled, or none of those tried would.
  public let settlingRuns: String?
  /// Whose passages they are; not part of the document.
  package internal(set) var metric: String = ""
  /// What it has to reach; nil where a transition was found. Not part of the document.
  package internal(set) var threshold: Double?
  /// Every run of which something is known; not part of the document.
  package internal(set) var runs: [DiagnosedRun] = []
  /// How the logs were understood; not part of the document.
  package internal(set) var notes: [String] = []

  private enum CodingKeys: String, CodingKey {
    case event, verdict, reason, sentence, settings, candidates, evidence, remedies, settlingRuns
  }

  package static let keys: [KeyDescription] = [
    .init("event", "text", "what was to be reached"),
    .init(
      "verdict", "text", DelayMechanism.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")),
    .init("reason", "text", "why there is no verdict", null: "there is one"),
    .init("sentence", "text", "the verdict in words"),
    .objects("settings", Setting.self, "runs with one setting"),
    .objects("candidates", Candidate.self, "every mechanism that was tried"),
    .objects("evidence", Evidence.self, "what was measured"),
    .list("remedies", "text", "what would end the delay"),
    .init(
      "settlingRuns", "text", "which further runs would settle it",
      null: "it is settled, or none of those tried would"),
  ]
}
