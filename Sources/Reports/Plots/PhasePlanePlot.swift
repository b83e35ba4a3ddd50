import Experiments
import Figures
import NumericalMethods
import PhaseDiagrams

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One field of a plane as a heat map, with the lines of theory over it.
struct PhasePlanePlot {
  let result: PhasePlaneResult
  let field: PlaneField
  /// What was measured in place of theory; nil for theory.
  var measured: Measurement? = nil

  /// What runs and sweeps find.
  enum Measurement: String, CaseIterable {
    /// ln τ of first passages.
    case time = "measured-ln-tau"
    /// Features that were learned on the way up in β.
    case up = "measured-rank-up"
    /// The same on the way down.
    case down = "measured-rank-down"
  }

  /// nil where nothing of the field is known.
  var figure: Figure? {
    guard let map else { return nil }
    return Figure(
      title: title, xAxis: axis(result.x), yAxis: axis(result.y), series: series,
      annotations: tags, map: map, legend: .outside, size: Figure.Size(width: 860, height: 640))
  }

  private var title: String {
    switch measured {
    case .time: return "How long the weakest learned feature lives: ln τ of runs"
    case .up: return "Features learned in a quasi-static sweep up in β"
    case .down: return "Features learned in a quasi-static sweep down again in β"
    case nil: break
    }
    return switch field {
    case .logTime: "How long the weakest learned feature lives: ln τ by theory"
    case .rank: "Features that survive on the way up in β"
    case .order: "Order parameter: the share of the correlation that is learned"
    case .minima: "Coexisting minima"
    case .barrier: "Barrier to losing the weakest learned feature"
    case .mechanism: "How the weakest learned feature is lost"
    }
  }

  // MARK: Axes and tiles

  private func grid(_ axis: PhasePlaneResult.Axis) -> PhaseAxis? {
    try? PhaseAxis(
      axis.parameter, values: axis.values, isLogarithmic: axis.isLogarithmic)
  }

  private func axis(_ axis: PhasePlaneResult.Axis) -> Axis {
    let last = axis.values.count - 1
    let range = grid(axis).map { $0.extent(0).lowerBound...$0.extent(last).upperBound }
    return Axis(axis.parameter.label, isLogarithmic: axis.isLogarithmic, range: range)
  }

  private var map: HeatMap? {
    let plane = PlaneMap(result)
    switch measured {
    case .time:
      guard result.cells.contains(where: { $0.simulated != nil }) else { return nil }
      return times(
        plane.numbers { $0.simulated?.meanFirstPassageTime.value.map { log($0) } })
    case .up: return classes(swept(\.up)) { "rank \($0)" }
    case .down: return classes(swept(\.down)) { "rank \($0)" }
    case nil: break
    }
    switch field {
    case .logTime: return times(plane.numbers(\.logTime))
    case .order: return numbers(plane.numbers(\.order), "order parameter m")
    case .barrier: return numbers(plane.numbers(\.barrier), "ΔE (loss units)")
    case .rank:
      return classes(plane.kinds(\.rank)) { "rank \($0)" }
    case .minima: return classes(plane.kinds(\.minima)) { $0 == 1 ? "1 minimum" : "\($0) minima" }
    case .mechanism:
      let kinds = plane.kinds(\.mechanism)
      let present = PlaneMechanism.allCases.filter { kinds.values.contains($0) }
      guard !present.isEmpty else { return nil }
      return HeatMap(
        .classes(present.map(\.rawValue)),
        tiles: tiles { point in
          (kinds[point] ?? nil).flatMap { present.firstIndex(of: $0) }.map(Double.init)
        }, missing: missing)
    }
  }

  private var missing: String {
    if measured == .time { return "not measured" }
    if measured != nil { return "not converged" }
    return switch field {
    case .logTime: "no ln τ: drift, nothing to lose, or not known"
    case .barrier: "no barrier"
    default: "not known"
    }
  }

  /// Up to some times the budget: times that nobody waits for need no colours of their own.
  private func times(_ values: [GridPoint: Double?]) -> HeatMap? {
    let known = values.values.compactMap { $0 }
    guard let low = known.min(), let high = known.max() else { return nil }
    let end = max(3 * log(max(10, result.budget ?? 1e6)), low + 1).rounded(.up)
    return HeatMap(
      high > end
        ? .numbers(label: "ln τ (τ in t); \(sixDigits(end)) and more", range: min(0, low)...end)
        : .numbers(label: "ln τ (τ in t)"),
      tiles: tiles { values[$0] ?? nil }, missing: missing)
  }

