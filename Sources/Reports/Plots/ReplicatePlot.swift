import Experiments
import Figures
import NumericalMethods

/// What each replicate of splitting found, beside the mean of all.
struct ReplicatePlot {
  let result: EscapeResult

  /// Nil where none found a way.
  var figure: Figure? {
    let time = result.measured.meanFirstPassageTime
    let found = result.sample.passages.enumerated().filter { $0.element.outcome == .escaped }
    guard !found.isEmpty, let mean = time.value else { return nil }
    let ends = [0.0, Double(result.sample.passages.count + 1)]
    var series = [Series]()
    if let lower = time.lower, let upper = time.upper {
      series.append(
        Series(
          "\(sixDigits(100 * time.level)) % interval",
          points: ends.map { Point(x: $0, y: mean, lower: lower, upper: upper) }, style: .band,
          colour: Palette.blue))
    }
    series.append(
      Series(
        "by the mean rate", points: ends.map { Point(x: $0, y: mean) }, style: .line,
        colour: Palette.blue))
    if let theory = result.theory, let predicted = theory.meanFirstPassageTime {
      series.append(
        Series(
          theory.name, points: ends.map { Point(x: $0, y: predicted) }, style: .dashedLine,
          colour: Palette.vermillion))
    }
    series.append(
      Series(
        "one replicate",
        points: found.map { Point(x: Double($0.offset + 1), y: $0.element.time) }, style: .points,
        colour: Palette.black, marker: .circle))
    return Figure(
      title: result.title, xAxis: Axis("replicate"),
      yAxis: Axis("mean first-passage time τ (units of t)", isLogarithmic: true), series: series,
      legend: .outside)
  }
}
