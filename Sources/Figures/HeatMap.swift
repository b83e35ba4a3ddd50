/// Tiles of colour that fill the plane of a figure, behind its series.
package struct HeatMap: Sendable, Equatable {
  /// What a colour says.
  package enum Scale: Sendable, Equatable {
    /// A number, by the colour box at the right; beyond the range it has the colour of its end.
    case numbers(label: String, range: ClosedRange<Double>? = nil)
    /// One of some classes in their natural order, by the legend.
    case ordered([String])
    /// One of some classes, by the legend.
    case classes([String])
  }

  /// A rectangle.
  package struct Tile: Sendable, Equatable {
    /// From left to right.
    package let x: ClosedRange<Double>
    /// From bottom to top.
    package let y: ClosedRange<Double>
    /// A number, or the place of a class; nil where it is not known: then the tile is hatched.
    package let value: Double?

    package init(x: ClosedRange<Double>, y: ClosedRange<Double>, value: Double?) {
      self.x = x
      self.y = y
      self.value = value
    }
  }

  package let scale: Scale
  package let tiles: [Tile]
  /// What the legend says of hatched tiles.
  package let missing: String

  package init(_ scale: Scale, tiles: [Tile], missing: String) {
    self.scale = scale
    self.tiles = tiles
    self.missing = missing
  }
}

extension HeatMap {
  /// Tiles that are drawn in one way: a table of the data file.
  struct Part {
    let name: String
    let tiles: [Tile]
    /// Of a class; nil for numbers, whose colour is that of the palette, and for hatched tiles.
    let colour: String?
    let isMissing: Bool
  }

  /// In the order of the tables; none is empty.
  var parts: [Part] {
    let known = tiles.filter { $0.value?.isFinite == true }
    let missing = tiles.filter { $0.value?.isFinite != true }
    var parts: [Part]
    switch scale {
    case .numbers(let label, _):
      parts = [Part(name: label, tiles: known, colour: nil, isMissing: false)]
    case .ordered(let names), .classes(let names):
      parts = names.enumerated().map { i, name in
        Part(
          name: name, tiles: known.filter { $0.value == Double(i) }, colour: colour(i, names.count),
          isMissing: false)
      }
    }
    parts.append(Part(name: self.missing, tiles: missing, colour: nil, isMissing: true))
    return parts.filter { !$0.tiles.isEmpty }
  }

  private func colour(_ index: Int, _ count: Int) -> String {
    guard case .ordered = scale else {
      return Self.classColours[index % Self.classColours.count]
    }
    return Self.ramp(count > 1 ? Double(index) / Double(count - 1) : 0.5)
  }

  /// Pale relatives of Okabe and Ito's colours, on which black lines stand out.
  private static let classColours = [
    "#9ecae8", "#f3b48a", "#d9d9d9", "#bfe3d5", "#f5f0c8", "#e7c7d8",
  ]

  /// Viridis, which is read alike in colour, in grey and by the colour-blind; without its darkest end, on which black
  /// lines would be lost.
  ///
  /// Source: S. van der Walt and N. Smith, matplotlib 1.5 (2015).
  static let stops: [(place: Double, red: Double, green: Double, blue: Double)] = [
    (0, 71, 45, 123), (0.2, 59, 82, 139), (0.4, 44, 114, 142), (0.6, 33, 145, 140),
    (0.75, 58, 186, 118), (0.9, 160, 218, 57), (1, 253, 231, 37),
  ]

  private static func ramp(_ place: Double) -> String {
    let upper = stops.first { $0.place >= place } ?? stops[stops.count - 1]
    let lower = stops.last { $0.place <= place } ?? stops[0]
    let t = upper.place > lower.place ? (place - lower.place) / (upper.place - lower.place) : 0
    let channels = [
      lower.red + t * (upper.red - lower.red), lower.green + t * (upper.green - lower.green),
      lower.blue + t * (upper.blue - lower.blue),
    ]
    return "#"
      + channels.map { channel in
        let digits = String(Int(channel.rounded()), radix: 16)
        return digits.count == 1 ? "0" + digits : digits
      }.joined()
  }

  /// What a script says of the palette before it plots.
  var settings: [String] {
    guard case .numbers(let label, let range) = scale else { return [] }
    let colours = Self.stops.map { "\($0.place) '\(Self.ramp($0.place))'" }
    return [
      "set palette defined (\(colours.joined(separator: ", ")))",
      "set cblabel \(GnuplotText.quoted(label))",
      "set colorbox",
    ] + (range.map { ["set cbrange [\($0.lowerBound):\($0.upperBound)]"] } ?? [])
  }

  /// What is plotted of a part of the tables.
  func plots(_ part: Part, data: String, index: Int) -> [String] {
    let source = "'\(data)' index \(index) using 1:2:3:4:5:6"
    if part.isMissing {
      return [
        "\(source) with boxxyerror fillstyle solid 0.25 noborder linecolor '#808080' notitle",
        "\(source) with boxxyerror fillstyle pattern 4 noborder linecolor '#808080' title \(GnuplotText.quoted(part.name))",
      ]
    }
    guard let colour = part.colour else {
      return [
        "\(source):7 with boxxyerror fillstyle solid 1 border linewidth 0.3 linecolor palette notitle"
      ]
    }
    return [
      "\(source) with boxxyerror fillstyle solid 1 border linewidth 0.3 linecolor '\(colour)' title \(GnuplotText.quoted(part.name))"
    ]
  }

  /// Tables of the data file, one for each part.
  var tables: [String] {
    parts.map { part in
      "# tiles: \(GnuplotText.singleLine(part.name))\n# x y xlow xhigh ylow yhigh value\n"
        + part.tiles.map { tile in
          let middle = [tile.x, tile.y].map { 0.5 * ($0.lowerBound + $0.upperBound) }
          let fields =
            middle + [
              tile.x.lowerBound, tile.x.upperBound, tile.y.lowerBound, tile.y.upperBound,
            ]
          return fields.map { "\($0)" }.joined(separator: " ")
            + " \(tile.value.map { "\($0)" } ?? "NaN")\n"
        }.joined()
    }
  }
}
