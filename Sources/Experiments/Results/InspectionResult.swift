public import DataFiles
public import EscapeStatistics

/// What `inspect` finds at the weights of a checkpoint.
public struct InspectionResult: Codable, Sendable, DescribedJSON {
  /// The network and its loss.
  public let point: Point
  /// Of the Hessian.
  public let spectrum: Spectrum
  /// Of the gradients of single samples.
  public let noise: Noise
  /// The hidden layers; empty where there are none.
  public let layers: [Layer]
  /// By Langevin dynamics; nil where it would take too long.
  @OmittedIfNil public var learningCoefficient: Coefficient?
  /// Why it is nil.
  @OmittedIfNil public var learningCoefficientReason: String?
  /// Every mode, or the points of their density; not part of the document.
  package internal(set) var modes: [Mode] = []
  package internal(set) var notes: [String] = []
  package internal(set) var title = "Checkpoint"

  private enum CodingKeys: String, CodingKey {
    case point, spectrum, noise, layers, learningCoefficient, learningCoefficientReason
  }

  package static let keys: [KeyDescription] = [
    .object("point", Point.self), .object("spectrum", Spectrum.self),
    .object("noise", Noise.self), .objects("layers", Layer.self, "one for each hidden layer"),
    .object("learningCoefficient", Coefficient.self, only: "where it was estimated"),
    .init(
      "learningCoefficientReason", "text", "why there is none", only: "where it was not estimated"),
  ]
}

extension InspectionResult {
  /// The network and its loss.
  public struct Point: Codable, Sendable, DescribedJSON {
    /// "4-6-5-3".
    public let network: String
    /// Of the hidden layers, as it was asked for.
    public let activation: String
    /// Whether units have biases.
    public let biases: Bool
    /// D.
    public let parameters: Int
    /// N.
    public let samples: Int
    /// Without penalty.
    public let trainLoss: Double
    /// With penalty.
    public let energy: Double
    /// nil without held-out data.
    public let testLoss: Double?
    /// nil without classes.
    public let trainAccuracy: Double?
    /// nil without classes or held-out data.
    public let testAccuracy: Double?
    /// |∇E|.
    public let gradientNorm: Double
    /// |∇E|²/(2ω_max), what a step to the minimum of the steepest parabola gains at least.
    public let gain: Double
    /// Whether it is stationary for the purposes of this verb.
    public let isStationary: Bool

    package static let keys: [KeyDescription] = [
      .init("network", "text", "layer widths, from the checkpoint"),
      .init("activation", "text", "of the hidden layers; no checkpoint says it"),
      .init("biases", "bool", "from the checkpoint"),
      .init("parameters", "–", "D, weights and biases"),
      .init("samples", "–", "N, those that the loss is a mean over"),
      .init("trainLoss", "loss", "without penalty, in the convention asked for"),
      .init("energy", "loss", "E, with the penalty (β/2)‖θ‖²"),
      .init("testLoss", "loss", "on held-out data, without penalty", null: "no held-out data"),
      .init("trainAccuracy", "fraction", "correct classes", null: "no classes (`--one-hot`)"),
      .init(
        "testAccuracy", "fraction", "the same on held-out data",
        null: "no classes or no held-out data"),
      .init("gradientNorm", "–", "|∇E|"),
      .init(
        "gain", "loss",
        "|∇E|²/(2ω), ω the largest |eigenvalue|: what one step of descent gains at least"),
      .init(
        "isStationary", "bool",
        "whether that gain is below 1e-8 of E; where it is not, the weights are no minimum, and index and learning coefficient are those of a point on a slope"
      ),
    ]
  }

  /// The Hessian of E.
  public struct Spectrum: Codable, Sendable, DescribedJSON {
    /// `dense` or `lanczos`.
    public let method: String
    /// The highest eigenvalues, descending.
    public let highest: [Double]
    /// The lowest, ascending.
    public let lowest: [Double]
    /// ‖Hv − ωv‖, the largest of those above; 0 where dense.
    public let residual: Double
    /// Eigenvalues below zero by more than the tolerance of zero modes; nil where not all are known.
    public let index: Int?
    /// nil where not all are known.
    public let zeroModes: Int?
    /// tr H.
    public let trace: Double
    /// tr H².
    public let squareTrace: Double
    /// |ω| up to which modes are soft.
    public let softCut: Double
    /// How many.
    public let softModes: Double
    /// The least that it can be; nil where dense.
    public let softModesFrom: Double?
    /// The most; nil where dense.
    public let softModesTo: Double?
    /// Modes with ω < −softCut.
    public let negativeModes: Double
    /// The least that it can be; nil where dense.
    public let negativeModesFrom: Double?
    /// The most; nil where dense.
    public let negativeModesTo: Double?

    package static let keys: [KeyDescription] = [
      .init("method", "text", "`dense` (all eigenvalues, D ≤ 1000) or `lanczos`"),
      .list("highest", "loss", "eigenvalues ω, descending"),
      .list("lowest", "loss", "eigenvalues, ascending"),
      .init("residual", "loss", "the largest ‖Hv − ωv‖ of those, which bounds their errors"),
      .init(
        "index", "–", "eigenvalues below zero, beyond the tolerance of zero modes",
        null: "not all eigenvalues are known"),
      .init("zeroModes", "–", "|ω| ≤ 1e-7 ω_max", null: "not all eigenvalues are known"),
      .init("trace", "loss", "tr H"),
      .init("squareTrace", "loss²", "tr H²"),
      .init("softCut", "loss", "|ω| up to which a mode is soft"),
      .init(
        "softModes", "–",
        "soft modes, zero modes among them; under `lanczos` the middle of what it can be"),
      .init("softModesFrom", "–", "the least that it can be", null: "exact"),
      .init("softModesTo", "–", "the most", null: "exact"),
      .init("negativeModes", "–", "modes with ω below −softCut; under `lanczos` likewise"),
      .init("negativeModesFrom", "–", "the least that it can be", null: "exact"),
      .init("negativeModesTo", "–", "the most", null: "exact"),
    ]
  }

