public import DataFiles
public import EscapeStatistics
public import KramersRates

/// What `escape` finds: an ensemble of first passages, with the theory that needs no fit beside it.
public struct EscapeResult: Codable, Sendable, DescribedJSON {
  /// What was measured.
  public let measured: Measured
  /// nil where there is none.
  public let theory: Theory?
  /// Langevin only.
  public let langevin: Langevin?
  /// A loss under SGD only.
  public let loss: Loss?
  /// A gain under SGD only.
  public let absorbing: Absorbing?
  /// Beyond the mean; nil by splitting.
  public let waitingTimes: WaitingTimes?
  /// By splitting only: then a run is a replicate, whose time is its own estimate of τ.
  public let splitting: Splitting?
  /// With another integrator than Euler and Maruyama's only.
  public internal(set) var integrator: Integrator? = nil
  /// Where the step was chosen by its error.
  public internal(set) var timeStepChoice: TimeStepChoice? = nil
  /// Where it was asked for.
  public internal(set) var timeStepExtrapolation: TimeStepExtrapolation? = nil
  /// Every run; not part of the document.
  package internal(set) var sample = EscapeSample([])
  /// How replicates of splitting came to the target; not part of the document.
  package internal(set) var levels: SplittingLevels? = nil
  /// What was dropped or changed in the data, and what is to be known of the runs; not part of `results`.
  package internal(set) var notes: [String] = []
  /// What it lacks of the precision that was asked for; not part of the document.
  package internal(set) var missedGoal: String? = nil
  /// The heading of its tables; not part of the document.
  package internal(set) var title = "First passages"

  package static let keys: [KeyDescription] =
    Measured.keys
    + [.object("theory", Theory.self, only: "where there is one")]
    + Langevin.keys.only("under Langevin dynamics")
    + Loss.keys.only("for a loss under SGD")
    + [
      .object("absorbing", Absorbing.self, only: "for a gain under SGD"),
      .object(
        "waitingTimes", WaitingTimes.self, "beyond the mean", only: "of runs, not of replicates"),
      .object("splitting", Splitting.self, only: "with `--method splitting`"),
      .object(
        "integrator", Integrator.self, only: "with another `--integrator` than euler-maruyama"),
      .object("timeStepChoice", TimeStepChoice.self, only: "with `--time-step-error`"),
      .object(
        "timeStepExtrapolation", TimeStepExtrapolation.self, only: "with `--extrapolate`"),
    ]
}

extension EscapeResult {
  /// What was measured.
  public struct Measured: Codable, Sendable, DescribedJSON {
    /// How many there were.
    public let runs: Int
    /// Runs that escaped.
    public let events: Int
    /// Runs that were stopped before they escaped.
    public let censored: Int
    /// Runs with a value that is not finite.
    public let diverged: Int
    /// The summed time of all runs.
    public let exposure: Double
    /// Per unit t.
    public let rate: Estimate
    /// In t.
    public let meanFirstPassageTime: Estimate
    /// In steps.
    public let meanFirstPassageTimeSteps: Estimate
    /// There is none without finite data.
    public let meanFirstPassageTimeEpochs: EstimateOrReason
    /// Kaplan–Meier.
    public let medianFirstPassageTime: Double?
    /// Why there is no median.
    @OmittedIfNil public var medianFirstPassageTimeReason: String?
    /// 1 for exponential times.
    public let coefficientOfVariation: Double?
    /// Why there is none.
    @OmittedIfNil public var coefficientOfVariationReason: String?
    /// Two-sided.
    public let exponentialityPValue: Double?
    /// Why there is none.
    @OmittedIfNil public var exponentialityPValueReason: String?
    /// The event, in words.
    public let clockStops: String
    /// dt or h.
    public let timeStep: Double
    /// The time at which runs are censored.
    public let cap: Double
    /// Whether passages between steps are seen, in words.
    public let crossingsBetweenSteps: String

    /// Whether more runs diverged than may: then there is no rate and no time.
    package var isSpoiltByDivergence: Bool {
      EscapeSample.isSpoilt(diverged: diverged, of: runs)
    }

