import NumericalMethods

/// Inputs of which nearly all are the same in their column: x_n = b + Σ_k v_nk e_k over a few k.
///
/// Indicators are such inputs, and stay so when columns are shifted and scaled: a column of them holds two values, the
/// common one goes into the offsets b, and for the few rows with the other one v_nk is their difference. The first
/// layer of a network then costs in proportion to the entries v, not to the inputs.
struct SparseInputs: Sendable {
  /// b.
  let offsets: [Double]
  /// The entries of all rows, row after row: k and v_nk in turn.
  let entries: [Double]
  /// Where the entries of a row begin, and where those of the last one end: numbers of entries.
  let starts: [Int]
  /// The most entries of a row.
  let largestRow: Int

  /// Of more entries among the inputs than this share little is gained, and from a fifth on nothing.
  static let largestShare = 1.0 / 8
  /// The fewest samples in a sum for which what has to be done once for all of them pays; half as many take as long
  /// either way.
  static let fewestSamples = 32

  /// A row may be smaller than the offsets by this factor, Σ|b_k| against Σ|x_nk|: by so much b + v − b loses in
  /// precision.
  private static let largestLoss = 1024.0

  /// Nil where there are too many entries, or the offsets so much larger than a row that precision would be lost.
  ///
  /// Of inputs that are not sparse it reads little and keeps nothing: some rows to guess the offsets from, then rows
  /// until there are too many entries.
  init?(_ inputs: Matrix) {
    let (rows, columns) = (inputs.rows, inputs.columns)
    guard rows > 0, columns > 0 else { return nil }
    let offsets = Self.commonValues(inputs)
    let largest = Int(Self.largestShare * Double(rows) * Double(columns))
    guard offsets.allSatisfy(\.isFinite),
      let count = Self.entryCount(inputs, offsets, largest: largest)
    else { return nil }

    let sumOfOffsets = offsets.reduce(0) { $0 + abs($1) }
    var entries: [Double] = []
    entries.reserveCapacity(2 * count)
    var starts = [0]
    starts.reserveCapacity(rows + 1)
    var largestRow = 0
    var losesPrecision = false
    inputs.elements.withUnsafeBufferPointer { x in
      for n in 0..<rows {
        var size = sumOfOffsets
        for k in 0..<columns where x[n * columns + k] != offsets[k] {
          let value = x[n * columns + k]
          size += abs(value) - abs(offsets[k])
          entries.append(Double(k))
          entries.append(value - offsets[k])
        }
        if Self.largestLoss * size < sumOfOffsets { losesPrecision = true }
        starts.append(entries.count / 2)
        largestRow = max(largestRow, starts[n + 1] - starts[n])
      }
    }
    guard !losesPrecision else { return nil }
    self.offsets = offsets
    self.entries = entries
    self.starts = starts
    self.largestRow = largestRow
  }

  /// Of each column the value that most of up to 64 rows hold, if most hold one; these are spread evenly and out of
  /// step with any pattern of the rows.
  ///
  /// Source: R. S. Boyer and J. S. Moore, MJRTY: a fast majority vote algorithm, in Automated Reasoning (1991),
  /// doi:10.1007/978-94-011-3488-0_5.
  private static func commonValues(_ inputs: Matrix) -> [Double] {
    let columns = inputs.columns
    let voters = min(inputs.rows, 64)
    var values = [Double](repeating: 0, count: columns)
    var votes = [Int](repeating: 0, count: columns)
    for i in 0..<voters {
      // i times the golden ratio, modulo 1.
      let place = UInt64(i) &* 0x9E37_79B9_7F4A_7C15
      let n =
        voters == inputs.rows ? i : Int(UInt64(inputs.rows).multipliedFullWidth(by: place).high)
      for k in 0..<columns {
        let x = inputs.elements[n * columns + k]
        if votes[k] == 0 { values[k] = x }
        votes[k] += x == values[k] ? 1 : -1
      }
    }
    return values
  }

  /// How many inputs differ from the offset of their column, nil if more than `largest`.
  private static func entryCount(_ inputs: Matrix, _ offsets: [Double], largest: Int) -> Int? {
    inputs.elements.withUnsafeBufferPointer { x in
      offsets.withUnsafeBufferPointer { offsets in
        var count = 0
        for n in 0..<inputs.rows {
          let row = n * offsets.count
          for k in 0..<offsets.count { count &+= x[row &+ k] != offsets[k] ? 1 : 0 }
          guard count <= largest else { return nil }
        }
        return count
      }
    }
  }
}
