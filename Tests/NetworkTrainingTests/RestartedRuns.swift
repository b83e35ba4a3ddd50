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
  let whole = expectSameBits(runs: 40, sourceLocation: sourceLocation) { queue, threads in
    passage.run(queue, threads: threads)
  }
  for threads in [1, 3] {
    let again = passage.ensemble(runs: 40, seed: 3, threads: threads).passages
    #expect(again == whole, sourceLocation: sourceLocation)
  }
  return whole
}

/// The same of some runs of any kind.
///
/// - Parameter run: works on a queue of seed 3 with so many threads.
func expectSameBits(
  runs count: Int, sourceLocation: SourceLocation = #_sourceLocation,
  _ run: (ReplicaQueue, _ threads: Int) -> Void
) -> [PassageTime] {
  func passages(_ replicas: Range<Int>, threads: Int) -> [PassageTime] {
    let queue = ReplicaQueue(seed: 3, replicas: replicas)
    run(queue, threads)
    return queue.sample.passages
  }
  let whole = passages(0..<count, threads: 1)
  #expect(passages(0..<count, threads: 3) == whole, sourceLocation: sourceLocation)
  let shards = [0..<count / 6, count / 6..<3 * count / 4, 3 * count / 4..<count].flatMap {
    passages($0, threads: 2)
  }
  #expect(shards == whole, sourceLocation: sourceLocation)
  var finished = [Int: PassageTime]()
  var (resumed, fresh) = ([ReplicaState](), Array(0..<count))
  var restarts = 0
  while finished.count < count && restarts < 5000 {
    let holder = Holder()
    let queue = ReplicaQueue(seed: 3, replicas: fresh, resuming: resumed) { _ in
      holder.queue?.stop()
    }
    holder.queue = queue
    defer { holder.queue = nil }
    run(queue, 2)
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
