public import NumericalMethods

/// Which path of which replicate is in which lane: the bookkeeping of ``LaneSplitting``, called where a path has come to
/// something.
///
/// A lane whose path has ended takes the next branch that waits, of the replicate that was begun first, and only where
/// none waits another replicate: so lanes stay busy, and replicates end one by one.
@usableFromInline
struct SplittingCrew {
  private let settings: SplittingSettings
  private let startSet: StartSet
  private let streams: SplittingStreams
  private let timeStep: Double
  private let queue: ReplicaQueue
  /// The state at t = 0.
  private let origin: UnsafeMutablePointer<Double>
  private let stateCount: Int
  /// Replicates at once.
  private let most: Int
  private var replicates = [UnsafeMutablePointer<LaneReplicate>]()
  private let works: UnsafeMutablePointer<Work>

  /// Lanes with a path on its way, one bit each.
  @usableFromInline private(set) var active: UInt32 = 0
  /// The next step at which to look, whatever the distances do.
  @usableFromInline private(set) var attention = 0
  /// Whether a path may wait for a lane. It can enter only between two pairs of normals.
  @usableFromInline private(set) var mayEnter = true
  /// Distances between which nothing happens to the path in a lane: above the first and below the second of its pair.
  @usableFromInline let windows: UnsafeMutablePointer<(low: Double, high: Double)>

  private var isExhausted = false
  private var isStopped = false
  private var pace = Pace()
  private var nextPoll = 0
  /// The first step at which a lane has settled.
  private var nextSettled = Int.max

  /// What a lane does.
  private struct Work {
    var replicate: UnsafeMutablePointer<LaneReplicate>?
    var phase = Phase.idle
    /// Whether it makes the loops of its replicate, or else a branch.
    var isLoops = false
    var path = 0
    /// The nearest level of the path.
    var level = 0
    /// The step at which it entered, that at which its path left Σ, and that at which it came into A, or will have settled.
    var entry = 0
    var birth = 0
    var mark = 0
  }

  private enum Phase {
    case idle
    /// From the start, on a new stream, when it can enter.
    case waiting
    /// Forgets the start.
    case settling
    /// Not in A yet.
    case outside
    /// From A to Σ.
    case outward
    /// From Σ to A or B.
    case path
  }

  /// Memory for the records of all replicates of a crew, at most, in bytes; a path has one for a quarter of the levels.
  private static let memory = 1 << 29

  /// - Parameter workers: crews that share the queue.
  @usableFromInline
  init(
    _ settings: SplittingSettings, _ startSet: StartSet, _ streams: SplittingStreams,
    timeStep: Double, origin: [Double], queue: ReplicaQueue, workers: Int
  ) {
    self.settings = settings
    self.startSet = startSet
    self.streams = streams
    self.timeStep = timeStep
    self.queue = queue
    stateCount = origin.count
    self.origin = .allocate(capacity: max(1, origin.count))
    self.origin.initialize(from: origin, count: origin.count)
    works = .allocate(capacity: laneCount)
    works.initialize(repeating: Work(), count: laneCount)
    windows = .allocate(capacity: laneCount)
    windows.initialize(repeating: (-.infinity, .infinity), count: laneCount)
    let each = settings.paths * (settings.levels / 4) * stateCount * MemoryLayout<Double>.stride
    // A few replicates are spread over the workers.
    let share = (queue.count + workers - 1) / workers
    most = max(1, min(laneCount, share, Self.memory / max(1, each)))
  }

  /// Frees its memory, after which it is good for nothing.
  @usableFromInline
  func close() {
    for replicate in replicates {
      replicate.deinitialize(count: 1)
      replicate.deallocate()
    }
    origin.deallocate()
    works.deallocate()
    windows.deallocate()
  }

  /// Whether work is left, here or in the queue.
  @usableFromInline var goesOn: Bool { !isStopped && (active != 0 || mayEnter) }

  // MARK: - What paths come to

