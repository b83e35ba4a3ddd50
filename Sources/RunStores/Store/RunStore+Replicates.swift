import Foundation
internal import GRDB
package import LangevinDynamics

/// How replicates of splitting came to their targets, beside their runs.
extension RunStore {
  /// Whether a store has a table of them, which those of older versions have not.
  static func hasReplicates(_ db: Database) throws -> Bool { try db.hasTable("replicates") }

  static func insert(_ records: [Int: SplittingRecord], cell: Int, _ db: Database) throws {
    guard !records.isEmpty else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let insert = try db.cachedStatement(sql: "INSERT INTO replicates VALUES (?, ?, ?)")
    for (replica, record) in records.sorted(by: { $0.key < $1.key }) {
      try insert.execute(arguments: [
        cell, replica, String(decoding: encoder.encode(record), as: UTF8.self),
      ])
    }
  }

  /// What is known of the replicates of a cell, by replica; one that is damaged is left out.
  package func records(ofReplicatesIn cell: Int) throws -> [Int: SplittingRecord] {
    try read { db in
      guard try Self.hasReplicates(db) else { return [:] }
      var records = [Int: SplittingRecord]()
      for row in try Row.fetchAll(
        db, sql: "SELECT replica, record FROM replicates WHERE cell = ?", arguments: [cell])
      {
        guard let replica = Int.fromDatabaseValue(row[0]) else { continue }
        records[replica] = Self.record(row[1])
      }
      return records
    }
  }

  static func record(_ value: DatabaseValue) -> SplittingRecord? {
    guard let text = String.fromDatabaseValue(value) else { return nil }
    return try? JSONDecoder().decode(SplittingRecord.self, from: Data(text.utf8))
  }

  /// Adds those of a cell of another store whose replicas have none yet.
  static func addReplicates(_ from: Database, _ cell: Int, to other: Int, _ to: Database) throws {
    guard try hasReplicates(from) else { return }
    for row in try Row.fetchAll(
      from, sql: "SELECT replica, record FROM replicates WHERE cell = ?", arguments: [cell])
    {
      try to.execute(
        sql: "INSERT OR IGNORE INTO replicates VALUES (?, ?, ?)",
        arguments: [other, row[0] as DatabaseValue, row[1] as DatabaseValue])
    }
  }
}