    package static let keys: [KeyDescription] = [
      .init("runs", "–", "count"),
      .init("events", "–", "count of runs that escaped"),
      .init("censored", "–", "count of runs that were stopped before they escaped"),
      .init(
        "diverged", "–",
        "count of runs with a value that is not finite; beyond 1 % of `runs` rate and times are null"
      ),
      .init("exposure", "t", "summed time of all runs"),
      .estimate("rate", "per t", "events/exposure, exact χ² interval, or as its `method` says"),
      .estimate("meanFirstPassageTime", "t", "1/`rate`"),
      .estimate("meanFirstPassageTimeSteps", "steps", "the same"),
      .estimate("meanFirstPassageTimeEpochs", "epochs", "the same, for finite data"),
      .init("medianFirstPassageTime", "t", "Kaplan–Meier", null: "see `…Reason`"),
      .init("medianFirstPassageTimeReason", "text", "why it is null", only: "then"),
      .init(
        "coefficientOfVariation", "–", "1 for exponential times", null: "see `…Reason`"),
      .init("coefficientOfVariationReason", "text", "why it is null", only: "then"),
      .init(
        "exponentialityPValue", "–", "two-sided p of exponential times", null: "see `…Reason`"),
      .init("exponentialityPValueReason", "text", "why it is null", only: "then"),
      .init("clockStops", "text", "the event"),
      .init("timeStep", "t", "dt or h"),
      .init("cap", "t", "time at which runs are censored"),
      .init("crossingsBetweenSteps", "text", "whether passages between steps are seen"),
    ]
  }

  /// The best theory of the same passage that needs no fit.
  public struct Theory: Codable, Sendable, DescribedJSON {
    /// Of the theory.
    public let name: String
    /// In t; infinite beyond the range of a double.
    public let meanFirstPassageTime: Double?
    /// Whether it lies in the interval of what was measured.
    public let insideInterval: Bool
    /// How far to trust it.
    public let validity: Validity.Verdict
    /// One per criterion that is not met.
    public let reasons: [String]

    package static let keys: [KeyDescription] = [
      .init("name", "text", "of the theory"),
      .init("meanFirstPassageTime", "t", "τ", null: "it exceeds the range of a double"),
      .init("insideInterval", "bool", "τ lies in the interval of `meanFirstPassageTime`"),
      .init("validity", "text", "how far to trust it, as in `rate`"),
      .list("reasons", "text", "one per criterion that is not met, as in `rate`"),
    ]
  }

  /// Of Langevin dynamics.
  public struct Langevin: Codable, Sendable, DescribedJSON {
    /// T.
    public let temperature: Double
    /// ΔE; nil where it is not known.
    public let barrierHeight: Double?

    package static let keys: [KeyDescription] = [
      .init("temperature", "loss", "T"),
      .init("barrierHeight", "loss", "ΔE", null: "not known"),
    ]
  }

  /// Of the loss of a feature under SGD.
  public struct Loss: Codable, Sendable, DescribedJSON {
    /// The leading slope of ln τ against the inverse noise.
    public let quasiPotentialBarrier: Double
    /// B/h, with momentum B(1 − μ)/h.
    public let inverseNoise: Double

    package static let keys: [KeyDescription] = [
      .init("quasiPotentialBarrier", "–", "leading slope of ln τ against `inverseNoise`"),
      .init("inverseNoise", "–", "B/h, with momentum B(1 − μ)/h"),
    ]
  }

  /// Of the gain of a feature under SGD.
  public struct Absorbing: Codable, Sendable, DescribedJSON {
    /// Whether no minibatch can move the start.
    public let isAbsorbing: Bool
    /// nil where it is not.
    public let reason: String?

    package static let keys: [KeyDescription] = [
      .init("isAbsorbing", "bool", "no minibatch can move the start"),
      .init("reason", "text", "why", null: "it is not absorbing"),
    ]
  }
}

