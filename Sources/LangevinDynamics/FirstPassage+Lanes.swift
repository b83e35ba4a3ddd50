import EscapeStatistics
public import Escapes
public import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Below e⁻³⁶ a bridge crossing cannot be told from none.
@usableFromInline let negligibleBridgeExponent = 36.0

extension FirstPassage where Process: LaneProcess {
  /// Runs replicas from a queue in eight lanes until none is left or the queue stops.
  ///
  /// A lane whose replica has ended takes the next one at once. Refills and stops happen at steps that are
  /// whole multiples of the stride for every replica, and between two pairs of normals, so a replica's bits
  /// depend on its stream alone.
  ///
  /// - Parameters:
  ///   - lanes: how many of the eight lanes to use.
  @inlinable
  package func runLanes<Vector: Lanes>(
    in _: Vector.Type, from queue: ReplicaQueue, lanes: Int = laneCount
  ) {
    let stateCount = process.stateCount
    let scratchCount = max(process.laneScratchCount, target.parameter.laneScratchCount)
    withLaneMemory(of: Vector.self, count: stateCount + scratchCount + 1) { state in
      runLanes(
        state: state, scratch: state + stateCount, crew: LaneCrew(self, queue: queue, lanes: lanes))
    }
  }

  @inlinable
  func runLanes<Vector: Lanes>(
    state: UnsafeMutablePointer<Vector>, scratch: UnsafeMutablePointer<Vector>,
    crew firstCrew: LaneCrew<Process, Parameter>
  ) {
    var crew = firstCrew
    var random = LaneRandom<Vector>()
    let bridge = bridgeVariance
    // d₀d₁ at or below this needs a closer look, and so does anything that is not a number: the target is
    // reached where d₁ ≤ 0 (d₀ is positive), and may have been where the bridge exponent is small.
    let limit = Vector(repeating: bridge.map { 0.5 * negligibleBridgeExponent * $0 } ?? 0)
    var distance = Vector(repeating: 1)
    var step = 0
    crew.refill(state, &random.stream, hasSpare: false, &distance, step)
    while !crew.isDone {
      if stride > 1, crew.lanesAtCap(after: step) != 0 {
        lookAtCap(state, &random, scratch, &distance, &step, limit, &crew)
        continue
      }
      let active = crew.active
      let attention = crew.attention
      var previous = distance
      let suspects: UInt32
      if process.stateCount == 1 && process.laneScratchCount <= 1
        && target.parameter.laneScratchCount == 0
      {
        // One number per replica stays in a register, where memory would cost more than the step.
        var number = state[0]
        var work = Vector.zero
        suspects = run(
          &number, &random, &work, &distance, &previous, &step, limit, bridge != nil, active,
          attention)
        state[0] = number
      } else {
        suspects = run(
          state, &random, scratch, &distance, &previous, &step, limit, bridge != nil, active,
          attention)
      }
      // The crew is lent copies: a variable whose address it saw would be kept in memory all along.
      var stream = random.stream
      var refilled = distance
      crew.inspect(active, suspects, from: previous, to: distance, bridge, state, &stream, step)
      crew.refill(state, &stream, hasSpare: random.hasSpare, &refilled, step)
      random.stream = stream
      distance = refilled
    }
  }
}

extension FirstPassage where Process: LaneProcess {
  /// One stride for all, within which the cap of some lanes lies: those are looked at there too.
  @usableFromInline
  func lookAtCap<Vector: Lanes>(
    _ state: UnsafeMutablePointer<Vector>, _ random: inout LaneRandom<Vector>,
    _ scratch: UnsafeMutablePointer<Vector>, _ distance: inout Vector, _ step: inout Int,
    _ limit: Vector, _ crew: inout LaneCrew<Process, Parameter>
  ) {
    let due = crew.lanesAtCap(after: step)
    let first = lastStep % stride
    var previous = distance
    for (count, isCap) in [(first, true), (stride - first, false)] {
      // There is no bridge where the stride is above one.
      let suspects = advance(
        state, &random, scratch, &distance, &previous, limit, false, steps: count)
      step += count
      crew.inspect(
        isCap ? due : crew.active, suspects, from: previous, to: distance, nil, state,
        &random.stream, step)
    }
    crew.refill(state, &random.stream, hasSpare: random.hasSpare, &distance, step)
  }

