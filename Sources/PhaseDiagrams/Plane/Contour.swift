/// The lines along which a function on a grid takes a value, by marching squares.
///
/// In each square of four known points the line crosses the sides whose ends lie on either side of the level, at the
/// place found by linear interpolation:
///
/// ```
/// t = (c − f₀)/(f₁ − f₀)
/// ```
///
/// of second order in the step where f is smooth. Where all four sides are crossed, the mean of the corners says which
/// of them belong together. Squares with a corner without a value have no line.
///
/// Source: C. Maple, Proc. GMAG 2003, 90, doi:10.1109/GMAG.2003.1219671.
package enum Contour {
  /// A place on the grid, by column and row; whole numbers are its points.
  package struct Place: Sendable, Equatable {
    package let column: Double
    package let row: Double
  }

  /// A side of a square, from a point to the right or upwards.
  private struct Side: Hashable, Comparable {
    let start: GridPoint
    let isUpward: Bool

    static func < (left: Side, right: Side) -> Bool {
      left.start == right.start ? !left.isUpward && right.isUpward : left.start < right.start
    }
  }

  /// Lines from end to end, and closed ones, whose last place is the first again.
  ///
  /// - Parameter value: nil where there is none; not finite counts as none.
  package static func lines(
    of value: (GridPoint) -> Double?, at level: Double, columns: Int, rows: Int
  ) -> [[Place]] {
    func known(_ column: Int, _ row: Int) -> Double? {
      value(GridPoint(column, row)).flatMap { $0.isFinite ? $0 : nil }
    }
    let table = (0..<rows).map { row in (0..<columns).map { known($0, row) } }
    var neighbours = [Side: [Side]]()
    func join(_ a: Side, _ b: Side) {
      neighbours[a, default: []].append(b)
      neighbours[b, default: []].append(a)
    }
    for row in 0..<(rows - 1) {
      for column in 0..<(columns - 1) {
        guard let a = table[row][column], let b = table[row][column + 1],
          let c = table[row + 1][column + 1], let d = table[row + 1][column]
        else { continue }
        let above = [a, b, c, d].map { $0 >= level }
        let sides = [
          Side(start: GridPoint(column, row), isUpward: false),
          Side(start: GridPoint(column + 1, row), isUpward: true),
          Side(start: GridPoint(column, row + 1), isUpward: false),
          Side(start: GridPoint(column, row), isUpward: true),
        ]
        let crossed = (0..<4).filter { above[$0] != above[($0 + 1) % 4] }
        switch crossed.count {
        case 2: join(sides[crossed[0]], sides[crossed[1]])
        case 4:
          // The middle joins the corners that lie on its side of the level, so the others are cut off.
          let isMiddleAbove = (a + b + c + d) / 4 >= level
          if isMiddleAbove == above[0] {
            join(sides[0], sides[1])
            join(sides[2], sides[3])
          } else {
            join(sides[3], sides[0])
            join(sides[1], sides[2])
          }
        default: break
        }
      }
    }
    func place(_ side: Side) -> Place {
      let (column, row) = (side.start.column, side.start.row)
      let first = table[row][column]!
      let second = side.isUpward ? table[row + 1][column]! : table[row][column + 1]!
      let t = (level - first) / (second - first)
      return Place(
        column: Double(column) + (side.isUpward ? 0 : t),
        row: Double(row) + (side.isUpward ? t : 0))
    }
    var left = neighbours
    var lines = [[Place]]()
    func follow(from start: Side) {
      var line = [place(start)]
      var here = start
      while let next = left[here]?.first {
        left[here]!.removeFirst()
        left[next]!.remove(at: left[next]!.firstIndex(of: here)!)
        line.append(place(next))
        here = next
      }
      if line.count > 1 { lines.append(line) }
    }
    let order = neighbours.keys.sorted()
    for side in order where neighbours[side]!.count == 1 { follow(from: side) }
    for side in order { follow(from: side) }
    return lines
  }
}
