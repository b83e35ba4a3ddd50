/// One axis of a figure.
public struct Axis: Sendable, Equatable {
  /// What is measured and its unit: "β", "ln τ / steps". See ``Figure`` for subscripts.
  public var label: String
  public var isLogarithmic: Bool
  /// What is visible; where nil, all data and all annotations with a little air.
  public var range: ClosedRange<Double>?

  public init(_ label: String, isLogarithmic: Bool = false, range: ClosedRange<Double>? = nil) {
    self.label = label
    self.isLogarithmic = isLogarithmic
    self.range = range
  }

  /// Whether the axis has a place for the value: no logarithmic axis has one for zero.
  func admits(_ value: Double) -> Bool {
    value.isFinite && (!isLogarithmic || value > 0)
  }
}
