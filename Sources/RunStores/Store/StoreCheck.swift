package import Foundation
internal import GRDB
import NumericalMethods

/// What can be read of a store, and whether it makes sense: for one that may be damaged.
package struct StoreCheck: Sendable {
  /// Rows that can be read, by table; nil where reading fails from the first on.
  package private(set) var rows: [(table: String, readable: Int?)] = []
  /// What is wrong, a sentence each; empty for a sound store.
  package private(set) var problems: [String] = []

  /// - Throws: `InvalidInput` where there is no file, or it cannot be opened at all.
  package init(_ url: URL) throws {
    let store: DatabaseQueue
    do {
      // The schema is not asked for: that may be what is damaged.
      store = try RunStore.look(url, whatever: true)
    } catch let error as DatabaseError {
      // Permissions are not damage.
      guard ![.SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM].contains(error.resultCode) else {
        _ = try speakingOfStore(at: url.path) { throw error }
        return
      }
      problems.append("the file cannot be opened: \(error.message ?? "\(error.resultCode)")")
      return
    }
    defer { try? store.close() }
    let application = store.unsafeRead { try? Int.fetchOne($0, sql: "PRAGMA application_id") }
    if let application, application != StoreSchema.applicationID {
      throw InvalidInput("'\(url.path)' is not a run store; name another folder")
    }
    store.unsafeRead { db in
      if let lines = attempt(
        "the check of the file", { try String.fetchAll(db, sql: "PRAGMA integrity_check(20)") }),
        lines != ["ok"]
      {
        problems += lines.map { "SQLite: \($0)" }
      }
      for table in ["experiment", "options", "sessions", "cells", "runs", "records", "checkpoints"]
      {
        rows.append((table, count(table, db)))
      }
      // Only those of the third version have it.
      if (try? RunBlock.areIn(db)) ?? false { rows.append(("blocks", count("blocks", db))) }
      // Only those of the fourth.
      if (try? RunStore.hasReplicates(db)) ?? false {
        rows.append(("replicates", count("replicates", db)))
      }
      guard problems.isEmpty else { return }
      checkSense(db)
    }
  }

  private mutating func attempt<Result>(_ what: String, _ body: () throws -> Result) -> Result? {
    do { return try body() } catch let error as DatabaseError {
      problems.append("\(what) failed: \(error.message ?? "\(error.resultCode)")")
    } catch { problems.append("\(what) failed: \(error)") }
    return nil
  }

  /// Reads rows until one cannot be.
  private mutating func count(_ table: String, _ db: Database) -> Int? {
    var count = 0
    do {
      let rows = try Row.fetchCursor(db, sql: "SELECT * FROM \(table)")
      while try rows.next() != nil { count += 1 }
      return count
    } catch {
      let message = (error as? DatabaseError)?.message ?? "\(error)"
      problems.append("table \(table) can be read up to row \(count) (\(message))")
      return count > 0 ? count : nil
    }
  }

  private mutating func checkSense(_ db: Database) {
    func complain(_ sql: String, _ sentence: (Int) -> String) {
      if let count = attempt("a check", { try Int.fetchOne(db, sql: sql) ?? 0 }), count > 0 {
        problems.append(sentence(count))
      }
    }
    complain("SELECT count(*) FROM runs WHERE cell NOT IN (SELECT id FROM cells)") {
      "\($0) runs belong to no cell"
    }
    if let versions = attempt("a check", { try StoreSchema.migrator.appliedIdentifiers(db) }),
      versions.isEmpty
    {
      problems.append("the schema has no version")
    }
    if let rows = attempt("a check", { try Row.fetchAll(db, sql: RunStore.selectCheckpoints) }) {
      let bad = rows.count { RunStore.checkpoint($0) == nil }
      if bad > 0 {
        problems.append("\(bad) of \(rows.count) checkpoints are damaged and would not be used")
      }
    }
    complain(
      """
      SELECT count(*) FROM runs WHERE replica NOT BETWEEN 0 AND 4294967295
        OR typeof(time) <> 'real' OR time < 0 OR typeof(steps) <> 'integer' OR steps < 0
      """
    ) { "\($0) runs have a replica, a time or steps that make no sense" }
    let cells = attempt("a check", { try RunStore.cells(db) }) ?? []
    for cell in cells {
      _ = attempt("reading blocks") { try RunBlock.forEach(cell.id, db) { _ in true } }
    }
    if (try? RunBlock.areIn(db)) ?? false {
      complain(
        """
        SELECT count(*) FROM runs JOIN blocks
          ON blocks.cell = runs.cell AND blocks.number = runs.replica / \(RunBlock.size)
        """
      ) { "\($0) runs are also in a block" }
    }
    if (try? RunStore.hasReplicates(db)) ?? false,
      let rows = attempt(
        "a check", { try Row.fetchAll(db, sql: "SELECT record FROM replicates") })
    {
      let bad = rows.count { !RunStore.isRecord($0[0]) }
      if bad > 0 {
        problems.append("\(bad) of \(rows.count) records of replicas are damaged")
      }
      complain(
        """
        SELECT count(*) FROM replicates LEFT JOIN runs USING (cell, replica)
          WHERE runs.replica IS NULL
        """
      ) { "\($0) records belong to no replica" }
    }
    complain("SELECT 1 - count(*) FROM experiment") { _ in "the experiment's row is missing" }
    // A passage is at the end of a step or, seen by a bridge, in its middle. A replicate of splitting has an estimate
    // of the mean in place of its time.
    let splitting = cells.filter { $0.cell.isSplitting }.map { "\($0.id)" }.joined(separator: ", ")
    complain(
      """
      SELECT count(*) FROM runs JOIN cells ON cells.id = runs.cell
        WHERE kind = 'passages' AND cell NOT IN (\(splitting)) AND NOT
        (abs(time - steps * time_step) <= 1e-9 * time
          OR outcome = 'escaped' AND abs(time - (steps - 0.5) * time_step) <= 1e-9 * time)
      """
    ) { "\($0) runs have a time that is not their steps × dt" }
    complain(
      """
      SELECT count(*) FROM runs JOIN cells ON cells.id = runs.cell
        WHERE kind = 'passages' AND cell NOT IN (\(splitting)) AND time > cap + time_step
      """
    ) { "\($0) runs are longer than their cap" }
    complain(
      """
      SELECT count(*) FROM checkpoints JOIN runs USING (cell, replica)
        JOIN cells ON cells.id = runs.cell WHERE kind = 'passages'
      """
    ) { "\($0) runs have ended and are also on their way" }
  }

  /// Whether nothing is wrong.
  package var isSound: Bool { problems.isEmpty }
}
