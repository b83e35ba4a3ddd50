package import DataFiles
import Foundation
internal import GRDB
import LangevinDynamics
import NumericalMethods

/// One time that a command worked on a store.
package struct StoreSession: Sendable {
  /// Every option as resolved, as JSON text.
  package let configuration: String
  /// Where it was run: relative paths mean this.
  package let directory: String
  package let shard: String?
  package let pid: Int
  package let started: String
  package let ended: String?
  /// done, stopped or failed; nil while it runs, or where it was killed.
  package let ending: String?
}

extension RunStore {
  /// How a session ended.
  package enum Ending: String, Sendable {
    case done
    case stopped
    case failed
  }

  /// Notes that a command begins to work on the store; returns the session's number.
  package func begin(configuration: JSONValue, shard: Shard?) throws -> Int {
    try write { db in
      try db.execute(
        sql: """
          INSERT INTO sessions (configuration, shard, version, gsl_version, instruction_set, machine,
            directory, pid, started) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          configuration.rendered(), shard?.description, metastableVersion, gslVersion,
          instructionSet, machineDescription(), FileManager.default.currentDirectoryPath,
          Int(ProcessInfo.processInfo.processIdentifier), timestamp(),
        ])
      return Int(db.lastInsertedRowID)
    }
  }

  /// Notes how a session ended.
  package func end(session: Int, _ ending: Ending) throws {
    try write {
      try $0.execute(
        sql: "UPDATE sessions SET ended = ?, ending = ? WHERE id = ?",
        arguments: [timestamp(), ending.rawValue, session])
    }
  }

  /// All sessions, oldest first.
  package func sessions() throws -> [StoreSession] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM sessions ORDER BY id").map { row in
        try StoreSession(
          configuration: row.decode(forColumn: "configuration"),
          directory: row.decode(forColumn: "directory"), shard: row.decode(forColumn: "shard"),
          pid: row.decode(forColumn: "pid"),
          started: row.decode(forColumn: "started"), ended: row.decode(forColumn: "ended"),
          ending: row.decode(forColumn: "ending"))
      }
    }
  }
}

extension RunStore {
  /// The document that says that a store was joined of others.
  static let mergeDocument = "merge"

  /// The share of the runs that all its sessions ran, "3/8"; nil for all runs, for several shares, and for a store
  /// that was joined.
  package var shard: String? {
    get throws {
      try read { db in
        let isJoint = try Bool.fetchOne(
          db, sql: "SELECT EXISTS (SELECT 1 FROM documents WHERE name = ?)",
          arguments: [Self.mergeDocument])!
        let shards = try String?.fetchAll(db, sql: "SELECT DISTINCT shard FROM sessions")
        return isJoint || shards.count > 1 ? nil : shards.first ?? nil
      }
    }
  }
}

/// Host, system and processor.
func machineDescription() -> String {
  let info = ProcessInfo.processInfo
  let model = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
    .split(separator: "\n").first { $0.hasPrefix("model name") }?
    .split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
  return
    "\(info.hostName), \(info.operatingSystemVersionString), \(info.processorCount) processors\(model.map { ", \($0)" } ?? "")"
}
