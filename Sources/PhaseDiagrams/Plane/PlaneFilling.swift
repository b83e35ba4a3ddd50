/// What an adaptive grid shows between the points that it evaluated: nothing new, a picture of what its blocks say.
///
/// Between the corners of a block that was not split a number is interpolated, and a class is that of all of them, or
/// unknown. A point that was evaluated keeps what was found there, above all where that is nothing.
package struct PlaneFilling: Sendable {
  private let block: [GridPoint: GridBlock]

  /// - Parameter isEvaluated: whether a point was.
  package init(
    columns: Int, rows: Int, stride: Int, isEvaluated: (GridPoint) -> Bool
  ) {
    var block = [GridPoint: GridBlock]()
    func size(_ one: GridBlock) -> Int { one.columns.count * one.rows.count }
    func visit(_ one: GridBlock) {
      if !one.isFinest, one.parts.allSatisfy({ $0.corners.allSatisfy(isEvaluated) }) {
        for part in one.parts { visit(part) }
        return
      }
      // A common edge belongs to the smaller of two blocks, which knows more of it.
      for point in one.points where !isEvaluated(point) {
        if let other = block[point], size(other) <= size(one) { continue }
        block[point] = one
      }
    }
    for one in GridBlock.all(columns: columns, rows: rows, stride: stride) { visit(one) }
    self.block = block
  }

  /// The corners that a point lies between, with their shares: two of them on an edge.
  private func corners(_ point: GridPoint, _ block: GridBlock) -> [(
    corner: GridPoint, share: Double
  )] {
    func share(_ place: Int, _ range: ClosedRange<Int>) -> Double {
      Double(place - range.lowerBound) / Double(range.upperBound - range.lowerBound)
    }
    let (s, t) = (share(point.column, block.columns), share(point.row, block.rows))
    let shares = [(1 - t) * (1 - s), (1 - t) * s, t * (1 - s), t * s]
    return zip(block.corners, shares).filter { $0.1 > 0 }.map { (corner: $0.0, share: $0.1) }
  }

  /// - Parameter value: at a point that was evaluated; nil where there is none.
  package func number(at point: GridPoint, _ value: (GridPoint) -> Double?) -> Double? {
    guard let block = block[point] else { return value(point) }
    var sum = 0.0
    for (corner, share) in corners(point, block) {
      guard let value = value(corner) else { return nil }
      sum += share * value
    }
    return sum
  }

  /// - Parameter value: at a point that was evaluated; nil where there is none.
  package func kind<Kind: Equatable>(at point: GridPoint, _ value: (GridPoint) -> Kind?) -> Kind? {
    guard let block = block[point] else { return value(point) }
    let kinds = corners(point, block).map { value($0.corner) }
    return kinds.allSatisfy { $0 == kinds[0] } ? kinds[0] : nil
  }
}
