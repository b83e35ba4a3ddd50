/// A theory of escape under white noise of temperature T.
public protocol RateTheory: Sendable {
  /// Name, as a row of a table shows it.
  var name: String { get }

  /// ln τ, its slope and its validity at temperature T.
  ///
  /// - Throws: `InvalidInput` unless T > 0.
  func prediction(temperature: Double) throws -> RatePrediction
}
