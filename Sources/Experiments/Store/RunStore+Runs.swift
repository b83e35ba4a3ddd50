import EscapeStatistics
import Foundation
internal import GRDB
public import LangevinDynamics

extension RunStore {
  /// Adds runs that have ended and says where others are, in one transaction.
  ///
  /// A run that is there already is an error: the same work done twice.
  public func add(
    _ batches: [(cell: Int, finished: [FinishedRun], states: [ReplicaState])]
  ) throws {
    try write { db in
      let insert = try db.cachedStatement(sql: "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)")
      let forget = try db.cachedStatement(
        sql: "DELETE FROM checkpoints WHERE cell = ? AND replica = ?")
      for batch in batches {
        let hasCheckpoints = try Bool.fetchOne(
          db, sql: "SELECT EXISTS (SELECT 1 FROM checkpoints WHERE cell = ?)",
          arguments: [batch.cell])!
        for run in batch.finished {
          try insert.execute(arguments: [
            batch.cell, run.replica, run.passage.time, run.passage.outcome.rawValue, run.steps,
            run.wallTime,
          ])
          if hasCheckpoints { try forget.execute(arguments: [batch.cell, run.replica]) }
        }
        try Self.save(batch.states, cell: batch.cell, db)
      }
    }
  }

  static func save(_ states: [ReplicaState], cell: Int, _ db: Database) throws {
    let save = try db.cachedStatement(
      sql: "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?)")
    for state in states {
      try save.execute(arguments: [
        cell, state.replica, state.step, Data(words: state.state.map(\.bitPattern)),
        Data(words: (0..<4).map { state.stream[$0] }),
        // SQLite has no infinity that all its readers know.
        state.distance.isFinite ? state.distance : nil, state.wallTime,
      ])
    }
  }

  /// Where runs of a cell are that have not ended, by replica.
  public func checkpoints(_ cell: Int) throws -> [ReplicaState] {
    try read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM checkpoints WHERE cell = ? ORDER BY replica", arguments: [cell]
      ).compactMap { row in
        let state: Data = row["state"]
        let stream: Data = row["stream"]
        guard let state = state.words, let stream = stream.words, stream.count == 4 else {
          return nil
        }
        return ReplicaState(
          replica: row["replica"], step: row["step"], state: state.map(Double.init(bitPattern:)),
          stream: SIMD4(stream), distance: row["distance"] ?? .infinity,
          wallTime: row["wall_time"])
      }
    }
  }

  /// Calls `body` with each run of a cell that has ended, by replica, until it returns false.
  public func forEachRun(_ cell: Int, _ body: (FinishedRun) throws -> Bool) throws {
    try read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT replica, time, outcome, steps, wall_time FROM runs WHERE cell = ? ORDER BY replica
          """, arguments: [cell])
      while let row = try rows.next() {
        let run = FinishedRun(
          replica: row[0],
          passage: PassageTime(
            time: row[1], outcome: PassageOutcome(rawValue: row[2]) ?? .diverged),
          steps: row[3], wallTime: row[4])
        guard try body(run) else { return }
      }
    }
  }

  /// Runs that have ended, by outcome, and the time they took together.
  public func tally(_ cell: Int) throws -> RunTally {
    try read { db in
      var tally = RunTally()
      for row in try Row.fetchAll(
        db,
        sql: """
          SELECT outcome, count(*), total(time), total(steps) FROM runs WHERE cell = ?
          GROUP BY outcome
          """, arguments: [cell])
      {
        let count: Int = row[1]
        tally.runs += count
        if row[0] == PassageOutcome.escaped.rawValue { tally.events += count }
        if row[0] == PassageOutcome.censored.rawValue { tally.censored += count }
        tally.exposure += row[2] as Double
        tally.steps += row[3] as Double
      }
      return tally
    }
  }
}

/// Sums over runs.
public struct RunTally: Sendable {
  public var runs = 0
  public var events = 0
  public var censored = 0
  /// In t.
  public var exposure = 0.0
  public var steps = 0.0

  public init() {}
}

extension Data {
  /// The words, little-endian.
  fileprivate init(words: [UInt64]) {
    self = words.map(\.littleEndian).withUnsafeBytes { Data($0) }
  }

  /// The same back; nil where the bytes are no whole words.
  fileprivate var words: [UInt64]? {
    guard count.isMultiple(of: 8) else { return nil }
    return withUnsafeBytes { bytes in
      (0..<bytes.count / 8).map {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self))
      }
    }
  }
}
