import Experiments
import Figures
import NumericalMethods

/// What pushes along the climb of a feature, and the potential that is left.
struct ClimbPlot {
  let climb: RateResult.Climb
  let title: String

  /// Where something can keep the feature, and as far on either side.
  private var points: [RateResult.Climb.Point] {
    let most = climb.points.map(\.landscape).max()!
    return climb.points.filter { $0.landscape > -most }
  }

  /// Forces over λ.
  var forces: Figure {
    func line(
      _ name: String, _ style: Series.Style, _ colour: Int,
      _ value: (RateResult.Climb.Point) -> Double
    ) -> Series {
      Series(
        name,
        points: points.map { Point(x: $0.singularValue, y: value($0)) }, style: style,
        colour: colour)
    }
    var series = [line("landscape", .line, Palette.black) { $0.landscape }]
    if climb.points[0].learned.count > 0 {
      series.append(
        line("noise shared with learned features", .line, Palette.vermillion) {
          $0.learned.reduce(0, +)
        })
    }
    // Features whose η is rounding push by rounding.
    let most = points.map(\.landscape).max()!
    if points.contains(where: { abs($0.unlearned.reduce(0, +)) > 1e-3 * most }) {
      series.append(
        line("with features not learned", .line, Palette.orange) { $0.unlearned.reduce(0, +) })
    }
    if points.contains(where: { $0.featureless != 0 }) {
      series.append(
        line("with inputs and outputs without one", .line, Palette.sky) { $0.featureless })
    }
    series.append(line("what is left", .line, Palette.blue) { $0.left })
    return Figure(
      title: title, xAxis: Axis("singular value λ of the feature"),
      yAxis: Axis("force along the balanced line"), series: series, legend: .outside)
  }

  /// Φ over λ.
  var potential: Figure {
    Figure(
      title: title, xAxis: Axis("singular value λ of the feature"),
      yAxis: Axis("effective potential Φ"),
      series: [
        Series(
          "under this noise",
          points: points.map { Point(x: $0.singularValue, y: $0.potential) },
          style: .line, colour: Palette.blue)
      ], legend: .none)
  }
}
