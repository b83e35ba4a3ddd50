package import EscapeStatistics
import Foundation
internal import GRDB
import LangevinDynamics
import NumericalMethods

/// Consecutive replicas that have all ended and are kept as a whole, without single runs.
///
/// Which replicas make a block is fixed, so a block is the same whatever the threads, the sessions and the shards
/// that made it.
package struct RunBlock: Sendable {
  /// Replicas in a block. (Part of the schema of a store.)
  package static let size = 131_072

  /// Its place: the first replica over ``size``.
  package let number: Int
  /// Of all its runs.
  package let steps: Int
  package let wallTime: Double
  package let histogram: PassageHistogram

  /// - Parameter runs: all of a block.
  init(_ runs: some Collection<FinishedRun>, number: Int, timeStep: Double) {
    self.number = number
    var (steps, wallTime) = (0, 0.0)
    var histogram = PassageHistogram(timeStep: timeStep)
    for run in runs {
      steps += run.steps
      wallTime += run.wallTime
      histogram.add(run.passage)
    }
    self.steps = steps
    self.wallTime = wallTime
    self.histogram = histogram
  }

  private init(number: Int, steps: Int, wallTime: Double, histogram: PassageHistogram) {
    self.number = number
    self.steps = steps
    self.wallTime = wallTime
    self.histogram = histogram
  }

  /// Its replicas.
  package var replicas: Range<Int> { Self.replicas(number) }

  static func replicas(_ number: Int) -> Range<Int> { number * size..<(number + 1) * size }

  /// Whether it has the runs of another one, however long those took on the wall.
  package func agrees(with other: RunBlock) -> Bool {
    number == other.number && steps == other.steps && histogram == other.histogram
  }

  // MARK: - In a store

  /// Whether a store has a table of them, which those of older versions have not.
  static func areIn(_ db: Database) throws -> Bool { try db.hasTable("blocks") }

  /// Calls `body` with the blocks of a cell, by number, or only one of them, until it returns false; a store of an
  /// older version has no such table.
  static func forEach(
    _ cell: Int, number: Int? = nil, _ db: Database, _ body: (RunBlock) throws -> Bool
  ) throws {
    guard try RunBlock.areIn(db), let timeStep = try RunStore.timeStep(of: cell, db) else {
      return
    }
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT number, steps, wall_time, histogram, fingerprint FROM blocks WHERE cell = ?
        \(number.map { "AND number = \($0)" } ?? "") ORDER BY number
        """, arguments: [cell])
    while let row = try rows.next() {
      guard let block = RunBlock(row, timeStep: timeStep) else {
        throw DatabaseError(
          resultCode: .SQLITE_CORRUPT, message: "block \(row[0] as DatabaseValue) is damaged")
      }
      guard try body(block) else { return }
    }
  }

  /// Nil where it is damaged.
  private init?(_ row: Row, timeStep: Double) {
    guard let number = Int.fromDatabaseValue(row[0]), let steps = Int.fromDatabaseValue(row[1]),
      let bytes = Data.fromDatabaseValue(row[3]),
      let histogram = PassageHistogram(timeStep: timeStep, bytes: bytes),
      histogram.runs == Self.size,
      String.fromDatabaseValue(row[4]) == Self.fingerprint(number, steps, bytes)
    else { return nil }
    self.init(
      number: number, steps: steps, wallTime: Double.fromDatabaseValue(row[2]) ?? 0,
      histogram: histogram)
  }

  func insert(_ cell: Int, _ db: Database) throws {
    let bytes = Data(histogram.bytes)
    try db.cachedStatement(sql: "INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?)")
      .execute(arguments: [
        cell, number, steps, wallTime, bytes, Self.fingerprint(number, steps, bytes),
      ])
  }

  private static func fingerprint(_ number: Int, _ steps: Int, _ bytes: Data) -> String {
    RunStores.fingerprint(of: bytes + Data("\(number) \(steps)".utf8))
  }
}

extension RunStore {
  /// Calls `body` with the blocks of a cell, by number, until it returns false.
  package func forEachBlock(_ cell: Int, _ body: (RunBlock) throws -> Bool) throws {
    try read { try RunBlock.forEach(cell, $0, body) }
  }

  static func block(_ number: Int, cell: Int, _ db: Database) throws -> RunBlock? {
    var block: RunBlock?
    try RunBlock.forEach(cell, number: number, db) {
      block = $0
      return true
    }
    return block
  }

  /// The single runs of a block that has not ended.
  func histogram(ofRunsIn number: Int, cell: Int, _ db: Database) throws -> PassageHistogram? {
    guard let timeStep = try Self.timeStep(of: cell, db) else { return nil }
    var histogram = PassageHistogram(timeStep: timeStep)
    try forEachRun(cell, db, replicas: RunBlock.replicas(number)) {
      histogram.add($0.passage)
      return true
    }
    return histogram.runs > 0 ? histogram : nil
  }

  static func timeStep(of cell: Int, _ db: Database) throws -> Double? {
    try Double.fetchOne(db, sql: "SELECT time_step FROM cells WHERE id = ?", arguments: [cell])
  }

  /// Adds runs to a cell that keeps none: those that make up a block become one, with those that the store has
  /// already.
  func fold(_ runs: [FinishedRun], cell: Int, _ db: Database) throws {
    guard let timeStep = try Self.timeStep(of: cell, db) else {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a cell without time step")
    }
    for (number, runs) in Dictionary(grouping: runs, by: { $0.replica / RunBlock.size })
      .sorted(by: { $0.key < $1.key })
    {
      if runs.count == RunBlock.size {
        try RunBlock(runs, number: number, timeStep: timeStep).insert(cell, db)
        continue
      }
      try Self.insert(runs.sorted { $0.replica < $1.replica }, cell: cell, db)
      let range = RunBlock.replicas(number)
      let ended = try Int.fetchOne(
        db, sql: "SELECT count(*) FROM runs WHERE cell = ? AND replica BETWEEN ? AND ?",
        arguments: [cell, range.lowerBound, range.upperBound - 1])
      guard ended == RunBlock.size else { continue }
      var all = [FinishedRun]()
      all.reserveCapacity(RunBlock.size)
      try forEachRun(cell, db, replicas: range) {
        all.append($0)
        return true
      }
      try RunBlock(all, number: number, timeStep: timeStep).insert(cell, db)
      try Self.forgetRuns(of: number, cell: cell, db)
    }
  }

  /// Removes the single runs of a block that is there.
  static func forgetRuns(of block: Int, cell: Int, _ db: Database) throws {
    let range = RunBlock.replicas(block)
    try db.execute(
      sql: "DELETE FROM runs WHERE cell = ? AND replica BETWEEN ? AND ?",
      arguments: [cell, range.lowerBound, range.upperBound - 1])
  }
}
