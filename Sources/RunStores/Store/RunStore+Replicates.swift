import Foundation
internal import GRDB
package import LangevinDynamics

/// How replicates of splitting came to their targets, and the curves of trainings, beside their runs.
extension RunStore {
  /// Whether a store has a table of them, which those of older versions have not.
  static func hasReplicates(_ db: Database) throws -> Bool { try db.hasTable("replicates") }

  static func insert(_ records: [Int: any ReplicaRecord], cell: Int, _ db: Database) throws {
    guard !records.isEmpty else { return }
    let insert = try db.cachedStatement(sql: "INSERT INTO replicates VALUES (?, ?, ?)")
    for (replica, record) in records.sorted(by: { $0.key < $1.key }) {
      try insert.execute(arguments: [
        cell, replica, try Self.text(of: record),
      ])
    }
  }

  /// What is known of the replicas of a cell, by replica; one that is damaged is left out.
  package func records<Record: ReplicaRecord>(
    ofReplicatesIn cell: Int, as type: Record.Type
  ) throws -> [Int: Record] {
    try read { db in
      guard try Self.hasReplicates(db) else { return [:] }
      var records = [Int: Record]()
      for row in try Row.fetchAll(
        db, sql: "SELECT replica, record FROM replicates WHERE cell = ?", arguments: [cell])
      {
        guard let replica = Int.fromDatabaseValue(row[0]) else { continue }
        records[replica] = Self.record(row[1], as: type)
      }
      return records
    }
  }

  /// Whether it can be one of a replicate of splitting, or of a training.
  static func isRecord(_ value: DatabaseValue) -> Bool {
    struct Curve: ReplicaRecord {
      struct Record: Codable { let step: Int }
      let records: [Record]
    }
    return record(value, as: SplittingRecord.self) != nil || record(value, as: Curve.self) != nil
  }

  /// The same as it is written.
  func recordTexts(ofReplicatesIn cell: Int) throws -> [Int: String] {
    try read { db in
      guard try Self.hasReplicates(db) else { return [:] }
      let rows = try Row.fetchAll(
        db, sql: "SELECT replica, record FROM replicates WHERE cell = ?", arguments: [cell])
      return Dictionary(
        rows.compactMap { row in
          guard let replica = Int.fromDatabaseValue(row[0]) else { return nil }
          return String.fromDatabaseValue(row[1]).map { (replica, $0) }
        }, uniquingKeysWith: { first, _ in first })
    }
  }

  static func record<Record: ReplicaRecord>(
    _ value: DatabaseValue, as type: Record.Type
  ) -> Record? {
    guard let text = String.fromDatabaseValue(value) else { return nil }
    return try? JSONDecoder().decode(type, from: Data(text.utf8))
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