  /// Ranks of the sweeps; where one stands for all values of the other parameter, at each of them.
  private func swept(
    _ ranks: (PhasePlaneResult.Sweep) -> [Int?]
  ) -> [GridPoint: Int?] {
    let isAcross = result.x.parameter == .beta
    let other = isAcross ? result.y.values : result.x.values
    var found = [GridPoint: Int?]()
    for sweep in result.sweeps {
      for (i, rank) in ranks(sweep).enumerated() {
        for (j, value) in other.enumerated() where sweep.value == nil || sweep.value == value {
          found[isAcross ? GridPoint(i, j) : GridPoint(j, i)] = .some(rank)
        }
      }
    }
    return found
  }

  private func numbers(_ values: [GridPoint: Double?], _ label: String) -> HeatMap? {
    guard values.values.contains(where: { $0 != nil }) else { return nil }
    return HeatMap(.numbers(label: label), tiles: tiles { values[$0] ?? nil }, missing: missing)
  }

  private func classes(_ kinds: [GridPoint: Int?], _ name: (Int) -> String) -> HeatMap? {
    let known = Set(kinds.values.compactMap { $0 }).sorted()
    guard !known.isEmpty else { return nil }
    return HeatMap(
      .ordered(known.map(name)),
      tiles: tiles { point in
        (kinds[point] ?? nil).flatMap { known.firstIndex(of: $0) }.map(Double.init)
      }, missing: missing)
  }

  /// Neighbours above one another that are alike make one tile: pictures stay small, and hatching whole.
  private func tiles(_ value: (GridPoint) -> Double?) -> [HeatMap.Tile] {
    guard let x = grid(result.x), let y = grid(result.y) else { return [] }
    var tiles = [HeatMap.Tile]()
    for column in x.values.indices {
      var start = 0
      for row in y.values.indices {
        let here = value(GridPoint(column, row))
        if row + 1 < y.values.count, value(GridPoint(column, row + 1)) == here { continue }
        tiles.append(
          HeatMap.Tile(
            x: x.extent(column), y: y.extent(start).lowerBound...y.extent(row).upperBound,
            value: here))
        start = row + 1
      }
    }
    return tiles
  }

  // MARK: Lines

  /// What a line looks like, by its kind.
  private func style(_ kind: PhasePlaneResult.Line.Kind) -> (name: String, style: Series.Style) {
    switch kind {
    case .spinodal: ("β_c: the learned state vanishes", .line)
    case .coexistence: ("β*: equal loss", .dashedLine)
    case .budget: ("τ = \(sixDigits(result.budget ?? 0)): the length of a run", .line)
    case .time: ("constant τ", .thinLine)
    }
  }

  private var shownLines: [PhasePlaneResult.Line] {
    result.lines.filter { line in
      switch line.kind {
      case .spinodal: true
      case .coexistence: field != .minima
      case .budget: field != .minima && field != .rank
      case .time: field == .logTime
      }
    }
  }

  private var series: [Series] {
    var named = Set<String>()
    return shownLines.map { line in
      let (name, style) = style(line.kind)
      return Series(
        named.insert(name).inserted ? name : "",
        points: zip(line.x, line.y).map { Point(x: $0, y: $1) }, style: style,
        colour: line.kind == .budget ? Palette.vermillion : Palette.black,
        hasEdge: line.kind != .time)
    }
  }

  /// What a line is, on the line itself: the longest of each feature or time.
  private var tags: [Annotation] {
    var done = Set<String>()
    return shownLines.sorted { $0.x.count > $1.x.count }.compactMap { line in
      let text: String
      switch line.kind {
      case .spinodal: text = "\(line.feature ?? 0)"
      case .time: text = "τ = 10" + superscript(Int(((line.logTime ?? 0) / log(10)).rounded()))
      case .coexistence, .budget: return nil
      }
      // Away from the frame, and those of features away from those of times.
      let shares = line.kind == .spinodal ? [0.9, 0.75, 0.5, 0.25] : [0.5, 0.35, 0.65, 0.2]
      let places = shares.map { Int($0 * Double(line.x.count - 1)) }
      guard let i = places.first(where: { isInside(line.x[$0], line.y[$0]) }),
        done.insert(text).inserted
      else { return nil }
      return .tag(text, x: line.x[i], y: line.y[i])
    }
  }

  /// Whether there is room for a word about a point of the plane.
  private func isInside(_ x: Double, _ y: Double) -> Bool {
    func share(_ value: Double, _ axis: PhasePlaneResult.Axis) -> Double {
      let (low, high) = (axis.values[0], axis.values[axis.values.count - 1])
      return axis.isLogarithmic
        ? log(value / low) / log(high / low) : (value - low) / (high - low)
    }
    return (0.05...0.95).contains(share(x, result.x)) && (0.04...0.96).contains(share(y, result.y))
  }

  private func superscript(_ number: Int) -> String {
    let digits: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
    return String("\(number)".map { $0 == "-" ? "⁻" : digits[$0.wholeNumberValue ?? 0] })
  }
}
