import DataFiles
import Experiments
import Figures
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The metric of runs until they pass, or end without having passed.
struct DelayCurvesPlot {
  /// More curves hide one another.
  static let mostRuns = 40
  /// A curve is drawn by no more points than twice this: the extremes of so many stretches of the axis.
  private static let stretches = 240

  let result: DiagnosisResult

  /// The runs that are drawn: all, or as many of each setting, evenly by when they passed, so that a few stand for many.
  var runs: [DiagnosedRun] {
    let groups = DelayGroups(result.settings)
    let runs = result.runs.filter { groups.shown.contains($0.setting) && !$0.times.isEmpty }
    guard runs.count > Self.mostRuns else { return runs }
    let members = groups.shown.map { place in
      runs.filter { $0.setting == place }.sorted {
        ($0.passage.upper, $0.passage.lower) < ($1.passage.upper, $1.passage.lower)
      }
    }
    let share = (1...Self.mostRuns).last { share in
      members.reduce(0) { $0 + min(share, $1.count) } <= Self.mostRuns
    }
    return members.flatMap { members in
      evenly(members.count, most: share ?? 1).map { members[$0] }
    }
  }

  func figure() -> Figure? {
    let runs = runs
    guard !runs.isEmpty else { return nil }
    let groups = DelayGroups(result.settings)
    let time = DelayTimeAxis(result.runs, following: true)
    let values = runs.flatMap(\.values)
    // Losses span decades; accuracies, which may be zero, do not.
    let isLogarithmic = values.allSatisfy { $0 > 0 } && values.max()! > 100 * values.min()!
    var named = Set<Int>()
    // The control is behind the others, where it hides none of them.
    let places =
      groups.shown.filter { result.settings[$0].isControl }
      + groups.shown.filter { !result.settings[$0].isControl }
    var series = places.flatMap { place in runs.filter { $0.setting == place } }.map { run in
      Series(
        named.insert(run.setting).inserted ? groups.name(run.setting) : "",
        points: points(of: run, time), style: .thinLine, colour: groups.colour(run.setting))
    }
    // Where a run first is beyond is a record of its own; where it ends, its last.
    func marks(_ isEvent: Bool) -> [Point] {
      runs.filter { $0.passage.isEvent == isEvent }.compactMap { run in
        let place =
          isEvent
          ? run.times.firstIndex { $0 >= run.passage.upper * (1 - 1e-12) }
          : run.times.indices.last
        return place.map { Point(x: run.times[$0], y: run.values[$0]) }
      }
    }
    series.append(
      Series(
        "passage", points: marks(true), style: .points, colour: Palette.black, marker: .circle))
    series.append(
      Series(
        "stopped before it", points: marks(false), style: .points, colour: Palette.black,
        marker: .openDiamond))
    let share =
      runs.count < result.runs.count
      ? "\(runs.count) of \(result.runs.count) runs, evenly by their passages\(groups.note)"
      : counted(runs.count, "run")
    return Figure(
      title: "\(result.metric) of \(share)", xAxis: time.axis,
      yAxis: Axis(result.metric, isLogarithmic: isLogarithmic), series: series,
      annotations: result.threshold.map {
        [.horizontalLine(at: $0, name: result.event, style: .dashed, colour: Palette.black)]
      } ?? [], legend: .outside, size: .init(width: 800, height: 600))
  }

  /// The first, the least, the largest and the last value of each stretch of the axis: no leap is lost.
  private func points(of run: DiagnosedRun, _ time: DelayTimeAxis) -> [Point] {
    let visible = run.times.indices.filter { run.times[$0] >= time.start }
    guard visible.count > 4 * Self.stretches, let range = time.axis.range else {
      return visible.map { Point(x: run.times[$0], y: run.values[$0]) }
    }
    func place(_ i: Int) -> Int {
      let share =
        time.axis.isLogarithmic
        ? log(run.times[i] / range.lowerBound)
          / log(range.upperBound / range.lowerBound)
        : (run.times[i] - range.lowerBound) / (range.upperBound - range.lowerBound)
      return Int(Double(Self.stretches) * share)
    }
    var points = [Point]()
    var rest = visible[...]
    while let first = rest.first {
      let stretch = rest.prefix { place($0) == place(first) }
      let least = stretch.min { run.values[$0] < run.values[$1] }!
      let largest = stretch.max { run.values[$0] < run.values[$1] }!
      for i in Set([first, least, largest, stretch.last!]).sorted() {
        points.append(Point(x: run.times[i], y: run.values[i]))
      }
      rest = rest.dropFirst(stretch.count)
    }
    return points
  }
}
