import EscapeStatistics
import Foundation
import GRDB
import Landscapes
import LangevinDynamics
import NumericalMethods
import RunStores
import Synchronization
import TestSupport
import Testing

/// A random walk with a record every three steps, which takes a step at a time and stops itself where it is told to.
private struct Walk: ~Copyable, Resumable {
  static let steps = 24
  private(set) var records = [Double]()
  private(set) var hasDiverged = false
  private var walker: Walker<OverdampedLangevin<QuarticDoubleWell>>
  /// Called after each step.
  private let onStep: (Int) -> Void
  private let divergesAt: Int?

  init(
    seed: UInt64 = 510, divergesAt: Int? = nil, onStep: @escaping (Int) -> Void = { _ in }
  ) throws {
    walker = Walker(
      try OverdampedLangevin(landscape: QuarticDoubleWell(), temperature: 0.3, timeStep: 0.1),
      at: [-1], key: testKey(seed))
    self.onStep = onStep
    self.divergesAt = divergesAt
  }

  var snapshot: ReplicaState { walker.snapshot()! }
  var hasEnded: Bool { hasDiverged || walker.steps >= Self.steps }

  mutating func restore(_ snapshot: ReplicaState, records: [Double]) {
    walker.restore(snapshot)
    self.records = records
  }

  mutating func advance() throws {
    guard !hasEnded else { return }
    walker.step()
    hasDiverged = walker.steps == divergesAt
    if walker.steps.isMultiple(of: 3) && !hasDiverged { records.append(walker.position[0]) }
    onStep(walker.steps)
  }
}

@Suite("A curve in a store")
struct StoredCurveTests {
  private let key = StoredExperiment(command: "walk", options: [:], seed: 1)
  private let cell = StoreCell(name: "walk", kind: .curve, timeStep: 0.1, cap: 2.4)

  private func drive(
    _ walk: inout Walk, in context: RunContext, keepsLastState: Bool = false
  ) throws -> FinishedRun? {
    try context.curve(
      of: &walk, cell: cell, stage: ("walk", records: 8), keepsLastState: keepsLastState,
      leastVerified: 2
    ) { "after \($0) of 8 records" }
  }

  /// Records and runs of the one curve.
  private func contents(_ store: RunStore) throws -> (records: [Double], run: FinishedRun?) {
    var runs = [FinishedRun]()
    try store.forEachRun(1) {
      runs.append($0)
      return true
    }
    #expect(runs.count <= 1)
    return (try store.records(1, as: Double.self), runs.first)
  }

  private func whole() throws -> Walk {
    var walk = try Walk()
    try walk.finish()
    return walk
  }

  @Test("A whole run: its records, its end, and a state only where it is to stay")
  func finished() throws {
    let whole = try whole()
    for keepsLastState in [true, false] {
      let progress = Counter()
      let context = RunContext(progress: progress)
      var walk = try Walk()
      let end = try drive(&walk, in: context, keepsLastState: keepsLastState)
      #expect(walk.records == whole.records && walk.snapshot == whole.snapshot)
      let stored = try contents(context.store)
      #expect(stored.records == whole.records && stored.run == end)
      let passage = PassageTime(time: Double(Walk.steps) * 0.1, outcome: .censored)
      #expect(end?.passage == passage && end?.steps == Walk.steps)
      #expect(progress.log == ["walk 8"] + [String](repeating: "+", count: 8) + ["end"])
      let states = try context.store.checkpoints(1)
      #expect(states.count == (keepsLastState ? 1 : 0))
      if let state = states.first { #expect(state.state == whole.snapshot.state) }

      // Again: nothing is run, and it is set to what is there.
      var again = try Walk { _ in Issue.record("a step was taken") }
      #expect(try drive(&again, in: context, keepsLastState: keepsLastState) == end)
      #expect(again.records == whole.records)
      if keepsLastState { #expect(again.snapshot.state == whole.snapshot.state) }
    }
  }

  @Test("Divergence is an end of its own, with its step and time")
  func diverged() throws {
    let context = RunContext()
    var walk = try Walk(divergesAt: 9)
    let end = try drive(&walk, in: context)
    let passage = PassageTime(time: 9 * 0.1, outcome: .diverged)
    #expect(end?.passage == passage && end?.steps == 9)
    #expect(try contents(context.store).records.count == 2)
  }

  /// Works on until it is done; in each session it is stopped after some steps.
  private func interrupted(
    _ store: RunStore, keepsLastState: Bool = false, after steps: () -> Int,
    between: () throws -> Void = {}
  ) throws -> [String] {
    var messages = [String]()
    for _ in 0..<200 {
      let stop = StopSignal()
      var left = steps()
      var walk = try Walk { _ in
        left -= 1
        if left == 0 { stop.stop() }
      }
      let context = RunContext(stop: stop, checkpointInterval: 3600, store: { store })
      do {
        _ = try drive(&walk, in: context, keepsLastState: keepsLastState)
        return messages
      } catch let stopped as StoppedEarly {
        messages.append(stopped.description)
        try between()
      }
    }
    Issue.record("the work never ended")
    return messages
  }

  @Test("Stopped after every few steps: the same records, and each stop says how far it came")
  func stops() throws {
    let whole = try whole()
    for steps in 1...Walk.steps {
      let store = try RunStore.create(experiment: key)
      let messages = try interrupted(store, after: { steps })
      #expect(
        messages
          == stride(from: steps, to: Walk.steps, by: steps).map {
            "stopped after \($0 / 3) of 8 records because it was told to; the same command goes on"
          })
      let stored = try contents(store)
      #expect(stored.records == whole.records && stored.run?.steps == Walk.steps)
      #expect(try store.checkpoints(1).isEmpty)
    }
  }

  @Test("A damaged checkpoint: anew, and no record twice")
  func damage() throws {
    let whole = try whole()
    try withStoreDirectory { directory in
      let url = directory.appendingPathComponent(RunStore.fileName)
      let store = try RunStore.create(at: url, experiment: key)
      let vandal = try DatabaseQueue(path: url.path)
      var steps = 0
      let messages = try interrupted(
        store,
        after: {
          steps += 5
          return steps
        },
        between: {
          try vandal.write { try $0.execute(sql: "UPDATE checkpoints SET state = x'00'") }
        })
      // Stopped after 5, 10, 15 and 20 steps from the start.
      #expect(messages.map { $0.prefix(15) } == [1, 3, 5, 6].map { "stopped after \($0)" })
      #expect(try contents(store).records == whole.records)

      // A state of another size is as good as none.
      let other = try RunStore.create(experiment: key)
      let number = try other.enter(cell)
      try other.add(
        Array(whole.records.prefix(4)), from: 0, to: number,
        state: ReplicaState(replica: 0, step: 12, state: [1, 2], stream: .zero, distance: 0))
      #expect(
        try interrupted(other, after: { 13 }) == [
          "stopped after 4 of 8 records because it was told to; the same command goes on"
        ])
      #expect(try contents(other).records == whole.records)
    }
  }

