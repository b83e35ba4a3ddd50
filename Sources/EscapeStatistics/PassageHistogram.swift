/// The passages of many runs as counts by outcome and time, where single ones are not kept.
///
/// Times are whole numbers n = 2t/dt of half steps (a passage between two steps is put in their middle). Each n up to
/// 255 is a bin of its own; above that every octave has 128, so a bin is at most 1/128 of its time wide. A bin knows
/// how many runs ended in it and the sum of their n: counts, exposures and mean times are exact, only the order within
/// a bin is lost.
package struct PassageHistogram: Sendable, Equatable {
  /// Runs that ended in one bin in one way.
  private struct Bin: Equatable {
    var runs = 0
    var halfSteps: UInt64 = 0

    mutating func add(_ runs: Int, _ halfSteps: UInt64) {
      self.runs += runs
      self.halfSteps += halfSteps
    }
  }

  /// dt.
  package let timeStep: Double
  /// By outcome and number of the bin: see `key`.
  private var bins = [Int: Bin]()

  package init(timeStep: Double) { self.timeStep = timeStep }

  /// Bins of one outcome, more than there are.
  private static let stride = 1 << 13

  private static func key(_ outcome: PassageOutcome, bin: Int) -> Int {
    PassageOutcome.allCases.firstIndex(of: outcome)! * stride + bin
  }

  private static func outcome(_ key: Int) -> PassageOutcome {
    PassageOutcome.allCases[key / stride]
  }

  private static func bin(of halfSteps: UInt64) -> Int {
    let octave = max(0, 56 - halfSteps.leadingZeroBitCount)
    return octave << 7 + Int(halfSteps >> UInt64(octave))
  }

  /// The n of a bin.
  private static func range(_ key: Int) -> Range<UInt64> {
    let bin = key % stride
    let octave = max(0, bin >> 7 - 1)
    let first = UInt64(bin - octave << 7)
    return first << UInt64(octave)..<(first + 1) << UInt64(octave)
  }

  /// Adds a run.
  package mutating func add(_ passage: PassageTime) {
    let halfSteps = UInt64((2 * passage.time / timeStep).rounded())
    bins[Self.key(passage.outcome, bin: Self.bin(of: halfSteps)), default: Bin()].add(1, halfSteps)
  }

  /// Adds the runs of another one with the same dt.
  package mutating func add(_ other: PassageHistogram) {
    for (key, bin) in other.bins { bins[key, default: Bin()].add(bin.runs, bin.halfSteps) }
  }

  /// Whether all runs of another one may be among these.
  package func mayContain(_ other: PassageHistogram) -> Bool {
    other.bins.allSatisfy { key, bin in
      guard let mine = bins[key] else { return false }
      return bin.runs < mine.runs && bin.halfSteps <= mine.halfSteps || bin == mine
    }
  }

  // MARK: - What is known

  /// Their number.
  package var runs: Int { bins.values.reduce(0) { $0 + $1.runs } }

  /// Runs with the given outcome.
  package func count(_ outcome: PassageOutcome) -> Int {
    bins.reduce(0) { $0 + (Self.outcome($1.key) == outcome ? $1.value.runs : 0) }
  }

  /// The summed time of all runs.
  package var exposure: Double {
    Double(bins.values.reduce(UInt128(0)) { $0 + UInt128($1.halfSteps) }) * timeStep / 2
  }

  /// The runs of a bin.
  package struct Row: Sendable {
    package let outcome: PassageOutcome
    /// The times t that the bin takes, both ends included.
    package let from: Double
    package let to: Double
    package let runs: Int
    /// Exact.
    package let meanTime: Double
  }

  /// The bins with runs, by outcome and time.
  package var rows: [Row] {
    bins.sorted { $0.key < $1.key }.map { key, bin in
      let range = Self.range(key)
      return Row(
        outcome: Self.outcome(key), from: Double(range.lowerBound) * timeStep / 2,
        to: Double(range.upperBound - 1) * timeStep / 2, runs: bin.runs,
        meanTime: Double(bin.halfSteps) / Double(bin.runs) * timeStep / 2)
    }
  }

  var groups: [EscapeSample.Group] {
    rows.map { EscapeSample.Group(time: $0.meanTime, outcome: $0.outcome, count: $0.runs) }
  }

  // MARK: - As bytes

  /// All bins: number since the last one, runs, and summed n above the lowest, in groups of seven bits.
  package var bytes: [UInt8] {
    var bytes = [UInt8]()
    func append(_ number: UInt64) {
      var rest = number
      while rest > 127 {
        bytes.append(UInt8(rest & 127) | 128)
        rest >>= 7
      }
      bytes.append(UInt8(rest))
    }
    var last = 0
    for (key, bin) in bins.sorted(by: { $0.key < $1.key }) {
      append(UInt64(key - last))
      append(UInt64(bin.runs))
      append(bin.halfSteps - UInt64(bin.runs) * Self.range(key).lowerBound)
      last = key
    }
    return bytes
  }

  /// Nil where the bytes are none that ``bytes`` gives.
  package init?(timeStep: Double, bytes: some Sequence<UInt8>) {
    self.timeStep = timeStep
    var rest = bytes.makeIterator()
    var isWhole = true
    func number() -> UInt64? {
      var (number, shift): (UInt64, UInt64) = (0, 0)
      while let byte = rest.next() {
        guard shift < 63 else { break }
        number |= UInt64(byte & 127) << shift
        shift += 7
        if byte < 128 { return number }
      }
      isWhole = shift == 0
      return nil
    }
    var key = 0
    while let step = number() {
      guard let runs = number(), let above = number(), step < 3 * Self.stride, runs > 0,
        runs <= UInt64(UInt32.max), step > 0 || bins.isEmpty
      else { return nil }
      key += Int(step)
      guard key < PassageOutcome.allCases.count * Self.stride, key % Self.stride < 57 << 7 else {
        return nil
      }
      let range = Self.range(key)
      let (sum, overflows) = runs.multipliedReportingOverflow(by: range.lowerBound)
      let (most, isLarge) = runs.multipliedReportingOverflow(
        by: range.upperBound - 1 - range.lowerBound)
      guard !overflows, !isLarge, above <= most, sum <= .max - above else { return nil }
      bins[key] = Bin(runs: Int(runs), halfSteps: sum + above)
    }
    guard isWhole else { return nil }
  }
}

extension Sequence<EscapeSample.Group> {
  /// All runs.
  var runs: Int { reduce(0) { $0 + $1.count } }

  /// Those with an outcome.
  func runs(_ outcome: PassageOutcome) -> Int {
    reduce(0) { $0 + ($1.outcome == outcome ? $1.count : 0) }
  }

  /// The summed time of all.
  var exposure: Double { reduce(0) { $0 + Double($1.count) * $1.time } }
}
