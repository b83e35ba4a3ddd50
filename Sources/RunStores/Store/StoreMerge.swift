import Foundation
internal import GRDB
import LangevinDynamics
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

  /// Runs that are held in memory at most, some 200 MB.
  private static let mostStaged = 4_000_000

  /// One store is open at a time, so there may be any number.
  ///
  /// - Parameters:
  ///   - folders: output folders, each with a store.
  ///   - output: the folder of the joint store; one that is there already is added to.
  ///   - staged: runs that are held in memory before they are written.
  /// - Throws: `InvalidInput` where a store is of another experiment, or holds a run that is also elsewhere,
  ///   with another result. Then nothing is changed.
  package init(_ folders: [String], into output: String, holding staged: Int? = nil) throws {
    guard let one = folders.first else {
      throw InvalidInput("nothing to merge: name the folders whose run stores are to be joined")
    }
    let first = try Self.reading(one) { $0.experiment }
    command = first.command
    for folder in folders.dropFirst() {
      try Self.reading(folder) { try Self.check($0, folder, first, one) }
    }
    let existed = FileManager.default.fileExists(atPath: output)
    let folder = try ResultFolder(path: output, mayReplace: false)
    try folder.check(first)
    let isNew = !folder.hasStore
    let configuration = try Self.reading(folders.last!) { try $0.sessions().last?.configuration }
    let target = try folder.openStore(
      for: first,
      configuration: configurationYAML(
        command: first.command, configurationText: configuration ?? "{}"))
    do {
      // One transaction: all of it, or nothing.
      try target.write { db in
        // What comes from a store was checked there, and again when it was read.
        try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
        var runs = StagedRuns()
        var blocks = MergedBlocks(target: target)
        func flush() throws {
          let cells = Dictionary(
            uniqueKeysWithValues: try RunStore.cells(db).map { ($0.id, $0.cell) })
          let counts = try runs.flush(into: target, db, cells: cells) { folders[$0] }
          added += counts.added
          skipped += counts.skipped
        }
        for (i, name) in folders.enumerated() where !folder.holds(Self.store(of: name)) {
          try Self.reading(name) { store in
            try Self.check(store, name, first, one)
            try store.read {
              try Self.add(
                $0, from: store, name, number: i, to: target, db, runs: &runs, blocks: &blocks)
            }
          }
          if runs.count >= staged ?? Self.mostStaged { try flush() }
        }
        try flush()
        added += blocks.added
        skipped += blocks.skipped
        try Self.finish(db, stores: folders.count)
      }
      total = try target.runCount()
      target.close()
      folder.release()
    } catch {
      target.close()
      if isNew { folder.discard(folderToo: !existed) } else { folder.release() }
      throw error
    }
  }

  private static func store(of folder: String) -> URL {
    URL(fileURLWithPath: folder).appendingPathComponent(RunStore.fileName)
  }

  /// Opens the store of a folder for as long as `body` takes.
  private static func reading<Result>(
    _ folder: String, _ body: (RunStore) throws -> Result
  ) throws -> Result {
    if let holder = FolderLock.holder(of: URL(fileURLWithPath: folder)) {
      throw InvalidInput("'\(folder)' is in use by \(holder); merge it when that has ended")
    }
    let store = try RunStore.open(store(of: folder), mayWrite: false)
    defer { store.close() }
    return try body(store)
  }

  private static func check(
    _ store: RunStore, _ folder: String, _ first: StoredExperiment, _ firstFolder: String
  ) throws {
    if let difference = store.experiment.difference(
      from: first, name: "'\(folder)'", otherName: "'\(firstFolder)'")
    {
      throw InvalidInput("\(difference), so their runs cannot be joined; leave '\(folder)' out")
    }
  }

  /// Adds everything of a store but its runs, which are staged with their cell in the target.
  private static func add(
    _ from: Database, from source: RunStore, _ name: String, number: Int, to target: RunStore,
    _ to: Database, runs: inout StagedRuns, blocks: inout MergedBlocks
  ) throws {
    for (id, cell) in try RunStore.cells(from) {
      let other = try target.enter(cell, to)
      try RunBlock.forEach(id, from) {
        try blocks.add($0, cell: other, cell.name, store: name, to)
        return true
      }
      try runs.append(cell: other, source: number) { stage in
        try source.forEachRun(id, from) {
          stage($0)
          return true
        }
      }
      try RunStore.addReplicates(from, id, to: other, to)
      try addRecords(from, to, id, other, cell.name, store: name)
      try addCheckpoints(from, to, id, other, kind: cell.kind)
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

  /// When all runs are there: none of them is on its way, and the store is no shard's.
  private static func finish(_ db: Database, stores: Int) throws {
    try db.execute(
      sql: """
        DELETE FROM checkpoints
        WHERE cell IN (SELECT id FROM cells WHERE kind = 'passages') AND EXISTS
          (SELECT 1 FROM runs WHERE runs.cell = checkpoints.cell
            AND runs.replica = checkpoints.replica)
        """)
    try db.execute(
      sql: "INSERT OR REPLACE INTO documents VALUES (?, ?)",
      arguments: [RunStore.mergeDocument, "{\"stores\": \(stores)}"])
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
      // The last state of a curve stays when it has ended; runs that have ended lose theirs when all are there.
      let otherwise =
        kind == .curve
        ? "NOTHING"
        : """
        UPDATE SET step = excluded.step, state = excluded.state, stream = excluded.stream,
          distance = excluded.distance, wall_time = excluded.wall_time,
          fingerprint = excluded.fingerprint WHERE excluded.step > step
        """
      try to.execute(
        sql: """
          INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (cell, replica) DO \(otherwise)
          """, arguments: StatementArguments([target.databaseValue] + row.databaseValues))
    }
  }
}

extension Row {
  /// The values, in the order of the columns.
  fileprivate var databaseValues: [DatabaseValue] { map { $0.1 } }
}
