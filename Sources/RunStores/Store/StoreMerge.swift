import Foundation
internal import GRDB
import NumericalMethods

/// Joins the stores of shards, or of any parts of one experiment, into one: the same, row by row, as that of a
/// single process that did all the work.
package struct StoreMerge: Sendable {
  /// Runs that were added, and those that were there already with the same bits.
  package private(set) var added = 0
  package private(set) var skipped = 0
  /// Runs in the store in the end.
  package private(set) var total = 0
  package let command: String

  /// - Parameters:
  ///   - folders: output folders, each with a store.
  ///   - output: the folder of the joint store; one that is there already is added to.
  /// - Throws: `InvalidInput` where a store is of another experiment, or holds a run that is also elsewhere,
  ///   with another result. Then nothing is changed.
  package init(_ folders: [String], into output: String) throws {
    guard !folders.isEmpty else {
      throw InvalidInput("nothing to merge: name the folders whose run stores are to be joined")
    }
    let stores = try folders.map { folder in
      let url = URL(fileURLWithPath: folder)
      if let holder = FolderLock.holder(of: url) {
        throw InvalidInput(
          "'\(folder)' is in use by \(holder); merge it when that has ended")
      }
      return try RunStore.open(url.appendingPathComponent(RunStore.fileName), mayWrite: false)
    }
    func closeSources() { for store in stores { store.close() } }
    defer { closeSources() }
    let first = stores[0].experiment
    command = first.command
    for (store, folder) in zip(stores, folders).dropFirst() {
      if let difference = store.experiment.difference(
        from: first, name: "'\(folder)'", otherName: "'\(folders[0])'")
      {
        throw InvalidInput("\(difference), so their runs cannot be joined; leave '\(folder)' out")
      }
    }
    let existed = FileManager.default.fileExists(atPath: output)
    let folder = try ResultFolder(path: output, mayReplace: false)
    try folder.check(first)
    let isNew = !folder.hasStore
    let configuration = try stores.last!.sessions().last?.configuration ?? "{}"
    let target = try folder.openStore(
      for: first,
      configuration: configurationYAML(
        command: first.command, configurationText: configuration))
    do {
      // One transaction: all of it, or nothing.
      try target.write { to in
        for (store, name) in zip(stores, folders) where !folder.holds(store) {
          try store.read { try add($0, from: store, name, to: target, to) }
        }
      }
      total = try target.cells().reduce(0) { try $0 + target.tally($1.id).runs }
      // A source may be the target.
      closeSources()
      target.close()
      folder.release()
    } catch {
      closeSources()
      target.close()
      if isNew { folder.discard(folderToo: !existed) } else { folder.release() }
      throw error
    }
  }

  private mutating func add(
    _ from: Database, from source: RunStore, _ name: String, to target: RunStore, _ to: Database
  ) throws {
    for (id, cell) in try RunStore.cells(from) {
      let other = try target.enter(cell, to)
      let counts = try Self.addRuns(from, to, id, other, cell.name, store: name)
      added += counts.added
      skipped += counts.skipped
      try Self.addRecords(from, to, id, other, cell.name, store: name)
      try Self.addCheckpoints(from, to, id, other, kind: cell.kind)
    }
    for row in try Row.fetchAll(
      from,
      sql: """
        SELECT configuration, shard, version, gsl_version, instruction_set, machine, directory,
          pid, started, ended, ending FROM sessions ORDER BY id
        """)
    {
      try to.execute(
        sql: """
          INSERT INTO sessions (configuration, shard, version, gsl_version, instruction_set,
            machine, directory, pid, started, ended, ending)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """, arguments: StatementArguments(row.databaseValues))
    }
  }

  private static func addRuns(
    _ from: Database, _ to: Database, _ cell: Int, _ target: Int, _ name: String, store: String
  ) throws -> (added: Int, skipped: Int) {
    var (added, skipped) = (0, 0)
    let rows = try Row.fetchCursor(
      from,
      sql: """
        SELECT replica, time, outcome, steps, wall_time FROM runs WHERE cell = ? ORDER BY replica
        """, arguments: [cell])
    let known = try to.cachedStatement(
      sql: "SELECT time, outcome, steps FROM runs WHERE cell = ? AND replica = ?")
    let insert = try to.cachedStatement(sql: "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)")
    while let row = try rows.next() {
      let replica: Int = try row.decode(atIndex: 0)
      let (time, outcome, steps) = try (
        row.decode(Double.self, atIndex: 1), row.decode(String.self, atIndex: 2),
        row.decode(Int.self, atIndex: 3)
      )
      let wallTime: Double = try row.decode(atIndex: 4)
      if let other = try Row.fetchOne(known, arguments: [target, replica]) {
        let (otherTime, otherOutcome, otherSteps) = (
          other[0] as Double, other[1] as String, other[2] as Int
        )
        guard time == otherTime, outcome == otherOutcome, steps == otherSteps else {
          throw InvalidInput(
            "replica \(replica) of cell '\(name)' is in '\(store)' (\(outcome) at t = \(time)) and was merged before with another result (\(otherOutcome) at t = \(otherTime)); 'metastable results verify' says which is right"
          )
        }
        skipped += 1
      } else {
        try insert.execute(arguments: [target, replica, time, outcome, steps, wallTime])
        added += 1
      }
    }
    return (added, skipped)
  }

  private static func addRecords(
    _ from: Database, _ to: Database, _ cell: Int, _ target: Int, _ name: String, store: String
  ) throws {
    let sql = "SELECT record FROM records WHERE cell = ? ORDER BY number"
    let mine = try String.fetchAll(to, sql: sql, arguments: [target])
    let theirs = try String.fetchAll(from, sql: sql, arguments: [cell])
    for (i, (a, b)) in zip(mine, theirs).enumerated() where a != b {
      throw InvalidInput(
        "record \(i) of the curve '\(name)' in '\(store)' differs from that merged before; 'metastable results verify' says which is right"
      )
    }
    for (i, record) in theirs.enumerated().dropFirst(mine.count) {
      try to.execute(
        sql: "INSERT INTO records VALUES (?, ?, ?)", arguments: [target, i, record])
    }
    // The state belongs to the longer of the two curves.
    if theirs.count > mine.count {
      try to.execute(sql: "DELETE FROM checkpoints WHERE cell = ?", arguments: [target])
    }
  }

  /// Runs on their way go on from where the store that was further left them.
  private static func addCheckpoints(
    _ from: Database, _ to: Database, _ cell: Int, _ target: Int, kind: StoreCell.Kind
  ) throws {
    for row in try Row.fetchAll(
      from,
      sql: """
        SELECT replica, step, state, stream, distance, wall_time, fingerprint FROM checkpoints WHERE cell = ?
        """, arguments: [cell])
    {
      let replica: Int = try row.decode(atIndex: 0)
      // The last state of a curve stays when it has ended.
      if kind == .passages {
        try to.execute(
          sql: """
            INSERT INTO checkpoints SELECT ?, ?, ?, ?, ?, ?, ?, ?
            WHERE NOT EXISTS (SELECT 1 FROM runs WHERE cell = ? AND replica = ?)
            ON CONFLICT (cell, replica) DO UPDATE SET step = excluded.step, state = excluded.state,
              stream = excluded.stream, distance = excluded.distance,
              wall_time = excluded.wall_time, fingerprint = excluded.fingerprint
              WHERE excluded.step > step
            """,
          arguments: StatementArguments(
            [target.databaseValue] + row.databaseValues
              + [target.databaseValue, replica.databaseValue]))
      } else {
        try to.execute(
          sql: "INSERT OR IGNORE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          arguments: StatementArguments([target.databaseValue] + row.databaseValues))
      }
    }
    if kind == .passages {
      try to.execute(
        sql: """
          DELETE FROM checkpoints WHERE cell = ? AND EXISTS
            (SELECT 1 FROM runs WHERE runs.cell = checkpoints.cell
              AND runs.replica = checkpoints.replica)
          """, arguments: [target])
    }
  }
}

extension Row {
  /// The values, in the order of the columns.
  fileprivate var databaseValues: [DatabaseValue] { map { $0.1 } }
}
