import EscapeStatistics
import Escapes
import LangevinDynamics
import NumericalMethods
import Testing

/// Expects 40 runs of one thread at any threads, shards and restarts: the queue is stopped again and again after
/// a few runs, and resumed from what it left.
///
/// - Returns: the runs.
func expectSameBits<Process: LaneProcess, Parameter: OrderParameter>(
  _ passage: FirstPassage<Process, Parameter>, sourceLocation: SourceLocation = #_sourceLocation
) -> [PassageTime] {
  let whole = passage.ensemble(runs: 40, seed: 3, threads: 1).passages
  for threads in [2, 3] {
    let again = passage.ensemble(runs: 40, seed: 3, threads: threads).passages
    #expect(again == whole, sourceLocation: sourceLocation)
  }
  let shards = [0..<7, 7..<30, 30..<40].flatMap { replicas in
    let queue = ReplicaQueue(seed: 3, replicas: replicas)
    passage.run(queue)
    return queue.sample.passages
  }
  #expect(shards == whole, sourceLocation: sourceLocation)
  var finished = [Int: PassageTime]()
  var (resumed, fresh) = ([ReplicaState](), Array(0..<40))
  var restarts = 0
  while finished.count < 40 && restarts < 5000 {
    let holder = Holder()
    let queue = ReplicaQueue(seed: 3, replicas: fresh, resuming: resumed) { _ in
      holder.queue?.stop()
    }
    holder.queue = queue
    defer { holder.queue = nil }
    passage.run(queue, threads: 2)
    for run in queue.finished { finished[run.replica] = run.passage }
    (resumed, fresh) = queue.unfinished
    restarts += 1
  }
  #expect(restarts > 3, sourceLocation: sourceLocation)
  #expect(
    finished.sorted { $0.key < $1.key }.map(\.value) == whole, sourceLocation: sourceLocation)
  return whole
}

/// Lets a queue's own callback stop it.
private final class Holder: @unchecked Sendable { var queue: ReplicaQueue? }
