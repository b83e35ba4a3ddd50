package import DataFiles
public import EscapeStatistics

/// An estimate, or why there cannot be one: `{"value": null, "reason"}`.
public enum EstimateOrReason: Sendable, Equatable {
  /// There is one.
  case estimate(Estimate)
  /// There cannot be one.
  case missing(reason: String)

  /// nil where there cannot be one.
  public var estimate: Estimate? {
    if case .estimate(let estimate) = self { estimate } else { nil }
  }
}

extension EstimateOrReason: Codable {
  private enum Key: String, CodingKey { case value, level, reason }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .estimate(let estimate): try estimate.encode(to: encoder)
    case .missing(let reason):
      var container = encoder.container(keyedBy: Key.self)
      try container.encodeNil(forKey: .value)
      try container.encode(reason, forKey: .reason)
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self =
      container.contains(.level)
      ? .estimate(try Estimate(from: decoder))
      : .missing(reason: try container.decode(String.self, forKey: .reason))
  }
}

extension Estimate: DescribedJSON {
  package static let keys: [KeyDescription] = [
    .init("value", "its unit", "the number", null: "the data give a bound only, or nothing"),
    .init("lower", "its unit", "lower end of the interval", null: "open below"),
    .init("upper", "its unit", "upper end of the interval", null: "open above"),
    .init("level", "–", "the confidence level of the interval"),
    .init(
      "method", "text", "how it was obtained", only: "where waiting times are not exponential"),
    .init("reason", "text", "why one of the numbers is null", only: "then"),
  ]
}
