import Dispatch
import EscapeStatistics
import Escapes
import LangevinDynamics
import NumericalMethods
import RunStores

/// The work on one row: its parts, on all cores, until it is stopped.
struct PaperWork: Sendable {
  let setup: PaperSetup
  let threads: Int?
  let stop: StopSignal
  /// What several rows need.
  let memo = Memo()

  /// `body` of every item, in the order of the items, whatever the number of threads.
  ///
  /// - Throws: the first error by the order of the items, or `StoppedEarly`.
  func map<Item: Sendable, Value: Sendable>(
    _ items: [Item], _ body: @Sendable (Item) throws -> Value
  ) throws -> [Value] {
    let results = parallelMap(count: items.count, threads: threads) { i in
      stop.reason == nil ? Result { try body(items[i]) } : nil
    }
    // What is missing of them is so because it is to stop.
    try check()
    return try results.map { try $0!.get() }
  }

  /// Runs of an ensemble on all cores, which end as soon as the work is to stop.
  ///
  /// - Parameter cell: a number of its own in the row.
  /// - Throws: `StoppedEarly`.
  func sample(_ ensemble: PassageEnsemble, runs: Int, cell: Int) throws -> EscapeSample {
    let queue = ReplicaQueue(seed: setup.seeds[0], cell: cell, replicas: 0..<runs)
    let workers = workerCount(for: runs, threads: threads)
    // Runs look at nothing but their queue, so somebody else looks at the clock.
    let watch = DispatchSource.makeTimerSource(queue: .global())
    watch.schedule(deadline: .now(), repeating: .milliseconds(50))
    watch.setEventHandler { if stop.reason != nil { queue.stop() } }
    watch.activate()
    defer { watch.cancel() }
    onWorkers(workers) { _ in
      ensemble.work(on: queue, engine: .standard, workers: workers)
    }
    try check()
    return queue.sample
  }

  /// - Throws: `StoppedEarly` where it is to stop.
  func check() throws {
    if let reason = stop.reason {
      throw StoppedEarly("stopped within a row because \(reason); the same command goes on")
    }
  }
}
