import EscapeStatistics
import Foundation
import GRDB
import LangevinDynamics
import Metastable

private func refusal(_ error: any Error) -> String? { (error as? InvalidInput)?.description }

/// Run stores, as they come from elsewhere: opened, read from end to end, checked, exported.
let storeTargets = [
  FuzzTarget(
    name: "run store", share: 3, corpus: stores,
    dictionary: ["escaped", "censored", "passages", "CREATE TABLE", "\0\0\0\0", "\u{7F}"],
    limit: 1 << 17,
    refusal: refusal
  ) { data in
    try withFile("runs.sqlite", data) { path in
      let url = URL(fileURLWithPath: path)
      let store = try RunStore.open(url, mayWrite: false)
      defer { store.close() }
      for (id, _) in try store.cells() {
        try store.forEachRun(id) { run in
          guard run.replica >= 0, run.passage.time.isFinite else {
            throw WrongResult(description: "replica \(run.replica) at \(run.passage.time)")
          }
          return true
        }
        _ = try store.checkpoints(id)
        _ = try store.tally(id)
      }
      _ = try store.sessions()
      try store.exportRuns { _ in }
      try store.exportRecords { _ in }
      _ = try store.exportDocument()
    }
  },
  FuzzTarget(
    name: "check of a run store", share: 1, corpus: stores, dictionary: ["main", "runs", "\0\0"],
    limit: 1 << 17,
    refusal: refusal
  ) { data in
    try withFile("runs.sqlite", data) { _ = try StoreCheck(URL(fileURLWithPath: $0)) }
  },
]

/// Small stores: in small pages, so that a change hits something that matters.
private let stores: [Data] = {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("fuzz stores \(UUID().uuidString)")
  defer { try? FileManager.default.removeItem(at: folder) }
  return [0, 3, 60].map { runs in
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let (full, small) = (
        folder.appendingPathComponent("\(runs)"), folder.appendingPathComponent("\(runs) small")
      )
      let store = try RunStore.create(
        at: full,
        experiment: StoredExperiment(
          command: "escape", options: ["landscape": "\"double-well\"", "temperature": "0.05"],
          seed: 1))
      let cell = try store.enter(
        StoreCell(
          name: "escape", kind: .passages, parameters: ["learningRate": 0.1], streamCell: 0,
          timeStep: 0.01, cap: 9))
      let curve = try store.enter(StoreCell(name: "training", kind: .curve))
      let outcomes = PassageOutcome.allCases
      try store.add([
        (
          cell,
          (0..<runs).map {
            FinishedRun(
              replica: $0,
              passage: PassageTime(
                time: 0.01 * Double($0 + 1), outcome: outcomes[$0 % outcomes.count]),
              steps: $0 + 1, wallTime: 0.1)
          },
          (runs..<runs + 2).map {
            ReplicaState(
              replica: $0, step: 5, state: [0.1, -2], stream: SIMD4(1, 2, 3, 4), distance: 0.3)
          }
        )
      ])
      try store.add(
        (0..<runs).map { ["step": Double($0), "loss": 1 / Double($0 + 1)] }, from: 0, to: curve,
        state: nil)
      _ = try store.begin(configuration: ["temperature": 0.05], shard: nil)
      store.close()
      let database = try DatabaseQueue(path: full.path)
      try database.writeWithoutTransaction {
        try $0.execute(sql: "PRAGMA page_size = 512; VACUUM INTO ?", arguments: [small.path])
      }
      try database.close()
      return try Data(contentsOf: small)
    } catch { fatalError("a store for the corpus cannot be made: \(error)") }
  }
}()
