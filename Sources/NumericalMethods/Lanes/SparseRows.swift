/// A matrix X in memory whose rows are mostly zero, by its entries.
///
/// Row b has the entries from number `ends[b - 1]` (0 for the first row) up to `ends[b]`; entry n is the value
/// `entries[2 * n + 1]` in column `entries[2 * n]`. Column and number are whole numbers in double precision, so that
/// scratch memory, which is of doubles, holds them.
@frozen
package struct SparseRows {
  let entries: UnsafePointer<Double>
  let ends: UnsafePointer<Double>

  package init(entries: UnsafePointer<Double>, ends: UnsafePointer<Double>) {
    self.entries = entries
    self.ends = ends
  }
}
