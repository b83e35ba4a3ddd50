import EscapeStatistics
import Figures
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The hazard of an ensemble: escapes over the time spent, in stretches of about as many escapes, beside that of laws.
struct HazardPlot {
  let sample: EscapeSample
  let level: Double
  let laws: [LawFit]
  /// Where the hazard has levelled off, and its rate there.
  let regime: (start: Double, rate: Double)?

  private static let fewestEvents = 20

  func figure(title: String) -> Figure? {
    // Of millions of runs they are counted once.
    let total = sample.events
    guard total >= Self.fewestEvents, !sample.isSpoiltByDivergence else { return nil }
    let curve = SurvivalCurve(sample, level: level)
    let stretches = max(4, min(24, Int(Double(total).squareRoot())))
    // The ends of stretches: times by which further shares of the escapes are past.
    var ends = [Double]()
    var seen = 0
    for step in curve.steps {
      seen += step.events
      if seen * stretches >= total * (ends.count + 1) { ends.append(step.time) }
    }
    let groups = sample.byTime
    var points = [Point]()
    var start = 0.0
    for end in ends where end > start {
      var (events, exposure, censored) = (0, 0.0, 0)
      for group in groups where group.time > start {
        exposure += Double(group.count) * (min(group.time, end) - start)
        if group.time > end || group.outcome != .escaped {
          censored += group.count
        } else {
          events += group.count
        }
      }
      let rate = EscapeSample.rate(
        events: events, exposure: exposure, censored: censored, level: level)
      points.append(
        Point(x: 0.5 * (start + end), y: rate.value, lower: rate.lower, upper: rate.upper))
      start = end
    }
    let last = start
    let styles: [Series.Style] = [.line, .dashedLine, .dottedLine]
    let colours = [Palette.vermillion, Palette.black, Palette.blue]
    var series = zip(laws.prefix(3), zip(styles, colours)).map { law, look in
      Series(
        law.family.rawValue,
        points: (1...200).map {
          let t = last * Double($0) / 200
          let hazard = law.hazard(at: t)
          return Point(x: t, y: hazard > 0 && hazard.isFinite ? hazard : nil)
        }, style: look.0, colour: look.1)
    }
    if let regime, regime.start > 0, regime.start < last {
      series.append(
        Series(
          "quasi-stationary rate",
          points: [
            Point(x: regime.start, y: regime.rate), Point(x: last, y: regime.rate),
          ], style: .thinLine, colour: Palette.green))
    }
    series.append(
      Series(
        "escapes over time, \(sixDigits(100 * level)) % interval", points: points,
        style: .pointsWithErrorBars, colour: Palette.blue, marker: .circle))
    return Figure(
      title: title, xAxis: Axis("time t"), yAxis: Axis("hazard, per unit t", isLogarithmic: true),
      series: series, legend: .outside)
  }
}
