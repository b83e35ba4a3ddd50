/// How far a prediction may be trusted: the worst verdict of its criteria, and a sentence for each
/// criterion that is not met.
public struct Validity: Equatable, Sendable, CustomStringConvertible {
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

  public let verdict: Verdict
  /// One sentence per criterion that is not met; empty for a valid prediction.
  public let reasons: [String]

  /// Every criterion is met.
  public static let valid = Validity(verdict: .valid, reasons: [])

  private init(verdict: Verdict, reasons: [String]) {
    self.verdict = verdict
    self.reasons = reasons
  }

  public static func marginal(_ reason: String) -> Validity {
    Validity(verdict: .marginal, reasons: [reason])
  }

  public static func invalid(_ reason: String) -> Validity {
    Validity(verdict: .invalid, reasons: [reason])
  }

  /// The worst verdict of several criteria, with all their reasons in order.
  public static func all(_ criteria: [Validity]) -> Validity {
    Validity(
      verdict: criteria.map(\.verdict).max() ?? .valid, reasons: criteria.flatMap(\.reasons))
  }

  /// The verdict, then the reasons: "marginal: the barrier is …; …".
  public var description: String {
    reasons.isEmpty
      ? verdict.description : verdict.description + ": " + reasons.joined(separator: "; ")
  }
}
