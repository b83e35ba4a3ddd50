import DataFiles
import EscapeStatistics
import Escapes
import Experiments
import Foundation
import GRDB
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import Reports
import RunStores
import Synchronization
import TestSupport
import Testing

/// Experiments in a store: interrupted, shared out, joined, extended, looked at.
@Suite("Ensembles in a store")
struct StoredEnsembleTests {
  private func experiment(
    runs: Int = 60, engine: Engine = .standard, seed: UInt64 = 5, temperature: Double = 0.05,
    cap: Double? = 900, threads: Int? = nil
  ) throws -> EscapeExperiment {
    try EscapeExperiment(
      of: NamedEscape.doubleWell.escape(),
      under: OverdampedDynamics(temperature: temperature, timeStep: 0.005), runs: runs, seed: seed,
      threads: threads, engine: engine, cap: cap)
  }

  private let key = StoredExperiment(command: "escape", options: ["landscape": "1"], seed: 5)

  private func export(_ store: RunStore) throws -> String {
    var text = ""
    try store.exportRuns { text += $0 + "\n" }
    try store.exportRecords { text += $0 + "\n" }
    return text
  }

  /// Opens the store of a folder for each attempt and stops the work at a random moment until it is done: the first time
  /// at once, so that a fast machine stops it as well.
  private func interrupted(
    in directory: URL, stopAfter: () -> Double, _ body: (RunContext) throws -> Void
  ) throws -> (text: String, stops: Int) {
    var stops = 0
    for attempt in 0..<500 {
      let folder = try ResultFolder(
        path: directory.appendingPathComponent("out").path, mayReplace: false)
      let context = RunContext(
        stop: StopSignal(after: attempt == 0 ? 0 : stopAfter() * (1 + Double(attempt) / 20)),
        checkpointInterval: 0.01,
        store: { try folder.openStore(for: key, configuration: "") })
      do {
        try body(context)
        let text = try export(context.store)
        try context.store.close()
        return (text, stops)
      } catch let stopped as StoppedEarly {
        #expect(stopped.description.contains("the same command goes on"))
        stops += 1
        try context.store.close()
      }
    }
    Issue.record("the work never ended")
    return ("", stops)
  }

  @Test(
    "Stopped anywhere and gone on with: the same rows, on both engines", arguments: [true, false])
  func stops(_ isReference: Bool) throws {
    // Some tenths of a second.
    let experiment = try experiment(
      runs: isReference ? 200 : 3000, engine: isReference ? .reference : .standard)
    let whole = RunContext()
    let findings = try experiment.findings(in: whole)
    let text = try export(whole.store)
    #expect(text.split(separator: "\n").count >= 201)
    #expect(text.contains("escaped") && text.contains("censored"))
    let random = testStream(500)
    try withStoreDirectory { directory in
      let (again, stops) = try interrupted(in: directory, stopAfter: { 0.03 * random.uniform() }) {
        let results = try experiment.findings(in: $0).results
        #expect(results == findings.results)
      }
      #expect(stops > 0, "stopped \(stops) times")
      #expect(again == text)
    }
  }