  /// The tight loop: steps until a lane in use may have reached the target or attention is due. Nothing in
  /// it calls out, so that all it works on stays in registers. It turns two looks at a time, since normals
  /// come in pairs: which of a pair is due is then known beforehand.
  ///
  /// - Returns: the lanes that may have reached the target, one bit each.
  @inlinable @inline(__always)
  func run<Vector: Lanes>(
    _ state: UnsafeMutablePointer<Vector>, _ random: inout LaneRandom<Vector>,
    _ scratch: UnsafeMutablePointer<Vector>, _ distance: inout Vector, _ previous: inout Vector,
    _ step: inout Int, _ limit: Vector, _ isBridged: Bool, _ active: UInt32, _ attention: Int
  ) -> UInt32 {
    let isPaired = !random.hasSpare
    var suspects: UInt32
    repeat {
      suspects = advance(
        state, &random, scratch, &distance, &previous, limit, isBridged, steps: stride)
      step &+= stride
      if suspects & active != 0 || step >= attention || !isPaired { break }
      suspects = advance(
        state, &random, scratch, &distance, &previous, limit, isBridged, steps: stride)
      step &+= stride
    } while suspects & active == 0 && step < attention
    return suspects
  }

  /// Takes some steps and looks; returns the lanes that may have reached the target, one bit each.
  @inlinable @inline(__always)
  func advance<Vector: Lanes>(
    _ state: UnsafeMutablePointer<Vector>, _ random: inout LaneRandom<Vector>,
    _ scratch: UnsafeMutablePointer<Vector>, _ distance: inout Vector, _ previous: inout Vector,
    _ limit: Vector, _ isBridged: Bool, steps: Int
  ) -> UInt32 {
    for _ in 0..<steps { process.step(lanes: state, random: &random, scratch: scratch) }
    let value = target.parameter.value(lanes: state, count: process.dimension, scratch: scratch)
    previous = distance
    distance = target.distance(value)
    let measure = isBridged ? distance * previous : distance
    return measure.lanesNotGreater(than: limit)
  }
}

/// Who is in which lane: the bookkeeping of ``FirstPassage/runLanes(in:from:lanes:)``, called when
/// something may have happened.
@usableFromInline
struct LaneCrew<Process: LaneProcess, Parameter: OrderParameter> {
  let passage: FirstPassage<Process, Parameter>
  let queue: ReplicaQueue
  let lanes: Int
  /// The first step at or after the cap.
  let lastStep: Int
  /// The last step before it, or it, that is a whole multiple of the stride.
  let beforeCap: Int
  /// The state at t = 0.
  let origin: [Double]
  let startDistance: Double
  /// What each lane holds, and at which of the crew's steps that replica had taken none.
  var tasks = [ReplicaQueue.Task?](repeating: nil, count: laneCount)
  var births = [Int](repeating: 0, count: laneCount)
  /// Lanes in use, one bit each.
  @usableFromInline var active: UInt32 = 0
  /// The next step at which to look, whatever the order parameter does.
  @usableFromInline var attention = 0
  /// Whether the queue had no replica to give when it was last asked.
  var isExhausted = false
  /// How many of the queue's requests for states were answered.
  var answered: Int
  /// Steps between two looks at what the queue wants, set so that they are some 20 ms apart.
  var pollInterval = 1 << 10
  var lastPoll = ContinuousClock.now
  var stepAtLastPoll = 0

  @usableFromInline
  init(_ passage: FirstPassage<Process, Parameter>, queue: ReplicaQueue, lanes: Int) {
    self.passage = passage
    self.queue = queue
    self.lanes = max(1, min(lanes, laneCount))
    lastStep = passage.lastStep
    beforeCap = lastStep - lastStep % passage.stride
    // A lane process draws nothing here.
    origin = passage.walker(StreamKey(seed: 0, purpose: .dynamics)).wholeState
    startDistance = passage.target.distance(passage.value(at: origin))
    answered = queue.stateRequests
  }

  /// Whether no replica is left for this crew, here or in the queue. (Lanes may all be empty while the queue
  /// is not: a replica can enter only between two pairs of normals.)
  @usableFromInline
  var isDone: Bool { active == 0 && (isExhausted || queue.isStopping) }

  /// Lanes whose cap comes before their next look, one bit each, at a step at which all have looked.
  @usableFromInline
  func lanesAtCap(after now: Int) -> UInt32 {
    guard beforeCap != lastStep else { return 0 }
    var due: UInt32 = 0
    for lane in 0..<laneCount
    where active & (1 << UInt32(lane)) != 0 && now - births[lane] == beforeCap {
      due |= 1 << UInt32(lane)
    }
    return due
  }