  /// C = Cov[∇ℓ], the noise of single samples.
  public struct Noise: Codable, Sendable, DescribedJSON {
    /// That C is a mean over.
    public let samples: Int
    /// tr C.
    public let trace: Double
    /// The highest eigenvalues, descending.
    public let highest: [Double]
    /// (tr C)²/tr C².
    public let effectiveRank: Double
    /// The share of tr C in soft modes of the Hessian.
    public let softShare: Double
    /// The least that it can be; nil where dense.
    public let softShareFrom: Double?
    /// The most; nil where dense.
    public let softShareTo: Double?
    /// tr HC/√(tr H² tr C²).
    public let alignment: Double
    /// ‖UᵀV‖²/k of the k top eigenvectors of both.
    public let subspaceOverlap: Double
    /// What vectors at random have: k/D.
    public let chanceOverlap: Double

    package static let keys: [KeyDescription] = [
      .init("samples", "–", "that C is a mean over; all, unless N·D > 2²⁴"),
      .init("trace", "loss²", "tr C, of C = Cov[∇ℓ] over single samples"),
      .list("highest", "loss²", "eigenvalues of C, descending"),
      .init("effectiveRank", "–", "(tr C)²/tr C²"),
      .init(
        "softShare", "fraction",
        "of tr C that lies in soft modes of the Hessian; under `lanczos` likewise"),
      .init("softShareFrom", "fraction", "the least that it can be", null: "exact"),
      .init("softShareTo", "fraction", "the most", null: "exact"),
      .init("alignment", "–", "tr HC/√(tr H² tr C²): 1 where C ∝ H"),
      .init(
        "subspaceOverlap", "fraction",
        "‖UᵀV‖²/k of the k highest eigenvectors of H and of C, k as many as `highest` has"),
      .init("chanceOverlap", "fraction", "k/D, that of subspaces at random"),
    ]
  }

  /// A hidden layer, and how near absorbing sets of SGD are.
  public struct Layer: Codable, Sendable, DescribedJSON {
    /// From 1.
    public let layer: Int
    /// Units.
    public let units: Int
    /// ‖W_{l+1}ᵀW_{l+1} − W_lW_lᵀ − b_lb_lᵀ‖.
    public let imbalance: Double
    /// The same relative to both products.
    public let relativeImbalance: Double
    /// To the nearest state with two equal units; nil for one unit.
    public let duplicateDistance: Double?
    /// Which, from 0.
    public let duplicateUnits: [Int]
    /// To the nearest state with a unit without weights; nil where such a unit is moved.
    public let deadDistance: Double?
    /// Which, from 0; nil likewise.
    public let deadUnit: Int?
    /// Units whose weights no sample moves.
    public let unmovedUnits: Int

    package static let keys: [KeyDescription] = [
      .init("layer", "–", "hidden layer, from 1"),
      .init("units", "–", "of it"),
      .init("imbalance", "–", "‖W_{l+1}ᵀW_{l+1} − W_lW_lᵀ − b_lb_lᵀ‖ (Frobenius)"),
      .init("relativeImbalance", "–", "the same over the sum of the norms of both products"),
      .init(
        "duplicateDistance", "–",
        "in weight space to the nearest state with two equal units (up to the sign, for odd activations), which SGD cannot leave",
        null: "the layer has one unit"),
      .list("duplicateUnits", "–", "which two, from 0"),
      .init(
        "deadDistance", "–", "to the nearest state with a unit of zero weights, in and out",
        null: "such a unit is moved, since φ(0) ≠ 0"),
      .init("deadUnit", "–", "which, from 0", null: "such a unit is moved, since φ(0) ≠ 0"),
      .init("unmovedUnits", "–", "units whose weights have exactly no gradient in any sample"),
    ]
  }

  /// λ̂.
  public struct Coefficient: Codable, Sendable, DescribedJSON {
    /// With its interval.
    public let estimate: Estimate
    /// β*, and n β* as it multiplies E.
    public let inverseTemperature: Double
    /// 1/(n β*), the temperature T at which E is sampled.
    public let temperature: Double
    /// γ.
    public let localisation: Double
    /// Independent.
    public let chains: Int
    /// Of each.
    public let steps: Int
    /// dt.
    public let timeStep: Double
    /// Of the last quarter above the third, in standard errors.
    public let drift: Double

    package static let keys: [KeyDescription] = [
      .estimate("estimate", "–", "λ̂ = nβ*(⟨E⟩ − E(w*)), at the weight decay asked for"),
      .init("inverseTemperature", "1/loss", "nβ*, with β* = 1/ln n unless asked otherwise"),
      .init("temperature", "loss", "1/(nβ*), at which E is sampled"),
      .init("localisation", "–", "γ of (γ/2)‖w − w*‖², which holds w near"),
      .init("chains", "–", "independent ones"),
      .init("steps", "–", "of each, the first half dropped"),
      .init("timeStep", "–", "dt of dw = −∇U dt + √2 dW, U = nβ*E + (γ/2)‖w − w*‖²"),
      .init("drift", "–", "of the last quarter above the third, in standard errors"),
    ]
  }

  /// A mode of the Hessian, or a point of its density; not part of the document.
  package struct Mode: Sendable {
    /// ω.
    package let eigenvalue: Double
    /// How many modes it stands for.
    package let weight: Double
    /// Of tr C in it.
    package let noise: Double
  }
}
