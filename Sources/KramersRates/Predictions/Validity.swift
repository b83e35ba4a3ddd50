/// How far a prediction may be trusted: what each criterion says of it, and the worst of their verdicts.
public struct Validity: Equatable, Sendable, CustomStringConvertible {
  /// How far to trust a number, best first.
  public enum Verdict: Int, Comparable, Sendable, CustomStringConvertible {
    /// The leading relative error of τ is at most some 10 %.
    case valid
    /// The leading relative error is some 10 % to a factor 2.
    case marginal
    /// The expansion behind the formula does not hold.
    case invalid

    public static func < (left: Verdict, right: Verdict) -> Bool { left.rawValue < right.rawValue }

    public var description: String {
      switch self {
      case .valid: "valid"
      case .marginal: "marginal"
      case .invalid: "invalid"
      }
    }
  }

  /// What one criterion says.
  public struct Judgement: Equatable, Sendable {
    /// By what is judged.
    public let criterion: Criterion
    /// The number that the criterion wants small; nil where it has none.
    public let value: Double?
    /// What follows.
    public let verdict: Verdict
    /// A sentence, for a reader who sees nothing else.
    public let reason: String
  }

  /// One per criterion that applies, in order.
  public let judgements: [Judgement]

  /// The worst verdict.
  public var verdict: Verdict { judgements.map(\.verdict).max() ?? .valid }

  /// One sentence per criterion that is not met; empty for a valid prediction.
  public var reasons: [String] { judgements.filter { $0.verdict > .valid }.map(\.reason) }

  /// No criterion applies.
  package static let valid = Validity(judgements: [])

  /// Something named is left out whose size the theory cannot know.
  static func marginal(_ criterion: Criterion, _ reason: String) -> Validity {
    Validity(judgements: [
      Judgement(criterion: criterion, value: nil, verdict: .marginal, reason: reason)
    ])
  }

  /// The number is not what it is called.
  static func invalid(_ criterion: Criterion, _ reason: String) -> Validity {
    Validity(judgements: [
      Judgement(criterion: criterion, value: nil, verdict: .invalid, reason: reason)
    ])
  }

  /// The verdict of a number that must be small. Not a number is invalid.
  static func judge(
    _ criterion: Criterion, _ value: Double, _ reason: @autoclosure () -> String
  ) -> Validity {
    let limits = criterion.limits!
    let verdict: Verdict =
      value <= limits.valid ? .valid : value <= limits.marginal ? .marginal : .invalid
    return Validity(judgements: [
      Judgement(
        criterion: criterion, value: value, verdict: verdict,
        reason: verdict == .valid ? "" : reason())
    ])
  }

  /// Several criteria together, in order.
  static func all(_ criteria: [Validity]) -> Validity {
    Validity(judgements: criteria.flatMap(\.judgements))
  }

  /// The verdict, then the reasons: "marginal: the barrier is …; …".
  public var description: String {
    let reasons = reasons
    return reasons.isEmpty
      ? verdict.description : verdict.description + ": " + reasons.joined(separator: "; ")
  }
}
