import EscapeStatistics
import Experiments
import Figures
import NumericalMethods

/// τ of each setting, and the laws over all of them.
struct LadderPlot {
  let result: PassageTimesResult
  let level: Double

  /// By the inverse noise, or where that is the same everywhere or not known by β.
  private var axis: (label: String, value: (PassageTimesResult.Group) -> Double?)? {
    func differ(_ values: [Double?]) -> Bool {
      values.allSatisfy { $0 != nil } && Set(values).count > 1
    }
    if differ(result.groups.map(\.inverseNoise)) { return ("inverse noise x", \.inverseNoise) }
    if differ(result.groups.map(\.weightDecay)) { return ("weight decay β", \.weightDecay) }
    return nil
  }

  /// nil where there is nothing to go along.
  func figures() -> [(name: String, figure: Figure)] {
    guard let ladder = result.ladder?.comparison, let axis else { return [] }
    let isDecay = axis.label.hasSuffix("β")
    let groups = result.groups
    let styles: [Series.Style] = [.line, .dashedLine, .dottedLine]
    let colours = [Palette.black, Palette.vermillion, Palette.green]
    let ends = groups.compactMap(axis.value)
    let (first, last) = (ends.min()!, ends.max()!)
    var series = zip(ladder.fits.prefix(3), zip(styles, colours)).map { fit, look in
      Series(
        fit.law.rawValue,
        points: (0...60).map { i in
          let share = Double(i) / 60
          // Along the one axis, with what the other is at the first setting.
          let x = first + share * (last - first)
          let rung = LadderRung(
            inverseNoise: isDecay ? groups[0].inverseNoise : x,
            weightDecay: isDecay ? x : groups[0].weightDecay, sample: IntervalSample([]))
          return Point(x: x, y: fit.mean(at: rung))
        }, style: look.0, colour: look.1)
    }
    series.append(
      Series(
        "measured, \(sixDigits(100 * level)) % interval",
        points: groups.map { group in
          let time = group.meanFirstPassageTime
          return Point(
            x: axis.value(group)!, y: time.value, lower: time.lower, upper: time.upper)
        }, style: .pointsWithErrorBars, colour: Palette.blue, marker: .circle))
    let best = ladder.best
    let ratios = zip(groups, best.residuals).map { group, residual in
      Point(
        x: axis.value(group)!, y: residual.ratio.value, lower: residual.ratio.lower,
        upper: residual.ratio.upper)
    }
    return [
      (
        "ladder",
        Figure(
          title: "Mean first-passage times and laws over the settings",
          xAxis: Axis(axis.label, isLogarithmic: isDecay),
          yAxis: Axis("mean first-passage time τ", isLogarithmic: true), series: series,
          legend: .outside)
      ),
      (
        "residuals",
        .ratios(
          ratios, title: "Each setting beside the best law: \(best.law.rawValue)",
          xAxis: Axis(axis.label, isLogarithmic: isDecay), yLabel: "τ / law",
          name: "measured, \(sixDigits(100 * level)) % interval", colour: Palette.blue,
          one: "the law")
      ),
    ]
  }
}