  @Test("Killed just before its end, or its last state damaged after it: the end is entered once")
  func ends() throws {
    let whole = try whole()
    let store = try RunStore.create(experiment: key)
    let number = try store.enter(cell)
    try store.add(whole.records, from: 0, to: number, state: whole.snapshot)
    var walk = try Walk { _ in Issue.record("a step was taken") }
    let context = RunContext(store: { store })
    let end = try drive(&walk, in: context, keepsLastState: true)
    #expect(end?.steps == Walk.steps)
    #expect(try contents(store).run == end)

    // The state is gone; the end is there.
    try store.add([Double](), from: 8, to: number, state: nil)
    for _ in 0..<2 {
      var again = try Walk()
      #expect(try drive(&again, in: context, keepsLastState: true) == end)
      #expect(again.records == whole.records && again.snapshot.state == whole.snapshot.state)
      #expect(try store.checkpoints(1).first?.state == whole.snapshot.state)
      let stored = try contents(store)
      #expect(stored.records == whole.records && stored.run == end)
    }
  }

  @Test("A look leaves everything as it is; a check computes the first records again")
  func lookingAndVerifying() throws {
    let whole = try whole()
    let store = try RunStore.create(experiment: key)
    // Nothing is there.
    var walk = try Walk()
    #expect(try drive(&walk, in: RunContext(mode: .look, store: { store })) == nil)
    #expect(walk.records.isEmpty && walk.snapshot.step == 0)
    #expect(try store.cells().isEmpty)

    let stop = StopSignal()
    var begun = try Walk { if $0 == 13 { stop.stop() } }
    #expect(throws: StoppedEarly.self) {
      _ = try drive(&begun, in: RunContext(stop: stop, store: { store }))
    }
    for mode in [RunContext.Mode.look, .verify(runs: 3)] {
      let context = RunContext(mode: mode, store: { store })
      var walk = try Walk()
      #expect(try drive(&walk, in: context) == nil)
      #expect(walk.records == Array(whole.records.prefix(4)) && walk.snapshot.step == 13)
      guard case .verify = mode else { continue }
      #expect(context.recheckedRuns.map(\.number) == [0, 1, 2])
      #expect(context.recheckedRuns.allSatisfy { $0.agrees && $0.cell == "walk" })
    }
    // At least two, and no more than there are; another walk disagrees.
    for (asked, seed, numbers) in [(0, 510, 2), (100, 510, 4), (1, 511, 2)] {
      let context = RunContext(mode: .verify(runs: asked), store: { store })
      var walk = try Walk(seed: UInt64(seed))
      _ = try drive(&walk, in: context)
      #expect(context.recheckedRuns.count == numbers)
      #expect(context.recheckedRuns.allSatisfy { $0.agrees == (seed == 510) })
    }
    // One that ends earlier has nothing to show.
    let context = RunContext(mode: .verify(runs: 3), store: { store })
    var short = try Walk(divergesAt: 8)
    _ = try drive(&short, in: context)
    #expect(context.recheckedRuns.map(\.agrees) == [true, true, false])
    #expect(context.recheckedRuns.last?.now == "nothing")
  }

  @Test("Seconds spent before a stop are counted")
  func wallTime() throws {
    let whole = try whole()
    let store = try RunStore.create(experiment: key)
    try store.add(
      whole.records, from: 0, to: try store.enter(cell),
      state: ReplicaState(
        replica: 0, step: Walk.steps, state: whole.snapshot.state, stream: whole.snapshot.stream,
        distance: 0, wallTime: 1000))
    #expect(try interrupted(store, after: { 1 }).isEmpty)
    let run = try #require(try contents(store).run)
    #expect(run.wallTime >= 1000 && run.wallTime < 1100)
  }

  private final class Counter: ProgressObserver {
    private let lines = Mutex([String]())
    var log: [String] { lines.withLock { $0 } }
    func begin(_ stage: String, total: Int) { lines.withLock { $0.append("\(stage) \(total)") } }
    func advance(isEvent: Bool) { lines.withLock { $0.append("+") } }
    func end() { lines.withLock { $0.append("end") } }
  }
}