  /// The path in a lane has come to a distance outside of its window.
  ///
  /// - Returns: where its state is to be kept; nil where it need not be.
  @usableFromInline
  mutating func see(
    _ lane: Int, at distance: Double, _ now: Int
  ) -> UnsafeMutablePointer<Double>? {
    let work = works + lane
    guard distance.isFinite else {
      diverge(lane, now)
      return nil
    }
    switch work.pointee.phase {
    case .path:
      if distance < startSet.outer {
        let level = startSet.level(distance, of: settings.levels)
        guard level > work.pointee.level else { return nil }
        let replicate = work.pointee.replicate!
        replicate.pointee.extend(
          work.pointee.path, to: level, steps: now - work.pointee.birth)
        if level == settings.levels {
          end(lane, isInTarget: true, now)
          return nil
        }
        work.pointee.level = level
        windows[lane].low = startSet.distance(ofLevel: level + 1, of: settings.levels)
        return replicate.pointee.state(work.pointee.path)
      }
      if distance >= startSet.inner { end(lane, isInTarget: false, now) }
    case .outward:
      guard distance <= startSet.outer else { return nil }
      work.pointee.replicate!.pointee.tally.outward += now - work.pointee.mark
      return begin(lane, at: distance, now)
    case .outside:
      if distance >= startSet.inner { goOut(lane, now) }
      if distance <= 0 { return begin(lane, at: distance, now) }
    case .settling:
      if distance <= 0 { restart(lane, now) }
    case .idle, .waiting: break
    }
    return nil
  }

  /// A first path leaves Σ.
  private mutating func begin(
    _ lane: Int, at distance: Double, _ now: Int
  ) -> UnsafeMutablePointer<Double>? {
    let work = works + lane
    let replicate = work.pointee.replicate!
    let level = startSet.level(distance, of: settings.levels)
    work.pointee.path = replicate.pointee.addPath(level: level)
    work.pointee.birth = now
    work.pointee.level = level
    if level == settings.levels {
      end(lane, isInTarget: true, now)
      return nil
    }
    onPath(lane, level)
    return replicate.pointee.state(work.pointee.path)
  }

  private mutating func onPath(_ lane: Int, _ level: Int) {
    works[lane].phase = .path
    windows[lane] = (
      startSet.distance(ofLevel: level + 1, of: settings.levels), startSet.inner
    )
  }

  /// Into A.
  private mutating func goOut(_ lane: Int, _ now: Int) {
    works[lane].phase = .outward
    works[lane].mark = now
    windows[lane] = (startSet.outer, .infinity)
  }

  /// The path in a lane has ended.
  private mutating func end(_ lane: Int, isInTarget: Bool, _ now: Int) {
    let work = works + lane
    let replicate = work.pointee.replicate!
    guard work.pointee.isLoops else {
      leave(lane, now)
      if replicate.pointee.endBranch() { turn(replicate) }
      return
    }
    if !isInTarget {
      replicate.pointee.tally.homeward += now - work.pointee.birth
      replicate.pointee.tally.home += 1
    }
    if replicate.pointee.count == settings.paths {
      leave(lane, now)
      turn(replicate)
    } else if isInTarget {
      restart(lane, now)
    } else {
      goOut(lane, now)
    }
  }

  /// The value in a lane is not finite. The other branches of its round are run to their ends all the same, so that its
  /// steps do not depend on who came first.
  private mutating func diverge(_ lane: Int, _ now: Int) {
    let replicate = works[lane].replicate!
    replicate.pointee.isDiverged = true
    let isLoops = works[lane].isLoops
    leave(lane, now)
    if isLoops || replicate.pointee.endBranch() { turn(replicate) }
  }

  /// Frees a lane.
  private mutating func leave(_ lane: Int, _ now: Int) {
    works[lane].replicate!.pointee.steps += now - works[lane].entry
    works[lane].phase = .idle
    active &= ~(1 << UInt32(lane))
    mayEnter = true
    attention = now
  }

