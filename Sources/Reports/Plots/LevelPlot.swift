import Experiments
import Figures

/// The share of loops that comes as near to the target as each level of splitting: of every replicate, and the mean.
struct LevelPlot {
  let result: EscapeResult

  /// Nil where no replicate is known level by level.
  var figure: Figure? {
    guard let levels = result.levels, let splitting = result.splitting else { return nil }
    let distances = levels.levels.map(\.distance)
    let single = levels.reach.enumerated().map { i, reach in
      Series(
        i == 0 ? "one replicate" : "", points: zip(distances, reach).map { Point(x: $0, y: $1) },
        style: .thinLine, colour: Palette.grey)
    }
    let mean = Series(
      "mean of \(levels.reach.count)",
      points: levels.levels.map { Point(x: $0.distance, y: $0.probability) }, style: .line,
      colour: Palette.blue)
    return Figure(
      title: result.title, xAxis: Axis("distance from the target (\(splitting.orderParameter))"),
      yAxis: Axis("share of loops that comes so near", isLogarithmic: true),
      series: single + [mean], legend: .outside)
  }
}
