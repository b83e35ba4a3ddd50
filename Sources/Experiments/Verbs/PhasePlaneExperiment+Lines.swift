import Networks
import NumericalMethods
import PhaseDiagrams

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension PhasePlaneExperiment {
  /// Where features vanish and where losses are equal, from the closed forms at every point of the finest grid.
  ///
  /// ```
  /// ln(β/β_c) = 0,   ln(β/β*) = 0
  /// ```
  func landscapeLines() throws -> [PhasePlaneResult.Line] {
    var transitions = [GridPoint: [(spinodal: Double, coexistence: Double)]]()
    var features = 0
    for point in allPoints {
      let settings = settings(at: point)
      guard let source = try? landscapes.source(settings) else { continue }
      let widths = landscapes.widths(settings, source)
      let beta = settings.weightDecay!
      transitions[point] = try? source.singularValues.prefix(widths.min()!).compactMap {
        let mode = try DeepLinearMode(
          singularValue: $0, depth: widths.count - 1, weightDecay: beta)
        guard let spinodal = mode.spinodalWeightDecay, let equal = mode.coexistenceWeightDecay
        else { return nil }
        return (log(beta / spinodal), log(beta / equal))
      }
      features = max(features, transitions[point]?.count ?? 0)
    }
    return (0..<features).flatMap { r -> [PhasePlaneResult.Line] in
      func lines(
        _ kind: PhasePlaneResult.Line.Kind,
        _ value: ((spinodal: Double, coexistence: Double)) -> Double
      ) -> [PhasePlaneResult.Line] {
        contour(at: 0) { point in
          transitions[point].flatMap { r < $0.count ? value($0[r]) : nil }
        }.map { line(kind, $0, feature: r + 1) }
      }
      return lines(.spinodal) { $0.spinodal } + lines(.coexistence) { $0.coexistence }
    }
  }

  /// Where τ is the budget, and where it is a power of ten: through squares whose corners were all evaluated, and are of
  /// one rank, since τ of another feature is no continuation of that of this one.
  func timeLines(_ cells: [PlaneCell], _ levels: TimeLevels) -> [PhasePlaneResult.Line] {
    let known = cells.filter { $0.logTime != nil }
    let ranks = Set(known.compactMap { $0.phases?.rank }).sorted(by: >)
    let times = ranks.map { rank in
      Dictionary(
        uniqueKeysWithValues: known.filter { $0.phases?.rank == rank }.map {
          ($0.point, $0.logTime)
        })
    }
    func lines(_ kind: PhasePlaneResult.Line.Kind, _ level: Double) -> [PhasePlaneResult.Line] {
      times.flatMap { times in
        contour(at: level) { times[$0] ?? nil }.map { line(kind, $0, logTime: level) }
      }
    }
    return (levels.budget.map { lines(.budget, $0) } ?? [])
      + (levels.budget == nil ? levels.decades.flatMap { lines(.time, $0) } : [])
  }

  private func contour(
    at level: Double, _ value: (GridPoint) -> Double?
  ) -> [[Contour.Place]] {
    Contour.lines(of: value, at: level, columns: x.values.count, rows: y.values.count)
  }

  private func line(
    _ kind: PhasePlaneResult.Line.Kind, _ places: [Contour.Place], feature: Int? = nil,
    logTime: Double? = nil
  ) -> PhasePlaneResult.Line {
    PhasePlaneResult.Line(
      kind: kind, feature: feature, logTime: logTime, x: places.map { x.value(at: $0.column) },
      y: places.map { y.value(at: $0.row) })
  }
}
