public import EscapeStatistics
public import NumericalMethods
import Synchronization

/// A replica that was stopped on its way: everything that is needed to go on to the same bits.
public struct ReplicaState: Equatable, Sendable {
  public let replica: Int
  /// Steps taken.
  public let step: Int
  /// The whole Markov state.
  public let state: [Double]
  /// The position of its random stream.
  public let stream: SIMD4<UInt64>
  /// The order parameter's distance from the target at that step.
  public let distance: Double

  public init(
    replica: Int, step: Int, state: [Double], stream: SIMD4<UInt64>, distance: Double
  ) {
    self.replica = replica
    self.step = step
    self.state = state
    self.stream = stream
    self.distance = distance
  }
}

/// The replicas of one ensemble: which is next, how each ended, and which were stopped on their way.
///
/// Any number of workers take replicas from it; what they find does not depend on who took which.
public final class ReplicaQueue: Sendable {
  public let seed: UInt64
  public let cell: Int
  /// The replicas to run from their start.
  public let replicas: Range<Int>
  private let resumed: [ReplicaState]
  private let taken = Atomic(0)
  /// By the order in which replicas are taken: the resumed ones, then the others.
  private let passages: Mutex<[PassageTime?]>
  private let stopped = Mutex<[ReplicaState]>([])
  private let stopping: Atomic<Bool>
  private let onRun: @Sendable (PassageTime) -> Void

  /// - Parameters:
  ///   - resumed: replicas to go on with, before the others.
  ///   - onRun: called after each run, from any thread, in order of completion.
  public init(
    seed: UInt64, cell: Int = 0, replicas: Range<Int>, resuming resumed: [ReplicaState] = [],
    onRun: @escaping @Sendable (PassageTime) -> Void = { _ in }
  ) {
    self.seed = seed
    self.cell = cell
    self.replicas = replicas
    self.resumed = resumed
    self.onRun = onRun
    passages = Mutex([PassageTime?](repeating: nil, count: resumed.count + replicas.count))
    stopping = Atomic(false)
  }

  /// How many replicas there are in all.
  public var count: Int { resumed.count + replicas.count }

  /// A replica that a worker takes.
  public struct Task: Sendable {
    /// Its place in the queue.
    @usableFromInline let index: Int
    public let replica: Int
    /// Where it goes on; nil where it begins.
    public let resumed: ReplicaState?
  }

  /// The next replica, or nil where none is left or the work is to stop.
  public func next() -> Task? {
    guard !isStopping else { return nil }
    let index = taken.add(1, ordering: .relaxed).oldValue
    guard index < count else { return nil }
    let state = index < resumed.count ? resumed[index] : nil
    return Task(index: index, replica: replica(at: index), resumed: state)
  }

  private func replica(at index: Int) -> Int {
    index < resumed.count
      ? resumed[index].replica : replicas.lowerBound + index - resumed.count
  }

  /// The name of a replica's stream.
  public func key(_ replica: Int) -> StreamKey {
    StreamKey(seed: seed, purpose: .dynamics, cell: cell, replica: replica)
  }

  public func finish(_ task: Task, _ passage: PassageTime) {
    passages.withLock { $0[task.index] = passage }
    onRun(passage)
  }

  /// Takes back a replica that a worker had to leave.
  public func leave(_ state: ReplicaState) { stopped.withLock { $0.append(state) } }

  /// Asks all workers to leave their replicas soon.
  public func stop() { stopping.store(true, ordering: .relaxed) }

  public var isStopping: Bool { stopping.load(ordering: .relaxed) }

  /// The finished runs, by replica.
  public var finished: [(replica: Int, passage: PassageTime)] {
    passages.withLock { passages in
      passages.indices.compactMap { i in passages[i].map { (replica(at: i), $0) } }
    }.sorted { $0.replica < $1.replica }
  }

  /// The replicas on their way, by number, and those that none has begun.
  public var unfinished: (begun: [ReplicaState], fresh: Range<Int>) {
    let begun = stopped.withLock { $0.sorted { $0.replica < $1.replica } }
    let index = min(taken.load(ordering: .relaxed), count)
    let untouched = resumed.dropFirst(index)
    let first = replicas.lowerBound + max(0, index - resumed.count)
    return (begun + untouched, first..<replicas.upperBound)
  }

  /// The sample of a queue whose replicas have all ended.
  public var sample: EscapeSample {
    // Without resumed replicas the order of the queue is that of the replicas.
    resumed.isEmpty
      ? EscapeSample(passages.withLock { $0.compactMap { $0 } })
      : EscapeSample(finished.map(\.passage))
  }
}
