/// One point of a series, with what is known of its error.
///
/// | y | lower | upper | with error bars, drawn as |
/// |---|---|---|---|
/// | value | value | value | marker with a bar |
/// | value | value | nil | marker, half a bar below, arrow up: the error is open above |
/// | value | nil | value | the same, upside down |
/// | nil | value | nil | open marker with an arrow up: only a lower bound is known |
/// | nil | nil | value | open marker with an arrow down: only an upper bound is known |
/// | nil | nil | nil | nothing; a line breaks here |
///
/// A value that is not finite counts as nil, and so does one ≤ 0 on a logarithmic axis.
package struct Point: Sendable, Equatable {
  package var x: Double
  package var y: Double?
  /// The lower end of the error bar or band (a position, not a length).
  package var lower: Double?
  /// The upper end.
  package var upper: Double?

  package init(x: Double, y: Double?, lower: Double? = nil, upper: Double? = nil) {
    self.x = x
    self.y = y
    self.lower = lower
    self.upper = upper
  }

  /// A censored estimate: y is at least the bound.
  package static func atLeast(_ bound: Double, x: Double) -> Point {
    Point(x: x, y: nil, lower: bound)
  }

  /// y is at most the bound.
  package static func atMost(_ bound: Double, x: Double) -> Point {
    Point(x: x, y: nil, upper: bound)
  }

  /// A break in a line.
  package static func gap(x: Double) -> Point { Point(x: x, y: nil) }

  /// The point with everything the axes cannot show set to nil; nil where x itself cannot be shown.
  func shown(x xAxis: Axis, y yAxis: Axis) -> Point? {
    guard xAxis.admits(x) else { return nil }
    func keep(_ value: Double?) -> Double? { value.flatMap { yAxis.admits($0) ? $0 : nil } }
    return Point(x: x, y: keep(y), lower: keep(lower), upper: keep(upper))
  }
}
