import EscapeStatistics
import Figures
import NumericalMethods

/// Times of escape against those that a law gives for the same share of runs: on the diagonal where it holds.
struct QuantilePlot {
  let sample: EscapeSample
  let level: Double
  let law: LawFit

  func figure(title: String) -> Figure? {
    guard sample.events >= 5, !sample.isSpoiltByDivergence else { return nil }
    let steps = SurvivalPlot.visible(
      SurvivalCurve(sample, level: level).steps, until: sample.lastTime!)
    var before = 1.0
    var points = [Point]()
    var band = [Point]()
    for step in steps {
      // In the middle of its step, so that the last of all has a place too.
      let share = 1 - 0.5 * (before + step.survival)
      before = step.survival
      guard let time = law.quantile(share) else { continue }
      points.append(Point(x: time, y: step.time))
      // The times that the law gives for the ends of the band of S.
      if let lower = step.lower.flatMap({ law.quantile(1 - $0) }),
        let upper = step.upper.flatMap({ law.quantile(1 - $0) })
      {
        band.append(
          Point(x: time, y: time, lower: time * time / lower, upper: time * time / upper))
      }
    }
    guard let end = points.last?.x, points.count > 3 else { return nil }
    return Figure(
      title: title, xAxis: Axis("time t by the \(law.family.rawValue) law"),
      yAxis: Axis("time t of escape"),
      series: [
        Series(
          "\(sixDigits(100 * level)) % band, point by point", points: band, style: .band,
          colour: Palette.sky),
        Series(
          "the law", points: [Point(x: 0, y: 0), Point(x: end, y: end)], style: .line,
          colour: Palette.black),
        Series("escapes", points: points, style: .points, colour: Palette.blue, marker: .circle),
      ], legend: .outside)
  }
}
