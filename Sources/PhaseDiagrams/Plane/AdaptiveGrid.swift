/// A grid that is evaluated where it matters: a coarse one first, then halves of every block in which values differ.
///
/// A block is split where any two of the points known in it differ, its edges included: what a neighbour has found on a
/// common edge splits it too, so that a boundary is followed into blocks whose own corners all agree. Blocks share their
/// points, each of which is evaluated once. The order of evaluation depends on the values alone: stopped and gone on
/// with, it comes to the same grid.
///
/// Validity: an island that lies between the points of the coarse grid is not seen.
///
/// Compare: B. Nijholt, J. Weston, J. Hoofwijk and A. Akhmerov, python-adaptive (2019), doi:10.5281/zenodo.1182437,
/// whose learners choose one point at a time by a loss of each triangle.
package struct AdaptiveGrid<Value: Sendable>: Sendable {
  package let columns: Int
  package let rows: Int
  /// Of the coarse grid.
  package let stride: Int
  private let differ: @Sendable ([Value]) -> Bool
  /// What is known.
  package private(set) var values = [GridPoint: Value]()
  /// Blocks that are not split.
  package private(set) var leaves: [GridBlock]
  /// What is to be evaluated next, in order; empty where nothing is left to do.
  package private(set) var pending: [GridPoint]

  /// - Parameters:
  ///   - columns, rows: points along each side, two or more.
  ///   - stride: of the coarse grid; nil for ``GridBlock/coarsestStride(columns:rows:)``.
  ///   - differ: whether a boundary runs between points of these values.
  package init(
    columns: Int, rows: Int, stride: Int? = nil, differ: @escaping @Sendable ([Value]) -> Bool
  ) {
    precondition(columns >= 2 && rows >= 2, "a grid of \(columns) × \(rows) has no blocks")
    self.columns = columns
    self.rows = rows
    self.stride = stride ?? GridBlock.coarsestStride(columns: columns, rows: rows)
    self.differ = differ
    leaves = GridBlock.all(columns: columns, rows: rows, stride: self.stride)
    pending = Set(leaves.flatMap(\.corners)).sorted()
  }

  /// Takes the values of ``pending``, in its order, and finds what is to be evaluated next.
  package mutating func record(_ found: [Value]) {
    precondition(found.count == pending.count, "every point that was asked for needs a value")
    for (point, value) in zip(pending, found) { values[point] = value }
    var missing = Set<GridPoint>()
    // Where the corners of the halves are all known, they can be judged at once.
    while missing.isEmpty {
      var next = [GridBlock]()
      var isSplit = false
      for block in leaves {
        guard !block.isFinest, differ(block.points.compactMap { values[$0] }) else {
          next.append(block)
          continue
        }
        isSplit = true
        for part in block.parts {
          next.append(part)
          for corner in part.corners where values[corner] == nil { missing.insert(corner) }
        }
      }
      leaves = next
      guard isSplit else { break }
    }
    pending = missing.sorted()
  }
}
