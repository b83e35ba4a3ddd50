import NumericalMethods

/// Where a block of samples lies in scratch memory during its forward and backward pass.
///
/// What belongs to units stands unit by unit, the samples side by side: element (unit, sample) at
/// `unit * row + sample`. So vectors are always full, however narrow a layer, and the weights serve as they
/// are, without a transpose. The number of samples is rounded up to whole vectors; the columns that fill up
/// are computed and ignored.
struct SampleBlock {
  /// Samples.
  let count: Int
  /// Samples, rounded up to a multiple of eight.
  let columns: Int
  /// Numbers from one unit to the next.
  let row: Int
  /// x_n, one row per sample, `inputRow` numbers apart.
  let inputRows: UnsafeMutablePointer<Double>
  let inputRow: Int
  /// The same, unit by unit (p).
  let inputs: UnsafeMutablePointer<Double>
  /// y, unit by unit (q).
  let targets: UnsafeMutablePointer<Double>
  /// N times the share of each sample, where they have shares.
  let factors: UnsafeMutablePointer<Double>
  /// a_1 … a_L.
  let values: UnsafeMutablePointer<Double>
  /// φ′(z_1) … φ′(z_{L−1}).
  let slopes: UnsafeMutablePointer<Double>
  /// Two buffers for the δ of a layer.
  let errors: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>)
  /// The a of one layer, one row per sample, `valueRow` numbers apart.
  let valueRows: UnsafeMutablePointer<Double>
  let valueRow: Int
  /// What the inputs are read from where they are sparse; then they are not spread out here.
  let sparse: SparseFirstLayer?

  /// The samples of a large set that go through the network together: few enough that a layer stays in the
  /// cache, enough that a weight once loaded serves often.
  static var capacity: Int { 64 }

  /// Lays the block out in memory for ``scratchCount(_:samples:)`` numbers.
  init(
    _ architecture: NetworkArchitecture, samples: Int, scratch: UnsafeMutablePointer<Double>,
    sparse: SparseFirstLayer? = nil
  ) {
    let sizes = Sizes(architecture, samples: samples)
    self.sparse = sparse
    count = samples
    columns = sizes.columns
    row = sizes.row
    inputRow = sizes.inputRow
    valueRow = sizes.valueRow
    // From the next cache line on: vectors that cross lines are loaded twice.
    var next = UnsafeMutableRawPointer(scratch).alignedUp(toMultipleOf: 64)
      .assumingMemoryBound(to: Double.self)
    func take(_ count: Int) -> UnsafeMutablePointer<Double> {
      defer { next += count }
      return next
    }
    inputRows = take(sizes.columns * sizes.inputRow)
    inputs = take(sizes.inputs * sizes.row)
    targets = take(sizes.outputs * sizes.row)
    factors = take(sizes.row)
    values = take(sizes.units * sizes.row)
    slopes = take(sizes.units * sizes.row)
    errors = (take(sizes.widest * sizes.row), take(sizes.widest * sizes.row))
    valueRows = take(sizes.columns * sizes.valueRow)
  }

  /// Numbers from one unit to the next in a block of `samples`.
  static func row(samples: Int) -> Int { Sizes.spread(samples) }

  /// Doubles of scratch memory for a block of `samples` or fewer.
  static func scratchCount(_ architecture: NetworkArchitecture, samples: Int) -> Int {
    let sizes = Sizes(architecture, samples: samples)
    return 8 + sizes.columns * (sizes.inputRow + sizes.valueRow)
      + sizes.row * (1 + sizes.inputs + sizes.outputs + 2 * sizes.units + 2 * sizes.widest)
  }

  /// Fills `inputs` (p units) from `inputRows`, and the columns without a sample with zeros.
  func spreadInputs(_ p: Int) {
    transpose(inputRows, row: inputRow, into: inputs, row: row, rows: count, columns: p)
  }

  /// Z = M A, or Z += M A, for M of height × width and A of `width` units.
  func multiply(
    _ matrix: StridedMatrix, _ a: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>,
    _ height: Int, _ width: Int, adding: Bool = false
  ) {
    denseProduct(
      matrix, a, row: row, into: z, row: row, rows: height, inner: width, columns: columns,
      adding: adding)
  }

  /// The same number for all samples of a unit.
  func fill(
    _ z: UnsafeMutablePointer<Double>, from numbers: UnsafePointer<Double>, units: Int
  ) {
    for j in 0..<units { (z + j * row).update(repeating: numbers[j], count: columns) }
  }

  /// Calls `body` with the place of each vector of `units` units.
  @inline(__always)
  func forEachVector(units: Int, _ body: (Int) -> Void) {
    for j in 0..<units {
      for i in stride(from: j * row, to: j * row + columns, by: laneCount) { body(i) }
    }
  }

  /// Adds E Aᵀ, summed over samples, to a matrix of height × width: E of `height` units and A of `width`,
  /// the inputs where it is nil.
  func addOuterProduct(
    _ e: UnsafePointer<Double>, _ a: UnsafePointer<Double>?,
    to matrix: UnsafeMutablePointer<Double>, _ height: Int, _ width: Int
  ) {
    if let a {
      transpose(a, row: row, into: valueRows, row: valueRow, rows: width, columns: columns)
    }
    denseProduct(
      StridedMatrix(e, row: row), a == nil ? inputRows : valueRows,
      row: a == nil ? inputRow : valueRow, into: matrix, row: width, rows: height, inner: count,
      columns: width, adding: true)
  }

  /// Σ over samples of one unit, in eight partial sums and a fixed order.
  func sum(_ values: UnsafePointer<Double>, unit: Int) -> Double {
    let x = values + unit * row
    var partial = DoubleLanes.zero
    var i = 0
    while i + laneCount <= count {
      partial += DoubleLanes(loading: x + i)
      i += laneCount
    }
    var sum = 0.0
    for lane in 0..<laneCount { sum += partial[lane] }
    while i < count {
      sum += x[i]
      i += 1
    }
    return sum
  }

  private struct Sizes {
    let columns: Int
    let row: Int
    let inputRow: Int
    let valueRow: Int
    let inputs: Int
    let outputs: Int
    let units: Int
    let widest: Int

    init(_ architecture: NetworkArchitecture, samples: Int) {
      let widths = architecture.widths
      inputs = widths[0]
      outputs = widths[widths.count - 1]
      var units = 0
      var widest = 0
      for l in 1..<widths.count {
        units += widths[l]
        widest = max(widest, widths[l])
      }
      self.units = units
      self.widest = widest
      columns = Self.wholeVectors(samples)
      row = Self.spread(samples)
      inputRow = Self.spread(inputs)
      valueRow = Self.spread(widest)
    }

    static func wholeVectors(_ count: Int) -> Int { (count + laneCount - 1) & -laneCount }

    /// Whole vectors, and not a multiple of four cache lines, or rows crowd a few sets of the cache.
    static func spread(_ count: Int) -> Int {
      let whole = wholeVectors(count)
      return whole % 32 == 0 ? whole + 8 : whole
    }
  }
}
