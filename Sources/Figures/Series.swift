/// One curve, cloud of points or band, with its entry in the legend.
package struct Series: Sendable, Equatable {
  package enum Style: Sendable, Equatable {
    case line, dashedLine, dottedLine
    /// A reference that the eye may pass over.
    case thinLine
    case points
    case pointsWithErrorBars
    /// Constant to the right of each point, as a survival curve or a rank is.
    case step
    /// Filled between lower and upper, straight from point to point.
    case band
    /// Filled between lower and upper, constant to the right of each point.
    case stepBand

    var isBand: Bool { self == .band || self == .stepBand }
  }

  /// The shape of a point. Series of one figure should differ in shape as well as in colour.
  package enum Marker: Int, Sendable, CaseIterable {
    case circle, square, triangle, diamond, invertedTriangle
    case openCircle, openSquare, openTriangle, openDiamond, openInvertedTriangle
    case cross, plus
  }

  /// What the legend says; a series without a name has no entry.
  package var name: String
  /// In the order in which a line visits them.
  package var points: [Point]
  package var style: Style
  /// Index into ``Palette``; where nil, the place of the series in its figure.
  package var colour: Int?
  /// Where nil, by the place of the series among those with points.
  package var marker: Marker?
  /// Whether a line has a white edge, which keeps it legible on colours.
  package var hasEdge: Bool

  package init(
    _ name: String, points: [Point], style: Style = .line, colour: Int? = nil,
    marker: Marker? = nil, hasEdge: Bool = false
  ) {
    self.name = name
    self.points = points
    self.style = style
    self.colour = colour
    self.marker = marker
    self.hasEdge = hasEdge
  }

  /// The rows to be written: what the axes can show, nil for a break. Never begins or ends with a
  /// break, never has two in a row; empty where there is nothing to draw.
  func rows(x xAxis: Axis, y yAxis: Axis) -> [Point?] {
    var rows: [Point?] = []
    // A step holds up to the next point, even one that cannot be shown itself.
    func hold(to x: Double?) {
      guard let x, case .some(.some(var held)) = rows.last else { return }
      held.x = x
      rows.append(held)
    }
    func add(_ row: Point?) {
      if row == nil, rows.isEmpty || rows[rows.count - 1] == nil { return }
      rows.append(row)
    }
    for point in points {
      var row = point.shown(x: xAxis, y: yAxis)
      let x = row?.x
      switch style {
      case .line, .thinLine, .dashedLine, .dottedLine, .points, .step:
        if row?.y == nil { row = nil }
      case .band, .stepBand:
        // On a logarithmic axis a band down to zero goes down to the frame: its lower end is kept.
        row?.lower = point.lower.flatMap { $0.isFinite ? $0 : nil }
        if row?.lower == nil || row?.upper == nil { row = nil }
      case .pointsWithErrorBars:
        if row?.y == nil, row?.lower == nil, row?.upper == nil { row = nil }
      }
      // gnuplot draws the steps of a line itself, but not those of a band.
      if style == .stepBand || (style == .step && row == nil) { hold(to: x) }
      add(row)
    }
    if let last = rows.last, last == nil { rows.removeLast() }
    return rows
  }
}
