public import DataFiles
public import KramersRates

/// What `rate` finds: every theory of one escape.
public struct RateResult: Codable, Sendable, DescribedJSON {
  /// One for each theory that applies.
  public let theories: [Theory]
  /// What pushes along the way of a loss under SGD; nil elsewhere, and where it cannot be computed.
  @OmittedIfNil public var climb: Climb?
  /// How SGD moves about the minimum while it stays; nil where it was not asked for.
  @OmittedIfNil public internal(set) var covariance: Covariance?
  /// What was dropped or changed in the data, and what the theories leave out; not part of `results`.
  package internal(set) var notes: [String] = []
  /// The heading of its table; not part of the document.
  package internal(set) var title = "Theories of an escape"

  /// The setting that was asked for; nil where none was.
  @OmittedIfNil public internal(set) var solution: Solution?

  private enum CodingKeys: String, CodingKey { case theories, climb, solution, covariance }

  package static let keys: [KeyDescription] = [
    .objects("theories", Theory.self),
    .object("climb", Climb.self, only: "for a loss under SGD, in three layers or more"),
    .object("solution", Solution.self, only: "with `--solve`"),
    .object("covariance", Covariance.self, only: "with `--covariance`"),
  ]
}

extension RateResult {
  /// The setting that keeps a feature for a given time; the theories are those at this value.
  public struct Solution: Codable, Sendable, DescribedJSON {
    /// learning-rate, batch-size or beta.
    public let setting: String
    /// A larger h or β, or a smaller B, loses the feature sooner.
    public let value: Double
    /// The mean time that was asked for.
    public let time: Double
    /// t, steps or epochs.
    public let unit: String
    /// By which theory.
    public let theory: String
    /// What it gives there, in t: as much as was asked for, or a little more where B is a whole number.
    public let meanFirstPassageTime: Double?
    /// How far to trust that.
    public let validity: Validity.Verdict

    package static let keys: [KeyDescription] = [
      .init("setting", "text", "`learning-rate`, `batch-size` or `beta`"),
      .init("value", "–", "its value; the theories are those there"),
      .init("time", "as `unit`", "the mean time that was asked for"),
      .init("unit", "text", "`t`, `steps` or `epochs`"),
      .init("theory", "text", "by which theory"),
      .init("meanFirstPassageTime", "t", "what it gives there", null: "it exceeds a double"),
      .init("validity", "text", "how far to trust that, as in `theories`"),
    ]
  }
}

extension RateResult {
  /// The covariance Σ of SGD's weights about the minimum, in theory and measured on runs that stay.
  public struct Covariance: Codable, Sendable, DescribedJSON {
    /// Of real SGD: a mean over runs.
    public struct Measured: Codable, Sendable, DescribedJSON {
      /// The mean.
      public let value: Double
      /// From the spread between runs.
      public let standardError: Double

      package static let keys: [KeyDescription] = [
        .init("value", "as predicted", "mean over runs"),
        .init("standardError", "as predicted", "its standard error, from the spread between runs"),
      ]
    }

    /// An eigenvector of the predicted Σ.
    public struct Mode: Codable, Sendable, DescribedJSON {
      /// Its eigenvalue.
      public let variance: Double
      /// Of real SGD along it.
      public let measured: Measured
      /// Of the loss along it.
      public let curvature: Double

      package static let keys: [KeyDescription] = [
        .init("variance", "weights²", "predicted along this eigenvector of Σ"),
        .object("measured", Measured.self),
        .init("curvature", "loss per weight²", "of the loss along it"),
      ]
    }

    /// tr Σ.
    public let trace: Double
    /// The same of real SGD.
    public let measuredTrace: Measured
    /// ½ tr[HΣ].
    public let excessLoss: Double
    /// How much higher the loss of all data is on average than at the minimum, of real SGD.
    public let measuredExcessLoss: Measured
    /// Directions of the weights, without idle hidden units, that no noise reaches.
    public let stillDirections: Int
    /// Runs that were averaged.
    public let runs: Int
    /// Runs that left the minimum before their end.
    public let lost: Int
    /// t of each run.
    public let time: Double
    /// Largest variance first.
    public let modes: [Mode]

    package static let keys: [KeyDescription] = [
      .init("trace", "weights²", "tr Σ, predicted"),
      .object("measuredTrace", Measured.self),
      .init("excessLoss", "loss", "½ tr[HΣ], by which the mean loss exceeds the minimum's"),
      .object("measuredExcessLoss", Measured.self),
      .init("stillDirections", "–", "directions that no noise reaches, idle hidden units apart"),
      .init("runs", "–", "runs that stayed, and were averaged"),
      .init("lost", "–", "runs that left the minimum before their end"),
      .init("time", "t", "of each run, after it had settled"),
      .objects("modes", Mode.self),
    ]
  }
}

extension RateResult {
  /// How the noise across the balanced line pushes a feature down.
  public struct Climb: Codable, Sendable, DescribedJSON {
    /// λ where the force that is left vanishes: the saddle under this noise; nil where no barrier is left.
    public let saddleSingularValue: Double?
    /// λ of the minimum under this noise; nil where no barrier is left.
    public let minimumSingularValue: Double?
    /// ΔΦ between the two; nil where no barrier is left.
    public let barrier: Double?
    /// The largest force that is left, as a share of the landscape's largest.
    public let forceLeft: Double
    /// The noise at which no barrier is left, at this h and β.
    public let criticalNoise: Double
    /// Along the line, from the saddle's side up.
    public let points: [Point]

    /// A point of the line.
    public struct Point: Codable, Sendable, DescribedJSON {
      /// s.
      public let arcLength: Double
      /// λ.
      public let singularValue: Double
      /// −E′(s).
      public let landscape: Double
      /// By the noise of the weights that mix the feature with each learned one, strongest first.
      public let learned: [Double]
      /// By that of features that are not learned, strongest first.
      public let unlearned: [Double]
      /// By that of inputs and outputs without a feature.
      public let featureless: Double
      /// What is left.
      public let left: Double
      /// Φ(s).
      public let potential: Double

      package static let keys: [KeyDescription] = [
        .init("arcLength", "weights", "s, along the balanced line"),
        .init("singularValue", "–", "λ, as the end-to-end map has it there"),
        .init("landscape", "per t", "ds/dt by the landscape, −E′(s)"),
        .list(
          "learned", "per t", "ds/dt by the noise of the weights shared with each learned feature"),
        .list("unlearned", "per t", "the same of features that are not learned"),
        .init("featureless", "per t", "the same of inputs and outputs without a feature"),
        .init("left", "per t", "their sum, with the order in h: what keeps the feature"),
        .init("potential", "–", "Φ(s), zero at the minimum: minus the logarithm of the density"),
      ]
    }

    package static let keys: [KeyDescription] = [
      .init(
        "saddleSingularValue", "–", "λ of the saddle under this noise", null: "no barrier is left"),
      .init(
        "minimumSingularValue", "–", "λ of the minimum under this noise",
        null: "no barrier is left"),
      .init("barrier", "–", "ΔΦ between them", null: "no barrier is left"),
      .init("forceLeft", "–", "largest force left, as a share of the landscape's largest"),
      .init("criticalNoise", "as h/B", "the noise at which no barrier is left, at this h and β"),
      .objects("points", Point.self),
    ]
  }
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
