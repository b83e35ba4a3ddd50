package import DataFiles
public import Foundation
internal import GRDB
import NumericalMethods

/// The runs of one experiment, in one SQLite file: what all tables, figures and exports are made from.
///
/// Runs are only ever added, each once. What was written is on the disk when the call returns, and a process
/// that is killed at any moment leaves a store that opens. A store may also live in memory, for a computation
/// that keeps nothing.
public final class RunStore: Sendable {
  /// The name of the file in an output folder.
  package static let fileName = "runs.sqlite"

  /// nil for a store in memory.
  package let url: URL?
  let database: DatabaseQueue
  package let experiment: StoredExperiment
  /// Whether who reads it waits while it is written, since its file system has no shared memory.
  package let readersWait: Bool
  /// Which file it is, whatever happens to its name.
  private let identity: FileIdentity?

  /// Its name in messages.
  var path: String { url?.path ?? "in memory" }

  private init(
    url: URL?, database: DatabaseQueue, experiment: StoredExperiment, readersWait: Bool
  ) {
    self.url = url
    self.database = database
    self.experiment = experiment
    self.readersWait = readersWait
    identity = url.flatMap(FileIdentity.init)
  }

  /// A new store, in memory where no file is named.
  public static func create(at url: URL? = nil, experiment: StoredExperiment) throws -> RunStore {
    try speakingOfStore(at: url?.path ?? "in memory", writing: true) {
      let (database, readersWait) = try connect(url)
      try StoreSchema.migrator.migrate(database)
      try database.write { db in
        try db.execute(sql: "PRAGMA application_id = \(StoreSchema.applicationID)")
        try db.execute(
          sql: "INSERT INTO experiment VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
          arguments: [
            experiment.command, experiment.configurationHash, experiment.seed.map(String.init),
            experiment.version,
            experiment.gslVersion, experiment.arithmetic, timestamp(),
          ])
        for (key, value) in experiment.options {
          try db.execute(sql: "INSERT INTO options VALUES (?, ?)", arguments: [key, value])
        }
      }
      return RunStore(
        url: url, database: database, experiment: experiment, readersWait: readersWait)
    }
  }