  /// The first paths set out from the start again, on a stream of their own.
  private mutating func restart(_ lane: Int, _ now: Int) {
    leave(lane, now)
    works[lane].phase = .waiting
    works[lane].replicate!.pointee.restarts += 1
  }

  /// The next round of a replicate, or its end.
  private mutating func turn(_ replicate: UnsafeMutablePointer<LaneReplicate>) {
    guard let found = replicate.pointee.nextRound() else { return }
    queue.finish(replicate.pointee.task, found, timeStep: timeStep)
    replicates.removeAll { $0 == replicate }
    replicate.deinitialize(count: 1)
    replicate.deallocate()
  }

  /// Leaves all replicates as they are: they will begin again.
  private mutating func abandon(_ now: Int) {
    isStopped = true
    var steps = 0
    for replicate in replicates { steps += replicate.pointee.steps }
    for lane in 0..<laneCount where active & (1 << UInt32(lane)) != 0 {
      steps += now - works[lane].entry
    }
    queue.abandon(steps: steps)
  }

  // MARK: - Who is next

  /// What is put into a lane: where its state is, and the name of its stream; nil where nothing is.
  @usableFromInline
  mutating func enter(
    _ lane: Int, _ now: Int
  ) -> (state: UnsafeMutablePointer<Double>, key: StreamKey)? {
    let work = works + lane
    switch work.pointee.phase {
    case .waiting: return enterLoops(lane, now)
    case .idle: break
    default: return nil
    }
    for replicate in replicates where replicate.pointee.hasBranch {
      let (path, stream) = replicate.pointee.nextBranch()
      let level = replicate.pointee.level(path)
      let birth = now - replicate.pointee.stepsAtEnd(path)
      work.pointee = Work(
        replicate: replicate, phase: .path, isLoops: false, path: path, level: level, entry: now,
        birth: birth)
      onPath(lane, level)
      active |= 1 << UInt32(lane)
      return (
        replicate.pointee.state(path), streams.key(replicate.pointee.task.replica, stream)
      )
    }
    guard replicates.count < most, !isExhausted else { return nil }
    guard let (task, _) = queue.next() else {
      isExhausted = true
      return nil
    }
    let replicate = UnsafeMutablePointer<LaneReplicate>.allocate(capacity: 1)
    replicate.initialize(
      to: LaneReplicate(
        task, settings, timeStep: timeStep, stateCount: stateCount,
        choice: streams.key(task.replica, 0)))
    replicates.append(replicate)
    work.pointee = Work(replicate: replicate, isLoops: true)
    return enterLoops(lane, now)
  }

  private mutating func enterLoops(
    _ lane: Int, _ now: Int
  ) -> (state: UnsafeMutablePointer<Double>, key: StreamKey) {
    let replicate = works[lane].replicate!
    works[lane].phase = .settling
    works[lane].entry = now
    works[lane].mark = now + startSet.settlingSteps
    nextSettled = min(nextSettled, works[lane].mark)
    windows[lane] = (0, .infinity)
    active |= 1 << UInt32(lane)
    let restarts = replicate.pointee.restarts
    return (
      origin,
      streams.key(replicate.pointee.task.replica, restarts == 0 ? 1 : -1 - restarts)
    )
  }

  /// All lanes were asked: what is to be looked at next, and when.
  ///
  /// - Parameter hasEntered: whether paths could enter.
  @usableFromInline
  mutating func attend(_ now: Int, hasEntered: Bool) {
    if hasEntered { mayEnter = false }
    if now >= nextSettled {
      nextSettled = .max
      for lane in 0..<laneCount where works[lane].phase == .settling {
        if works[lane].mark <= now {
          works[lane].phase = .outside
          windows[lane] = (0, startSet.inner)
        } else {
          nextSettled = min(nextSettled, works[lane].mark)
        }
      }
    }
    if now >= nextPoll {
      if pace.isDue(), queue.isStopping { abandon(now) }
      nextPoll = now + pace.interval
    }
    attention = mayEnter ? now + 1 : min(nextSettled, nextPoll)
  }
}
