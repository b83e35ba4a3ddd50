import EscapeStatistics
internal import GRDB
import LangevinDynamics
import NumericalMethods

/// Runs on their way from many stores into one, which takes them in the order of their replicas: its table has that
/// order, so it grows at its end, however the replicas were shared out.
struct StagedRuns {
  private struct Run {
    let run: FinishedRun
    /// Which of the stores it is from.
    let source: Int32
  }

  /// By their cell in the store that takes them.
  private var cells = [Int: [Run]]()
  private(set) var count = 0

  /// Takes the runs of one cell that `each` hands over, one by one.
  mutating func append(
    cell: Int, source: Int, _ each: ((FinishedRun) -> Void) throws -> Void
  ) rethrows {
    // Taken out for as long, so that it grows in place and is looked up once.
    var runs = cells.removeValue(forKey: cell) ?? []
    let before = runs.count
    try each { runs.append(Run(run: $0, source: Int32(source))) }
    count += runs.count - before
    cells[cell] = runs
  }

  /// Hands the runs over, those that are there already with the same result apart.
  ///
  /// - Parameters:
  ///   - cells: those of the store, by number.
  ///   - source: the name of a store.
  /// - Returns: how many were added.
  /// - Throws: `InvalidInput` for a run that is there with another result.
  mutating func flush(
    into store: RunStore, _ db: Database, cells known: [Int: StoreCell],
    source: (Int) -> String
  ) throws -> (added: Int, skipped: Int) {
    var added = 0
    for cell in cells.keys.sorted() {
      // Taken out, so that it is sorted in place.
      guard var runs = cells.removeValue(forKey: cell) else { continue }
      let name = known[cell]?.name ?? ""
      let keepsRuns = known[cell]?.keepsRuns ?? true
      if !keepsRuns { try Self.leaveOutBlocks(&runs, cell, name, db, source: source) }
      runs.sort { ($0.run.replica, $0.source) < ($1.run.replica, $1.source) }
      var new = [FinishedRun]()
      new.reserveCapacity(runs.count)
      func note(_ run: Run, known: FinishedRun?) throws {
        guard let known else { return new.append(run.run) }
        let (passage, other) = (run.run.passage, known.passage)
        guard passage == other, run.run.steps == known.steps else {
          throw InvalidInput(
            "replica \(known.replica) of cell '\(name)' is in '\(source(Int(run.source)))' (\(passage.outcome.rawValue) at t = \(passage.time)) and was merged before with another result (\(other.outcome.rawValue) at t = \(other.time)); 'metastable results verify' says which is right"
          )
        }
      }
      var next = 0
      func noteBelow(_ replica: Int) throws {
        while next < runs.count, runs[next].run.replica < replica {
          let last = new.last
          try note(runs[next], known: last?.replica == runs[next].run.replica ? last : nil)
          next += 1
        }
      }
      try store.forEachRun(cell, db) { known in
        try noteBelow(known.replica)
        while next < runs.count, runs[next].run.replica == known.replica {
          try note(runs[next], known: known)
          next += 1
        }
        return next < runs.count
      }
      try noteBelow(.max)
      if keepsRuns {
        try RunStore.insert(new, cell: cell, db)
      } else {
        try store.fold(new, cell: cell, db)
      }
      added += new.count
    }
    defer { count = 0 }
    return (added, count - added)
  }

  /// Leaves out the runs whose block is there as a whole.
  private static func leaveOutBlocks(
    _ runs: inout [Run], _ cell: Int, _ name: String, _ db: Database, source: (Int) -> String
  ) throws {
    let timeStep = try RunStore.timeStep(of: cell, db) ?? 1
    for (number, group) in Dictionary(grouping: runs, by: { $0.run.replica / RunBlock.size }) {
      guard let block = try RunStore.block(number, cell: cell, db) else { continue }
      // Each store has a run once.
      for (store, group) in Dictionary(grouping: group, by: \.source) {
        let single = RunBlock(group.map(\.run), number: number, timeStep: timeStep)
        guard block.histogram.mayContain(single.histogram) else {
          throw MergedBlocks.conflict(block, name, source(Int(store)))
        }
      }
      runs.removeAll { $0.run.replica / RunBlock.size == number }
    }
  }
}