  /// An existing store; `mayWrite` is for the one process that adds to it.
  ///
  /// - Throws: `InvalidInput` where the file is no store, is damaged, or was written by a newer version.
  public static func open(_ url: URL, mayWrite: Bool) throws -> RunStore {
    try speakingOfStore(at: url.path) {
      // Looked at first, so that a file that is refused stays as it is.
      var database = try look(url)
      try database.read { db in
        guard try Int.fetchOne(db, sql: "PRAGMA application_id") == StoreSchema.applicationID else {
          throw InvalidInput(
            "'\(url.path)' is an SQLite file, but not a run store; name another folder")
        }
        guard try !StoreSchema.migrator.appliedIdentifiers(db).isEmpty else {
          throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "it has no schema version")
        }
        guard try !StoreSchema.migrator.hasBeenSuperseded(db) else {
          throw InvalidInput(
            "the run store '\(url.path)' was written by a newer metastable; use that version, or name another folder"
          )
        }
        if mayWrite,
          let complaint = try String.fetchOne(db, sql: "PRAGMA quick_check(1)"),
          complaint != "ok"
        {
          throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: complaint)
        }
      }
      var readersWait = false
      if mayWrite {
        try database.close()
        (database, readersWait) = try connect(url)
        try StoreSchema.migrator.migrate(database)
      }
      return RunStore(
        url: url, database: database, experiment: try database.read(storedExperiment),
        readersWait: readersWait)
    }
  }

  private static func storedExperiment(_ db: Database) throws -> StoredExperiment {
    guard let row = try Row.fetchOne(db, sql: "SELECT * FROM experiment") else {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "no experiment")
    }
    let seed: String? = try row.decode(forColumn: "seed")
    let options = try Row.fetchAll(db, sql: "SELECT key, value FROM options")
    return try StoredExperiment(
      command: row.decode(forColumn: "command"),
      options: Dictionary(
        options.map { (try $0.decode(forColumn: "key"), try $0.decode(forColumn: "value")) },
        uniquingKeysWith: { $1 }),
      seed: seed.flatMap(UInt64.init), version: row.decode(forColumn: "version"),
      gslVersion: row.decode(forColumn: "gsl_version"),
      arithmetic: row.decode(forColumn: "arithmetic"))
  }

  /// Ends the use of the file. After writing, its write-ahead log is merged into it, and what remains is one
  /// plain file that can be copied, mailed, or read where nothing may be written.
  public func close() {
    if !database.configuration.readonly {
      // A reader may keep the log; then it stays for the next time.
      _ = try? database.writeWithoutTransaction {
        try String.fetchOne($0, sql: "PRAGMA journal_mode = DELETE")
      }
    }
    try? database.close()
  }

  // MARK: - Access

  func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try speakingOfStore(at: path) { try database.read(body) }
  }

  /// One transaction, on the disk when the call returns.
  func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
    if let url, let identity, identity != FileIdentity(url) {
      throw StorageFailure(
        "the run store '\(path)' is not there any more: its folder was moved or removed while the command ran",
        remedy: "put it back")
    }
    return try speakingOfStore(at: path, writing: true) { try database.write(body) }
  }

  // MARK: - Cells

  /// The number of a cell, which is entered where it is not there yet.
  ///
  /// - Throws: `InvalidInput` where the store has a cell of that name with other parameters.
  package func enter(_ cell: StoreCell) throws -> Int {
    // Most are there: then nothing is written.
    let known = try read { try Self.cells($0).first { $0.cell.name == cell.name } }
    guard let known else { return try write { try enter(cell, $0) } }
    try refuse(cell, where: known.cell)
    return known.id
  }

  /// - Throws: `InvalidInput` where a cell is another one than that of its name in the store.
  private func refuse(_ cell: StoreCell, where known: StoreCell) throws {
    let differences = known.differences(from: cell)
    guard differences.isEmpty else {
      throw InvalidInput(
        "cell '\(cell.name)' of the run store '\(path)' was computed with other parameters (\(differences.joined(separator: "; "))); use another store, or start afresh in another folder"
      )
    }
  }

  func enter(_ cell: StoreCell, _ db: Database) throws -> Int {
    if let known = try Self.cells(db).first(where: { $0.cell.name == cell.name }) {
      try refuse(cell, where: known.cell)
      return known.id
    }
    try db.execute(
      sql: """
        INSERT INTO cells (name, kind, parameters, identity, stream_cell, time_step, cap)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        cell.name, cell.kind.rawValue, cell.parameters, cell.identityText, cell.streamCell,
        cell.timeStep, cell.cap,
      ])
    return Int(db.lastInsertedRowID)
  }

  /// All cells, in the order in which they were entered.
  package func cells() throws -> [(id: Int, cell: StoreCell)] { try read(Self.cells) }

  static func cells(_ db: Database) throws -> [(id: Int, cell: StoreCell)] {
    try Row.fetchAll(db, sql: "SELECT * FROM cells ORDER BY id").map { row in
      try (
        row.decode(forColumn: "id"),
        StoreCell(
          name: row.decode(forColumn: "name"),
          kind: StoreCell.Kind(rawValue: row.decode(forColumn: "kind")) ?? .passages,
          parametersText: row.decode(forColumn: "parameters"), identity: identity(row),
          streamCell: row.decode(forColumn: "stream_cell"),
          timeStep: row.decode(forColumn: "time_step"), cap: row.decode(forColumn: "cap"))
      )
    }
  }

  /// A store of an older version has none.
  private static func identity(_ row: Row) throws -> [String: String] {
    guard row.hasColumn("identity"), let text: String = try row.decode(forColumn: "identity") else {
      return [:]
    }
    do { return try JSONDecoder().decode([String: String].self, from: Data(text.utf8)) } catch {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the identity of a cell is no JSON")
    }
  }

  // MARK: - Documents

  package func save(document: JSONValue, name: String) throws {
    try write {
      try $0.execute(
        sql: "INSERT OR REPLACE INTO documents VALUES (?, ?)",
        arguments: [name, document.rendered()])
    }
  }
}

/// A file, whatever its name.
private struct FileIdentity: Equatable {
  let device: UInt64
  let number: UInt64

  /// nil where there is no file of that name.
  init?(_ url: URL) {
    var entry = stat()
    guard stat(url.path, &entry) == 0 else { return nil }
    device = UInt64(truncatingIfNeeded: entry.st_dev)
    number = UInt64(truncatingIfNeeded: entry.st_ino)
  }
}

/// The time now, for people and programs: ISO 8601 in UTC.
func timestamp() -> String { Date().formatted(.iso8601) }

extension RunStore {
  /// Journal mode and synchronicity as SQLite has them now. For tests.
  package var pragmas: [String] {
    (try? database.writeWithoutTransaction { db in
      try ["journal_mode", "synchronous"].map {
        try String.fetchOne(db, sql: "PRAGMA \($0)") ?? ""
      }
    }) ?? []
  }

  /// Lets the store grow no more, as on a full disk. For tests.
  package func limitSize() {
    try? database.writeWithoutTransaction { db in
      let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      try db.execute(sql: "PRAGMA max_page_count = \(pages + 1)")
    }
  }
}
