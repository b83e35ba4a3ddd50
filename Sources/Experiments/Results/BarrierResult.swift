public import DataFiles

/// What `barrier` finds: the states of an escape and the path of least energy between them.
public struct BarrierResult: Codable, Sendable, DescribedJSON {
  /// The highest saddle above the first minimum.
  public let barrierForward: Double
  /// The highest saddle above the last minimum.
  public let barrierBackward: Double
  /// Minima and saddles, in the order of the path.
  public let states: [State]
  /// The way between them.
  public let path: Path
  /// The branch of the first minimum in β, of a network that is followed numerically; nil elsewhere.
  @OmittedIfNil public var branch: Branch?
  /// What was dropped or changed in the data, and the like; not part of `results`.
  package internal(set) var notes: [String] = []
  /// The heading of its tables; not part of the document.
  package internal(set) var title = "Barriers"

  private enum CodingKeys: String, CodingKey {
    case barrierForward, barrierBackward, states, path, branch
  }

  package static let keys: [KeyDescription] = [
    .init("barrierForward", "loss", "the highest saddle above the first minimum"),
    .init("barrierBackward", "loss", "the highest saddle above the last minimum"),
    .objects("states", State.self),
    .object("path", Path.self),
    .object(
      "branch", Branch.self, only: "for a network whose states are followed numerically"),
  ]
}

extension BarrierResult {
  /// A stationary point on the path.
  public struct State: Codable, Sendable, DescribedJSON {
    /// Minimum or saddle.
    public let kind: Kind
    /// E.
    public let energy: Double
    /// The residual |∇E|.
    public let gradientNorm: Double
    /// Negative eigenvalues of the Hessian: the Morse index; nil where not all are known.
    public let index: Int?
    /// Zero eigenvalues of the Hessian; nil where not all are known.
    public let zeroModes: Int?
    /// An eigenvalue is zero up to this share of the largest |ω|.
    public let zeroTolerance: Double
    /// All D of the Hessian, ascending; the lowest and the highest distinct ones where D is too large for that.
    public let eigenvalues: [Double]
    /// Its position.
    public let point: [Double]
    /// What is known where D is too large for all eigenvalues.
    @OmittedIfNil public var extremes: Extremes?
    /// The eigenvalues that are not zero modes, ascending.
    public var nonZeroEigenvalues: [Double] {
      let threshold = zeroTolerance * eigenvalues.reduce(0) { max($0, abs($1)) }
      return eigenvalues.filter { abs($0) > threshold }
    }

    package static let keys: [KeyDescription] = [
      .init("kind", "text", "`minimum` or `saddle`, in the order of the path"),
      .init("energy", "loss", "E"),
      .init("gradientNorm", "–", "the residual |∇E|"),
      .init(
        "index", "–", "negative eigenvalues of the Hessian",
        null: "not all are known: see `extremes`"),
      .init("zeroModes", "–", "zero eigenvalues of the Hessian", null: "not all are known"),
      .init("zeroTolerance", "–", "an eigenvalue is zero up to this share of the largest |ω|"),
      .list(
        "eigenvalues", "loss",
        "all D eigenvalues, ascending; with `extremes` the lowest and the highest distinct ones"),
      .list("point", "–", "position"),
      .object(
        "extremes", Extremes.self, only: "for a network with too many weights for all eigenvalues"),
    ]
  }

  /// Of a state with too many weights for all eigenvalues, by the Lanczos process.
  public struct Extremes: Codable, Sendable, DescribedJSON {
    /// The largest error of a listed eigenvalue.
    public let residual: Double
    /// Listed eigenvalues below −`zeroTolerance` times the largest |ω|.
    public let stiffIndex: Int
    /// The highest eigenvalues of C = Cov ∇ℓ over samples, descending.
    public let noise: [Double]
    /// tr C.
    public let noiseTrace: Double

    package static let keys: [KeyDescription] = [
      .init("residual", "loss", "the largest error that a listed eigenvalue may have"),
      .init(
        "stiffIndex", "–",
        "listed eigenvalues that are negative, those within `zeroTolerance` of zero apart"),
      .list(
        "noise", "–", "highest eigenvalues of the covariance C of samples' gradients, descending"),
      .init("noiseTrace", "–", "tr C"),
    ]
  }

  /// What a stationary point is.
  public enum Kind: String, Codable, Sendable { case minimum, saddle }

  /// The path of least energy.
  public struct Path: Codable, Sendable, DescribedJSON {
    /// Whether the string method converged; the states are refined independently of it.
    public let converged: Bool
    /// Of the string method.
    public let iterations: Int
    /// Of the string method, at its end.
    public let perpendicularForce: Double
    /// The share of the chord between the ends that runs along a symmetry orbit; nil for a landscape.
    public let orbitMisalignment: Double?
    /// One per image.
    public let arcLength: [Double]
    /// One per image.
    public let energy: [Double]
    /// The images themselves; not part of the document.
    package internal(set) var images: [[Double]] = []
    /// ½⟨‖y − f‖²⟩ at each image of a network, without penalty; not part of the document.
    package internal(set) var trainLoss: [Double]? = nil
    /// σ_r of the end-to-end map at each image of a network; not part of the document.
    package internal(set) var singularValues: [[Double]]? = nil

    private enum CodingKeys: String, CodingKey {
      case converged, iterations, perpendicularForce, orbitMisalignment, arcLength, energy
    }

    package static let keys: [KeyDescription] = [
      .init(
        "converged", "bool", "of the string method; the states are refined independently of it"),
      .init("iterations", "–", "of the string method"),
      .init("perpendicularForce", "–", "of the string method"),
      .init(
        "orbitMisalignment", "–",
        "share of the chord between the ends that runs along a symmetry orbit: 0 where the ends are nearest copies",
        null: "a landscape"),
      .list("arcLength", "–", "one per image"),
      .list("energy", "loss", "one per image"),
    ]
  }

  /// A minimum followed in β round its fold.
  public struct Branch: Codable, Sendable, DescribedJSON {
    /// β_c, where the minimum ends.
    public let foldWeightDecay: Double
    /// d ln ΔE/d ln(β_c − β) at 1 % below the fold; nil where the branch does not reach that far.
    public let barrierExponent: Double?
    /// The Morse index of the saddle that the branch comes back to at this β.
    public let saddleIndex: Int
    /// Its E above the minimum.
    public let saddleBarrier: Double
    /// β of each place, in order.
    public let beta: [Double]
    /// E of each place.
    public let energy: [Double]
    /// σ_r of ⟨f xᵀ⟩ of the feature that is lost.
    public let learned: [Double]
    /// The Morse index of each place.
    public let index: [Int]

    package static let keys: [KeyDescription] = [
      .init("foldWeightDecay", "–", "β_c, where the minimum ends"),
      .init(
        "barrierExponent", "–",
        "d ln ΔE/d ln(β_c − β) at 1 % below the fold: 3/2 where it is smooth",
        null: "the branch ends before"),
      .init("saddleIndex", "–", "Morse index of the saddle of the branch at this β"),
      .init("saddleBarrier", "loss", "its E above the minimum"),
      .list("beta", "–", "β of each place on the branch, in order"),
      .list("energy", "loss", "E of each place"),
      .list("learned", "–", "σ_r of ⟨f xᵀ⟩ of the feature that is lost"),
      .list("index", "–", "Morse index of each place"),
    ]
  }
}
