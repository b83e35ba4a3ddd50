import Networks
import PhaseDiagrams
import Testing

@Suite("Grids that are refined along boundaries")
struct AdaptiveGridTests {
  /// Evaluates to the end, and counts.
  private func evaluated<Value: Sendable & Hashable>(
    columns: Int, rows: Int, _ value: @escaping (GridPoint) -> Value
  ) -> (grid: AdaptiveGrid<Value>, evaluations: Int) {
    var grid = AdaptiveGrid<Value>(columns: columns, rows: rows) { Set($0).count > 1 }
    var evaluations = 0
    var seen = Set<GridPoint>()
    while !grid.pending.isEmpty {
      #expect(grid.pending == grid.pending.sorted())
      for point in grid.pending { #expect(seen.insert(point).inserted, "\(point) again") }
      evaluations += grid.pending.count
      grid.record(grid.pending.map(value))
    }
    return (grid, evaluations)
  }

  /// The points of the finest grid whose class the blocks do not give, or give wrongly.
  private func wrong<Value: Sendable & Hashable>(
    _ grid: AdaptiveGrid<Value>, _ value: (GridPoint) -> Value
  ) -> Int {
    let filling = PlaneFilling(columns: grid.columns, rows: grid.rows, stride: grid.stride) {
      grid.values[$0] != nil
    }
    return (0..<grid.columns).reduce(0) { sum, column in
      sum
        + (0..<grid.rows).count { row in
          let point = GridPoint(column, row)
          return filling.kind(at: point) { grid.values[$0] } != value(point)
        }
    }
  }

  /// Rank of two features, one of η = 0.9 and one of η from 0.5 to 0.88, against β from 0.2 to 0.45: L = 3.
  private func rank(_ columns: Int, _ rows: Int) -> (GridPoint) -> Int {
    { point in
      let beta = 0.2 + 0.25 * Double(point.column) / Double(columns - 1)
      let eta = 0.5 + 0.38 * Double(point.row) / Double(rows - 1)
      return [0.9, eta].count {
        let mode = try? DeepLinearMode(singularValue: $0, depth: 3, weightDecay: beta)
        return mode?.isLearnable == true
      }
    }
  }

  @Test(
    "The spinodals of two features to one step of the grid, from a part of its points",
    arguments: [(60, 40, 0.35), (129, 97, 0.17), (257, 193, 0.09)])
  func spinodals(_ columns: Int, _ rows: Int, _ share: Double) {
    let rank = rank(columns, rows)
    let (grid, evaluations) = evaluated(columns: columns, rows: rows, rank)
    // A full grid of this step has the same boundary: every point of it is known, most without a look.
    #expect(wrong(grid, rank) == 0)
    #expect(Double(evaluations) < share * Double(columns * rows), "\(evaluations)")
  }

  @Test("A boundary is followed into blocks whose corners agree")
  func followed() {
    // A tongue of two columns, in the middle of blocks of eight: only its root is seen by corners.
    let value: (GridPoint) -> Bool = {
      $0.row < 2 || ((19...21).contains($0.column) && $0.row < 40)
    }
    let (grid, evaluations) = evaluated(columns: 65, rows: 65, value)
    #expect(grid.stride == 8)
    #expect(wrong(grid, value) == 0)
    #expect(evaluations < 65 * 65 / 3)
  }

  @Test("Sides that are no multiples of the stride, and grids too small to be coarse")
  func sizes() {
    for (columns, rows) in [(2, 2), (3, 7), (10, 11), (23, 60), (61, 41)] {
      let value: (GridPoint) -> Bool = { 3 * $0.column > 2 * $0.row + columns }
      let (grid, evaluations) = evaluated(columns: columns, rows: rows, value)
      #expect(wrong(grid, value) == 0)
      #expect(evaluations <= columns * rows)
      #expect(
        grid.leaves.reduce(0) { $0 + ($1.columns.count - 1) * ($1.rows.count - 1) } == (columns - 1)
          * (rows - 1))
    }
  }

  @Test("Numbers between corners are interpolated, and what is missing is not filled in")
  func filling() {
    let plane: (GridPoint) -> Double = { 2 + 3 * Double($0.column) - Double($0.row) }
    let corners = Set(GridBlock.all(columns: 17, rows: 9, stride: 4).flatMap(\.corners))
    let filling = PlaneFilling(columns: 17, rows: 9, stride: 4) { corners.contains($0) }
    for column in 0..<17 {
      for row in 0..<9 {
        let point = GridPoint(column, row)
        #expect(abs(filling.number(at: point, plane)! - plane(point)) < 1e-12)
        let hole = filling.number(at: point) { $0 == GridPoint(8, 4) ? nil : plane($0) }
        let isBeside = (5...11).contains(column) && (1...7).contains(row)
        #expect((hole == nil) == isBeside)
      }
    }
  }
}
