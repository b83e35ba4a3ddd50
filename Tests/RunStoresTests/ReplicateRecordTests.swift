import DataFiles
import EscapeStatistics
import Escapes
import Experiments
import Foundation
import GRDB
import LangevinDynamics
import NumericalMethods
import Reports
import RunStores
import TestSupport
import Testing

@Suite("How replicates of splitting went, in a store")
struct ReplicateRecordTests {
  private let key = StoredExperiment(command: "escape", options: [:], seed: 5)

  private func experiment(_ replicates: Int) throws -> EscapeExperiment {
    try EscapeExperiment(
      of: WellEscape.doubleWell, under: OverdampedDynamics(temperature: 0.03), runs: 1, seed: 5
    ).by(.splitting(SplittingSettings(paths: 20), replicates: replicates))
  }

  private func result(_ replicates: Int, in directory: URL, mode: RunContext.Mode = .run) throws
    -> EscapeResult
  {
    let folder = try ResultFolder(path: directory.path, mayReplace: false)
    let context = RunContext(
      mode: mode, store: { [key] in try folder.openStore(for: key, configuration: "") })
    defer {
      try? context.store.close()
      folder.release()
    }
    return try experiment(replicates).result(in: context)
  }

  private func vandalise(_ directory: URL, _ sql: String) throws {
    let url = directory.appendingPathComponent(RunStore.fileName)
    let vandal = try DatabaseQueue(path: url.path)
    try vandal.writeWithoutTransaction { try $0.execute(sql: sql) }
    try vandal.close()
  }

  private func problems(_ directory: URL) throws -> [String] {
    try StoreCheck(directory.appendingPathComponent(RunStore.fileName)).problems
  }

  @Test("A store of the third version goes on: its replicates count, but not level by level")
  func oldStore() throws {
    try withStoreDirectory { directory in
      let first = try result(6, in: directory)
      #expect(first.splitting?.recordedReplicates == 6)
      try vandalise(
        directory, "DROP TABLE replicates; DELETE FROM grdb_migrations WHERE identifier = '4'")
      let looked = try result(6, in: directory, mode: .look)
      #expect(looked.sample.passages == first.sample.passages)
      #expect(looked.splitting?.recordedReplicates == 0 && looked.levels == nil)
      #expect(looked.splitting?.meanRoots == nil)
      let more = try result(10, in: directory)
      #expect(Array(more.sample.passages.prefix(6)) == first.sample.passages)
      #expect(more.splitting?.recordedReplicates == 4)
      #expect(more.notes.contains { $0.hasPrefix("of 10 replicates 4 are known level by level") })
      #expect(more.levels?.reach.count == 4)
      #expect(try problems(directory) == [])
    }
  }

  @Test("Damaged records are found, and left out")
  func damage() throws {
    for (sql, word) in [
      ("UPDATE replicates SET record = '{' WHERE replica = 2", "1 of 6 records"),
      (
        "INSERT INTO replicates VALUES (1, 99, '{\"roots\":1,\"steps\":[],\"stopped\":[]}')",
        "no replica"
      ),
    ] {
      try withStoreDirectory { directory in
        let whole = try result(6, in: directory)
        try vandalise(directory, "DROP TRIGGER replicates_stay; \(sql)")
        let found = try problems(directory)
        #expect(found.contains { $0.contains(word) }, "\(sql): \(found)")
        let again = try result(6, in: directory)
        #expect(again.sample.passages == whole.sample.passages)
        #expect(again.levels!.reach.count >= 5)
      }
    }
  }

  @Test("Records are of the replicates that are asked for; nonsense does not count")
  func nonsense() throws {
    try withStoreDirectory { directory in
      _ = try result(6, in: directory)
      try vandalise(
        directory,
        """
        DROP TRIGGER replicates_stay;
        UPDATE replicates SET record = '{"roots":1,"steps":[1],"stopped":[-1]}' WHERE replica = 1
        """)
      #expect(try result(6, in: directory).levels?.reach.count == 5)
      #expect(try result(4, in: directory).levels?.reach.count == 3)
    }
  }
}
