public import DataFiles
public import EscapeStatistics
public import KramersRates

/// What `compare` finds: the loss of a feature under theory, Langevin dynamics and SGD over a ladder of noise.
public struct ComparisonResult: Codable, Sendable, DescribedJSON {
  /// The feature that is lost, 1 the strongest.
  public let feature: Int
  /// η of the feature.
  public let eta: Double
  /// The rank at the start.
  public let from: Int
  /// The rank to reach.
  public let to: Int
  /// The event, in words.
  public let clockStops: String
  /// c₀, c₁, c₂ of V(λ) = c₀ + c₁λ + c₂λ², the noise along the line.
  public let noiseCoefficients: [Double]
  /// The weakest noise first.
  public let levels: [Level]
  /// How the lifetime depends on the noise.
  public let arrhenius: Arrhenius
  /// Laws of SGD's lifetimes over the levels; nil where fewer than two saw escapes.
  @OmittedIfNil public var ladder: Ladder?
  /// What was dropped or changed in the data, and what is to be known of the runs; not part of `results`.
  package internal(set) var notes: [String] = []
  /// What SGD lacks of the precision that was asked for; not part of the document.
  package internal(set) var missedGoal: String? = nil
  /// Units of each layer, for titles; not part of the document.
  package internal(set) var widths: [Int] = []
  /// For titles; not part of the document.
  package internal(set) var beta: Double? = nil
  /// μ, for titles; not part of the document.
  package internal(set) var momentum = 0.0

  /// Everything that its sentences say; not part of the document.
  package internal(set) var verdict: ComparisonVerdict? = nil

  private enum CodingKeys: String, CodingKey {
    case feature, eta, from, to, clockStops, noiseCoefficients, levels, arrhenius, ladder
  }

  package static let keys: [KeyDescription] = [
    .init("feature", "–", "that is lost, 1 the strongest"),
    .init("eta", "–", "η of the feature"),
    .init("from", "–", "rank at the start"),
    .init("to", "–", "rank to reach"),
    .init("clockStops", "text", "the event"),
    .list(
      "noiseCoefficients", "–", "c₀, c₁, c₂ of V(λ) = c₀ + c₁λ + c₂λ², the noise along the line"),
    .objects("levels", Level.self),
    .object("arrhenius", Arrhenius.self),
    .object(
      "ladder", Ladder.self, "laws of the lifetimes of `sgd` over the levels",
      only: "with escapes at two settings or more"),
  ]
}

extension ComparisonResult {
  /// One noise level.
  public struct Level: Codable, Sendable, DescribedJSON {
    /// h.
    public let learningRate: Double
    /// B.
    public let batchSize: Int
    /// B/h, with momentum B(1 − μ)/h.
    public let inverseNoise: Double
    /// T_n along the line at the minimum.
    public let matchedTemperature: Double
    /// What theory says.
    public let theory: Theory
    /// SGD in all weights.
    public let sgd: Measured
    /// SGD confined to the line.
    public let lineSGD: Measured
    /// Langevin dynamics at T_n on the line.
    public let lineLangevin: Measured
    /// Langevin dynamics at T_n in all weights.
    public let weightLangevin: Measured

    package static let keys: [KeyDescription] = [
      .init("learningRate", "–", "h"),
      .init("batchSize", "–", "B"),
      .init("inverseNoise", "–", "B/h, with momentum B(1 − μ)/h"),
      .init("matchedTemperature", "loss", "T_n along the line at the minimum"),
      .object("theory", Theory.self),
      .object("sgd", Measured.self, "measured: SGD"),
      .object("lineSGD", Measured.self, "measured: SGD on the line"),
      .object("lineLangevin", Measured.self, "measured: Langevin at T_n on the line"),
      .object("weightLangevin", Measured.self, "measured: Langevin at T_n in all weights"),
    ]
  }

