import Experiments
import Figures

/// The figure of a row, in the axes of the paper.
struct ReproductionPlot {
  let drawing: ReproductionResult.Drawing

  func figure() -> Figure {
    Figure(
      title: drawing.title, xAxis: Axis(drawing.x, isLogarithmic: drawing.logX),
      yAxis: Axis(drawing.y, isLogarithmic: drawing.logY),
      series: drawing.curves.enumerated().map { i, curve in
        let colour = i
        let points = curve.points.map {
          Point(x: $0.x, y: $0.y, lower: $0.lower, upper: $0.upper)
        }
        return switch curve.style {
        case .line: Series(curve.name, points: points, style: .line, colour: colour)
        case .dashes: Series(curve.name, points: points, style: .dashedLine, colour: colour)
        case .steps: Series(curve.name, points: points, style: .step, colour: colour)
        case .points:
          Series(
            curve.name, points: points, style: .pointsWithErrorBars, colour: colour,
            marker: i.isMultiple(of: 2) ? .circle : .openTriangle)
        }
      }, legend: .outside)
  }
}
