/// A formula for the rate of one escape under thermal noise, made for its numbers (curvatures, energies): what
/// a ``RateTheory`` hands them to.
package protocol ThermalRate: Sendable {
  /// Name, as a row of a table shows it.
  var name: String { get }

  /// ln τ, its slope and its validity at temperature T.
  ///
  /// - Throws: `InvalidInput` unless T > 0.
  func prediction(temperature: Double) throws -> RatePrediction
}
