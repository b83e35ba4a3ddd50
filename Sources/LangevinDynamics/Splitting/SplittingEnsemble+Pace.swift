import Dispatch
import NumericalMethods

extension SplittingEnsemble {
  /// Steps a second of all workers together, from some replicates of their own that are left after a part of a second.
  ///
  /// - Parameter seconds: how long they are run.
  package func stepsPerSecond(
    replicates count: Int, seed: UInt64, engine: Engine, threads: Int?, seconds: Double = 0.3
  ) -> Double {
    let queue = ReplicaQueue(seed: seed, replicas: 0..<count)
    let workers = workerCount(for: count, threads: threads)
    let start = ContinuousClock.now
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { queue.stop() }
    onWorkers(workers) { _ in replicates.work(on: queue, engine: engine, workers: workers) }
    let steps = queue.finished.reduce(queue.abandonedSteps) { $0 + $1.steps }
    return Double(steps) / ((ContinuousClock.now - start) / .seconds(1))
  }
}
