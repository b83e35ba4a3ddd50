public import DataFiles
public import Networks

/// What `phase-diagram` finds: where each feature should be lost and was, and the two sweeps.
public struct PhaseDiagramResult: Codable, Sendable, DescribedJSON {
  /// L.
  public let depth: Int
  /// Units of each layer, inputs and outputs included.
  package let widths: [Int]
  /// The β at which barriers are given.
  public let barrierBeta: Double
  /// The strongest first.
  public let features: [Feature]
  /// The sweep with β rising.
  public let up: [Step]
  /// The sweep with β falling.
  public let down: [Step]
  /// What was asked for; not part of the document.
  package internal(set) var plan: Plan? = nil

  private enum CodingKeys: String, CodingKey {
    case depth, widths, barrierBeta, features, up, down
  }

  package static let keys: [KeyDescription] = [
    .init("depth", "–", "L of the network"),
    .list("widths", "–", "units of each layer, inputs and outputs included"),
    .init("barrierBeta", "–", "β at which barriers are given"),
    .objects("features", Feature.self),
    .objects("up", Step.self, "the sweep with β rising, in the order in which it was run"),
    .objects("down", Step.self, "the sweep with β falling, in the order in which it was run"),
  ]
}

extension PhaseDiagramResult {
  /// A feature's transition, predicted and measured.
  public struct Feature: Codable, Sendable, DescribedJSON {
    /// 1 is the strongest.
    public let feature: Int
    /// η.
    public let eta: Double
    /// Of the transition.
    public let order: TransitionOrder
    /// β* of equal loss, from theory.
    public let betaStar: Double?
    /// β_c, where the learned state vanishes, from theory.
    public let betaC: Double?
    /// Where it was lost.
    public let measured: Measured
    /// Whether β_c lies in the measured interval, widened by one step; nil where it was not lost.
    public let agrees: Bool?
    /// The first β of the downward sweep with the feature again; nil where it stayed away.
    public let regainedAt: Double?
    /// ΔE to learning at the chosen β; nil where β_c is below it.
    public let barrierUp: Double?
    /// ΔE to losing at the chosen β; nil where β_c is below it.
    public let barrierDown: Double?
    /// σ_r above this counts as learned; not part of the document.
    package internal(set) var threshold = 0.0

    private enum CodingKeys: String, CodingKey {
      case feature, eta, order, betaStar, betaC, measured, agrees, regainedAt, barrierUp,
        barrierDown
    }

    package static let keys: [KeyDescription] = [
      .init("feature", "–", "its number, 1 the strongest"),
      .init("eta", "–", "η"),
      .init("order", "text", "`second` or `first` order"),
      .init("betaStar", "–", "β of equal loss, theory", null: "no transition"),
      .init("betaC", "–", "β at which the learned state vanishes, theory", null: "no transition"),
      .object("measured", Measured.self),
      .init(
        "agrees", "bool", "β_c lies in that interval, widened by one step",
        null: "not lost within the sweep"),
      .init("regainedAt", "–", "first β with it again (β falling)", null: "not regained"),
      .init(
        "barrierUp", "loss", "barrier to learning at `barrierBeta`", null: "β_c is below it"),
      .init(
        "barrierDown", "loss", "barrier to losing at `barrierBeta`", null: "β_c is below it"),
    ]
  }

  /// Where a feature was lost.
  public struct Measured: Codable, Sendable, DescribedJSON {
    /// The last β of the upward sweep with the feature.
    public let learnedTo: Double?
    /// The first β without it.
    public let lostAt: Double?
    /// Why there are none.
    @OmittedIfNil public var reason: String?

    package static let keys: [KeyDescription] = [
      .init("learnedTo", "–", "last β with the feature (β rising)", null: "see `reason`"),
      .init("lostAt", "–", "first β without it (β rising)", null: "see `reason`"),
      .init("reason", "text", "why these are null", only: "then"),
    ]
  }

  /// One weight decay of a sweep.
  public struct Step: Codable, Sendable, DescribedJSON {
    /// β.
    public let beta: Double
    /// Features learned.
    public let rank: Int
    /// σ_r of the end-to-end map, one for each feature of the data.
    public let singularValues: [Double]
    /// ½⟨‖y − f‖²⟩, without penalty.
    public let trainLoss: Double
    /// The same on held-out data; nil where there are none.
    public let testLoss: Double?
    /// |∇E| at the end of the step.
    public let gradientNorm: Double
    /// Full-batch epochs used.
    public let epochs: Int
    /// Whether the gradient was small enough before the cap on epochs.
    public let converged: Bool

    package static let keys: [KeyDescription] = [
      .init("beta", "–", "β"),
      .init("rank", "–", "features learned"),
      .list("singularValues", "–", "σ_r of the end-to-end map"),
      .init("trainLoss", "loss", "½⟨‖y − f‖²⟩, without penalty"),
      .init("testLoss", "loss", "the same on held-out data", null: "no held-out data"),
      .init("gradientNorm", "loss", "gradient norm at the end of the step"),
      .init("epochs", "–", "full-batch epochs used"),
      .init("converged", "bool", "the gradient was small enough before the cap on epochs"),
    ]
  }

  /// What was asked for.
  package struct Plan: Sendable {
    /// The data in a phrase.
    package let data: String
    /// What was dropped or changed in the data.
    package let notes: [String]
    /// The β of the sweep, ascending.
    public let weightDecays: [Double]
    /// The cap on the epochs of a step.
    public let maximumEpochs: Int
  }
}
