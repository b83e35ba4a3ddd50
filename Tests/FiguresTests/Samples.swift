import Figures
import Foundation

/// Figures of the kinds the experiments draw.
enum Samples {
  /// A plane of numbers with a hole, under a line with a white edge and its tag.
  static let heatMap = Figure(
    title: "ln τ over β and B/h", xAxis: Axis("β", range: 0...4),
    yAxis: Axis("B/h", isLogarithmic: true, range: 1...16),
    series: [
      Series("β_c", points: [Point(x: 1, y: 1), Point(x: 3, y: 16)], hasEdge: true)
    ], annotations: [.tag("τ = 10³", x: 2, y: 4)],
    map: HeatMap(
      .numbers(label: "ln τ", range: 0...3),
      tiles: tiles, missing: "not known"))

  private static let tiles: [HeatMap.Tile] = (0..<16).map { k in
    let (i, j) = (k / 4, k % 4)
    let x = Double(i)...Double(i + 1)
    let y = Double(1 << j)...Double(2 << j)
    return HeatMap.Tile(x: x, y: y, value: k == 9 ? nil : Double(i + j))
  }

  /// Classes alone, without any series.
  static let classes = Figure(
    title: "rank", xAxis: Axis("β", range: 0...3), yAxis: Axis("L", range: 0...1), series: [],
    map: HeatMap(
      .ordered(["rank 0", "rank 1", "rank 2"]),
      tiles: (0..<3).map {
        HeatMap.Tile(x: Double($0)...Double($0 + 1), y: 0...1, value: Double($0))
      }, missing: "not known"))

  static let survival = Figure(
    title: "Survival in the metastable well", xAxis: Axis("t (steps)"),
    yAxis: Axis("S(t)", isLogarithmic: true),
    series: [
      // Ends in zero, which a logarithmic axis cannot show.
      Series("measured", points: fractions.map { Point(x: $0.t, y: $0.s) }, style: .step),
      Series(
        "95 %",
        points: fractions.map { Point(x: $0.t, y: $0.s, lower: $0.s - 0.3, upper: $0.s + 0.1) },
        style: .stepBand),
      Series(
        "exp(−t/τ)", points: fractions.map { Point(x: $0.t, y: exp(-$0.t / 20)) },
        style: .dashedLine),
    ],
    annotations: [.verticalLine(at: 20, label: "τ")], legend: .topRight)

  private static let fractions: [(t: Double, s: Double)] = (0...10).map { i in
    let survivors = 1 - Double(i) / 11
    return (-20 * log(survivors), 1 - Double(i) / 10)
  }

  /// Every kind of error a point can have.
  static let arrhenius = Figure(
    title: "Arrhenius law", xAxis: Axis("B/η"), yAxis: Axis("ln τ"),
    series: [
      Series(
        "escape times",
        points: [
          Point(x: 1, y: 2, lower: 1.5, upper: 2.5), Point(x: 2, y: 4, lower: 3.5),
          Point(x: 3, y: 6, upper: 6.5), Point(x: 4, y: 8), .atLeast(9, x: 5), .atMost(12, x: 6),
          .gap(x: 7),
        ], style: .pointsWithErrorBars),
      Series("Kramers", points: [Point(x: 1, y: 2), Point(x: 6, y: 12)]),
    ])

  static let bifurcation = Figure(
    title: "Nine features", xAxis: Axis("β"), yAxis: Axis("σ_r"),
    series: (1...9).flatMap { i in
      let end = 0.1 * Double(i)
      return [
        Series(
          i == 1 ? "stable" : "", points: [Point(x: 0, y: end + 1), Point(x: end, y: end)],
          colour: Palette.blue),
        Series(
          i == 1 ? "unstable" : "", points: [Point(x: end / 2, y: end / 2), Point(x: end, y: end)],
          style: .dashedLine, colour: Palette.vermillion),
      ]
    },
    annotations: [
      .verticalLines(at: (1...9).map { 0.1 * Double($0) }, name: "β_c", style: .solid),
      .marks(at: (1...9).map { 0.09 * Double($0) }, name: "β*"),
      .horizontalLine(at: 0.5, name: "half"), .text("coexistence", x: 0.5, y: 1),
    ] + (1...9).map { .verticalLine(at: 0.1 * Double($0), label: "β_\($0)") })

  /// Every style, and magnitudes a double can just hold.
  static let extremes = Figure(
    title: "Extremes", xAxis: Axis("x", isLogarithmic: true),
    yAxis: Axis("y", isLogarithmic: true),
    series: styles.map { style in
      Series(
        "\(style)",
        points: [
          Point(x: 1e-200, y: 1e-280, lower: 0, upper: 1e-270),
          Point(x: 1, y: .nan), Point(x: -1, y: 1), Point(x: 2, y: -1),
          Point(x: 1e200, y: 1e290, lower: 1e280, upper: .infinity),
        ], style: style)
    })

  static let styles: [Series.Style] = [
    .line, .dashedLine, .dottedLine, .points, .pointsWithErrorBars, .step, .band, .stepBand,
  ]

  static let all = [survival, arrhenius, bifurcation, extremes, heatMap, classes]
}
