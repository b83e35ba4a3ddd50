import EscapeStatistics
import Foundation
import LangevinDynamics
import NumericalMethods
import Synchronization

/// What watches ensembles from a thread of its own while workers run them: it writes to the store, reports
/// progress, and stops the workers when it is time.
final class EnsembleMonitor: Sendable {
  private let plans: [EnsemblePlan]
  private let queues: [ReplicaQueue]
  private let store: RunStore
  private let context: RunContext
  private let stage: String
  private let workIsDone = DispatchSemaphore(value: 0)
  private let hasEnded = DispatchSemaphore(value: 0)
  private let shared: Mutex<Shared>

  private struct Shared {
    /// Ended and not written yet, by plan.
    var pending: [[FinishedRun]]
    /// How those of them went of which more is known than the time, by plan.
    var records: [[Int: any ReplicaRecord]]
    /// On their way, by plan.
    var states: [[ReplicaState]]
    var forecast: EnsembleForecast
    var lastWrite = ContinuousClock.now
    var lastRequest = ContinuousClock.now
    var failure: (any Error)?
    var stopReason: String?
    /// It was said that the wall time will not do.
    var hasWarned = false
    /// Another program held the store at the last write.
    var lastRefusal: StoreIsBusy?

    var hasPending: Bool {
      lastRefusal != nil || pending.contains { !$0.isEmpty } || states.contains { !$0.isEmpty }
    }
  }

  /// Ended runs that are written at once, however short the time since the last write.
  private static let largestBatch = 20_000
  /// The same where whole blocks of them are written.
  private static let largestUnkeptBatch = 4 * RunBlock.size

  init(
    plans: [EnsemblePlan], queues: [ReplicaQueue], store: RunStore, context: RunContext,
    stage: String
  ) {
    self.plans = plans
    self.queues = queues
    self.store = store
    self.context = context
    self.stage = stage
    shared = Mutex(
      Shared(
        pending: plans.map { _ in [] }, records: plans.map { _ in [:] },
        states: plans.map(\.resumed),
        forecast: EnsembleForecast(plans)))
  }

  func start() {
    context.progress.begin(stage, total: shared.withLock { $0.forecast.progress.total })
    // At once: a short ensemble may end before the first tick.
    shared.withLock { lookForStop(&$0) }
    // The thread lets go of all that it watches before it says that it has ended; its own end comes later.
    let watched = Mutex<EnsembleMonitor?>(self)
    let thread = Thread { [workIsDone, hasEnded] in
      while workIsDone.wait(timeout: .now() + .milliseconds(20)) == .timedOut {
        watched.withLock { $0 }?.tick()
      }
      watched.withLock { $0 = nil }
      hasEnded.signal()
    }
    thread.name = "monitor"
    thread.start()
  }

  /// Called when the workers have returned: writes what is left.
  ///
  /// - Throws: ``StoppedEarly`` where runs are missing.
  func finish() throws {
    workIsDone.signal()
    hasEnded.wait()
    let progress = shared.withLock { shared in
      collect(&shared)
      // Another program that holds the store may let it go.
      if shared.hasPending { write(&shared) }
      for _ in 0..<10 where shared.lastRefusal != nil { write(&shared) }
      return shared.forecast.progress
    }
    context.progress.update(progress)
    context.progress.end()
    try shared.withLock { shared in
      if let failure = shared.failure ?? shared.lastRefusal?.failure {
        throw (failure as? StorageFailure).map { StoppedEarly("stopped: \($0)") } ?? failure
      }
      guard let reason = shared.stopReason, queues.contains(where: { $0.hasWorkLeft }) else {
        return
      }
      let goal = progress.eventGoal.map { " of \($0)" } ?? ""
      throw StoppedEarly(
        "stopped after \(progress.done) of \(progress.eventGoal == nil ? "" : "at most ")\(progress.total) runs (\(progress.events)\(goal) escapes, \(shared.states.reduce(0) { $0 + $1.count }) on their way) because \(reason); the same command goes on"
      )
    }
  }

  private func lookForStop(_ shared: inout Shared) {
    guard shared.stopReason == nil, let reason = context.stop.reason else { return }
    shared.stopReason = reason
    for queue in queues { queue.stop() }
  }