extension EscapeResult {
  /// How adaptive multilevel splitting went.
  public struct Splitting: Codable, Sendable, DescribedJSON {
    /// Of each replicate.
    public let paths: Int
    /// That the way to the target is divided into.
    public let levels: Int
    /// What ranks paths.
    public let orderParameter: String
    /// A loop begins where the order parameter is so far from the target: its median while the process stays.
    public let startSetDistance: Double
    /// And ends where it has come so near: its lowest tenth.
    public let loopEndDistance: Double
    /// Standard deviation of a replicate's rate, as a share of the mean.
    public let spread: Double?
    /// Of all paths.
    public let steps: Double
    /// That runs from the start to the target would take for the same precision.
    public let bruteForceSteps: Double?
    /// Replicates that are known level by level: those of old stores are not.
    public let recordedReplicates: Int
    /// First paths of a replicate that those in the target descend from, on average.
    public let meanRoots: Double?
    /// With a perfect order parameter.
    public let idealRoots: Double?
    /// Of `spread`, with a perfect order parameter.
    public let idealSpread: Double?
    /// Of paths, the largest that is stopped at one level.
    public let largestStoppedShare: Double?
    /// How far from the target that is.
    public let largestStoppedDistance: Double?

    package static let keys: [KeyDescription] = [
      .init("paths", "–", "paths of each replicate"),
      .init("levels", "–", "levels between the end of a loop and the target"),
      .init("orderParameter", "text", "what ranks paths; distances below are in its units"),
      .init("startSetDistance", "order parameter", "distance from the target where a loop begins"),
      .init("loopEndDistance", "order parameter", "distance from the target where it ends"),
      .init(
        "spread", "–", "standard deviation of a replicate's rate over the mean",
        null: "no rate is known"),
      .init("steps", "steps", "of all paths"),
      .init(
        "bruteForceSteps", "steps", "of runs that would be as precise", null: "no rate is known"),
      .init(
        "recordedReplicates", "–",
        "count of replicates that are known level by level: those of old stores are not"),
      .init(
        "meanRoots", "–",
        "first paths of a replicate that those in the target descend from, on average: the fewer, the less a replicate knows",
        null: "no replicate that is known arrived"),
      .init(
        "idealRoots", "–", "the same with a perfect order parameter: 1/(1 − (1 − 1/N) p^{1/N})",
        null: "as `meanRoots`"),
      .init(
        "idealSpread", "–", "`spread` with a perfect order parameter: √(p^{−1/N} − 1)",
        null: "as `meanRoots`"),
      .init(
        "largestStoppedShare", "–", "largest share of paths that is stopped at one level",
        null: "as `meanRoots`"),
      .init(
        "largestStoppedDistance", "order parameter", "distance of that level from the target",
        null: "as `meanRoots`"),
    ]
  }
}

// A result is one object: its parts stand side by side.
extension EscapeResult {
  private enum Key: String, CodingKey {
    case theory, temperature, quasiPotentialBarrier, absorbing, waitingTimes, splitting
    case integrator, timeStepChoice, timeStepExtrapolation
  }

  public func encode(to encoder: any Encoder) throws {
    try measured.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    if let theory { try container.encode(theory, forKey: .theory) }
    try langevin?.encode(to: encoder)
    try loss?.encode(to: encoder)
    if let absorbing { try container.encode(absorbing, forKey: .absorbing) }
    if let waitingTimes { try container.encode(waitingTimes, forKey: .waitingTimes) }
    if let splitting { try container.encode(splitting, forKey: .splitting) }
    if let integrator { try container.encode(integrator, forKey: .integrator) }
    if let timeStepChoice { try container.encode(timeStepChoice, forKey: .timeStepChoice) }
    if let timeStepExtrapolation {
      try container.encode(timeStepExtrapolation, forKey: .timeStepExtrapolation)
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    measured = try Measured(from: decoder)
    theory = try container.decodeIfPresent(Theory.self, forKey: .theory)
    langevin = container.contains(.temperature) ? try Langevin(from: decoder) : nil
    loss = container.contains(.quasiPotentialBarrier) ? try Loss(from: decoder) : nil
    absorbing = try container.decodeIfPresent(Absorbing.self, forKey: .absorbing)
    waitingTimes = try container.decodeIfPresent(WaitingTimes.self, forKey: .waitingTimes)
    splitting = try container.decodeIfPresent(Splitting.self, forKey: .splitting)
    integrator = try container.decodeIfPresent(Integrator.self, forKey: .integrator)
    timeStepChoice = try container.decodeIfPresent(TimeStepChoice.self, forKey: .timeStepChoice)
    timeStepExtrapolation = try container.decodeIfPresent(
      TimeStepExtrapolation.self, forKey: .timeStepExtrapolation)
  }
}
