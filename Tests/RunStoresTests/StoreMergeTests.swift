import EscapeStatistics
import Foundation
import LangevinDynamics
import NumericalMethods
import RunStores
import TestSupport
import Testing

@Suite("Joining stores")
struct StoreMergeTests {
  private let experiment = StoredExperiment(command: "escape", seed: 7)
  private let cells = ["a", "b"].enumerated().map {
    StoreCell(
      name: $0.element, kind: .passages, parameters: [:], streamCell: $0.offset, timeStep: 0.01,
      cap: 40)
  }

  private func run(_ replica: Int, steps: Int? = nil) -> FinishedRun {
    let steps = steps ?? (replica * 7919) % 1000 + 1
    return FinishedRun(
      replica: replica, passage: PassageTime(time: 0.01 * Double(steps), outcome: .escaped),
      steps: steps, wallTime: Double(replica))
  }

  private func state(_ replica: Int, step: Int) -> ReplicaState {
    ReplicaState(
      replica: replica, step: step, state: [1], stream: .zero, distance: 1, wallTime: 0)
  }

  private func rows(_ url: URL) throws -> [[FinishedRun]] {
    let store = try RunStore.open(url, mayWrite: false)
    defer { store.close() }
    return try store.cells().map { cell in
      var runs = [FinishedRun]()
      try store.forEachRun(cell.id) {
        runs.append($0)
        return true
      }
      return runs
    }
  }

  @Test("In parts, of shares that overlap: every run once, with what the first store says of it")
  func parts() throws {
    try withStoreDirectory { directory in
      func path(_ name: String) -> String { directory.appendingPathComponent(name).path }
      let all = 0..<100
      // Two shares of three, and one that repeats every fifth replica.
      let shares = (0..<3).map { k in all.filter { $0 % 3 == k } } + [all.filter { $0 % 5 == 0 }]
      for (k, share) in shares.enumerated() {
        let folder = try ResultFolder(path: path("\(k)"), mayReplace: false)
        let store = try folder.openStore(for: experiment, configuration: "")
        for cell in cells {
          let id = try store.enter(cell)
          try store.add([(id, share.map { run($0) }, [])])
          // On its way in one store, ended in another; on its way in all, in one of them further.
          try store.add([
            (id, [], [state((share[0] + 1) % 100, step: 5), state(200, step: 10 + k % 3)])
          ])
        }
        store.close()
        folder.release()
      }
      let names = shares.indices.map { path("\($0)") }
      for staged in [1, 7, 1_000_000] {
        let merge = try StoreMerge(names, into: path("all \(staged)"), holding: staged)
        #expect((merge.added, merge.skipped, merge.total) == (200, 40, 200))
        let url = directory.appendingPathComponent("all \(staged)/\(RunStore.fileName)")
        #expect(try rows(url) == [all.map { run($0) }, all.map { run($0) }])
        let store = try RunStore.open(url, mayWrite: false)
        for cell in try store.cells() {
          #expect(try store.checkpoints(cell.id) == [state(200, step: 12)])
        }
        store.close()
        #expect(try StoreCheck(url).problems.allSatisfy { !$0.contains("on their way") })
      }

      // Another result: refused whichever part the two come in.
      let rival = try ResultFolder(path: path("rival"), mayReplace: false)
      let store = try rival.openStore(for: experiment, configuration: "")
      try store.add([(store.enter(cells[0]), [run(40, steps: 3)], [])])
      store.close()
      rival.release()
      for staged in [1, 1_000_000] {
        let clash = try refusal {
          _ = try StoreMerge(names + [path("rival")], into: path("bad"), holding: staged)
        }
        #expect(
          clash.contains(
            "replica 40 of cell 'a' is in '\(path("rival"))' (escaped at t = 0.03) and was merged before with another result"
          ), "\(clash)")
        #expect(!FileManager.default.fileExists(atPath: path("bad")))
      }
      // Into one of them.
      let into = try StoreMerge(names, into: names[0])
      #expect(into.total == 200)
    }
  }
}
