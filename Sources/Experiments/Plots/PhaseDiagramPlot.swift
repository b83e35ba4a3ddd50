import Figures
import NetworkTraining
import PhaseDiagrams

/// Rank against β, up and down, with the predicted transitions.
struct PhaseDiagramPlot {
  let diagram: PhaseDiagram

  func figure(range: ClosedRange<Double>) -> Figure {
    func points(_ sweep: QuasiStaticSweep) -> [Point] {
      sweep.steps.map { Point(x: $0.weightDecay, y: Double(diagram.rank($0))) }
    }
    // Where each rank is the state of lowest loss: it falls by one at each β*.
    let coexistences = diagram.transitions.compactMap(\.coexistence).sorted()
    var lowest = [Point(x: range.lowerBound, y: Double(diagram.transitions.count))]
    for (i, beta) in coexistences.enumerated() where beta > range.lowerBound {
      lowest.append(Point(x: beta, y: Double(diagram.transitions.count - i - 1)))
    }
    lowest.append(Point(x: range.upperBound, y: 0))
    let spinodals = diagram.transitions.compactMap(\.spinodal).sorted()
    var limit = [Point(x: range.lowerBound, y: Double(diagram.transitions.count))]
    for (i, beta) in spinodals.enumerated() where beta > range.lowerBound {
      limit.append(Point(x: beta, y: Double(diagram.transitions.count - i - 1)))
    }
    limit.append(Point(x: range.upperBound, y: 0))
    return Figure(
      title: "Phases against weight decay: predicted and measured",
      xAxis: Axis("weight decay β", range: range),
      yAxis: Axis(
        "features learned (rank)", range: -0.4...(Double(diagram.transitions.count) + 0.4)),
      series: [
        Series(
          "theory: learned states exist up to β_c", points: limit, style: .step,
          colour: Palette.blue),
        Series(
          "theory: learned state has the lower loss up to β*", points: lowest, style: .step,
          colour: Palette.purple),
        Series(
          "measured, β rising", points: points(diagram.up), style: .points, colour: Palette.black,
          marker: .circle),
        Series(
          "measured, β falling", points: points(diagram.down), style: .points,
          colour: Palette.vermillion, marker: .openTriangle),
      ], legend: .outside)
  }
}
