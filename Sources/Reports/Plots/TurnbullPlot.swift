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
    var (survival, region) = (1.0, [Point(x: 0, y: nil, lower: 1, upper: 1)])
    for mass in seen {
      let after = max(0, survival - mass.probability)
      region.append(Point(x: mass.lower, y: nil, lower: survival, upper: survival))
      if mass.upper > mass.lower {
        region.append(Point(x: mass.lower, y: nil, lower: after, upper: survival))
        region.append(Point(x: mass.upper, y: nil, lower: after, upper: survival))
      }
      survival = after
      region.append(Point(x: mass.upper, y: nil, lower: survival, upper: survival))
    }
    var series = [
      Series("where S may lie", points: region, style: .band, colour: Palette.sky),
      Series(
        "Turnbull's estimate", points: estimate.line, style: .line, colour: Palette.blue),
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

extension TurnbullEstimate {
  /// S straight through each interval, where it may take any way.
  var line: [Point] {
    var (survival, points) = (1.0, [Point(x: 0, y: 1)])
    for mass in masses where mass.upper < .infinity {
      points.append(Point(x: mass.lower, y: survival))
      survival = max(0, survival - mass.probability)
      points.append(Point(x: mass.upper, y: survival))
    }
    return points
  }
}
