extension Drawing {
  /// The gnuplot script. File names in it are relative, so that `gnuplot name.gp` in the directory of
  /// the script draws both images again.
  ///
  /// No text of the figure stands in a comment: a backslash at its end would join the next line to it.
  func script(name: String) -> String {
    let size = figure.size
    let lines =
      [
        "# Run gnuplot on this file, in its directory, to draw \(name).svg and \(name).png from \(name).dat.",
        "reset",
        "set encoding utf8",
      ] + frame + (figure.map?.settings ?? []) + above + axis("x", figure.xAxis, x)
      + axis("y", figure.yAxis, y) + legend
      + annotations + [
        "",
        "set terminal svg size \(size.width),\(size.height) enhanced font 'sans-serif,\(Self.fontSize)' background '#ffffff'",
        "set output '\(name).svg'",
        "plot \\",
        plots(data: "\(name).dat").map { "  " + $0 }.joined(separator: ", \\\n"),
        "set terminal pngcairo size \(2 * size.width),\(2 * size.height) enhanced font 'sans-serif,\(Self.fontSize)' fontscale \(Self.imageFontScale) linewidth 2 pointscale 2 background '#ffffff'",
        "set output '\(name).png'",
        "replot",
        "set output",
      ]
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: Frame and axes

  private static let fontSize = 14
  private static let titleSize = 16
  /// Less than the factor 2 of all lengths: the same font size is larger in a PNG than in an SVG.
  private static let imageFontScale = 1.7
  /// Upper estimate of the width of a character, in units of its size.
  private static let characterWidth = 0.62

  private var frame: [String] {
    [
      "set border 3 linewidth 1 linecolor '#444444'",
      "set tics nomirror out textcolor '#000000'",
      "set grid xtics ytics back linetype 1 linewidth 0.6 linecolor '#e4e4e4'",
      "set rmargin 4",
    ]
  }

  private func axis(_ letter: String, _ axis: Axis, _ visible: VisibleRange) -> [String] {
    var lines = [
      "set \(letter)label \(GnuplotText.quoted(axis.label))",
      "set \(letter)range [\(visible.lower):\(visible.upper)]",
    ]
    if visible.isLogarithmic {
      lines.append("set logscale \(letter) 10")
      if let tics = visible.ticsOnShortLogarithmicAxis {
        lines.append("set format \(letter) '%g'")
        lines.append("unset m\(letter)tics")
        lines.append("set \(letter)tics (\(tics.map { "\($0)" }.joined(separator: ", ")))")
      } else {
        lines.append("set format \(letter) '10^{%T}'")
        // Every k-th power of ten where all would touch, and then no tics between.
        let step = Int((visible.decades / 9).rounded(.up))
        lines +=
          step > 1
          ? ["set \(letter)tics 1e\(step)", "unset m\(letter)tics"] : ["set m\(letter)tics 10"]
      }
    }
    return lines
  }

  // MARK: Title and labels of vertical lines

  /// The labels of single vertical lines: text, wanted place as a fraction of the width, colour.
  private var labels: [(text: String, place: Double, colour: Int)] {
    figure.annotations.compactMap { annotation in
      guard case .verticalLine(let value, let label, _, let colour) = annotation, !label.isEmpty,
        x.contains(value)
      else { return nil }
      return (label, x.fraction(value), colour)
    }
  }

  /// Title and labels above the frame, and the margin that holds them.
  private var above: [String] {
    let size = (width: Double(figure.size.width), height: Double(figure.size.height))
    let font = Double(Self.fontSize)
    let titleFont = Double(Self.titleSize)
    let titleLines = GnuplotText.lines(
      figure.title, width: Int(0.95 * size.width / (Self.characterWidth * titleFont)))
    var lines = titleLines.enumerated().map { index, line in
      let y = 1 - (8 + titleFont * (0.6 + 1.3 * Double(index))) / size.height
      return
        "set label \(GnuplotText.quoted(line)) at screen 0.5, screen \(y) center font ',\(Self.titleSize)'"
    }
    var margin = 16 + 1.3 * titleFont * Double(titleLines.count)

    let labels = labels
    if !labels.isEmpty {
      // The frame is as wide as the figure but for the tics of the y axis.
      let frameWidth = size.width - 110
      let frameHeight = size.height - margin - 60
      let widths = labels.map {
        Self.characterWidth * font * Double(GnuplotText.length($0.text)) + 10
      }
      let order = labels.indices.sorted { labels[$0].place < labels[$1].place }
      let areLevel = zip(order, order.dropFirst()).allSatisfy { left, right in
        (labels[right].place - labels[left].place) * frameWidth > (widths[left] + widths[right]) / 2
      }
      let leader = areLevel ? 5.0 : 16.0
      let places =
        areLevel
        ? labels.map(\.place)
        : LabelRow.positions(labels.map(\.place), spacing: 1.4 * font / frameWidth)
      for (label, place) in zip(labels, places) {
        let top = 1 + leader / frameHeight
        lines.append(
          "set arrow from graph \(label.place), graph 1 to graph \(place), graph \(top) nohead linewidth 1 linecolor '\(Palette.hexadecimal(label.colour))'"
        )
        let offset = areLevel ? 0.5 * font + 3 : 3
        lines.append(
          "set label \(GnuplotText.quoted(label.text)) at graph \(place), graph \(top + offset / frameHeight) \(areLevel ? "center" : "left rotate by 90") textcolor '\(Palette.hexadecimal(label.colour))'"
        )
      }
      margin += leader + (areLevel ? 1.4 * font : min(widths.max() ?? 0, 0.4 * size.height))
    }
    lines.append("set tmargin at screen \(1 - margin / size.height)")
    return lines
  }

  // MARK: Legend and annotations

  private var legend: [String] {
    let common = "spacing 1.2 samplen 2.5 noautotitle"
    func inside(_ place: String) -> [String] {
      [
        "set key inside \(place) opaque fillcolor '#ffffff' box linewidth 0.6 linecolor '#cccccc' Left reverse width 0.5 height 0.4 \(common)"
      ]
    }
    switch figure.legend {
    case .topRight: return inside("top right")
    case .topLeft: return inside("top left")
    case .bottomRight: return inside("bottom right")
    case .bottomLeft: return inside("bottom left")
    case .outside:
      return ["set key below center horizontal Left reverse width 2 height 1 \(common)"]
    case .none: return ["unset key"]
    }
  }

  private var annotations: [String] {
    figure.annotations.flatMap { annotation -> [String] in
      switch annotation {
      case .verticalLine(let value, _, let style, let colour):
        return vertical(value, to: 1, Self.pen(1.2, style, colour))
      case .verticalLines(let values, _, let style, let colour):
        return values.flatMap { vertical($0, to: 1, Self.pen(1.2, style, colour)) }
      case .marks(let values, _, let colour):
        return values.flatMap { vertical($0, to: 0.035, Self.pen(2, .solid, colour)) }
      case .horizontalLine(let value, _, let style, let colour):
        guard y.contains(value) else { return [] }
        return [
          "set arrow from graph 0, first \(value) to graph 1, first \(value) nohead back \(Self.pen(1.2, style, colour))"
        ]
      case .text(let text, let atX, let atY):
        guard x.contains(atX), y.contains(atY) else { return [] }
        return ["set label \(GnuplotText.quoted(text)) at first \(atX), first \(atY) left front"]
      case .tag(let text, let atX, let atY):
        guard x.contains(atX), y.contains(atY) else { return [] }
        return [
          "set style textbox opaque noborder fillcolor '#ffffff' margins 0.6,0.4",
          "set label \(GnuplotText.quoted(text)) at first \(atX), first \(atY) center front boxed font ',12'",
        ]
      }
    }
  }

  private func vertical(_ value: Double, to top: Double, _ pen: String) -> [String] {
    guard x.contains(value) else { return [] }
    return [
      "set arrow from first \(value), graph 0 to first \(value), graph \(top) nohead back \(pen)"
    ]
  }

  /// Entries of the legend for annotations that are named there.
  private var annotationEntries: [String] {
    figure.annotations.compactMap { annotation in
      switch annotation {
      case .verticalLines(let values, let name, let style, let colour)
      where !name.isEmpty && values.contains(where: x.contains):
        "keyentry with lines \(Self.pen(1.2, style, colour)) title \(GnuplotText.quoted(name))"
      case .marks(let values, let name, let colour)
      where !name.isEmpty && values.contains(where: x.contains):
        "keyentry with lines \(Self.pen(2, .solid, colour)) title \(GnuplotText.quoted(name))"
      case .horizontalLine(let value, let name, let style, let colour)
      where !name.isEmpty && y.contains(value):
        "keyentry with lines \(Self.pen(1.2, style, colour)) title \(GnuplotText.quoted(name))"
      default: nil
      }
    }
  }

  private static func pen(_ width: Double, _ style: Annotation.LineStyle, _ colour: Int) -> String {
    let dash =
      switch style {
      case .solid: "solid"
      case .dashed: "(12,7)"
      case .dotted: "(3,6)"
      }
    return "linewidth \(width) dashtype \(dash) linecolor '\(Palette.hexadecimal(colour))'"
  }

  // MARK: Series

  private func plots(data: String) -> [String] {
    tiles(data: data)
      + layers.enumerated().flatMap { index, layer in
        edge(layer).map { "'\(data)' index \(index) \($0) notitle" }
          + plots(layer).enumerated().map { part, plot in
            let title = part == 0 && !layer.name.isEmpty ? GnuplotText.quoted(layer.name) : nil
            return "'\(data)' index \(index) \(plot) \(title.map { "title \($0)" } ?? "notitle")"
          }
      } + annotationEntries
  }

  /// Behind everything else.
  private func tiles(data: String) -> [String] {
    guard let map = figure.map else { return [] }
    return map.parts.enumerated().flatMap { i, part in
      map.plots(part, data: data, index: layers.count + i)
    }
  }

  /// The white edge of a line that has one.
  private func edge(_ layer: Layer) -> [String] {
    layer.hasEdge ? ["using 1:2 with lines linewidth 5 linecolor '#ffffff'"] : []
  }

  /// What is plotted for a layer, first what stands for it in the legend.
  private func plots(_ layer: Layer) -> [String] {
    let colour = "linecolor '\(Palette.hexadecimal(layer.colour))'"
    let marker = Self.symbol(layer.marker)
    switch layer.style {
    case .line: return ["using 1:2 with lines \(Self.pen(2, .solid, layer.colour))"]
    case .thinLine: return ["using 1:2 with lines \(Self.pen(0.8, .solid, layer.colour))"]
    case .dashedLine: return ["using 1:2 with lines \(Self.pen(2, .dashed, layer.colour))"]
    case .dottedLine: return ["using 1:2 with lines \(Self.pen(2, .dotted, layer.colour))"]
    case .step: return ["using 1:2 with steps \(Self.pen(2, .solid, layer.colour))"]
    case .points: return ["using 1:2 with points pointtype \(marker) pointsize 0.8 \(colour)"]
    case .band, .stepBand:
      let lower = y.isLogarithmic ? "($3 > 0 ? $3 : \(y.lower))" : "3"
      return [
        "using 1:\(lower):4 with filledcurves \(colour) fillstyle transparent solid 0.2 noborder"
      ]
    case .pointsWithErrorBars:
      let bar = "linewidth 1.4 \(colour)"
      let bars = "with yerrorbars pointtype \(marker) pointsize 0.9 \(bar)"
      let arrow = "head filled size screen 0.011,22 linewidth 1.4 \(colour)"
      let up = y.isLogarithmic ? "$%*(\(rise))" : "(\(rise))"
      let down = y.isLogarithmic ? "$%*(\(fall))" : "(\(fall))"
      func length(_ form: String, _ column: Int) -> String {
        form.replacing("%", with: "\(column)")
      }
      var plots = ["using 1:2 with points pointtype \(marker) pointsize 0.9 \(colour)"]
      let rows = layer.rows.compactMap { $0 }
      func add(_ plot: String, if isNeeded: (Point) -> Bool) {
        if rows.contains(where: isNeeded) { plots.append(plot) }
      }
      add("using 1:(valid(3) && valid(4) ? $2 : NaN):3:4 \(bars)") {
        $0.y != nil && $0.lower != nil && $0.upper != nil
      }
      // Open above: the lower half of the bar, and an arrow up.
      add("using 1:(valid(4) ? NaN : $2):3:2 \(bars)") {
        $0.y != nil && $0.lower != nil && $0.upper == nil
      }
      add("using 1:(valid(3) && !valid(4) ? $2 : NaN):(0):(\(length(up, 2))) with vectors \(arrow)")
      { $0.y != nil && $0.lower != nil && $0.upper == nil }
      // Open below.
      add("using 1:(valid(3) ? NaN : $2):2:4 \(bars)") {
        $0.y != nil && $0.lower == nil && $0.upper != nil
      }
      add(
        "using 1:(valid(4) && !valid(3) ? $2 : NaN):(0):(\(length(down, 2))) with vectors \(arrow)"
      ) { $0.y != nil && $0.lower == nil && $0.upper != nil }
      // A bound alone: an open marker and the arrow.
      let open = "with points pointtype \(Self.symbol(layer.marker.open)) pointsize 0.9 \(bar)"
      for (column, other, form) in [(3, 4, up), (4, 3, down)] {
        let place = "(valid(2) || valid(\(other)) ? NaN : $\(column))"
        let isNeeded = { (row: Point) in
          row.y == nil && (column == 3 ? row.upper == nil : row.lower == nil)
        }
        add("using 1:\(place):(0):(\(length(form, column))) with vectors \(arrow)", if: isNeeded)
        add("using 1:\(place) \(open)", if: isNeeded)
      }
      return plots
    }
  }

  /// The length of an arrow: on a linear axis in units of y, on a logarithmic one in units of its foot.
  private var rise: Double {
    let foot = y.isLogarithmic ? 1.0 : 0.0
    return y.shifted(foot, by: Self.arrowLength) - foot
  }

  private var fall: Double {
    let foot = y.isLogarithmic ? 1.0 : 0.0
    return y.shifted(foot, by: -Self.arrowLength) - foot
  }

  /// gnuplot's number for a marker.
  private static func symbol(_ marker: Series.Marker) -> Int {
    switch marker {
    case .circle: 7
    case .square: 5
    case .triangle: 9
    case .diamond: 13
    case .invertedTriangle: 11
    case .openCircle: 6
    case .openSquare: 4
    case .openTriangle: 8
    case .openDiamond: 12
    case .openInvertedTriangle: 10
    case .cross: 2
    case .plus: 1
    }
  }
}

extension Series.Marker {
  /// The same shape, not filled.
  fileprivate var open: Series.Marker {
    switch self {
    case .circle: .openCircle
    case .square: .openSquare
    case .triangle: .openTriangle
    case .diamond: .openDiamond
    case .invertedTriangle: .openInvertedTriangle
    default: self
    }
  }
}
