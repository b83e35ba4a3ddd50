import EscapeStatistics
import Foundation
internal import GRDB
internal import GRDBSQLite
package import LangevinDynamics
import NumericalMethods

extension RunStore {
  /// Adds runs that have ended and says where others are, in one transaction.
  ///
  /// A run that is there already is an error: the same work done twice. Of a cell that keeps no single runs they
  /// become blocks.
  ///
  /// - Parameter records: how those of them went of which more is known than the time.
  package func add(
    _ batches: [(cell: Int, finished: [FinishedRun], states: [ReplicaState])],
    records: [(cell: Int, records: [Int: any ReplicaRecord])] = []
  ) throws {
    try write { db in
      let forget = try db.cachedStatement(
        sql: "DELETE FROM checkpoints WHERE cell = ? AND replica = ?")
      let cells = try Dictionary(
        uniqueKeysWithValues: Self.cells(db).map { ($0.id, $0.cell) })
      for batch in batches {
        let hasCheckpoints = try Bool.fetchOne(
          db, sql: "SELECT EXISTS (SELECT 1 FROM checkpoints WHERE cell = ?)",
          arguments: [batch.cell])!
        if cells[batch.cell]?.keepsRuns ?? true {
          try Self.insert(batch.finished, cell: batch.cell, db)
        } else {
          try fold(batch.finished, cell: batch.cell, db)
        }
        if hasCheckpoints {
          for run in batch.finished { try forget.execute(arguments: [batch.cell, run.replica]) }
        }
        try Self.save(batch.states, cell: batch.cell, db)
      }
      for (cell, records) in records { try Self.insert(records, cell: cell, db) }
    }
  }

  /// Rows per statement, whose beginning and end cost as much as some rows.
  private static let rowsPerStatement = 64

  /// Bound and stepped without a layer between, which would take thrice the time.
  static func insert(_ runs: [FinishedRun], cell: Int, _ db: Database) throws {
    let whole = runs.count / rowsPerStatement * rowsPerStatement
    try insert(runs[..<whole], cell: cell, rowsPerStatement, db)
    try insert(runs[whole...], cell: cell, 1, db)
  }

