public import DataFiles
public import Networks

/// What `theory` finds: the transition points of each mode, and at a given β its states and barriers.
public struct TheoryResult: Codable, Sendable, DescribedJSON {
  /// L.
  public let depth: Int
  /// β; nil where only the transition points were asked for.
  public let beta: Double?
  /// In the order in which they were given.
  public let modes: [Mode]
  /// How many modes have a learned state.
  @OmittedIfNil public var learnableFeatures: Int?
  /// Minima in the aligned subspace.
  @OmittedIfNil public var coexistingMinima: WholeNumber?
  /// Minima in all weights.
  @OmittedIfNil public var weightSpaceMinima: Int?

  package static let keys: [KeyDescription] =
    [
      .init("depth", "–", "L"),
      .init("beta", "–", "β", null: "without `--beta`"),
      .objects("modes", Mode.self),
    ]
    + [
      .init("learnableFeatures", "–", "modes with a learned state"),
      .init("coexistingMinima", "–", "minima in the aligned subspace"),
      .init("weightSpaceMinima", "–", "minima in all weights"),
    ].only("with `--beta`")
}

extension TheoryResult {
  /// One mode: where its transition is.
  public struct Mode: Codable, Sendable, DescribedJSON {
    /// What does not depend on β.
    public let transition: Transition
    /// At β; nil where only the transition points were asked for.
    public let states: States?
    /// Why some of the numbers do not exist; nil where all do.
    public let reason: String?

    package static let keys: [KeyDescription] =
      Transition.keys + States.keys.only("with `--beta`")
      + [.init("reason", "text", "why some of the above are null", only: "then")]
  }

  /// What does not depend on β.
  public struct Transition: Codable, Sendable, DescribedJSON {
    /// η.
    public let eta: Double
    /// L.
    public let depth: Int
    /// Of the transition.
    public let order: TransitionOrder
    /// λ_c, where the learned state vanishes; nil without a transition.
    public let lambdaC: Double?
    /// β_c, where the learned state vanishes; nil without a transition.
    public let betaC: Double?
    /// λ*, where both states have equal loss; nil without a transition.
    public let lambdaStar: Double?
    /// β*, where both states have equal loss; nil without a transition.
    public let betaStar: Double?

    package static let keys: [KeyDescription] = [
      .init("eta", "–", "η"),
      .init("depth", "–", "L"),
      .init("order", "text", "`none`, `second` or `first` order"),
      .init("lambdaC", "–", "λ where the learned state vanishes", null: "see `reason`"),
      .init("betaC", "–", "β where the learned state vanishes", null: "see `reason`"),
      .init("lambdaStar", "–", "λ where both states have equal loss", null: "see `reason`"),
      .init("betaStar", "–", "β where both states have equal loss", null: "see `reason`"),
    ]
  }

  /// States and barriers at one β.
  public struct States: Codable, Sendable, DescribedJSON {
    /// β.
    public let beta: Double
    /// λ_s; nil without a saddle.
    public let lambdaSaddle: Double?
    /// λ₊; nil without a learned state.
    public let lambdaLearned: Double?
    /// ΔE to learning; nil without a saddle.
    public let barrierUp: Double?
    /// ΔE to losing; nil without a saddle.
    public let barrierDown: Double?
    /// What the learned state is at this β.
    public let learnedState: Stability
    /// λ_s in leading order as β → 0.
    public let lambdaSaddleSmallBeta: Double?
    /// ΔE to learning in leading order as β → 0.
    public let barrierUpSmallBeta: Double?

    package static let keys: [KeyDescription] = [
      .init("beta", "–", "β"),
      .init("lambdaSaddle", "–", "λ of the saddle", null: "see `reason`"),
      .init("lambdaLearned", "–", "λ of the learned minimum", null: "see `reason`"),
      .init("barrierUp", "loss", "barrier to learning", null: "see `reason`"),
      .init("barrierDown", "loss", "barrier to losing", null: "see `reason`"),
      .init("learnedState", "text", "`stable`, `metastable` or `absent`"),
      .init(
        "lambdaSaddleSmallBeta", "–", "λ of the saddle, leading order as β → 0",
        null: "see `reason`"),
      .init(
        "barrierUpSmallBeta", "loss", "barrier to learning, leading order as β → 0",
        null: "see `reason`"),
    ]
  }

  /// What a learned state is at some β.
  public enum Stability: String, Codable, Sendable {
    /// It has the lowest loss.
    case stable
    /// It is a minimum, but not the lowest.
    case metastable
    /// There is none.
    case absent
  }

  /// A count that may exceed the integers: a number without a fraction then.
  public struct WholeNumber: Codable, Sendable, Equatable {
    /// The count.
    public let value: Double
  }
}

// A mode is one object: what depends on β stands beside the rest.
extension TheoryResult.Mode {
  private enum Key: String, CodingKey { case beta, reason }

  public func encode(to encoder: any Encoder) throws {
    try transition.encode(to: encoder)
    try states?.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    if let reason { try container.encode(reason, forKey: .reason) }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    transition = try TheoryResult.Transition(from: decoder)
    states = container.contains(.beta) ? try TheoryResult.States(from: decoder) : nil
    reason = try container.decodeIfPresent(String.self, forKey: .reason)
  }
}

extension TheoryResult.WholeNumber {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if value < 9e15 { try container.encode(Int(value)) } else { try container.encode(value) }
  }

  public init(from decoder: any Decoder) throws {
    value = try decoder.singleValueContainer().decode(Double.self)
  }
}

extension TransitionOrder: Codable {}
