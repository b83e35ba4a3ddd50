/// The states at which the paths of one replicate first reached a level, each with the one before it: paths that descend
/// from one share it. A record that no path needs any more makes room for another.
struct PathTree: ~Copyable {
  /// Where a path has no record before.
  static let none: Int32 = -1

  private struct Record {
    var level: Int32
    var previous: Int32
    /// Paths that end here, and records that follow.
    var uses: Int32
    /// Steps since Σ.
    var steps: Int
  }

  private let stateCount: Int
  private var capacity = 64
  private var records: UnsafeMutablePointer<Record>
  private var states: UnsafeMutablePointer<Double>
  /// Records that were used, and of these the last that is free: each knows the one before.
  private var used = 0
  private var free = Self.none

  init(stateCount: Int) {
    self.stateCount = stateCount
    records = .allocate(capacity: capacity)
    states = .allocate(capacity: capacity * stateCount)
  }

  deinit {
    records.deallocate()
    states.deallocate()
  }

  func level(_ record: Int32) -> Int { Int(records[Int(record)].level) }
  func steps(_ record: Int32) -> Int { records[Int(record)].steps }

  /// Where its state is, until the next one is added.
  func state(_ record: Int32) -> UnsafeMutablePointer<Double> {
    states + Int(record) * stateCount
  }

  /// A record after another one, whose place at the end of its path it takes.
  mutating func add(level: Int, steps: Int, after previous: Int32) -> Int32 {
    let record = Record(level: Int32(level), previous: previous, uses: 1, steps: steps)
    if free != Self.none {
      let place = free
      free = records[Int(place)].previous
      records[Int(place)] = record
      return place
    }
    if used == capacity { grow() }
    (records + used).initialize(to: record)
    used += 1
    return Int32(used - 1)
  }

  private mutating func grow() {
    let (moreRecords, moreStates) = (
      UnsafeMutablePointer<Record>.allocate(capacity: 2 * capacity),
      UnsafeMutablePointer<Double>.allocate(capacity: 2 * capacity * stateCount)
    )
    moreRecords.moveInitialize(from: records, count: used)
    moreStates.moveInitialize(from: states, count: used * stateCount)
    records.deallocate()
    states.deallocate()
    (records, states) = (moreRecords, moreStates)
    capacity *= 2
  }

  /// The first record of a path above a level, as the end of another path. What is before it nobody asks for again.
  mutating func branch(of end: Int32, above level: Int) -> Int32 {
    var first = end
    while true {
      let previous = records[Int(first)].previous
      if previous == Self.none { break }
      if records[Int(previous)].level <= level {
        records[Int(first)].previous = Self.none
        release(previous)
        break
      }
      first = previous
    }
    records[Int(first)].uses += 1
    return first
  }

  /// A path leaves its end.
  mutating func release(_ end: Int32) {
    var record = end
    while record != Self.none {
      records[Int(record)].uses -= 1
      guard records[Int(record)].uses == 0 else { return }
      let previous = records[Int(record)].previous
      records[Int(record)].previous = free
      free = record
      record = previous
    }
  }
}
