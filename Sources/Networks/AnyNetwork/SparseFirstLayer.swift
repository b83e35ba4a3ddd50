import NumericalMethods

/// The first layer on sparse inputs x_n = b + v_n, and what of it lies in scratch memory while a sum over samples is
/// taken.
///
/// ```
/// z_n = (W b + c) + W v_n,     ∂/∂W Σ_n ℓ_n = (Σ_n δ_n) bᵀ + Σ_n δ_n v_nᵀ
/// ```
///
/// with biases c. What has b in it is done once for all blocks of a call, as is bringing W into strips, and the
/// gradient back from them; a block then costs in proportion to its entries.
struct SparseFirstLayer {
  private let inputs: SparseInputs
  private let units: Int
  /// W, and the sum of δ_n v_nᵀ so far.
  private let weights: MatrixStrips
  private let products: MatrixStrips
  /// W b + c.
  private let base: UnsafeMutablePointer<Double>
  /// The sum of δ_n so far.
  private let sums: UnsafeMutablePointer<Double>
  /// v of a block.
  private let ends: UnsafeMutablePointer<Double>
  private let entries: UnsafeMutablePointer<Double>

  /// Lays it out in memory for ``scratchCount(_:units:samples:)`` numbers, for blocks of up to `samples`, and sets the
  /// sums to zero. The layer's parameters are the first of the point.
  init(
    _ inputs: SparseInputs, units: Int, hasBiases: Bool, samples: Int,
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    self.inputs = inputs
    self.units = units
    let width = inputs.offsets.count
    // From the next cache line on: vectors that cross lines are loaded twice.
    var next = UnsafeMutableRawPointer(scratch).alignedUp(toMultipleOf: 64)
      .assumingMemoryBound(to: Double.self)
    func take(_ count: Int) -> UnsafeMutablePointer<Double> {
      defer { next += count }
      return next
    }
    let strips = MatrixStrips.count(rows: units, columns: width)
    weights = MatrixStrips(take(strips), rows: units, columns: width)
    products = MatrixStrips(take(strips), rows: units, columns: width)
    base = take(Self.wholeVectors(units))
    sums = take(units)
    ends = take(Self.wholeVectors(samples))
    entries = next

    weights.copy(point)
    products.clear()
    base.update(repeating: 0, count: Self.wholeVectors(units))
    sums.update(repeating: 0, count: units)
    for j in 0..<units {
      base[j] =
        dot(point + j * width, inputs.offsets, width)
        + (hasBiases ? point[units * width + j] : 0)
    }
  }

  /// Doubles of scratch memory.
  static func scratchCount(_ inputs: SparseInputs, units: Int, samples: Int) -> Int {
    8 + 2 * MatrixStrips.count(rows: units, columns: inputs.offsets.count) + wholeVectors(units)
      + units + wholeVectors(samples) + 2 * samples * inputs.largestRow
  }

  private static func wholeVectors(_ count: Int) -> Int { (count + laneCount - 1) & -laneCount }

  /// Makes row n of the inputs the b-th sample of the next block; called in the order of b.
  func take(_ n: Int, as b: Int) {
    let first = b == 0 ? 0 : Int(ends[b - 1])
    let start = inputs.starts[n]
    let count = inputs.starts[n + 1] - start
    inputs.entries.withUnsafeBufferPointer { all in
      for i in 0..<2 * count { entries[2 * first + i] = all[2 * start + i] }
    }
    ends[b] = Double(first + count)
  }

  /// z of a block, unit by unit.
  func forward(_ block: SampleBlock, into z: UnsafeMutablePointer<Double>) {
    // What fills a block up has no entries.
    for b in block.count..<block.columns { ends[b] = ends[block.count - 1] }
    weights.product(
      SparseRows(entries: entries, ends: ends), count: block.columns, from: base, into: z,
      row: block.row)
  }

  /// Takes δ of a block that went ``forward(_:into:)`` into the sums.
  func backward(_ block: SampleBlock, _ error: UnsafePointer<Double>) {
    for j in 0..<units { sums[j] += block.sum(error, unit: j) }
    products.addProduct(
      error, row: block.row, SparseRows(entries: entries, ends: ends), count: block.columns)
  }

  /// Adds the gradient by W.
  func finish(_ gradient: UnsafeMutablePointer<Double>) {
    products.add(plus: sums, times: inputs.offsets, to: gradient)
  }
}
