/// What a figure says beside its data. An annotation outside the visible range is not drawn.
package enum Annotation: Sendable, Equatable {
  package enum LineStyle: Sendable, Equatable {
    case solid, dashed, dotted
  }

  /// A line over the whole height, with its label above the frame. Crowded labels are turned upright
  /// and moved apart; a short leader still joins each to its line.
  case verticalLine(
    at: Double, label: String, style: LineStyle = .dashed, colour: Int = Palette.black)
  /// A family of vertical lines that share one entry in the legend: the choice for more lines than
  /// labels could tell apart.
  case verticalLines(
    at: [Double], name: String, style: LineStyle = .dashed, colour: Int = Palette.grey)
  /// Short marks on the lower edge of the frame that share one entry in the legend: as
  /// `verticalLines`, where whole lines would hide the data.
  case marks(at: [Double], name: String, colour: Int = Palette.black)
  /// A line over the whole width, named in the legend.
  case horizontalLine(
    at: Double, name: String, style: LineStyle = .dashed, colour: Int = Palette.grey)
  /// Text that begins at a point of the plane.
  case text(String, x: Double, y: Double)
  /// Text in a white box about a point of the plane: what a line there is.
  case tag(String, x: Double, y: Double)

  /// The x that must be visible.
  var xValues: [Double] {
    switch self {
    case .verticalLine(let x, _, _, _), .text(_, let x, _), .tag(_, let x, _): [x]
    case .verticalLines(let values, _, _, _), .marks(let values, _, _): values
    case .horizontalLine: []
    }
  }

  /// The y that must be visible.
  var yValues: [Double] {
    switch self {
    case .horizontalLine(let y, _, _, _), .text(_, _, let y), .tag(_, _, let y): [y]
    case .verticalLine, .verticalLines, .marks: []
    }
  }
}
