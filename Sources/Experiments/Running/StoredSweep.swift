import EscapeStatistics
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import PhaseDiagrams
import RunStores

extension RunContext {
  /// The sweeps of a phase diagram, up and down, whose steps and states are kept in the store: they go on
  /// where they were left.
  ///
  /// - Throws: `StoppedEarly`, with everything kept.
  func phaseDiagram(
    network: DeepLinearNetwork, weightDecays: [Double],
    convergence: QuasiStaticSweep.Convergence, testMoments: SecondMoments?, seed: UInt64
  ) throws -> PhaseDiagram {
    let store = try self.store
    let cells = try ["sweep start", "sweep up", "sweep down"].map {
      try cell(StoreCell(name: $0, kind: .curve))
    }
    progress.begin("sweep up and down", total: 2 * weightDecays.count)
    defer { progress.end() }
    let start = try learnedStart(
      of: network, convergence: convergence, seed: seed, store: store, cell: cells[0])
    let up = try sweep(
      network, "up", from: start, weightDecays, convergence, testMoments, store, cells[1])
    let down = try sweep(
      network, "down", from: up.finalPoint, weightDecays.reversed(), convergence, testMoments,
      store, cells[2])
    guard !up.steps.isEmpty else {
      throw InvalidInput("the sweep has not come to its first weight decay yet; let it run on")
    }
    return try PhaseDiagram(network: network, weightDecays: weightDecays, up: up, down: down)
  }

  private func learnedStart(
    of network: DeepLinearNetwork, convergence: QuasiStaticSweep.Convergence, seed: UInt64,
    store: RunStore, cell: Int
  ) throws -> [Double] {
    let known = try store.checkpoints(cell).first
    if let known, try store.tally(cell).runs > 0 { return known.state }
    guard case .run = mode else { return known?.state ?? [] }
    var clock = CheckpointClock(self)
    func here(_ epochs: Int, _ point: [Double]) -> ReplicaState {
      ReplicaState(replica: 0, step: epochs, state: point, stream: .zero, distance: 0)
    }
    let random = RandomSource(StreamKey(seed: seed, purpose: .initialisation))
    let (point, hasEnded) = try PhaseDiagram.learnedStart(
      network: network, random: random, convergence: convergence,
      resuming: known.map { ($0.state, $0.step) }
    ) { epochs, point in
      let isStopping = stop.reason != nil
      if isStopping || clock.isDue() {
        try storing {
          try store.add([Int](), from: 0, to: cell, state: here(epochs, point))
        }
        clock.reset()
      }
      return isStopping
    }
    guard hasEnded else { throw stopped(after: 0, of: 0) }
    let isNew = try store.tally(cell).runs == 0
    try storing {
      try store.add(
        [Int](), from: 0, to: cell, state: here(0, point),
        ended: isNew ? Self.end(clock.elapsed) : nil)
    }
    return point
  }

  private func sweep(
    _ network: DeepLinearNetwork, _ direction: String, from start: [Double],
    _ weightDecays: [Double], _ convergence: QuasiStaticSweep.Convergence,
    _ testMoments: SecondMoments?, _ store: RunStore, _ cell: Int
  ) throws -> QuasiStaticSweep {
    let stored = try store.records(cell, as: QuasiStaticSweep.Step.self)
    let state = try store.checkpoints(cell).first
    let known = QuasiStaticSweep(
      steps: stored, finalPoint: state?.state ?? start,
      hasEnded: stored.count == weightDecays.count && state != nil)
    switch mode {
    case .look: return known
    case .verify(let count):
      try recheck(
        known, direction, from: start, Array(weightDecays.prefix(min(count, stored.count))),
        network, convergence, testMoments)
      return known
    case .run: break
    }
    // Steps and checkpoint are written together. Where the checkpoint is damaged the sweep starts anew, up to
    // the steps that are there without a word.
    var number = state == nil ? 0 : stored.count
    for _ in 0..<number { progress.advance(isEvent: false) }
    let isNew = try store.tally(cell).runs == 0
    if known.hasEnded && !isNew { return known }
    var pending = [QuasiStaticSweep.Step]()
    var written = stored.count
    var clock = CheckpointClock(self)
    func write(_ epochs: Int, _ point: [Double], ended: FinishedRun? = nil) throws {
      guard number >= stored.count else { return }
      try storing {
        try store.add(
          pending, from: written, to: cell,
          state: ReplicaState(
            replica: 0, step: epochs, state: point, stream: .zero, distance: 0), ended: ended)
      }
      written += pending.count
      pending = []
      clock.reset()
    }
    let sweep = try QuasiStaticSweep(
      network: network, start: start, weightDecays: weightDecays, convergence: convergence,
      testMoments: testMoments,
      resuming: state.map { .init(steps: stored, point: $0.state, epochs: $0.step) },
      onStep: { step, _ in
        if number >= stored.count { pending.append(step) }
        number += 1
        progress.advance(isEvent: false)
      },
      isPaused: { epochs, point in
        let isStopping = stop.reason != nil
        if isStopping || clock.isDue() { try write(epochs, point) }
        return isStopping
      })
    guard sweep.hasEnded else {
      throw stopped(after: written, of: weightDecays.count, direction)
    }
    // The last state stays: the way down starts from it.
    try write(0, sweep.finalPoint, ended: isNew ? Self.end(clock.elapsed) : nil)
    return sweep
  }

  /// Takes the first steps of a sweep again.
  private func recheck(
    _ known: QuasiStaticSweep, _ direction: String, from start: [Double],
    _ weightDecays: [Double], _ network: DeepLinearNetwork,
    _ convergence: QuasiStaticSweep.Convergence, _ testMoments: SecondMoments?
  ) throws {
    guard !weightDecays.isEmpty else { return }
    let now = try QuasiStaticSweep(
      network: network, start: start, weightDecays: weightDecays, convergence: convergence,
      testMoments: testMoments)
    for (i, (before, after)) in zip(known.steps, now.steps).enumerated() {
      let (stored, again) = (try RunStore.text(of: before), try RunStore.text(of: after))
      note(
        Recheck(
          cell: "sweep \(direction)", number: i, agrees: stored == again, stored: stored,
          now: again))
    }
  }

  private func stopped(after done: Int, of total: Int, _ direction: String = "") -> StoppedEarly {
    StoppedEarly(
      "stopped \(total == 0 ? "before the sweep" : "after \(done) of \(total) steps of the sweep \(direction)") because \(stop.reason ?? "it was paused"); the same command goes on"
    )
  }

  private static func end(_ seconds: Double) -> FinishedRun {
    FinishedRun(
      replica: 0, passage: PassageTime(time: 0, outcome: .censored), steps: 0, wallTime: seconds)
  }
}
