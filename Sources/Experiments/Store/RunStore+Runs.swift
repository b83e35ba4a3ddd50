import EscapeStatistics
import Foundation
internal import GRDB
public import LangevinDynamics
import NumericalMethods

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
      sql: "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
    for state in states {
      let (numbers, stream) = (state.stateBytes, state.streamBytes)
      try save.execute(arguments: [
        cell, state.replica, state.step, numbers, stream,
        // SQLite has no infinity that all its readers know.
        state.distance.isFinite ? state.distance : nil, state.wallTime,
        Self.fingerprint(state.replica, state.step, numbers, stream),
      ])
    }
  }

  /// Of a checkpoint: a changed bit in a state would lead to other numbers without a word.
  private static func fingerprint(
    _ replica: Int, _ step: Int, _ state: Data, _ stream: Data
  ) -> String {
    Experiments.fingerprint(of: state + stream + Data("\(replica) \(step)".utf8))
  }

  /// Where runs of a cell are that have not ended, by replica; a damaged checkpoint counts as none.
  public func checkpoints(_ cell: Int) throws -> [ReplicaState] {
    try read { try Self.checkpoints(cell, $0) }
  }

  static func checkpoints(_ cell: Int, _ db: Database) throws -> [ReplicaState] {
    try Row.fetchAll(
      db, sql: "SELECT * FROM checkpoints WHERE cell = ? ORDER BY replica", arguments: [cell]
    ).compactMap(checkpoint)
  }

  /// nil where it is damaged.
  static func checkpoint(_ row: Row) -> ReplicaState? {
    guard let replica = Int.fromDatabaseValue(row["replica"]),
      let step = Int.fromDatabaseValue(row["step"]),
      let numbers = Data.fromDatabaseValue(row["state"]),
      let stream = Data.fromDatabaseValue(row["stream"]),
      row["fingerprint"] == fingerprint(replica, step, numbers, stream),
      let state = numbers.words, let position = stream.words, position.count == 4
    else { return nil }
    return ReplicaState(
      replica: replica, step: step, state: state.map(Double.init(bitPattern:)),
      stream: SIMD4(position), distance: Double.fromDatabaseValue(row["distance"]) ?? .infinity,
      wallTime: Double.fromDatabaseValue(row["wall_time"]) ?? 0)
  }

  /// Calls `body` with each run of a cell that has ended, by replica, until it returns false.
  public func forEachRun(_ cell: Int, _ body: (FinishedRun) throws -> Bool) throws {
    try read { try forEachRun(cell, $0, body) }
  }

  func forEachRun(
    _ cell: Int, _ db: Database, _ body: (FinishedRun) throws -> Bool
  ) throws {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT replica, time, outcome, steps, wall_time FROM runs WHERE cell = ? ORDER BY replica
        """, arguments: [cell])
    while let row = try rows.next() {
      guard let replica = Int.fromDatabaseValue(row[0]), (0...Int(UInt32.max)).contains(replica),
        let time = Double.fromDatabaseValue(row[1]), time >= 0, time.isFinite,
        let outcome = PassageOutcome(rawValue: row[2]), let steps = Int.fromDatabaseValue(row[3]),
        steps >= 0
      else {
        throw InvalidInput(
          "the run store '\(path)' holds a run that makes no sense (cell \(cell), replica \(row[0] as DatabaseValue), time \(row[1] as DatabaseValue)); 'metastable results verify' says more, and --overwrite starts afresh"
        )
      }
      let run = FinishedRun(
        replica: replica, passage: PassageTime(time: time, outcome: outcome), steps: steps,
        wallTime: Double.fromDatabaseValue(row[4]) ?? 0)
      guard try body(run) else { return }
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

  mutating func note(_ run: FinishedRun) {
    runs += 1
    exposure += run.passage.time
    steps += Double(run.steps)
    if run.passage.outcome == .escaped { events += 1 }
    if run.passage.outcome == .censored { censored += 1 }
  }
}

extension ReplicaState {
  fileprivate var stateBytes: Data { Data(words: state.map(\.bitPattern)) }
  fileprivate var streamBytes: Data { Data(words: (0..<4).map { stream[$0] }) }
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