  /// Exact one-dimensional passage times; nil or infinite beyond the range of a double.
  public struct Theory: Codable, Sendable, DescribedJSON {
    /// Under the measured noise.
    public let stateDependentNoise: Double?
    /// The same with the leading finite-h correction.
    public let finiteStep: Double?
    /// Under white noise at T_n, in the time of Langevin dynamics.
    public let constantNoise: Double?
    /// How far to trust the first.
    public let validity: Validity.Verdict
    /// One per criterion that it does not meet.
    public let reasons: [String]
    /// With the noise across the line; nil where no barrier is left.
    @OmittedIfNil public var acrossTheLine: AcrossTheLine?

    package static let keys: [KeyDescription] = [
      .init(
        "stateDependentNoise", "t", "exact 1-D τ under the measured noise",
        null: "it exceeds the range of a double"),
      .init(
        "finiteStep", "t", "the same with the leading finite-h correction",
        null: "it exceeds the range of a double"),
      .init(
        "constantNoise", "t",
        "exact 1-D τ under white noise at T_n, in the time of Langevin dynamics",
        null: "it exceeds the range of a double"),
      .init("validity", "text", "how far to trust `stateDependentNoise`, as in `rate`"),
      .list("reasons", "text", "one per criterion that it does not meet, as in `rate`"),
      .object("acrossTheLine", AcrossTheLine.self, only: "where a barrier is left"),
    ]
  }

  /// The theory of the noise across the line.
  public struct AcrossTheLine: Codable, Sendable, DescribedJSON {
    /// Its name in `rate`.
    public let theory: String
    /// In t.
    public let meanFirstPassageTime: Double?
    /// d ln τ/d(B/h), with momentum d ln τ/d(B(1 − μ)/h).
    public let slope: Double?
    /// How far to trust it.
    public let validity: Validity.Verdict
    /// One per criterion that it does not meet.
    public let reasons: [String]

    package static let keys: [KeyDescription] = [
      .init("theory", "text", "its name in `rate`"),
      .init("meanFirstPassageTime", "t", "τ", null: "it exceeds the range of a double"),
      .init("slope", "–", "d ln τ/d`inverseNoise` there", null: "τ is infinite"),
      .init("validity", "text", "how far to trust it, as in `rate`"),
      .list("reasons", "text", "one per criterion that it does not meet, as in `rate`"),
    ]
  }

  /// One process at one level.
  public struct Measured: Codable, Sendable, DescribedJSON {
    /// How many there were.
    public let runs: Int
    /// Runs that escaped.
    public let events: Int
    /// Runs that were stopped before they escaped.
    public let censored: Int
    /// Runs with a value that is not finite.
    public let diverged: Int
    /// In t.
    public let meanFirstPassageTime: Estimate
    /// 1 for exponential times; nil with censored runs or fewer than two events.
    public let coefficientOfVariation: Double?
    /// Two-sided; nil with fewer than five events.
    public let exponentialityPValue: Double?
    /// Every run; not part of the document.
    package internal(set) var sample = EscapeSample([])

    /// Whether so many runs diverged that the others tell no time.
    var isSpoiltByDivergence: Bool { EscapeSample.isSpoilt(diverged: diverged, of: runs) }

    private enum CodingKeys: String, CodingKey {
      case runs, events, censored, diverged, meanFirstPassageTime, coefficientOfVariation
      case exponentialityPValue
    }

    package static let keys: [KeyDescription] = [
      .init("runs", "–", "count"),
      .init("events", "–", "count of runs that escaped"),
      .init("censored", "–", "count of runs that were stopped before they escaped"),
      .init(
        "diverged", "–",
        "count of runs with a value that is not finite; beyond 1 % of `runs` the time is null"),
      .estimate("meanFirstPassageTime", "t", "τ"),
      .init(
        "coefficientOfVariation", "–", "1 for exponential times",
        null: "censored runs or fewer than two events"),
      .init(
        "exponentialityPValue", "–", "two-sided p of exponential times",
        null: "fewer than five events, or too many diverged runs"),
    ]
  }

