import CLanes

/// A matrix in memory in strips: eight rows together, the numbers of a column side by side, so that what an entry of a
/// sparse matrix is multiplied with is a vector.
@frozen
package struct MatrixStrips {
  let base: UnsafeMutablePointer<Double>
  let rows: Int
  let columns: Int

  /// Strips in memory for ``count(rows:columns:)`` numbers.
  package init(_ base: UnsafeMutablePointer<Double>, rows: Int, columns: Int) {
    self.base = base
    self.rows = rows
    self.columns = columns
  }

  /// The numbers it takes: the last strip is filled up.
  package static func count(rows: Int, columns: Int) -> Int { wholeVectors(rows) * columns }

  private static func wholeVectors(_ count: Int) -> Int { (count + laneCount - 1) & -laneCount }

  /// All zeros.
  package func clear() {
    base.update(repeating: 0, count: Self.count(rows: rows, columns: columns))
  }

  /// The same as a matrix with its rows one after the other.
  package func copy(_ matrix: UnsafePointer<Double>) {
    for i in stride(from: 0, to: rows, by: laneCount) {
      transpose(
        matrix + i * columns, row: columns, into: base + i * columns, row: laneCount,
        rows: min(laneCount, rows - i), columns: columns)
    }
  }

  /// C = s 1ᵀ + A·Xᵀ, for these strips A and X of `count` rows.
  ///
  /// Each element of C is one chain of multiply-adds from its row's number of s, in the order of the entries: it does
  /// not depend on the shapes.
  ///
  /// - Precondition: `count` is a multiple of eight, s can be read up to the next multiple of eight of its rows, and C
  ///   overlaps neither A nor s nor X.
  package func product(
    _ x: SparseRows, count: Int, from s: UnsafePointer<Double>,
    into c: UnsafeMutablePointer<Double>, row cRow: Int
  ) {
    cl_sparse_product(base, columns, s, x.entries, x.ends, c, cRow, rows, count)
  }

  /// A += C·X, for these strips A and X of `count` rows, each element in the order of the entries.
  ///
  /// - Precondition: `count` is a multiple of eight, and A overlaps neither C nor X.
  package func addProduct(_ c: UnsafePointer<Double>, row cRow: Int, _ x: SparseRows, count: Int) {
    cl_add_product_with_sparse(c, cRow, x.entries, x.ends, base, columns, rows, count)
  }

  /// B += A + u vᵀ, for these strips A and a matrix B with its rows one after the other.
  package func add(
    plus u: UnsafePointer<Double>, times v: UnsafePointer<Double>,
    to b: UnsafeMutablePointer<Double>
  ) {
    cl_add_strips(base, u, v, b, rows, columns)
  }
}
