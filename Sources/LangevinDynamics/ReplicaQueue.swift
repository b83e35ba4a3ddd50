public import EscapeStatistics
public import NumericalMethods
import Synchronization

/// The replicas of one ensemble: which is next, how each ended, and where each is on its way.
///
/// Any number of workers take replicas from it; what they find does not depend on who took which.
@usableFromInline package final class ReplicaQueue: Sendable {
  package let seed: UInt64
  @usableFromInline package let cell: Int
  /// The most replicas there can be.
  @usableFromInline package let count: Int
  /// Those to go on with, ascending.
  private let resumed: [ReplicaState]
  private let eventGoal: Int?
  /// Replicas that are known to escape, ascending.
  private let escaped: [Int]
  private let shared: Mutex<Shared>
  private let stopping = Atomic(false)
  /// Counts the calls of ``requestStates()``.
  private let requests = Atomic(0)
  private let abandoned = Atomic(0)
  private let onRun: @Sendable (FinishedRun) -> Void

  private struct Shared {
    /// The replicas that were not taken: those to run from their start, and how many of `resumed` are gone.
    var fresh: ReplicaSet.Iterator
    var nextFresh: Int?
    var resumed = 0
    /// Taken and not finished.
    var inFlight = 0
    /// Escapes among the replicas that were taken.
    var events = 0
    /// How many of `escaped` come before the next replica.
    var escapedBefore = 0
    /// Since they were last collected.
    var finished = [FinishedRun]()
    /// How those of them went of which more is known than the time.
    var records = [Int: any ReplicaRecord]()
    /// Where replicas on their way were last seen.
    var states = [Int: ReplicaState]()
  }

  /// - Parameters:
  ///   - replicas: those to run from their start, ascending.
  ///   - resumed: those to go on with. Of both together the lowest is taken first.
  ///   - eventGoal: take no replica that is not needed for so many escapes; nil to take all.
  ///   - escaped: other replicas, which have escaped already; they count for the goal.
  ///   - onRun: called after each run, from any thread, in order of completion.
  @usableFromInline package init(
    seed: UInt64, cell: Int = 0, replicas: some Sequence<Int>,
    resuming resumed: [ReplicaState] = [], eventGoal: Int? = nil, escaped: [Int] = [],
    onRun: @escaping @Sendable (FinishedRun) -> Void = { _ in }
  ) {
    self.seed = seed
    self.cell = cell
    self.resumed = resumed.sorted { $0.replica < $1.replica }
    self.eventGoal = eventGoal
    self.escaped = escaped.sorted()
    self.onRun = onRun
    let set = (replicas as? ReplicaSet) ?? ReplicaSet(replicas)
    count = set.count + resumed.count
    var fresh = set.makeIterator()
    let first = fresh.next()
    shared = Mutex(Shared(fresh: fresh, nextFresh: first))
  }

  /// A replica that a worker has taken. (Numbers only: it is copied in places where counting references
  /// would be seen.)
  @usableFromInline package struct Task: Sendable {
    @usableFromInline package let replica: Int
    /// Seconds spent on it before.
    let wallTime: Double
    let taken: ContinuousClock.Instant

    /// Seconds spent on it in all.
    var elapsed: Double { wallTime + (ContinuousClock.now - taken) / .seconds(1) }
  }

  /// The next replica; nil where none is left, or the work is to stop, or those on their way may be all
  /// that are needed. (A worker that ends one of those without an escape asks again.)
  ///
  /// With a goal of n escapes, the replicas that are taken end with the one that escapes as the n-th in
  /// their order, whoever runs them and however long each takes: one is taken only while the escapes before
  /// it and the replicas on their way are together fewer than n.
  ///
  /// - Returns: the replica, and where it goes on; nil where it begins.
  @usableFromInline package func next() -> (task: Task, resumed: ReplicaState?)? {
    guard !isStopping else { return nil }
    return shared.withLock { shared in
      guard let (replica, state) = upcoming(shared) else { return nil }
      if let eventGoal {
        while shared.escapedBefore < escaped.count, escaped[shared.escapedBefore] < replica {
          shared.escapedBefore += 1
        }
        guard shared.escapedBefore + shared.events + shared.inFlight < eventGoal else { return nil }
      }
      if state == nil { shared.nextFresh = shared.fresh.next() } else { shared.resumed += 1 }
      shared.inFlight += 1
      let task = Task(replica: replica, wallTime: state?.wallTime ?? 0, taken: .now)
      return (task, state)
    }
  }

  /// The lowest replica that was not taken, and where it goes on.
  private func upcoming(_ shared: borrowing Shared) -> (replica: Int, state: ReplicaState?)? {
    let state = shared.resumed < resumed.count ? resumed[shared.resumed] : nil
    guard let fresh = shared.nextFresh else { return state.map { ($0.replica, $0) } }
    guard let state, state.replica < fresh else { return (fresh, nil) }
    return (state.replica, state)
  }

  /// Whether replicas are to be run that have not ended: with a goal, only those that it needs.
  @usableFromInline package var hasWorkLeft: Bool {
    shared.withLock { shared in
      if shared.inFlight > 0 { return true }
      guard let (next, _) = upcoming(shared) else { return false }
      guard let eventGoal else { return true }
      return shared.events + escaped.count { $0 < next } < eventGoal
    }
  }

  /// The name of a replica's stream.
  @usableFromInline package func key(_ replica: Int) -> StreamKey {
    StreamKey(seed: seed, purpose: .dynamics, cell: cell, replica: replica)
  }

  /// - Parameters:
  ///   - steps: the steps that the run took.
  ///   - record: how it went, where more is known than the time.
  @usableFromInline package func finish(
    _ task: Task, _ passage: PassageTime, steps: Int, record: (any ReplicaRecord)? = nil
  ) {
    let run = FinishedRun(
      replica: task.replica, passage: passage, steps: steps, wallTime: task.elapsed)
    shared.withLock {
      $0.finished.append(run)
      if let record { $0.records[task.replica] = record }
      $0.states[task.replica] = nil
      $0.inFlight -= 1
      if passage.outcome == .escaped { $0.events += 1 }
    }
    onRun(run)
  }

  // MARK: - Stopping and looking on

  /// Asks all workers to leave their replicas soon.
  @usableFromInline package func stop() { stopping.store(true, ordering: .relaxed) }

  @usableFromInline package var isStopping: Bool { stopping.load(ordering: .relaxed) }

  /// Asks all workers to say soon where their replicas are; ``collect()`` has the answers.
  @usableFromInline package func requestStates() { requests.add(1, ordering: .relaxed) }

  /// How often states were asked for.
  @usableFromInline package var stateRequests: Int { requests.load(ordering: .relaxed) }

  /// Notes where replicas are: those that go on, and those that a worker leaves.
  @usableFromInline package func report(_ states: [ReplicaState]) {
    shared.withLock { for state in states { $0.states[state.replica] = state } }
  }

  /// Notes the steps of replicas that are left and begin again: replicates of splitting.
  @usableFromInline package func abandon(steps: Int) {
    abandoned.add(steps, ordering: .relaxed)
  }

  /// Steps of replicas that were left, not to be gone on with.
  package var abandonedSteps: Int { abandoned.load(ordering: .relaxed) }

  /// What has come since the last call: runs that ended, and where the others were last seen. A run that
  /// has ended is in one of them only.
  @usableFromInline package func collect() -> (
    finished: [FinishedRun], records: [Int: any ReplicaRecord], states: [ReplicaState]
  ) {
    shared.withLock { shared in
      defer { (shared.finished, shared.records) = ([], [:]) }
      return (shared.finished, shared.records, Array(shared.states.values))
    }
  }

  /// How runs went that were not collected, by replica, where more is known of them than the time.
  package var records: [Int: any ReplicaRecord] { shared.withLock { $0.records } }

  /// The finished runs that were not collected, by replica.
  @usableFromInline package var finished: [FinishedRun] {
    shared.withLock { $0.finished }.sorted { $0.replica < $1.replica }
  }

  /// After a stop: the replicas on their way, by number, and those that none has begun.
  @usableFromInline package var unfinished: (begun: [ReplicaState], fresh: [Int]) {
    shared.withLock { shared in
      let begun = Array(shared.states.values) + resumed.dropFirst(shared.resumed)
      var rest = shared.fresh
      var fresh = shared.nextFresh.map { [$0] } ?? []
      while let replica = rest.next() { fresh.append(replica) }
      return (begun.sorted { $0.replica < $1.replica }, fresh)
    }
  }

  /// The sample of the finished runs.
  @usableFromInline package var sample: EscapeSample {
    shared.withLock { shared in
      // In place: there may be millions.
      shared.finished.sort { $0.replica < $1.replica }
      return EscapeSample(shared.finished.map(\.passage))
    }
  }
}

