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
  /// Runs in which the event happened.
  public let events: Int
  /// Runs that were stopped before it happened.
  public let censored: Int

  public init(
    value: Double?, lower: Double?, upper: Double?, level: Double, method: String, events: Int,
    censored: Int
  ) {
    self.value = value
    self.lower = lower
    self.upper = upper
    self.level = level
    self.method = method
    self.events = events
    self.censored = censored
  }

  /// The estimate of 1/x: the ends change places.
  public var reciprocal: Estimate {
    func inverse(_ x: Double?) -> Double? { x.flatMap { $0 > 0 ? 1 / $0 : nil } }
    return Estimate(
      value: inverse(value), lower: inverse(upper), upper: inverse(lower), level: level,
      method: method, events: events, censored: censored)
  }

  /// Whether a theoretical value lies within the interval (an open side does not bound).
  public func contains(_ x: Double) -> Bool { x >= lower ?? -.infinity && x <= upper ?? .infinity }
}
