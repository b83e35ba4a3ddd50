public import DataFiles
public import KramersRates

/// What `rate` finds: every theory of one escape.
public struct RateResult: Codable, Sendable, DescribedJSON {
  /// One for each theory that applies.
  public let theories: [Theory]
  /// What was dropped or changed in the data, and what the theories leave out; not part of `results`.
  package internal(set) var notes: [String] = []
  /// The heading of its table; not part of the document.
  package internal(set) var title = "Theories of an escape"

  private enum CodingKeys: String, CodingKey { case theories }

  package static let keys: [KeyDescription] = [.objects("theories", Theory.self)]
}

extension RateResult {
  /// What one theory says. Times may be infinite; they are null in the document then.
  public struct Theory: Codable, Sendable, DescribedJSON {
    /// Its name.
    public let theory: String
    /// `T = …`, `h/B = …` or, with momentum, `h/B(1 − μ) = …`.
    public let noise: String
    /// ln τ, τ in t; infinite where the state is never left.
    public let logMeanFirstPassageTime: Double?
    /// τ in t; infinite also where it exceeds the range of a double.
    public let meanFirstPassageTime: Double?
    /// τ in steps, under SGD.
    public let meanFirstPassageTimeSteps: Double?
    /// τ in epochs, under SGD on finite data.
    public let meanFirstPassageTimeEpochs: Double?
    /// 1/τ.
    public let rate: Double?
    /// d ln τ/d(1/T), or d ln τ/d(B/h), with momentum d ln τ/d(B(1 − μ)/h), for SGD's own noise; nil where the state is never left.
    public let slope: Double?
    /// ln τ₀ = ln τ − barrier/noise; nil where the state is never left.
    public let logPrefactor: Double?
    /// The event.
    public let clockStops: String
    /// How far to trust it.
    public let validity: Validity.Verdict
    /// One per criterion that is not met.
    public let reasons: [String]
    /// What else to know.
    public let notes: [String]
    /// Why a time is null.
    @OmittedIfNil public var reason: String?

    package static let keys: [KeyDescription] = [
      .init("theory", "text", "name"),
      .init("noise", "text", "`T = …`, `h/B = …` or, with momentum, `h/B(1 − μ) = …`"),
      .init(
        "logMeanFirstPassageTime", "–", "ln τ, τ in t",
        null: "the state is never left, or the theory failed: see `reason`"),
      .init(
        "meanFirstPassageTime", "t", "τ",
        null: "the state is never left, or τ exceeds the range of a double: see `reason`"),
      .init(
        "meanFirstPassageTimeSteps", "steps", "τ under SGD", null: "no SGD, or as τ"),
      .init(
        "meanFirstPassageTimeEpochs", "epochs", "τ under SGD, for finite data",
        null: "no SGD, no finite data, or as τ"),
      .init("rate", "per t", "1/τ", null: "it exceeds the range of a double"),
      .init(
        "slope", "loss, or as B/h",
        "d ln τ/d(1/T) where `noise` is a T, d ln τ/d(B/h) where it is h/B, d ln τ/d(B(1 − μ)/h) where it is h/B(1 − μ)",
        null: "the state is never left"),
      .init(
        "logPrefactor", "–", "ln τ₀ = ln τ − barrier/noise", null: "the state is never left"),
      .init("clockStops", "text", "the event"),
      .init("validity", "text", "`valid`, `marginal` or `invalid`"),
      .list("reasons", "text", "one per criterion that is not met"),
      .list("notes", "text", "what else to know"),
      .init("reason", "text", "why a time is null", only: "then"),
    ]
  }
}
