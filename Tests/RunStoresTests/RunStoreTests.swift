import EscapeStatistics
import Experiments
import Foundation
import GRDB
import LangevinDynamics
import NumericalMethods
import Reports
import RunStores
import TestSupport
import Testing

/// A directory of its own; its name has characters that are special in addresses of files.
func withStoreDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
  try withTemporaryDirectory(named: "store #1 100% ü?", body)
}

func refusal(_ body: () throws -> Void) throws -> String {
  let error = #expect(throws: InvalidInput.self, performing: body)
  return try #require(error).description
}

@Suite("The run store")
struct RunStoreTests {
  private let experiment = StoredExperiment(
    command: "escape", options: ["temperature": "0.05", "landscape": "\"double-well\""], seed: 7)

  private static func run(_ replica: Int, _ outcome: PassageOutcome = .escaped) -> FinishedRun {
    FinishedRun(
      replica: replica,
      passage: PassageTime(time: 0.01 * Double(replica + 1), outcome: outcome),
      steps: replica + 1, wallTime: 0.5)
  }

  private let cell = StoreCell(
    name: "escape", kind: .passages, parameters: ["h": 0.1], streamCell: 3, timeStep: 0.01, cap: 40)

  @Test("What goes in comes out, to the bit, after closing and opening")
  func roundTrip() throws {
    try withStoreDirectory { directory in
      let url = directory.appendingPathComponent(RunStore.fileName)
      let awkward = [0.1, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1 / 3]
      let states = [
        ReplicaState(
          replica: 2, step: 1 << 40, state: awkward, stream: SIMD4(.max, 0, 1, 1 << 63),
          distance: 0.1, wallTime: 3.25),
        ReplicaState(
          replica: 9, step: 4, state: [], stream: .zero, distance: .infinity, wallTime: 0),
      ]
      let runs = [Self.run(0), Self.run(1, .censored), Self.run(5, .diverged)]
      let store = try RunStore.create(at: url, experiment: experiment)
      let id = try store.enter(cell)
      try store.add([(id, runs, states)])
      store.close()
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: directory.path) == [RunStore.fileName])