  private static func insert(
    _ runs: ArraySlice<FinishedRun>, cell: Int, _ rows: Int, _ db: Database
  ) throws {
    guard !runs.isEmpty else { return }
    let places = Array(repeating: "(?, ?, ?, ?, ?, ?)", count: rows).joined(separator: ", ")
    let cached = try db.cachedStatement(sql: "INSERT INTO runs VALUES " + places)
    let insert = cached.sqliteStatement
    // SQLite copies a text of such an owner.
    let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    let words = outcomeWords
    var place: Int32 = 0
    for run in runs {
      sqlite3_bind_int64(insert, place + 1, Int64(cell))
      sqlite3_bind_int64(insert, place + 2, Int64(run.replica))
      sqlite3_bind_double(insert, place + 3, run.passage.time)
      let word = words.first { $0.outcome == run.passage.outcome }!.word
      sqlite3_bind_text(insert, place + 4, word, Int32(word.count - 1), copied)
      sqlite3_bind_int64(insert, place + 5, Int64(run.steps))
      sqlite3_bind_double(insert, place + 6, run.wallTime)
      place += 6
      guard place == 6 * Int32(rows) else { continue }
      place = 0
      sqlite3_step(insert)
      let code = sqlite3_reset(insert)
      guard code == SQLITE_OK else { throw error(code, db) }
    }
    withExtendedLifetime(cached) {}
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
        Self.fingerprint(state.replica, state.step, numbers, stream, state.distance),
      ])
    }
  }

  /// Of a checkpoint: a changed bit in a state would lead to other numbers without a word.
  private static func fingerprint(
    _ replica: Int, _ step: Int, _ state: Data, _ stream: Data, _ distance: Double
  ) -> String {
    let numbers = "\(replica) \(step) \(distance.isFinite ? distance : .infinity)"
    return RunStores.fingerprint(of: state + stream + Data(numbers.utf8))
  }

  /// Where runs of a cell are that have not ended, by replica; a damaged checkpoint counts as none.
  package func checkpoints(_ cell: Int) throws -> [ReplicaState] {
    try read { try Self.checkpoints(cell, $0) }
  }

  static func checkpoints(_ cell: Int, _ db: Database) throws -> [ReplicaState] {
    try Row.fetchAll(
      db, sql: "\(selectCheckpoints) WHERE cell = ? ORDER BY replica", arguments: [cell]
    ).compactMap(checkpoint)
  }

  static let selectCheckpoints =
    "SELECT replica, step, state, stream, distance, wall_time, fingerprint FROM checkpoints"

  /// A row of `selectCheckpoints`; nil where it is damaged.
  static func checkpoint(_ row: Row) -> ReplicaState? {
    let distance = Double.fromDatabaseValue(row[4]) ?? .infinity
    guard let replica = Int.fromDatabaseValue(row[0]), let step = Int.fromDatabaseValue(row[1]),
      let numbers = Data.fromDatabaseValue(row[2]), let stream = Data.fromDatabaseValue(row[3]),
      String.fromDatabaseValue(row[6]) == fingerprint(replica, step, numbers, stream, distance),
      let state = numbers.words, let position = stream.words, position.count == 4
    else { return nil }
    return ReplicaState(
      replica: replica, step: step, state: state.map(Double.init(bitPattern:)),
      stream: SIMD4(position), distance: distance,
      wallTime: Double.fromDatabaseValue(row[5]) ?? 0)
  }

  /// Calls `body` with each run of a cell that has ended, by replica, until it returns false.
  package func forEachRun(_ cell: Int, _ body: (FinishedRun) throws -> Bool) throws {
    try read { try forEachRun(cell, $0, body) }
  }

  /// The outcomes with what the store calls them, ended by a zero: made once for many rows.
  private static let outcomeWords = PassageOutcome.allCases.map {
    (outcome: $0, word: Array($0.rawValue.utf8CString))
  }

  func forEachRun(
    _ cell: Int, _ db: Database, replicas: Range<Int>? = nil,
    _ body: (FinishedRun) throws -> Bool
  ) throws {
    let part =
      replicas.map { " AND replica BETWEEN \($0.lowerBound) AND \($0.upperBound - 1)" } ?? ""
    // Stepped without a layer between, which would take thrice the time.
    let statement = try db.makeStatement(
      sql: """
        SELECT outcome, replica, time, steps, wall_time FROM runs
        WHERE cell = \(cell)\(part) ORDER BY replica
        """)
    defer { withExtendedLifetime(statement) {} }
    let row = statement.sqliteStatement
    let words = Self.outcomeWords
    func isInteger(_ column: Int32) -> Bool { sqlite3_column_type(row, column) == SQLITE_INTEGER }
    while true {
      let code = sqlite3_step(row)
      guard code == SQLITE_ROW else {
        guard code == SQLITE_DONE else { throw Self.error(code, db) }
        return
      }
      let replica = sqlite3_column_int64(row, 1)
      let time = sqlite3_column_double(row, 2)
      let steps = sqlite3_column_int64(row, 3)
      let outcome = sqlite3_column_text(row, 0).flatMap { text in
        words.first {
          strncmp($0.word, UnsafePointer<CChar>(OpaquePointer(text)), $0.word.count) == 0
        }
      }
      guard let outcome, isInteger(1), isInteger(3),
        sqlite3_column_type(row, 2) == SQLITE_FLOAT, (0...Int64(UInt32.max)).contains(replica),
        time >= 0, time.isFinite, steps >= 0
      else {
        let words = [1, 2].map {
          sqlite3_column_text(row, $0).map { String(cString: $0) } ?? "none"
        }
        throw InvalidInput(
          "the run store '\(path)' holds a run that makes no sense (cell \(cell), replica \(words[0]), time \(words[1])); 'metastable results verify' says more, and --overwrite starts afresh"
        )
      }
      let run = FinishedRun(
        replica: Int(replica),
        passage: PassageTime(time: time, outcome: outcome.outcome),
        steps: Int(steps), wallTime: sqlite3_column_double(row, 4))
      guard try body(run) else { return }
    }
  }

  private static func error(_ code: Int32, _ db: Database) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: code),
      message: db.sqliteConnection.map { String(cString: sqlite3_errmsg($0)) })
  }

  /// Runs that have ended, of all cells.
  func runCount() throws -> Int {
    try read { db in
      let blocks =
        try RunBlock.areIn(db)
        ? Int.fetchOne(db, sql: "SELECT count(*) FROM blocks")! : 0
      return try Int.fetchOne(db, sql: "SELECT count(*) FROM runs")! + blocks * RunBlock.size
    }
  }

  /// Runs that have ended, by outcome, and the time they took together.
  package func tally(_ cell: Int) throws -> RunTally {
    try read { db in
      var tally = RunTally()
      for row in try Row.fetchAll(
        db,
        sql: """
          SELECT outcome, count(*), total(time), total(steps) FROM runs WHERE cell = ?
          GROUP BY outcome
          """, arguments: [cell])
      {
        let count: Int = try row.decode(atIndex: 1)
        let outcome: String = try row.decode(atIndex: 0)
        tally.runs += count
        if outcome == PassageOutcome.escaped.rawValue { tally.events += count }
        if outcome == PassageOutcome.censored.rawValue { tally.censored += count }
        tally.exposure += try row.decode(atIndex: 2)
        tally.steps += try row.decode(atIndex: 3)
      }
      try RunBlock.forEach(cell, db) {
        tally.note($0)
        return true
      }
      return tally
    }
  }
}

/// Sums over runs.
package struct RunTally: Sendable {
  package var runs = 0
  package var events = 0
  package var censored = 0
  /// In t.
  package var exposure = 0.0
  package var steps = 0.0

  package init() {}

  package var diverged: Int { runs - events - censored }

  mutating func note(_ run: FinishedRun) {
    runs += 1
    exposure += run.passage.time
    steps += Double(run.steps)
    if run.passage.outcome == .escaped { events += 1 }
    if run.passage.outcome == .censored { censored += 1 }
  }

  mutating func note(_ block: RunBlock) {
    runs += RunBlock.size
    exposure += block.histogram.exposure
    steps += Double(block.steps)
    events += block.histogram.count(.escaped)
    censored += block.histogram.count(.censored)
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
