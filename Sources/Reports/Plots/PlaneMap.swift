import Experiments
import PhaseDiagrams

/// A plane as a picture sees it: every point of the finest grid, by the blocks that were evaluated.
struct PlaneMap {
  let result: PhasePlaneResult
  private let places: [GridPoint: PhasePlaneResult.Cell]
  private let filling: PlaneFilling

  init(_ result: PhasePlaneResult) {
    let places = Dictionary(
      uniqueKeysWithValues: result.cells.map { (GridPoint($0.column, $0.row), $0) })
    self.result = result
    self.places = places
    filling = PlaneFilling(
      columns: result.columns, rows: result.rows, stride: result.stride
    ) { places[$0] != nil }
  }

  private var points: [GridPoint] {
    (0..<result.columns).flatMap { column in (0..<result.rows).map { GridPoint(column, $0) } }
  }

  /// Between evaluated corners a number is interpolated.
  func numbers(_ value: @escaping (PhasePlaneResult.Cell) -> Double?) -> [GridPoint: Double?] {
    Dictionary(
      uniqueKeysWithValues: points.map { point in
        (point, filling.number(at: point) { places[$0].flatMap(value) })
      })
  }

  /// Between corners of one kind everything is of that kind.
  func kinds<Kind: Equatable>(
    _ value: @escaping (PhasePlaneResult.Cell) -> Kind?
  ) -> [GridPoint: Kind?] {
    Dictionary(
      uniqueKeysWithValues: points.map { point in
        (point, filling.kind(at: point) { places[$0].flatMap(value) })
      })
  }
}