      let again = try RunStore.open(url, mayWrite: true)
      #expect(again.experiment == experiment)
      #expect(try again.enter(cell) == id)
      #expect(try again.cells().map(\.cell) == [cell])
      var read = [FinishedRun]()
      try again.forEachRun(id) {
        read.append($0)
        return true
      }
      #expect(read == runs)
      let checkpoints = try again.checkpoints(id)
      #expect(checkpoints == states)
      #expect(checkpoints[0].state.map(\.bitPattern) == awkward.map(\.bitPattern))
      // A run that ends is on its way no more.
      try again.add([(id, [Self.run(2)], [])])
      #expect(try again.checkpoints(id).map(\.replica) == [9])
      let tally = try again.tally(id)
      #expect((tally.runs, tally.events, tally.censored) == (4, 2, 1))
      expectClose(tally.exposure, to: 0.01 + 0.02 + 0.06 + 0.03, relative: 1e-12, "exposure")
      again.close()
    }
  }

  @Test("While it is written: write-ahead log, and what was written survives a failure of power")
  func settings() throws {
    try withStoreDirectory { directory in
      let url = directory.appendingPathComponent(RunStore.fileName)
      let store = try RunStore.create(at: url, experiment: experiment)
      _ = try store.enter(cell)
      #expect(FileManager.default.fileExists(atPath: url.path + "-wal"))
      // A reader of its own sees what is there, and disturbs nobody.
      let reader = try RunStore.open(url, mayWrite: false)
      #expect(try reader.cells().count == 1)
      #expect(store.pragmas == ["wal", "2"])
      reader.close()
      store.close()
    }
  }

  @Test("Killed in the middle of a change without a write-ahead log: it opens, for reading too")
  func halfAChange() throws {
    try withStoreDirectory { directory in
      let files = FileManager.default
      let whole = directory.appendingPathComponent(RunStore.fileName)
      let store = try RunStore.create(at: whole, experiment: experiment)
      _ = try store.enter(cell)
      store.close()
      let database = try DatabaseQueue(path: whole.path)
      for mayWrite in [false, true] {
        let folder = directory.appendingPathComponent("killed \(mayWrite)")
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        let killed = folder.appendingPathComponent(RunStore.fileName)
        // A change that is on the disk in part, with what undoes it beside it.
        try database.writeWithoutTransaction { db in
          try db.execute(sql: "PRAGMA cache_size = 1")
          try db.execute(sql: "PRAGMA cache_spill = 1")
          try db.execute(sql: "BEGIN IMMEDIATE")
          try db.execute(sql: "DELETE FROM cells")
          try db.execute(sql: "CREATE TABLE large (x BLOB)")
          for _ in 0..<50 { try db.execute(sql: "INSERT INTO large VALUES (randomblob(9000))") }
          for end in ["", "-journal"] {
            try files.copyItem(atPath: whole.path + end, toPath: killed.path + end)
          }
          try db.execute(sql: "ROLLBACK")
        }
        let again = try RunStore.open(killed, mayWrite: mayWrite)
        #expect(try again.cells().map(\.cell) == [cell])
        again.close()
        #expect(try files.contentsOfDirectory(atPath: folder.path) == [RunStore.fileName])
      }
      try database.close()
    }
  }

  @Test("A run is there once or not at all, and stays as it is")
  func appendOnly() throws {
    try withStoreDirectory { directory in
      let url = directory.appendingPathComponent(RunStore.fileName)
      let store = try RunStore.create(at: url, experiment: experiment)
      let id = try store.enter(cell)
      try store.add([(id, [Self.run(0)], [])])
      // One transaction: the second run is refused, so the first is not there either.
      #expect(throws: (any Error).self) {
        try store.add([(id, [Self.run(1), Self.run(0, .censored)], [])])
      }
      #expect(try store.tally(id).runs == 1)
      store.close()
      let database = try DatabaseQueue(path: url.path)
      for sql in [
        "UPDATE runs SET time = 3", "DELETE FROM runs",
        "INSERT INTO runs VALUES (1,0,1,'escaped',1,1)",
        "INSERT INTO runs VALUES (1,8,1,'fled',1,1)",
      ] {
        #expect(throws: DatabaseError.self) { try database.write { try $0.execute(sql: sql) } }
      }
      try database.close()
    }
  }

  @Test("Another cell of the same name is refused")
  func otherCell() throws {
    let store = try RunStore.create(experiment: experiment)
    _ = try store.enter(cell)
    let other = StoreCell(
      name: "escape", kind: .passages, parameters: ["h": 0.1], streamCell: 3, timeStep: 0.01,
      cap: 41)
    #expect(try refusal { _ = try store.enter(other) }.contains("cap: 40.0 there, 41.0 here"))
  }

  @Test("So is one that differs in any value that decides its numbers; older stores have none")
  func otherIdentity() throws {
    func cell(_ identity: [String: String]) -> StoreCell {
      StoreCell(name: "escape", kind: .passages, identity: identity, streamCell: 3)
    }
    let store = try RunStore.create(experiment: experiment)
    let number = try store.enter(cell(["seed": "1", "temperature": "0.08"]))
    #expect(
      try refusal { _ = try store.enter(cell(["seed": "1", "temperature": "0.12"])) }.contains(
        "temperature: 0.08 there, 0.12 here"))
    #expect(try store.enter(cell([:])) == number)
  }

  @Test("Files that are no stores are refused, each with its reason, and stay as they are")
  func refusals() throws {
    try withStoreDirectory { directory in
      let url = directory.appendingPathComponent(RunStore.fileName)
      func open() throws -> String {
        let before = try? Data(contentsOf: url)
        let text = try refusal { _ = try RunStore.open(url, mayWrite: false) }
        #expect(try refusal { _ = try RunStore.open(url, mayWrite: true) } == text)
        #expect((try? Data(contentsOf: url)) == before)
        return text
      }
      #expect(try open().contains("there is no run store"))
      try Data("not a database, but long enough to look like one".utf8).write(to: url)
      #expect(try open().contains("is not a run store, or its beginning is damaged"))
      try FileManager.default.removeItem(at: url)
      let other = try DatabaseQueue(path: url.path)
      try other.write { try $0.execute(sql: "CREATE TABLE mine (x)") }
      try other.close()
      #expect(try open().contains("not a run store"))
      try FileManager.default.removeItem(at: url)

      let store = try RunStore.create(at: url, experiment: experiment)
      let id = try store.enter(cell)
      try store.add([(id, (0..<3000).map { Self.run($0) }, [])])
      store.close()
      let sound = try Data(contentsOf: url)
      let newer = try DatabaseQueue(path: url.path)
      try newer.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99')") }
      try newer.close()
      #expect(try open().contains("was written by a newer metastable"))
      #expect(try refusal { _ = try StoreSummary(folder: directory) }.contains("newer"))

      try sound.prefix(sound.count / 2).write(to: url)
      let cut = try refusal { _ = try RunStore.open(url, mayWrite: true) }
      #expect(cut.contains("is damaged") && cut.contains("results verify"))
      let check = try StoreCheck(url)
      #expect(!check.isSound)
      #expect(check.rows.first { $0.table == "experiment" }?.readable == 1)
      let readable = try #require(check.rows.first { $0.table == "runs" }?.readable)
      #expect(readable > 100 && readable < 3000, "\(readable)")

      try sound.write(to: url)
      let problems = try StoreCheck(url).problems
      #expect(problems.isEmpty, "\(problems)")
    }
  }

  @Test("Nonsense among sound pages is found")
  func sense() throws {
    for (sql, word) in [
      ("UPDATE runs SET time = time * 1.001 WHERE replica = 3", "steps × dt"),
      ("UPDATE runs SET time = 100, steps = 10000 WHERE replica = 3", "longer than their cap"),
      ("INSERT INTO runs VALUES (77, 0, 0.01, 'escaped', 1, 0)", "belong to no cell"),
      ("INSERT INTO checkpoints VALUES (1, 3, 1, x'', x'', 0, 0, '')", "also on their way"),
      ("INSERT INTO checkpoints VALUES (1, 99, 1, x'', x'', 0, 0, '')", "1 of 1 checkpoints"),
      (
        "PRAGMA ignore_check_constraints = ON; INSERT INTO runs VALUES (1, -5, 'x', 'escaped', 1, 0)",
        "make no sense"
      ),
      ("DELETE FROM grdb_migrations", "no version"),
      ("DELETE FROM experiment", "experiment's row"),
    ] {
      try withStoreDirectory { directory in
        let url = directory.appendingPathComponent(RunStore.fileName)
        let store = try RunStore.create(at: url, experiment: experiment)
        let id = try store.enter(cell)
        try store.add([(id, (0..<30).map { Self.run($0) }, [])])
        store.close()
        #expect(try StoreCheck(url).isSound)
        let vandal = try DatabaseQueue(path: url.path)
        try vandal.writeWithoutTransaction {
          try $0.execute(sql: "PRAGMA foreign_keys = OFF; DROP TRIGGER runs_stay; \(sql)")
        }
        try vandal.close()
        let problems = try StoreCheck(url).problems
        #expect(problems.contains { $0.contains(word) }, "\(sql): \(problems)")
      }
    }
  }

  @Test("A store that cannot grow says so, and keeps what it has")
  func fullDisk() throws {
    let store = try RunStore.create(experiment: experiment)
    let id = try store.enter(cell)
    try store.add([(id, [Self.run(0)], [])])
    store.limitSize()
    #expect(throws: StorageFailure.self) {
      try store.add([(id, (1..<50_000).map { Self.run($0) }, [])])
    }
    #expect(try store.tally(id).runs == 1)
  }
}
