import Foundation
internal import GRDB
import NumericalMethods

/// How the file of a store is reached.
///
/// A write-ahead log lets readers read while a command writes, but needs memory that processes share, by a map of
/// a file beside the store. Some file systems have none (FUSE with `direct_io`), and on those of several machines a
/// reader on another one would not see it. There the store has a rollback journal, which needs locks only, and is as
/// safe when its process is killed.
///
/// Source: "Write-Ahead Logging", sqlite.org/wal.html.
extension RunStore {
  /// Seconds to wait for another program that holds the file; who writes tries again.
  private static let patience = 1.0

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(patience)
    return configuration
  }

  /// For writing.
  static func connect(_ url: URL?) throws -> (database: DatabaseQueue, readersWait: Bool) {
    guard let url else { return (try DatabaseQueue(configuration: configuration), false) }
    let logged = MountedFileSystem.isShared(url) ? nil : try connectWithLog(url)
    if logged == nil { try settle(url) }
    let database = try logged ?? DatabaseQueue(path: url.path, configuration: configuration)
    // What a call has written survives a failure of power.
    try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    return (database, logged == nil)
  }

  /// With a write-ahead log; nil where the file system has not what that needs.
  private static func connectWithLog(_ url: URL) throws -> DatabaseQueue? {
    do {
      let database = try DatabaseQueue(path: url.path, configuration: configuration)
      let mode = try database.writeWithoutTransaction { db in
        let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
        // Only the first access needs what may be missing.
        _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master")
        return mode
      }
      if mode == "wal" { return database }
      try database.close()
      return nil
    } catch let error as DatabaseError where error.lacksSharedMemory {
      return nil
    }
  }

  /// Works a write-ahead log into its file and does away with it, without shared memory: this process has the file
  /// for itself meanwhile.
  private static func settle(_ url: URL) throws {
    var configuration = configuration
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
    let database = try DatabaseQueue(path: url.path, configuration: configuration)
    try database.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA journal_mode = DELETE")
      try db.execute(sql: "BEGIN EXCLUSIVE")
      // Of an attempt with a log. Who uses one holds a lock that keeps us from coming here.
      unlink(url.path + "-shm")
      try db.execute(sql: "COMMIT")
    }
    try database.close()
  }

  /// For reading.
  ///
  /// - Parameter whatever: read also a file that is shorter than it was.
  static func look(_ url: URL, whatever: Bool = false) throws -> DatabaseQueue {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
      throw InvalidInput(
        "there is no run store '\(url.path)'; name a folder that a command has written with --output"
      )
    }
    guard !isDirectory.boolValue else {
      throw InvalidInput("the run store '\(url.path)' is a folder; name another output folder")
    }
    var configuration = configuration
    configuration.readonly = true
    if whatever {
      // It has no other meaning for a connection that cannot write.
      configuration.prepareDatabase { try $0.execute(sql: "PRAGMA writable_schema = ON") }
    }
    func open() throws -> DatabaseQueue {
      try DatabaseQueue(path: url.path, configuration: configuration)
    }
    do {
      do { return try open() } catch let error as DatabaseError
        where error.extendedResultCode == .SQLITE_READONLY_ROLLBACK
      {
        // A process was killed while it went to a write-ahead log or back, or had none; half of a change is in the
        // file, and only who may write can undo that. Nobody works on it now, or SQLite would wait.
        try DatabaseQueue(path: url.path).close()
        return try open()
      }
    } catch let error as DatabaseError where error.lacksSharedMemory {
      // Its process was killed beside a log that this file system cannot read.
      try settle(url)
      return try open()
    }
  }

  /// Removes the files of a store that never came to be.
  static func remove(_ url: URL) {
    for end in ["", "-journal", "-wal", "-shm"] { unlink(url.path + end) }
  }
}

extension DatabaseError {
  /// Whether it may come from a file system that cannot map a file into the memory of several processes.
  fileprivate var lacksSharedMemory: Bool {
    [
      .SQLITE_IOERR_SHMMAP, .SQLITE_IOERR_SHMOPEN, .SQLITE_IOERR_SHMLOCK, .SQLITE_IOERR_SHMSIZE,
      .SQLITE_IOERR_MMAP, .SQLITE_PROTOCOL,
    ].contains(extendedResultCode)
  }
}