  @Test("Another program that holds the store for a while holds nothing up, and nothing is lost")
  func busyStore() throws {
    let experiment = try experiment(runs: 3000)
    let whole = RunContext()
    _ = try experiment.findings(in: whole)
    try withStoreDirectory { directory in
      let url = directory.appendingPathComponent("out")
      let folder = try ResultFolder(path: url.path, mayReplace: false)
      let store = try folder.openStore(for: key, configuration: "")
      _ = try store.enter(
        StoreCell(
          name: "escape", kind: .passages, parameters: [:], streamCell: 0, timeStep: 0.005,
          cap: 900))
      let other = try DatabaseQueue(path: url.appendingPathComponent(RunStore.fileName).path)
      let isHeld = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        try? other.writeWithoutTransaction { db in
          try db.execute(sql: "BEGIN IMMEDIATE")
          isHeld.signal()
          // Longer than the work, and than a writer waits.
          Thread.sleep(forTimeInterval: 2.5)
          try db.execute(sql: "ROLLBACK")
        }
      }
      isHeld.wait()
      let context = RunContext(checkpointInterval: 0.05, store: { store })
      _ = try experiment.findings(in: context)
      #expect(try export(store) == (try export(whole.store)))
      store.close()
    }
  }

  @Test("Training and sweeps stopped anywhere: the same records")
  func curves() throws {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.7])
    let training = try TrainingExperiment(
      data: NetworkData(teacher: teacher, samples: 128, testSamples: 32, seed: 1),
      architecture: NetworkArchitecture(widths: [2, 8, 8, 2]), weightDecay: 0.02,
      settings: SGDSettings(learningRate: 0.05, batchSize: 16, momentum: 0.5, sampling: .epochs),
      epochs: 40_000, seed: 3)
    let phases = try PhaseDiagramExperiment(
      data: NetworkData(online: teacher), widths: [2, 16, 16, 2], step: 0.0001,
      convergence: QuasiStaticSweep.Convergence(), seed: 2)
    let random = testStream(501)
    for run in [
      { (context: RunContext) in try training.findings(in: context) },
      { (context: RunContext) in try phases.findings(in: context) },
    ] {
      let whole = RunContext()
      let findings = try run(whole)
      let text = try export(whole.store)
      try withStoreDirectory { directory in
        let (again, stops) = try interrupted(in: directory, stopAfter: { 0.05 * random.uniform() })
        {
          let results = try run($0).results
          #expect(results == findings.results)
        }
        #expect(stops > 0, "stopped \(stops) times")
        #expect(again == text)
      }
    }
  }

  @Test("A damaged checkpoint of a curve costs time, not the curve")
  func damagedCurves() throws {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.7])
    let training = try TrainingExperiment(
      data: NetworkData(teacher: teacher, samples: 128, testSamples: 32, seed: 1),
      architecture: NetworkArchitecture(widths: [2, 8, 8, 2]), weightDecay: 0.02,
      settings: SGDSettings(learningRate: 0.05, batchSize: 16), epochs: 4000, seed: 3)
    let phases = try PhaseDiagramExperiment(
      data: NetworkData(online: teacher), widths: [2, 16, 16, 2], step: 0.0005,
      convergence: QuasiStaticSweep.Convergence(), seed: 2)
    for run in [
      { (context: RunContext) in try training.findings(in: context) },
      { (context: RunContext) in try phases.findings(in: context) },
    ] {
      let whole = RunContext()
      _ = try run(whole)
      try withStoreDirectory { directory in
        let url = directory.appendingPathComponent("out")
        for stop in [0.04, 0.1, 10.0, 10] {
          let folder = try ResultFolder(path: url.path, mayReplace: false)
          let context = RunContext(
            stop: StopSignal(after: stop), checkpointInterval: 0.01,
            store: { try folder.openStore(for: key, configuration: "") })
          do { _ = try run(context) } catch is StoppedEarly {}
          if stop == 10 { #expect(try export(context.store) == (try export(whole.store))) }
          try context.store.close()
          folder.release()
          let vandal = try DatabaseQueue(path: url.appendingPathComponent(RunStore.fileName).path)
          try vandal.write { try $0.execute(sql: "UPDATE checkpoints SET state = x'00'") }
          try vandal.close()
        }
      }
    }
  }

  @Test("More runs, fewer runs: those of the number asked for, whatever is there")
  func extents() throws {
    let store = try RunStore.create(experiment: key)
    func results(_ runs: Int, fresh: Bool = false) throws -> JSONValue {
      let context = fresh ? RunContext() : RunContext(store: { store })
      return try experiment(runs: runs).findings(in: context).results
    }
    let ten = try results(10)
    #expect(ten == (try results(10, fresh: true)))
    #expect(try results(20) == (try results(20, fresh: true)))
    #expect(try results(10) == ten)
    #expect(try store.tally(1).runs == 20)
  }

  @Test("Shards, joined, are the whole; finished work is not done again")
  func shards() throws {
    try withStoreDirectory { directory in
      func path(_ name: String) -> String { directory.appendingPathComponent(name).path }
      let whole = RunContext()
      _ = try experiment().findings(in: whole)
      for k in 1...3 {
        let folder = try ResultFolder(path: path("shard \(k)"), mayReplace: false)
        let context = RunContext(
          shard: try Shard(k, of: 3),
          store: { try folder.openStore(for: key, configuration: "") })
        let finished = #expect(throws: ShardFinished.self) {
          try experiment().findings(in: context)
        }
        #expect(finished?.runs == 20)
        try context.store.close()
      }
      let names = (1...3).map { path("shard \($0)") }
      let merge = try StoreMerge(names, into: path("all"))
      #expect((merge.added, merge.skipped, merge.total) == (60, 0, 60))
      let all = try RunStore.open(
        directory.appendingPathComponent("all").appendingPathComponent(RunStore.fileName),
        mayWrite: false)
      #expect(try export(all) == (try export(whole.store)))
      all.close()
      // Again, and with one twice: nothing new.
      let again = try StoreMerge([names[2], names[0]], into: path("all"))
      #expect((again.added, again.skipped, again.total) == (0, 40, 60))

      // Of another experiment: refused by name, and no folder is left.
      let foreign = try ResultFolder(path: path("foreign"), mayReplace: false)
      let other = StoredExperiment(command: "escape", options: ["landscape": "2"], seed: 5)
      try foreign.openStore(for: other, configuration: "").close()
      foreign.release()
      let text = try refusal { _ = try StoreMerge([names[0], path("foreign")], into: path("bad")) }
      #expect(text.contains("foreign") && text.contains("landscape: 2 there, 1 here"))
      #expect(!FileManager.default.fileExists(atPath: path("bad")))

      // Of another seed: refused by name as well.
      let strange = try ResultFolder(path: path("strange"), mayReplace: false)
      let context = RunContext(store: { try strange.openStore(for: key, configuration: "") })
      _ = try experiment(runs: 4, seed: 6).findings(in: context)
      try context.store.close()
      strange.release()
      let seeds = try refusal {
        _ = try StoreMerge([names[0], path("strange")], into: path("bad"))
      }
      #expect(seeds.contains("seed: 5 there, 6 here"), "\(seeds)")

      // The same replica with another result.
      let rival = try ResultFolder(path: path("rival"), mayReplace: false)
      let store = try rival.openStore(for: key, configuration: "")
      let cell = try whole.store.cells()[0].cell
      let run = FinishedRun(
        replica: 0, passage: PassageTime(time: 1, outcome: .escaped), steps: 200, wallTime: 0)
      try store.add([(cell: store.enter(cell), finished: [run], states: [])])
      store.close()
      rival.release()
      let clash = try refusal { _ = try StoreMerge([names[0], path("rival")], into: path("bad")) }
      #expect(clash.contains("of cell 'escape'") && clash.contains("rival"), "\(clash)")
      #expect(!FileManager.default.fileExists(atPath: path("bad")))
      let total = try StoreMerge([names[0]], into: path("all")).total
      #expect(total == 60, "a refusal changes nothing")
    }
  }

  @Test("Unfinished shards can be joined, and the joint folder goes on")
  func unfinishedShards() throws {
    try withStoreDirectory { directory in
      func path(_ name: String) -> String { directory.appendingPathComponent(name).path }
      let whole = RunContext()
      _ = try experiment().findings(in: whole)
      for k in 1...2 {
        let folder = try ResultFolder(path: path("\(k)"), mayReplace: false)
        let context = RunContext(
          stop: StopSignal(after: 0.06), shard: try Shard(k, of: 2), checkpointInterval: 0.01,
          store: { try folder.openStore(for: key, configuration: "") })
        do { _ = try experiment(threads: 1).findings(in: context) } catch is StoppedEarly {
        } catch is ShardFinished {}
        try context.store.close()
      }
      _ = try StoreMerge([path("1"), path("2")], into: path("all"))
      let folder = try ResultFolder(path: path("all"), mayReplace: false)
      let context = RunContext(store: { try folder.openStore(for: key, configuration: "") })
      _ = try experiment().findings(in: context)
      #expect(try export(context.store) == (try export(whole.store)))
      try context.store.close()
    }
  }

  @Test(
    "A look at an unfinished ensemble counts runs on their way, and its rate is unbiased",
    .tags(.statistical))
  func looking() throws {
    // Stopped while most runs are on their way, the runs that have ended are the short ones.
    let rates = try (0..<40).map { i -> (all: Double, ended: Double) in
      let escape = try experiment(runs: 400, seed: UInt64(600 + i), temperature: 0.07, cap: nil)
      return try withStoreDirectory { directory in
        let folder = try ResultFolder(
          path: directory.appendingPathComponent("out").path, mayReplace: false)
        let store = try folder.openStore(for: key, configuration: "")
        let stop = StopSignal()
        // Stopped after a number of escapes, by what is watched.
        let watcher = Watcher(stop: stop, after: 12)
        let context = RunContext(
          progress: watcher, stop: stop, checkpointInterval: 0.01, store: { store })
        do { _ = try escape.findings(in: context) } catch is StoppedEarly {}
        let look = RunContext(mode: .look, store: { store })
        let rate = try escape.findings(in: look).results["rate"]?["value"]
        guard case .number(let all)? = rate else { return (0, 0) }
        let tally = try store.tally(1)
        store.close()
        return (all, Double(tally.events) / tally.exposure)
      }
    }
    let exact = try #require(
      try NamedEscape.doubleWell.escape().exactMeanFirstPassageTime(temperature: 0.07))
    // 3 % for the relaxation of the well, seen when runs are cut at a few relaxation times.
    expectAgreement(
      SampleMean(rates.map { $0.all * exact }), with: 1, bias: 0.03, "rate with runs on their way")
  }

  private final class Watcher: ProgressObserver {
    private let stop: StopSignal
    private let after: Int
    init(stop: StopSignal, after: Int) {
      self.stop = stop
      self.after = after
    }
    func begin(_ stage: String, total: Int) {}
    func advance(isEvent: Bool) {}
    func end() {}
    func update(_ progress: EnsembleProgress) { if progress.events >= after { stop.stop() } }
  }

  // MARK: - Precision goals

  @Test("A precision is a number of escapes, and the interval is as narrow as was asked")
  func goal() throws {
    for (error, level) in [(0.3, 0.95), (0.1, 0.95), (0.1, 0.8), (0.05, 0.99)] {
      let goal = try #require(
        EnsembleExtent(untilRelativeError: error, level: level).eventGoal)
      func width(_ events: Int) -> Double {
        let time = EscapeSample.rate(
          events: events, exposure: Double(events), censored: 1, level: level
        ).reciprocal
        return max(time.upper! - 1, 1 - time.lower!)
      }
      #expect(width(goal) <= error && width(goal - 1) > error, "\(error) at \(level): \(goal)")
    }
    // (z/ε)² for many escapes.
    let many = try #require(EnsembleExtent(untilRelativeError: 0.01, level: 0.95).eventGoal)
    expectClose(Double(many), to: 38415, relative: 0.03, "escapes for 1 %")
    for error in [0, -1, 1.5, .nan] {
      #expect(throws: InvalidInput.self) {
        try EnsembleExtent(untilRelativeError: error, level: 0.95)
      }
    }
  }

  @Test(
    "Its interval holds the true value as often as its level says, runs censored or not",
    .tags(.statistical))
  func coverage() throws {
    // Exponential times by GSL, taken in order as the ensemble takes its runs.
    let goal = try #require(EnsembleExtent(untilRelativeError: 0.5, level: 0.9).eventGoal)
    let random = testStream(502)
    for cap in [Double.infinity, 0.7] {
      let trials = 20_000
      let hits = (0..<trials).count { _ in
        var passages = [PassageTime]()
        var events = 0
        while events < goal {
          let time = random.exponential(mean: 1)
          events += time <= cap ? 1 : 0
          passages.append(
            PassageTime(time: min(time, cap), outcome: time <= cap ? .escaped : .censored))
        }
        let estimate = EscapeSample(passages).exponentialRate(level: 0.9)
        return estimate.contains(1)
      }
      let share = Double(hits) / Double(trials)
      let error = (0.9 * 0.1 / Double(trials)).squareRoot()
      // With censored runs the upper end is that of a Poisson count, which is conservative: for n events it
      // adds about 1/(2√n) of a standard error on one side.
      let excess = cap.isFinite ? 0.5 / Double(goal).squareRoot() * 0.21 : 0
      #expect(share > 0.9 - 5 * error && share < 0.9 + excess + 5 * error, "cap \(cap): \(share)")
    }
  }

  @Test("An ensemble with a goal is the same for any threads, stops and order")
  func goalIsDeterministic() throws {
    let dynamics = try OverdampedDynamics(temperature: 0.06)
    func experiment(_ threads: Int, _ error: Double) throws -> EscapeExperiment {
      try EscapeExperiment(
        of: WellEscape.doubleWell, under: dynamics,
        extent: EnsembleExtent(untilRelativeError: error, level: 0.95), seed: 9,
        threads: threads, cap: 300)
    }
    let fine = 0.04
    let whole = RunContext()
    let findings = try experiment(1, fine).findings(in: whole)
    guard case .integer(let events)? = findings.results["events"],
      case .integer(let censored)? = findings.results["censored"]
    else {
      Issue.record("no counts")
      return
    }
    #expect(events == (try EnsembleExtent(untilRelativeError: fine, level: 0.95).eventGoal))
    #expect(censored > 5)
    for threads in [2, 3] {
      let context = RunContext()
      #expect(try experiment(threads, fine).findings(in: context).results == findings.results)
      #expect(try export(context.store) == (try export(whole.store)))
    }
    let random = testStream(503)
    try withStoreDirectory { directory in
      let (text, stops) = try interrupted(in: directory, stopAfter: { 0.03 * random.uniform() }) {
        let results = try experiment(2, fine).findings(in: $0).results
        #expect(results == findings.results)
      }
      #expect(stops > 0)
      #expect(text == (try export(whole.store)))
    }
    // A coarser goal takes the first of them, a finer one goes on.
    let coarse = try experiment(2, 0.2).findings()
    #expect(try experiment(2, 0.2).findings(in: whole).results == coarse.results)
    let finer = try experiment(2, 0.035).findings()
    #expect(try experiment(2, 0.035).findings(in: whole).results == finer.results)
    #expect(try experiment(2, fine).findings(in: whole).results == findings.results)
  }

  @Test("Where the cap on runs comes first, that is said")
  func goalOutOfReach() throws {
    let experiment = try EscapeExperiment(
      of: NamedEscape.doubleWell.escape(), under: OverdampedDynamics(temperature: 0.06),
      extent: EnsembleExtent(untilRelativeError: 0.2, level: 0.95, atMost: 20), seed: 9)
    let notes = try experiment.findings().notes
    #expect(notes.contains { $0.contains("20 of at most 20 runs") && $0.contains("--max-runs") })
  }
}
