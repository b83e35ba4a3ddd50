import Foundation
internal import GRDB
package import LangevinDynamics
import NumericalMethods

extension RunStore {
  /// Adds records to a curve and says where its run is, in one transaction.
  ///
  /// - Parameters:
  ///   - first: the number of the first of them; those before it are there already.
  ///   - state: where the run is; nil where it has ended and nothing follows.
  ///   - run: how it ended; nil where it goes on.
  package func add<Record: Encodable>(
    _ records: [Record], from first: Int, to cell: Int, state: ReplicaState?,
    ended run: FinishedRun? = nil
  ) throws {
    let texts = try records.map { try Self.text(of: $0) }
    try write { db in
      let insert = try db.cachedStatement(sql: "INSERT INTO records VALUES (?, ?, ?)")
      for (i, text) in texts.enumerated() {
        try insert.execute(arguments: [cell, first + i, text])
      }
      if let state {
        try Self.save([state], cell: cell, db)
      } else {
        try db.execute(sql: "DELETE FROM checkpoints WHERE cell = ?", arguments: [cell])
      }
      if let run { try Self.insert([run], cell: cell, db) }
    }
  }

  /// A record as it is stored. Numbers keep every bit.
  package static func text(of record: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return String(decoding: try encoder.encode(record), as: UTF8.self)
  }

  /// The records of a curve, in order.
  package func records<Record: Decodable>(_ cell: Int, as _: Record.Type) throws -> [Record] {
    let rows = try read { db in
      try Row.fetchAll(
        db, sql: "SELECT number, record FROM records WHERE cell = ? ORDER BY number",
        arguments: [cell]
      ).map {
        (number: try $0.decode(Int.self, atIndex: 0), text: try $0.decode(String.self, atIndex: 1))
      }
    }
    guard zip(rows, 0...).allSatisfy({ $0.number == $1 }) else {
      throw InvalidInput(
        "records of a curve are missing in the run store '\(path)', which was changed; start afresh with --overwrite"
      )
    }
    let texts = rows.map(\.text)
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return try texts.map {
      do { return try decoder.decode(Record.self, from: Data($0.utf8)) } catch {
        throw InvalidInput(
          "a record of the run store '\(path)' cannot be read; 'metastable results verify' says what can be"
        )
      }
    }
  }
}
