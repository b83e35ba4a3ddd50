import EscapeStatistics
import Foundation
import LangevinDynamics
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
    /// On their way, by plan.
    var states: [[ReplicaState]]
    var forecast: EnsembleForecast
    var lastWrite = ContinuousClock.now
    var lastRequest = ContinuousClock.now
    var failure: (any Error)?
    var stopReason: String?
  }

  /// Ended runs that are written at once, however short the time since the last write.
  private static let largestBatch = 20_000

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
        pending: plans.map { _ in [] }, states: plans.map(\.resumed),
        forecast: EnsembleForecast(plans)))
  }

  func start() {
    context.progress.begin(stage, total: shared.withLock { $0.forecast.progress.total })
    let thread = Thread { [self] in
      while workIsDone.wait(timeout: .now() + .milliseconds(20)) == .timedOut { tick() }
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
    try shared.withLock { shared in
      collect(&shared)
      context.progress.update(shared.forecast.progress)
      context.progress.end()
      if shared.failure == nil { write(&shared) }
      let progress = shared.forecast.progress
      let onTheirWay = shared.states.reduce(0) { $0 + $1.count }
      if let failure = shared.failure {
        guard let failure = failure as? StorageFailure else { throw failure }
        throw StoppedEarly(
          "stopped: \(failure.description); everything up to the last write is kept: make room, and the same command goes on"
        )
      }
      if let reason = shared.stopReason, queues.contains(where: { $0.hasWorkLeft }) {
        throw StoppedEarly(
          "stopped after \(progress.done) of \(progress.eventGoal.map { "at most \(progress.total) runs (\(progress.events) of \($0) escapes" } ?? "\(progress.total) runs (\(progress.events) escapes"), \(onTheirWay) on their way) because \(reason); the same command goes on"
        )
      }
    }
  }

  private func tick() {
    shared.withLock { shared in
      if shared.stopReason == nil, let reason = context.stop.reason {
        shared.stopReason = reason
        for queue in queues { queue.stop() }
      }
      collect(&shared)
      let now = ContinuousClock.now
      let interval = Duration.seconds(context.checkpointInterval)
      if shared.failure == nil,
        now - shared.lastWrite >= interval
          || shared.pending.contains(where: { $0.count >= Self.largestBatch })
      {
        write(&shared)
      }
      context.progress.update(shared.forecast.progress)
      // The answers come before the next write.
      if now - shared.lastRequest >= min(interval / 2, .seconds(1)) {
        shared.lastRequest = now
        for queue in queues { queue.requestStates() }
      }
    }
  }

  private func collect(_ shared: inout Shared) {
    for (i, queue) in queues.enumerated() {
      let (finished, states) = queue.collect()
      shared.pending[i] += finished
      shared.states[i] = states
      shared.forecast.note(finished, states, plan: i)
    }
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
      try store.add(batches)
      for i in shared.pending.indices { shared.pending[i].removeAll(keepingCapacity: true) }
    } catch {
      shared.failure = error
      for queue in queues { queue.stop() }
    }
  }
}
