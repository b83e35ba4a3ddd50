import EscapeStatistics
import Escapes
import Experiments
import Foundation
import LangevinDynamics
import NumericalMethods
import Reports
import RunStores
import TestSupport
import Testing

/// `--keep-runs none`: blocks of runs in place of runs.
@Suite("Ensembles without single runs", .tags(.slow), .unlessQuick)
struct UnkeptRunsTests {
  /// Two blocks and a rest, of which each run takes some forty steps.
  private static let runs = 2 * RunBlock.size + 30_000

  private static func experiment(runs: Int = runs, isKept: Bool = false) throws -> EscapeExperiment
  {
    try EscapeExperiment(
      of: NamedEscape.doubleWell.escape(),
      under: OverdampedDynamics(temperature: 2, timeStep: 0.05),
      extent: EnsembleExtent(runs: runs, keepingRuns: isKept), seed: 9, cap: 8)
  }

  private let key = StoredExperiment(command: "escape", options: ["keep-runs": "\"none\""], seed: 9)

  private static func export(_ store: RunStore) throws -> String {
    var text = ""
    try store.exportHistograms { text += $0 + "\n" }
    return text
  }

  /// The store of an ensemble that kept nothing.
  private static let whole = Result {
    let context = RunContext()
    let result = try experiment().result(in: context)
    return (result: result, text: try export(context.store), store: try context.store)
  }

  private func run(
    _ context: RunContext, runs: Int = UnkeptRunsTests.runs
  ) throws -> EscapeResult { try Self.experiment(runs: runs).result(in: context) }

  private func context(
    _ path: String, stop: StopSignal = StopSignal(), shard: Shard? = nil
  ) throws -> (RunContext, ResultFolder) {
    let folder = try ResultFolder(path: path, mayReplace: false)
    let context = RunContext(
      stop: stop, shard: shard, checkpointInterval: 0.03,
      store: { [key] in try folder.openStore(for: key, configuration: "") })
    return (context, folder)
  }

  @Test("The same counts, times and sums as of runs that are kept, and the same interval")
  func sameAsKept() throws {
    let whole = try Self.whole.get()
    let kept = try Self.experiment(isKept: true).result(in: RunContext())
    var histogram = PassageHistogram(timeStep: 0.05)
    for passage in kept.sample.passages { histogram.add(passage) }
    let table = try #require(whole.result.tables.first { $0.name == "histogram" })
    #expect(table.isDetail)
    #expect(table.csv().split(separator: "\n").count == histogram.rows.count + 1)
    var counted = try #require(whole.result.sample.histogram)
    #expect(counted.runs == 2 * RunBlock.size)
    for passage in whole.result.sample.passages { counted.add(passage) }
    #expect(counted == histogram)
    let (rate, expected) = (whole.result.measured.rate, kept.measured.rate)
    #expect(rate.method.prefix(30) == expected.method.prefix(30))
    expectClose(try #require(rate.value), to: try #require(expected.value), relative: 1e-9)
    expectClose(try #require(rate.lower), to: try #require(expected.lower), relative: 1e-4)
    #expect(whole.result.notes.contains { $0.contains("single runs cannot be exported") })
    let tally = try whole.store.tally(1)
    #expect(tally.runs == Self.runs)
  }

  @Test("Stopped anywhere and gone on with: the same blocks")
  func stops() throws {
    let random = testStream(620)
    try withStoreDirectory { directory in
      let path = directory.appendingPathComponent("out").path
      var stops = 0
      while true {
        // The first time at once, so that a fast machine stops as well.
        let seconds = stops == 0 ? 0 : (0.05 + 0.3 * random.uniform()) * (1 + Double(stops) / 5)
        let (context, folder) = try context(path, stop: StopSignal(after: seconds))
        defer { folder.release() }
        do {
          _ = try run(context)
          let text = try Self.export(context.store)
          #expect(text == (try Self.whole.get().text))
          try context.store.close()
          break
        } catch is StoppedEarly {
          stops += 1
          try context.store.close()
        }
      }
      #expect(stops > 0)
      let check = try StoreCheck(directory.appendingPathComponent("out/\(RunStore.fileName)"))
      #expect(check.isSound, "\(check.problems)")
      #expect(check.rows.contains { $0 == ("blocks", 2) })
    }
  }

  @Test("In shards, joined in any order and in parts: the same blocks")
  func shards() throws {
    try withStoreDirectory { directory in
      func path(_ name: String) -> String { directory.appendingPathComponent(name).path }
      for k in 1...2 {
        let (context, folder) = try context(path("\(k)"), shard: Shard(k, of: 2))
        #expect(throws: ShardFinished.self) { try run(context) }
        try context.store.close()
        folder.release()
      }
      // Of the first shard, with single runs of what is a block there.
      let (part, folder) = try context(path("part"), shard: Shard(1, of: 2))
      #expect(throws: ShardFinished.self) { try run(part, runs: 500) }
      try part.store.close()
      folder.release()
      for (i, names) in [
        ["1", "2"], ["2", "part", "1"], ["part", "1", "2"], ["1", "part", "2", "1"],
      ]
      .enumerated() {
        let merge = try StoreMerge(names.map(path), into: path("all \(i)"))
        #expect(merge.added == Self.runs, "\(names)")
        #expect(merge.total == Self.runs)
        let store = try RunStore.open(
          directory.appendingPathComponent("all \(i)/\(RunStore.fileName)"), mayWrite: false)
        let text = try Self.export(store)
        #expect(text == (try Self.whole.get().text))
        store.close()
      }
    }
  }

  @Test("A block is run again, more runs go on from it, and fewer cannot be told")
  func again() throws {
    try withStoreDirectory { directory in
      let path = directory.appendingPathComponent("out").path
      let (first, folder) = try context(path)
      _ = try run(first, runs: RunBlock.size + 100)
      try first.store.close()
      folder.release()
      let url = directory.appendingPathComponent("out/\(RunStore.fileName)")
      let store = try RunStore.open(url, mayWrite: false)
      let verification = RunContext(mode: .verify(runs: 4), store: { store })
      _ = try run(verification, runs: RunBlock.size + 100)
      #expect(verification.recheckedRuns.count == 5)
      #expect(verification.recheckedRuns.allSatisfy { $0.agrees })
      let sentence = try refusal {
        _ = try run(RunContext(mode: .look, store: { store }), runs: 5000)
      }
      #expect(sentence.contains("5000 runs cannot be told from 131072"))
      store.close()
      let (more, again) = try context(path)
      _ = try run(more)
      let text = try Self.export(more.store)
      #expect(text == (try Self.whole.get().text))
      try more.store.close()
      again.release()
    }
  }
}
