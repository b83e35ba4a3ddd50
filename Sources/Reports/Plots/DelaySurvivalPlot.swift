import EscapeStatistics
import Experiments
import Figures
import NumericalMethods

/// S(t) of each setting of a diagnosis, as Turnbull estimates it from passages that are known to intervals.
struct DelaySurvivalPlot {
  let result: DiagnosisResult

  func figure() throws -> Figure? {
    let groups = DelayGroups(result.settings)
    let time = DelayTimeAxis(result.runs)
    let seen = groups.shown.filter { result.settings[$0].sample.runs > 0 }
    let series = try seen.map { place in
      let setting = result.settings[place]
      return Series(
        "\(groups.name(place)): \(setting.events) of \(setting.runs) passed",
        points: try points(setting, from: time.start), style: .line, colour: groups.colour(place))
    }
    guard !series.isEmpty else { return nil }
    return Figure(
      title: "Runs that have not reached \(result.event)\(groups.note)", xAxis: time.axis,
      yAxis: Axis("share of runs", range: 0...1.05), series: series, legend: .outside)
  }

  /// S up to where the last run was seen.
  private func points(_ setting: DiagnosisResult.Setting, from start: Double) throws -> [Point] {
    let last = setting.sample.intervals.map { $0.isEvent ? $0.upper : $0.lower }.max() ?? 0
    var points = try TurnbullEstimate(setting.sample).line
    points.append(Point(x: last, y: points[points.count - 1].y))
    // A logarithmic axis has no place for t = 0.
    return points.map { point in
      var point = point
      point.x = max(point.x, start)
      return point
    }
  }
}