  /// How ln τ depends on the inverse noise, B/h or, with momentum, B(1 − μ)/h.
  public struct Arrhenius: Codable, Sendable, DescribedJSON {
    /// The leading slope, from the covariance of the noise.
    public let quasiPotentialBarrier: Double
    /// The same with all cumulants; nil or infinite where the noise pushes one way only.
    public let largeDeviationBarrier: Double?
    /// ΔE.
    public let barrierHeight: Double
    /// The slope of the exact 1-D theory over these levels; nil where fewer than two saw events.
    public let theorySlope: Double?
    /// The slope of SGD, fitted to every run.
    public let sgdSlope: EstimateOrReason
    /// ln τ₀ of SGD.
    public let sgdLogPrefactor: EstimateOrReason
    /// Is it a straight line; nil with two levels.
    public let goodnessOfFitPValue: Double?
    /// Measured over predicted.
    @OmittedIfNil public var slopeOverQuasiPotential: Double?
    public let slopeVerdict: Judgement
    /// Levels whose interval of `sgd` holds the theory.
    public let levelsWithTheoryInsideInterval: Int
    /// Levels whose interval of `lineSGD` holds the theory; a bound counts as consistent.
    public let levelsWithTheoryConsistentOnLine: Int
    /// C_ss/tr C at the minimum; nil for endless Gaussian data.
    public let noiseShareAlongLine: Double?
    /// τ of SGD over that of the theory of the noise across the line, pooled over the levels where it is not
    /// invalid.
    @OmittedIfNil public var acrossRatio: Estimate?
    /// The levels that are pooled.
    @OmittedIfNil public var acrossLevels: Int?

    package static let keys: [KeyDescription] = [
      .init(
        "quasiPotentialBarrier", "–",
        "leading slope of ln τ against `inverseNoise`, from the covariance of the noise"),
      .init(
        "largeDeviationBarrier", "–",
        "the same with all cumulants: the exponent of SGD on the line as h → 0",
        null: "the noise pushes one way only"),
      .init("barrierHeight", "loss", "ΔE"),
      .init(
        "theorySlope", "–", "slope of the exact 1-D theory over these levels",
        null: "fewer than two levels saw events"),
      .estimate(
        "sgdSlope", "–", "slope of ln τ = ln τ₀ + slope × `inverseNoise`, fitted to every run"),
      .estimate("sgdLogPrefactor", "–", "ln τ₀ of the same"),
      .init(
        "goodnessOfFitPValue", "–", "is it a straight line",
        null: "two noise levels only, or no fit"),
      .init(
        "slopeOverQuasiPotential", "–", "measured over predicted", only: "where there is a fit"),
      .init(
        "slopeVerdict", "text",
        "`agrees`, `disagrees` or `unresolved`: is `theorySlope` inside the interval"),
      .init(
        "levelsWithTheoryInsideInterval", "–", "count, for `sgd`"),
      .init(
        "levelsWithTheoryConsistentOnLine", "–",
        "count, for `lineSGD` (a bound counts as consistent)"),
      .init(
        "noiseShareAlongLine", "fraction", "C_ss/tr C at the minimum", null: "endless Gaussian data"
      ),
      .estimate(
        "acrossRatio", "–",
        "τ of SGD over that of the theory of the noise across the line, pooled over the levels where that is not invalid",
        only: "where there is one"
      ),
      .init("acrossLevels", "–", "count of the levels that are pooled", only: "then"),
    ]
  }

  /// Process and counts of each process of which more than half of all runs diverged.
  package var mostlyDiverged: [(process: String, diverged: Int, runs: Int)] {
    let processes: [(String, (Level) -> Measured)] = [
      ("SGD", \.sgd), ("SGD on the balanced line", \.lineSGD),
      ("Langevin dynamics on the balanced line", \.lineLangevin),
      ("Langevin dynamics in all weights", \.weightLangevin),
    ]
    return processes.compactMap { process, measured in
      let diverged = levels.reduce(0) { $0 + measured($1).diverged }
      let runs = levels.reduce(0) { $0 + measured($1).runs }
      return EscapeSample.isLost(diverged: diverged, of: runs) ? (process, diverged, runs) : nil
    }
  }

  /// What a comparison of slopes amounts to.
  public enum Judgement: String, Codable, Sendable {
    /// The theory lies within the interval of the measurement.
    case agrees
    /// It lies outside.
    case disagrees
    /// Too few events to tell.
    case unresolved
  }
}
