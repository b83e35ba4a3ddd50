/// One axis of a figure.
package struct Axis: Sendable, Equatable {
  /// What is measured and its unit: "β", "ln τ / steps". See ``Figure`` for subscripts.
  package var label: String
  package var isLogarithmic: Bool
  /// What is visible; where nil, all data and all annotations with a little air.
  package var range: ClosedRange<Double>?

  package init(_ label: String, isLogarithmic: Bool = false, range: ClosedRange<Double>? = nil) {
    self.label = label
    self.isLogarithmic = isLogarithmic
    self.range = range
  }

  /// Whether the axis has a place for the value: no logarithmic axis has one for zero.
  func admits(_ value: Double) -> Bool {
    value.isFinite && (!isLogarithmic || value > 0)
  }
}
