import Experiments
import Figures

/// Rank against β, up and down, with the predicted transitions.
struct PhaseDiagramPlot {
  let result: PhaseDiagramResult

  func figure(range: ClosedRange<Double>) -> Figure {
    func points(_ steps: [PhaseDiagramResult.Step]) -> [Point] {
      steps.map { Point(x: $0.beta, y: Double($0.rank)) }
    }
    let features = result.features
    // Falls by one at each of the weight decays.
    func staircase(_ weightDecays: [Double]) -> [Point] {
      var points = [Point(x: range.lowerBound, y: Double(features.count))]
      for (i, beta) in weightDecays.sorted().enumerated() where beta > range.lowerBound {
        points.append(Point(x: beta, y: Double(features.count - i - 1)))
      }
      points.append(Point(x: range.upperBound, y: 0))
      return points
    }
    return Figure(
      title: "Phases against weight decay: predicted and measured",
      xAxis: Axis("weight decay β", range: range),
      yAxis: Axis("features learned (rank)", range: -0.4...(Double(features.count) + 0.4)),
      series: [
        Series(
          "theory: learned states exist up to β_c", points: staircase(features.compactMap(\.betaC)),
          style: .step, colour: Palette.blue),
        // Where each rank is the state of lowest loss.
        Series(
          "theory: learned state has the lower loss up to β*",
          points: staircase(features.compactMap(\.betaStar)), style: .step,
          colour: Palette.purple),
        Series(
          "measured, β rising", points: points(result.up), style: .points, colour: Palette.black,
          marker: .circle),
        Series(
          "measured, β falling", points: points(result.down), style: .points,
          colour: Palette.vermillion, marker: .openTriangle),
      ], legend: .outside)
  }
}
