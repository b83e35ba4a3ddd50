import EscapeStatistics
import Escapes
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import RunStores

extension RunContext {
  /// One training run, whose records and state are kept in the store: it goes on where it was left.
  ///
  /// - Throws: `StoppedEarly`, with everything kept.
  func training(
    loss: NetworkLoss, test: Dataset?, settings: SGDSettings, start: [Double], steps: Int,
    recordEvery: Int, hasClasses: Bool, seed: UInt64
  ) throws -> (records: [TrainingRecord], divergedAtStep: Int?) {
    let key = StreamKey(seed: seed, purpose: .batches)
    let store = try self.store
    let cell = try self.cell(
      StoreCell(
        name: "training", kind: .curve, parameters: [:], timeStep: settings.learningRate,
        cap: Double(steps) * settings.learningRate))
    let stored = try store.records(cell, as: TrainingRecord.self)
    let state = try store.checkpoints(cell).first

    func run(
      steps: Int, from resumed: (records: [TrainingRecord], state: ReplicaState)?,
      onRecord: (TrainingRecord) -> Void,
      isPaused: (_ here: () -> ReplicaState) throws -> Bool
    ) throws -> TrainingRun {
      let random = resumed.map { RandomSource(key, at: $0.state.stream) } ?? RandomSource(key)
      return try TrainingRun(
        loss: loss, test: test, settings: settings, start: start, steps: steps,
        recordEvery: recordEvery, hasClasses: hasClasses, random: random, resuming: resumed,
        onRecord: onRecord, isPaused: isPaused)
    }

    switch mode {
    case .look: break
    case .verify(let count):
      // The beginning, or a check would take as long as the run.
      let again = stored.prefix(max(2, count))
      guard let last = again.last, last.step > 0 else { break }
      let now = try run(steps: last.step, from: nil, onRecord: { _ in }, isPaused: { _ in false })
      for (i, record) in again.enumerated() {
        let text = try RunStore.text(of: record)
        let other = i < now.records.count ? try RunStore.text(of: now.records[i]) : "nothing"
        note(
          Recheck(
            cell: "training", number: i, agrees: text == other, stored: text, now: other))
      }
    case .run:
      guard try store.tally(cell).runs == 0 else { break }
      // Records and checkpoint are written together. Where the checkpoint is damaged the run starts anew, up
      // to the records that are there without a word.
      let resumed = state.map { (records: stored, state: $0) }
      var number = resumed == nil ? 0 : stored.count
      progress.begin("training", total: steps / recordEvery + 2)
      for _ in 0..<number { progress.advance(isEvent: false) }
      var pending = [TrainingRecord]()
      var written = stored.count
      var clock = CheckpointClock(self)
      let training = try run(
        steps: steps, from: resumed,
        onRecord: {
          if number >= stored.count { pending.append($0) }
          number += 1
          progress.advance(isEvent: false)
        },
        isPaused: { here in
          let isStopping = stop.reason != nil
          if isStopping || clock.isDue(), number >= stored.count {
            try storing { try store.add(pending, from: written, to: cell, state: here()) }
            written += pending.count
            pending = []
            clock.reset()
          }
          return isStopping
        })
      progress.end()
      guard training.hasEnded else {
        throw StoppedEarly(
          "stopped after \(written) of \(steps / recordEvery + 1) records because \(stop.reason ?? "it was paused"); the same command goes on"
        )
      }
      let end = training.divergedAtStep ?? steps
      try storing {
        try store.add(
          pending, from: written, to: cell, state: nil,
          ended: FinishedRun(
            replica: 0,
            passage: PassageTime(
              time: Double(end) * settings.learningRate,
              outcome: training.divergedAtStep == nil ? .censored : .diverged),
            steps: end, wallTime: clock.elapsed + (state?.wallTime ?? 0)))
      }
    }
    var diverged: Int? = nil
    try store.forEachRun(cell) {
      if $0.passage.outcome == .diverged { diverged = $0.steps }
      return true
    }
    let records = try store.records(cell, as: TrainingRecord.self)
    return (records, diverged)
  }

  /// Writes; where that fails for lack of room, what was written before is kept and can be gone on with.
  func storing(_ body: () throws -> Void) throws {
    var refusals = 0
    while true {
      do { return try body() } catch let failure as StorageFailure {
        progress.end()
        throw StoppedEarly("stopped: \(failure)")
      } catch let refusal as StoreIsBusy {
        // Another program that holds the store may let it go.
        refusals += 1
        guard refusals < 10 else {
          progress.end()
          throw StoppedEarly("stopped: \(refusal.failure)")
        }
      }
    }
  }
}

/// When a single long run is to be written down.
struct CheckpointClock {
  private let interval: Duration
  private let start = ContinuousClock.now
  private var lastWrite = ContinuousClock.now

  init(_ context: RunContext) { interval = .seconds(context.checkpointInterval) }

  func isDue() -> Bool { ContinuousClock.now - lastWrite >= interval }
  mutating func reset() { lastWrite = .now }
  /// Seconds since the work began.
  var elapsed: Double { (ContinuousClock.now - start) / .seconds(1) }
}
