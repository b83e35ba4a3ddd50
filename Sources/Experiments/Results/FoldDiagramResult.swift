public import DataFiles

/// What `phase-diagram` finds of a network without closed forms: where features are lost and come back.
public struct FoldDiagramResult: Codable, Sendable, DescribedJSON {
  /// Units of each layer, inputs and outputs included.
  public let widths: [Int]
  /// Of the hidden units.
  public let activation: String
  /// The losses on the way up, in order of β.
  public let losses: [Loss]
  /// What came back on the way down, in falling order of β.
  public let returns: [Return]
  /// The sweep with β rising.
  public let up: [Step]
  /// The sweep with β falling.
  public let down: [Step]
  /// What was dropped or changed in the data; not part of the document.
  package internal(set) var notes: [String] = []
  /// The data in a phrase; not part of the document.
  package internal(set) var data = ""

  private enum CodingKeys: String, CodingKey {
    case widths, activation, losses, returns, up, down
  }

  package static let keys: [KeyDescription] = [
    .list("widths", "–", "units of each layer, inputs and outputs included"),
    .init("activation", "text", "of the hidden units"),
    .objects("losses", Loss.self, "losses with β rising, in order"),
    .objects("returns", Return.self, "features that come back with β falling, in order"),
    .objects("up", Step.self, "the sweep with β rising, in the order in which it was run"),
    .objects("down", Step.self, "the sweep with β falling, in the order in which it was run"),
  ]

  /// The loss of a feature, or of a part of it.
  public struct Loss: Codable, Sendable, DescribedJSON {
    /// Which, 1 the strongest; the strongest where several go at once.
    public let feature: Int
    /// How many go at once.
    public let count: Int
    /// The last β with it.
    public let learnedTo: Double
    /// The first β without it.
    public let lostAt: Double
    /// Its σ at the last β with it: of a transition of first order it is not small.
    public let before: Double
    /// Its σ at the first β without it: where that is not small, a part of it is lost.
    public let after: Double
    /// β_c, where the branch of its state has its fold.
    public let fold: Double?
    /// Why there is none.
    @OmittedIfNil public var reason: String?

    package static let keys: [KeyDescription] = [
      .init("feature", "–", "its number, 1 the strongest"),
      .init("count", "–", "how many go at once"),
      .init("learnedTo", "–", "last β with it (β rising), after bisection"),
      .init("lostAt", "–", "first β without it (β rising), after bisection"),
      .init("before", "–", "its σ of ⟨f xᵀ⟩ at `learnedTo`: not small at first order"),
      .init("after", "–", "its σ at `lostAt`: not small where only a part of it is lost"),
      .init("fold", "–", "β_c by continuation round the fold", null: "see `reason`"),
      .init("reason", "text", "why `fold` is null", only: "then"),
    ]
  }

  /// A feature that comes back.
  public struct Return: Codable, Sendable, DescribedJSON {
    /// Which, 1 the strongest.
    public let feature: Int
    /// The last β without it.
    public let absentTo: Double
    /// The first β with it again.
    public let backAt: Double
    /// The lowest curvature of E at the last β without it.
    public let lowestCurvature: Double
    /// The β at which the state without it ends or loses stability; at or above `backAt`.
    public let lowerSpinodal: Double?
    /// "fold", where it ends, or "bifurcation", where it goes on without stability.
    public let lowerSpinodalKind: String?
    /// Why there is none.
    @OmittedIfNil public var reason: String?

    package static let keys: [KeyDescription] = [
      .init("feature", "–", "its number, 1 the strongest"),
      .init("absentTo", "–", "last β without it (β falling)"),
      .init("backAt", "–", "first β with it again (β falling)"),
      .init("lowestCurvature", "loss", "of E at `absentTo`"),
      .init(
        "lowerSpinodal", "–",
        "β at which the state without it ends or loses stability, by continuation",
        null: "see `reason`"),
      .init(
        "lowerSpinodalKind", "text",
        "`fold`, where that state ends, or `bifurcation`, where it goes on without stability",
        null: "see `reason`"),
      .init("reason", "text", "why `lowerSpinodal` is null", only: "then"),
    ]
  }

  /// One weight decay of a sweep.
  public struct Step: Codable, Sendable, DescribedJSON {
    /// β.
    public let beta: Double
    /// Features learned.
    public let rank: Int
    /// σ of ⟨f xᵀ⟩, strongest first.
    public let learned: [Double]
    /// |∇E| at the end of the step.
    public let gradientNorm: Double
    /// The lowest curvature of E.
    public let lowestCurvature: Double

    package static let keys: [KeyDescription] = [
      .init("beta", "–", "β"),
      .init("rank", "–", "features with σ > 0.02"),
      .list("learned", "–", "σ of ⟨f xᵀ⟩, strongest first"),
      .init("gradientNorm", "loss", "gradient norm at the end of the step"),
      .init("lowestCurvature", "loss", "lowest eigenvalue of the Hessian"),
    ]
  }
}
