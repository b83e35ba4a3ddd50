/// A figure made ready: what of it can be shown, and where.
struct Drawing: Sendable {
  /// A series with something to show, its defaults filled in.
  struct Layer: Sendable {
    var name: String
    var rows: [Point?]
    var style: Series.Style
    var colour: Int
    var marker: Series.Marker
    var hasEdge: Bool
  }

  /// The length of the arrow of an open-sided error, as a part of the height.
  static let arrowLength = 0.07

  let figure: Figure
  /// In the order of drawing, which is the order of the tables in the data file.
  let layers: [Layer]
  let x: VisibleRange
  let y: VisibleRange

  /// - Throws: ``FigureError`` where there is nothing to show or a range is unusable.
  init(_ figure: Figure) throws {
    self.figure = figure
    var layers: [Layer] = []
    var clouds = 0
    for (index, series) in figure.series.enumerated() {
      let marker = series.marker ?? Series.Marker.allCases[clouds % Series.Marker.allCases.count]
      if series.style == .points || series.style == .pointsWithErrorBars { clouds += 1 }
      let rows = series.rows(x: figure.xAxis, y: figure.yAxis)
      guard !rows.isEmpty else { continue }
      layers.append(
        Layer(
          name: series.name, rows: rows, style: series.style, colour: series.colour ?? index,
          marker: marker, hasEdge: series.hasEdge))
    }
    guard !layers.isEmpty || figure.map?.tiles.isEmpty == false else {
      throw FigureError.nothingToDraw(
        title: figure.title, series: figure.series.count,
        points: figure.series.reduce(0) { $0 + $1.points.count })
    }
    layers = layers.filter(\.style.isBand) + layers.filter { !$0.style.isBand }
    self.layers = layers

    x = try VisibleRange(
      figure.xAxis,
      showing: layers.flatMap { $0.rows.compactMap { $0?.x } }
        + figure.annotations.flatMap(\.xValues))
    let heights =
      layers.flatMap { layer in layer.rows.compactMap { $0 }.flatMap { layer.extent(of: $0) } }
      + figure.annotations.flatMap(\.yValues)
    let bare = try VisibleRange(figure.yAxis, showing: heights)
    // Once the height is known, room for the arrows too.
    let arrows = layers.filter { $0.style == .pointsWithErrorBars }.flatMap { layer in
      layer.rows.compactMap { $0 }.compactMap { row -> Double? in
        switch (row.lower, row.upper) {
        case (.some(let lower), nil): bare.shifted(row.y ?? lower, by: Self.arrowLength)
        case (nil, .some(let upper)): bare.shifted(row.y ?? upper, by: -Self.arrowLength)
        default: nil
        }
      }
    }
    y = arrows.isEmpty ? bare : try VisibleRange(figure.yAxis, showing: heights + arrows)
  }
}

extension Drawing.Layer {
  /// The heights a row is drawn at.
  fileprivate func extent(of row: Point) -> [Double] {
    switch style {
    case .line, .thinLine, .dashedLine, .dottedLine, .points, .step: [row.y].compactMap { $0 }
    case .band, .stepBand: [row.lower, row.upper].compactMap { $0 }
    case .pointsWithErrorBars: [row.y, row.lower, row.upper].compactMap { $0 }
    }
  }
}
