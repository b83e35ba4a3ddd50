import CLanes

/// A matrix in memory: element (i, k) is the number at `base[i * row + k * column]`.
///
/// With the strides exchanged it is its own transpose.
@frozen
package struct StridedMatrix {
  let base: UnsafePointer<Double>
  let row: Int
  let column: Int

  /// Rows that begin `row` numbers apart.
  package init(_ base: UnsafePointer<Double>, row: Int) {
    self.init(base: base, row: row, column: 1)
  }

  init(base: UnsafePointer<Double>, row: Int, column: Int) {
    self.base = base
    self.row = row
    self.column = column
  }

  package var transposed: StridedMatrix {
    StridedMatrix(base: base, row: column, column: row)
  }
}

/// C = A·B, or C += A·B where `adding`.
///
/// A is rows × inner, possibly a transpose; B is inner × columns and C rows × columns, their rows
/// contiguous and `bRow` and `cRow` numbers apart. For A·Bᵀ see ``transpose(_:row:into:row:rows:columns:)``.
///
/// Each element of C is one chain of multiply-adds in the order of the inner index, from 0 or from the old
/// C. So it depends on its row of A and its column of B alone: not on the shapes, the tiles of the kernel
/// or the alignment of memory. With fused multiply-add (AVX2, AVX-512, NEON) the result is the same on all
/// of these; without (SSE2) it differs by rounding.
///
/// Speed on one core of a Zen 5 at 4 GHz, A of w × w and 64 columns: about 125 GFlop/s with AVX-512, which
/// is 98 % of what the processor can, for w from 16 to 512, and 110 at w = 1024; 60 with AVX2, 24 with SSE2.
/// OpenBLAS 0.3.21 takes 1.1 to 1.5 times as long for the products of a layer's forward and backward pass at
/// every width from 16 to 1024, so it has no width from which it would pay.
///
/// - Precondition: each row of B can be read up to the next multiple of eight columns (what stands there has
///   no effect), and C overlaps neither A nor B.
package func denseProduct(
  _ a: StridedMatrix, _ b: UnsafePointer<Double>, row bRow: Int,
  into c: UnsafeMutablePointer<Double>, row cRow: Int, rows: Int, inner: Int, columns: Int,
  adding: Bool = false
) {
  cl_dense_product(
    a.base, a.row, a.column, b, bRow, c, cRow, rows, inner, columns, adding ? 1 : 0)
}

/// B = Aᵀ for A of rows × columns; each row of B goes on with zeros to the next multiple of eight.
///
/// - Precondition: `bRow` ≥ `rows` rounded up to a multiple of eight.
package func transpose(
  _ a: UnsafePointer<Double>, row aRow: Int, into b: UnsafeMutablePointer<Double>, row bRow: Int,
  rows: Int, columns: Int
) {
  cl_transpose(a, aRow, b, bRow, rows, columns)
}