  /// Ends the replicas of `looked` lanes that have reached the target, diverged or come to the cap.
  @usableFromInline
  mutating func inspect<Vector: Lanes>(
    _ looked: UInt32, _ suspects: UInt32, from previous: Vector, to next: Vector, _ bridge: Double?,
    _ state: UnsafeMutablePointer<Vector>, _ stream: inout LaneStream, _ now: Int
  ) {
    let timeStep = passage.process.timeStep
    for lane in 0..<laneCount where active & looked & (1 << UInt32(lane)) != 0 {
      let step = now - births[lane]
      guard suspects & (1 << UInt32(lane)) != 0 || step >= lastStep else { continue }
      let task = tasks[lane]!
      var ending: PassageTime? = nil
      if suspects & (1 << UInt32(lane)) != 0 {
        let distance = next[lane]
        if !distance.isFinite {
          ending = PassageTime(time: Double(step) * timeStep, outcome: .diverged)
        } else if distance <= 0 {
          ending = PassageTime(time: Double(step) * timeStep, outcome: .escaped)
        } else if let bridge {
          let exponent = 2 * previous[lane] * distance / bridge
          if exponent < negligibleBridgeExponent
            && stream.uniform(lane: lane) < exp(-exponent)
          {
            ending = PassageTime(time: (Double(step) - 0.5) * timeStep, outcome: .escaped)
          }
        }
        if let passed = ending, passed.outcome == .escaped,
          diverges(lane, state, key: queue.key(task.replica))
        {
          ending = PassageTime(time: passed.time, outcome: .diverged)
        }
      }
      if ending == nil && step >= lastStep {
        // Infinitely far from the target is not suspect.
        ending = PassageTime(
          time: Double(lastStep) * timeStep, outcome: next[lane].isFinite ? .censored : .diverged)
      }
      if let ending {
        queue.finish(task, ending, steps: min(step, lastStep))
        tasks[lane] = nil
        active &= ~(1 << UInt32(lane))
        // Where escapes are counted, one that was none frees the place for another.
        isExhausted = false
      }
    }
  }

  /// As ``FirstPassage/diverges(_:)``, on a copy of one lane with a stream of its own.
  private func diverges<Vector: Lanes>(
    _ lane: Int, _ state: UnsafeMutablePointer<Vector>, key: StreamKey
  ) -> Bool {
    let probe = StreamKey(
      seed: key.seed, purpose: .probes, cell: Int(key.cell), replica: Int(key.replica))
    var walker = passage.walker(probe)
    walker.restore(
      ReplicaState(
        replica: Int(key.replica), step: 0, state: origin.indices.map { state[$0][lane] },
        stream: .zero, distance: 0), key: probe)
    return passage.diverges(&walker)
  }

  /// Puts the next replicas into lanes that are free, or takes all out where the work is to stop.
  @usableFromInline
  mutating func refill<Vector: Lanes>(
    _ state: UnsafeMutablePointer<Vector>, _ stream: inout LaneStream, hasSpare: Bool,
    _ distance: inout Vector, _ now: Int
  ) {
    if !hasSpare {
      if queue.isStopping {
        queue.report(states(state, stream, distance, now))
        active = 0
        return
      }
      if queue.stateRequests != answered {
        answered = queue.stateRequests
        queue.report(states(state, stream, distance, now))
      }
      isExhausted = false
      for lane in 0..<lanes where active & (1 << UInt32(lane)) == 0 && !isExhausted {
        guard let (task, resumed) = queue.next() else {
          isExhausted = true
          break
        }
        tasks[lane] = task
        births[lane] = now - (resumed?.step ?? 0)
        let position = resumed?.state ?? origin
        for i in position.indices { state[i][lane] = position[i] }
        distance[lane] = resumed?.distance ?? startDistance
        stream[lane] = resumed?.stream ?? LaneStream.opened(queue.key(task.replica))
        active |= 1 << UInt32(lane)
      }
    }
    let isWanted = queue.isStopping || queue.stateRequests != answered
    let waits = hasSpare && (isWanted || (!isExhausted && active != allLanes))
    pace(now)
    attention = now + (waits ? 1 : pollInterval)
    for lane in 0..<laneCount where active & (1 << UInt32(lane)) != 0 {
      attention = min(attention, births[lane] + beforeCap)
    }
  }

  /// Where the replicas in all lanes are.
  private func states<Vector: Lanes>(
    _ state: UnsafeMutablePointer<Vector>, _ stream: LaneStream, _ distance: Vector, _ now: Int
  ) -> [ReplicaState] {
    (0..<laneCount).filter { active & (1 << UInt32($0)) != 0 }.map { lane in
      ReplicaState(
        replica: tasks[lane]!.replica, step: now - births[lane],
        state: origin.indices.map { state[$0][lane] }, stream: stream[lane],
        distance: distance[lane], wallTime: tasks[lane]!.elapsed)
    }
  }

  /// Sets the interval of looks after a whole one.
  private mutating func pace(_ now: Int) {
    guard now - stepAtLastPoll >= pollInterval else { return }
    let time = ContinuousClock.now
    let elapsed = time - lastPoll
    if elapsed > .milliseconds(40) { pollInterval = max(1, pollInterval / 2) }
    if elapsed < .milliseconds(10) { pollInterval = min(1 << 16, pollInterval * 2) }
    lastPoll = time
    stepAtLastPoll = now
  }

  private var allLanes: UInt32 { (1 << UInt32(lanes)) - 1 }
}
