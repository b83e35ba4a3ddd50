import NumericalMethods

/// A number from data, with how well it is known. No bare number leaves a stochastic computation.
public struct Estimate: Sendable, Equatable {
  /// nil where the data give only a bound.
  public let value: Double?
  /// nil where the interval is open below.
  public let lower: Double?
  /// nil where the interval is open above.
  public let upper: Double?
  /// The confidence level of [lower, upper].
  public let level: Double
  /// How it was obtained.
  public let method: String
  /// Runs in which the event happened; nil where the estimate was read from a document.
  public let events: Int?
  /// Runs that were stopped before it happened; nil where the estimate was read from a document.
  public let censored: Int?
  /// Whether the interval takes waiting times as exponential; where it does not, documents name its method.
  public let assumesExponentialTimes: Bool

  /// An estimate with all its parts.
  public init(
    value: Double?, lower: Double?, upper: Double?, level: Double, method: String, events: Int?,
    censored: Int?, assumesExponentialTimes: Bool = true
  ) {
    self.value = value
    self.lower = lower
    self.upper = upper
    self.level = level
    self.method = method
    self.events = events
    self.censored = censored
    self.assumesExponentialTimes = assumesExponentialTimes
  }

  /// No number, and why.
  package static func missing(
    level: Double, reason: String, events: Int, censored: Int
  ) -> Estimate {
    Estimate(
      value: nil, lower: nil, upper: nil, level: level, method: reason, events: events,
      censored: censored)
  }

  /// The estimate of 1/x: the ends change places.
  public var reciprocal: Estimate {
    func inverse(_ x: Double?) -> Double? { x.flatMap { $0 > 0 ? 1 / $0 : nil } }
    return Estimate(
      value: inverse(value), lower: inverse(upper), upper: inverse(lower), level: level,
      method: method, events: events, censored: censored,
      assumesExponentialTimes: assumesExponentialTimes)
  }

  /// The estimate in another unit: 1/h turns time into steps.
  public func scaled(by factor: Double) -> Estimate {
    Estimate(
      value: value.map { $0 * factor }, lower: lower.map { $0 * factor },
      upper: upper.map { $0 * factor }, level: level, method: method, events: events,
      censored: censored, assumesExponentialTimes: assumesExponentialTimes)
  }

  /// "0.5 [0.4, 0.62]".
  package var inThreeDigits: String {
    "\(threeDigits(value)) [\(threeDigits(lower)), \(threeDigits(upper))]"
  }

  /// Why a side is open; nil where none is.
  public var reason: String? {
    guard value == nil || lower == nil || upper == nil else { return nil }
    return events == 0 && (lower != nil || upper != nil)
      ? "no event was seen: a one-sided bound" : method
  }

  /// Whether a theoretical value lies within the interval (an open side does not bound). In one that is open on both
  /// sides, where nothing is known, lies none.
  public func contains(_ x: Double) -> Bool {
    guard lower != nil || upper != nil else { return false }
    return x >= lower ?? -.infinity && x <= upper ?? .infinity
  }
}

/// `{"value", "lower", "upper", "level"}`; the open side of a bound is null, and then `"reason"` says why.
/// `"method"` where waiting times are not taken as exponential.
extension Estimate: Codable {
  private enum Key: String, CodingKey { case value, lower, upper, level, method, reason }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(value, forKey: .value)
    try container.encode(lower, forKey: .lower)
    try container.encode(upper, forKey: .upper)
    try container.encode(level, forKey: .level)
    if !assumesExponentialTimes { try container.encode(method, forKey: .method) }
    if let reason { try container.encode(reason, forKey: .reason) }
  }

  /// An estimate with all its parts.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let method = try container.decodeIfPresent(String.self, forKey: .method)
    self.init(
      value: try container.decodeIfPresent(Double.self, forKey: .value),
      lower: try container.decodeIfPresent(Double.self, forKey: .lower),
      upper: try container.decodeIfPresent(Double.self, forKey: .upper),
      level: try container.decode(Double.self, forKey: .level),
      method: try method ?? container.decodeIfPresent(String.self, forKey: .reason)
        ?? "read from a document",
      events: nil, censored: nil, assumesExponentialTimes: method == nil)
  }
}