  private func tick() {
    let (progress, warning) = shared.withLock { shared in
      lookForStop(&shared)
      collect(&shared)
      let now = ContinuousClock.now
      let interval = Duration.seconds(context.checkpointInterval)
      if shared.failure == nil {
        if now - shared.lastWrite >= interval {
          write(&shared)
        } else if isLarge(shared.pending) {
          writeLarge(&shared)
        }
      }
      // The answers come before the next write.
      if now - shared.lastRequest >= min(interval / 2, .seconds(1)) {
        shared.lastRequest = now
        for queue in queues { queue.requestStates() }
      }
      let progress = shared.forecast.progress
      return (progress, wallTimeWarning(progress, &shared))
    }
    if let warning { context.progress.note(warning) }
    context.progress.update(progress)
  }

  /// Said once, when the estimate of the time left is worth something: after a second, and five escapes or ten
  /// seconds.
  private func wallTimeWarning(_ progress: EnsembleProgress, _ shared: inout Shared) -> String? {
    let elapsed = (ContinuousClock.now - shared.forecast.start) / .seconds(1)
    guard !shared.hasWarned, let left = context.stop.secondsLeft, left > 0,
      let needed = progress.secondsToGo, needed > 1.2 * left,
      elapsed > 1, progress.events >= 5 || elapsed > 10
    else { return nil }
    shared.hasWarned = true
    return
      "about \(Self.words(seconds: needed)) are left to compute, but only \(Self.words(seconds: left)) of the wall time: it will stop before its end, and the same command goes on; to end in one go it takes --wall-time \(Int((1.3 * (elapsed + needed)).rounded(.up)))"
  }

  private static func words(seconds: Double) -> String {
    seconds < 120
      ? "\(Int(seconds.rounded(.up))) s"
      : seconds < 7200 ? "\(twoDigits(seconds / 60)) min" : "\(twoDigits(seconds / 3600)) h"
  }

  private func collect(_ shared: inout Shared) {
    for (i, queue) in queues.enumerated() {
      let (finished, records, states) = queue.collect()
      shared.pending[i] += finished
      shared.records[i].merge(records) { $1 }
      shared.states[i] = states
      shared.forecast.note(finished, states, plan: i)
    }
  }

  private func isLarge(_ pending: [[FinishedRun]]) -> Bool {
    zip(plans, pending).contains { plan, runs in
      runs.count >= (plan.job.extent.keepsRuns ? Self.largestBatch : Self.largestUnkeptBatch)
    }
  }

  /// Of ensembles that keep no single runs, only blocks that have ended are written, until the time has come for all:
  /// to write runs one by one, and to make a block of them later, takes ten times as long.
  private func writeLarge(_ shared: inout Shared) {
    let last = shared.lastWrite
    let waiting = plans.indices.map { i -> [FinishedRun] in
      guard !plans[i].job.extent.keepsRuns else { return [] }
      var ended = [Int: Int]()
      for run in shared.pending[i] { ended[run.replica / RunBlock.size, default: 0] += 1 }
      let split = shared.pending[i].partition {
        ended[$0.replica / RunBlock.size]! < RunBlock.size
      }
      // Where none has, they are not looked through again and again.
      guard split > 0 else { return [] }
      defer { shared.pending[i].removeSubrange(split...) }
      return Array(shared.pending[i][split...])
    }
    write(&shared)
    for (i, runs) in waiting.enumerated() { shared.pending[i] += runs }
    shared.lastWrite = last
  }

  private func write(_ shared: inout Shared) {
    shared.lastWrite = .now
    let keepsStates = store.url != nil
    let batches = plans.indices.map {
      (
        cell: plans[$0].cell, finished: shared.pending[$0],
        states: keepsStates ? shared.states[$0] : []
      )
    }.filter { !$0.finished.isEmpty || !$0.states.isEmpty }
    guard !batches.isEmpty else { return }
    do {
      try store.add(
        batches, records: plans.indices.map { (plans[$0].cell, shared.records[$0]) })
      for i in shared.records.indices { shared.records[i] = [:] }
      for i in shared.pending.indices { shared.pending[i].removeAll(keepingCapacity: true) }
      shared.lastRefusal = nil
    } catch let refusal as StoreIsBusy {
      // Nothing is lost: it is written with what comes until the next time.
      shared.lastRefusal = refusal
      shared.lastWrite = .now
    } catch {
      shared.failure = error
      for queue in queues { queue.stop() }
    }
  }
}