/// A replica on its way: everything that is needed to go on to the same bits.
@usableFromInline package struct ReplicaState: Equatable, Sendable {
  package let replica: Int
  /// Steps taken.
  @usableFromInline package let step: Int
  /// The whole Markov state.
  @usableFromInline package let state: [Double]
  /// The position of its random stream, as its engine counts it.
  @usableFromInline package let stream: SIMD4<UInt64>
  /// The order parameter's distance from the target at that step.
  @usableFromInline package let distance: Double
  /// Seconds spent on it, in which other replicas may have run beside it.
  @usableFromInline package let wallTime: Double

  @usableFromInline package init(
    replica: Int, step: Int, state: [Double], stream: SIMD4<UInt64>, distance: Double,
    wallTime: Double = 0
  ) {
    self.replica = replica
    self.step = step
    self.state = state
    self.stream = stream
    self.distance = distance
    self.wallTime = wallTime
  }

  /// The same with the time that has passed since a worker took it.
  @usableFromInline
  package func after(_ task: ReplicaQueue.Task) -> ReplicaState { spending(task.elapsed) }

  /// The same after so many seconds in all.
  @usableFromInline package func spending(_ seconds: Double) -> ReplicaState {
    ReplicaState(
      replica: replica, step: step, state: state, stream: stream, distance: distance,
      wallTime: seconds)
  }
}

/// A replica that has ended.
@usableFromInline package struct FinishedRun: Equatable, Sendable {
  package let replica: Int
  @usableFromInline package let passage: PassageTime
  /// Steps taken.
  @usableFromInline package let steps: Int
  /// Seconds spent on it, in which other replicas may have run beside it.
  @usableFromInline package let wallTime: Double

  @usableFromInline package init(replica: Int, passage: PassageTime, steps: Int, wallTime: Double) {
    self.replica = replica
    self.passage = passage
    self.steps = steps
    self.wallTime = wallTime
  }
}
