import EscapeStatistics
import Figures
import NumericalMethods

/// S(t) of passages that are known to intervals: the region in which Turnbull's estimate leaves it, and a law.
struct TurnbullPlot {
  let estimate: TurnbullEstimate
  let law: LawFit?

  func figure(title: String) -> Figure? {
    let seen = estimate.masses.filter { $0.upper < .infinity }
    guard seen.count > 1, let last = seen.last?.upper else { return nil }
    // S falls somewhere within each interval: from the higher value at its start to the lower one at its end.
    var (survival, points) = (1.0, [Point(x: 0, y: 1, lower: 1, upper: 1)])
    for mass in seen {
      points.append(Point(x: mass.lower, y: survival, lower: survival, upper: survival))
      let after = max(0, survival - mass.probability)
      if mass.upper > mass.lower {
        points.append(Point(x: mass.lower, y: nil, lower: after, upper: survival))
        points.append(Point(x: mass.upper, y: nil, lower: after, upper: survival))
      }
      survival = after
      points.append(Point(x: mass.upper, y: survival, lower: survival, upper: survival))
    }
    var series = [
      Series("where S may lie", points: points, style: .band, colour: Palette.sky),
      Series(
        "Turnbull's estimate", points: points.filter { $0.y != nil }, style: .line,
        colour: Palette.blue),
    ]
    if let law {
      series.append(
        Series(
          "\(law.family.rawValue) law (fitted)",
          points: (0...200).map {
            let t = last * Double($0) / 200
            return Point(x: t, y: law.survival(at: t))
          }, style: .dashedLine, colour: Palette.black))
    }
    return Figure(
      title: title, xAxis: Axis("time"), yAxis: Axis("survival probability S", range: 0...1.05),
      series: series, legend: .outside)
  }
}
