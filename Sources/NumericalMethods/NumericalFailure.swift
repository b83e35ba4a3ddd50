/// A computation that could not be brought to its end, although what it was asked for made sense: a search or an
/// integral that did not converge, say. What was computed, how far it came, what may help.
public struct NumericalFailure: Error, CustomStringConvertible, Equatable, Sendable {
  public let description: String

  /// What failed and why, in one sentence.
  public init(_ description: String) { self.description = description }
}
