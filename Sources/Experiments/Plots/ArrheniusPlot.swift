import EscapeStatistics
import Figures
import Networks

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// ln τ against B/h for everything a comparison measured and predicted.
struct ArrheniusPlot {
  let levels: [ComparisonExperiment.Level]
  let level: Double

  func figure(verdict: ComparisonVerdict, escape: FeatureEscape) -> Figure {
    func points(_ sample: (ComparisonExperiment.Level) -> EscapeSample) -> [Point] {
      levels.map { level in
        let time = sample(level).meanFirstPassageTime(level: self.level)
        return Point(
          x: level.inverseNoise, y: time.value, lower: time.lower, upper: time.upper)
      }
    }
    func curve(_ time: (ComparisonExperiment.Level) -> Double) -> [Point] {
      levels.map { Point(x: $0.inverseNoise, y: time($0)) }.sorted { $0.x < $1.x }
    }
    var series = [
      Series(
        "theory: exact 1-D, state-dependent noise", points: curve { $0.stateDependent },
        style: .line, colour: Palette.blue),
      Series(
        "theory: exact 1-D, white noise at T_n", points: curve { $0.constantNoise },
        style: .dashedLine, colour: Palette.vermillion),
    ]
    if let fit = verdict.sgdFit {
      series.append(
        Series(
          "Arrhenius fit to SGD", points: curve { exp(fit.logTime(at: $0.inverseNoise)) },
          style: .dottedLine, colour: Palette.black))
    }
    series += [
      Series(
        "real SGD", points: points(\.sgd), style: .pointsWithErrorBars, colour: Palette.black,
        marker: .circle),
      Series(
        "SGD confined to the balanced line", points: points(\.lineSGD),
        style: .pointsWithErrorBars, colour: Palette.blue, marker: .openCircle),
      Series(
        "Langevin on the balanced line at T_n", points: points(\.lineLangevin),
        style: .pointsWithErrorBars, colour: Palette.vermillion, marker: .openSquare),
      Series(
        "Langevin in weight space at T_n", points: points(\.weightLangevin),
        style: .pointsWithErrorBars, colour: Palette.purple, marker: .openTriangle),
    ]
    return Figure(
      title:
        "Losing feature \(escape.feature + 1) (η = \(Table.format3(escape.mode.singularValue))) at β = \(Table.format(escape.network.weightDecay))",
      xAxis: Axis("inverse noise B/h"),
      yAxis: Axis("mean first-passage time τ (units of t)", isLogarithmic: true), series: series,
      legend: .outside, size: .init(width: 800, height: 640))
  }
}
