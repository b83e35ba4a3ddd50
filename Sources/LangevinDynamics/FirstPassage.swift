public import EscapeStatistics
public import Escapes
public import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// First passages of a process from a start point into a target set, with a cap.
///
/// The set is looked at every `stride` steps and at the cap. For a coordinate under additive noise, passages between two
/// looks at consecutive steps are seen with the exact probability of a Brownian bridge,
/// exp(−2 d₀d₁/σ²) (d₀, d₁ the distances before and after, σ² the variance of the step); without it
/// passages are seen late by O(√dt).
public struct FirstPassage<Process: StochasticProcess, Parameter: OrderParameter>: Sendable {
  /// What moves.
  public let process: Process
  /// θ at t = 0.
  public let start: [Double]
  public let target: TargetSet<Parameter>
  /// The time at which a run is censored.
  public let cap: Double
  /// Steps between two looks at the order parameter.
  public let stride: Int
  /// Of the reference engine.
  public let generator: RandomGenerator

  /// - Throws: `InvalidInput` where the cap is not positive or the start lies in the target set.
  public init(
    process: Process, start: [Double], target: TargetSet<Parameter>, cap: Double, stride: Int = 1,
    generator: RandomGenerator = .philox
  ) throws {
    precondition(
      start.count == process.dimension,
      "the process has \(process.dimension) parameters, but the start has \(start.count)")
    try Require.positive("cap", cap)
    try Require.atLeast(1, "stride", stride)
    guard cap / process.timeStep < 0x1p62 else {
      throw InvalidInput(
        "a cap of \(cap) in steps of \(process.timeStep) is more steps than can be counted; use a smaller cap or a larger step"
      )
    }
    self.process = process
    self.start = start
    self.target = target
    self.cap = cap
    self.stride = stride
    self.generator = generator
    let value = value(at: start)
    guard target.distance(value) > 0 else {
      throw InvalidInput(
        "the start has order parameter \(value), which is already \(target.side.rawValue) the threshold \(target.threshold); start elsewhere or move the threshold"
      )
    }
  }

  /// m(θ).
  func value(at point: [Double]) -> Double {
    target.parameter.value(at: Array(point.prefix(process.dimension)))
  }

  /// The smallest number of steps that reaches the cap; a cap of whole steps is not lengthened by the
  /// rounding of the quotient.
  var lastStep: Int { max(1, Int((cap / process.timeStep * (1 - 1e-12)).rounded(.up))) }

  /// Whether passages between steps are seen.
  public var usesBridge: Bool { bridgeVariance != nil }

  @usableFromInline var bridgeVariance: Double? {
    guard stride == 1, target.parameter.coordinate != nil,
      let variance = process.coordinateVariance,
      variance > 0
    else { return nil }
    return variance
  }

  /// One run with the given stream; its final state is written to `finalPoint` where asked for.
  public func run(_ key: StreamKey, finalPoint: UnsafeMutablePointer<Double>? = nil) -> PassageTime
  {
    switch advance(key, from: nil, finalPoint: finalPoint, isInterrupted: { _ in false }) {
    case .ended(let passage, _): return passage
    case .interrupted: fatalError("a run that nothing interrupts ends")
    }
  }

  /// How a stretch of a run ended.
  @usableFromInline
  enum Stretch {
    case ended(PassageTime, steps: Int)
    case interrupted(ReplicaState)
  }

  /// Runs from the start or from a state until the run ends or is interrupted.
  ///
  /// - Parameter isInterrupted: asked every few milliseconds of work, with a way to learn where the run is.
  @usableFromInline
  func advance(
    _ key: StreamKey, from resumed: ReplicaState?,
    finalPoint: UnsafeMutablePointer<Double>? = nil,
    isInterrupted: (_ state: () -> ReplicaState?) -> Bool
  ) -> Stretch {
    var walker = walker(key, from: resumed)
    var distance = resumed?.distance ?? target.distance(walker.value(of: target.parameter))
    var pace = Pace()
    while true {
      if let passage = advance(&walker, &distance, until: walker.steps + pace.interval) {
        let steps = walker.steps
        finalPoint?.update(from: walker.position, count: process.dimension)
        if passage.outcome == .escaped, diverges(&walker) {
          return .ended(PassageTime(time: passage.time, outcome: .diverged), steps: steps)
        }
        return .ended(passage, steps: steps)
      }
      if pace.isDue(), isInterrupted({ walker.snapshot(distance: distance) }),
        let state = walker.snapshot(distance: distance)
      {
        return .interrupted(state)
      }
    }
  }

  /// A replica at its start, or where it was, with the memory that looking at it needs.
  @usableFromInline func walker(_ key: StreamKey, from resumed: ReplicaState? = nil) -> Walker<
    Process
  > {
    let scratchCount = target.parameter.scratchCount
    if let resumed {
      return Walker(process, resuming: resumed, key: key, scratchCount: scratchCount)
    }
    return Walker(process, at: start, key: key, generator: generator, scratchCount: scratchCount)
  }

  /// Whether the run is not passing but blowing up: an unstable step leaps over any threshold long
  /// before a number overflows. On a polynomial landscape it does so within a few steps more, after which the
  /// walker is good for nothing else. (Where E is unbounded below, put the target where a step is still small,
  /// or running away inside it looks the same.)
  func diverges(_ walker: inout Walker<Process>) -> Bool {
    walker.step(16)
    return !target.distance(walker.value(of: target.parameter)).isFinite
  }

  /// Steps until the run ends or, at a whole multiple of the stride, `limit` steps are taken.
  private func advance(
    _ walker: inout Walker<Process>, _ distance: inout Double, until limit: Int
  ) -> PassageTime? {
    let dt = process.timeStep
    let lastStep = lastStep
    let variance = bridgeVariance
    var step = walker.steps
    while step < lastStep {
      guard step < limit else { return nil }
      let block = min(stride, lastStep - step)
      walker.step(block)
      step += block
      let next = target.distance(walker.value(ofReserved: target.parameter))
      guard next.isFinite else {
        return PassageTime(time: Double(step) * dt, outcome: .diverged)
      }
      if next <= 0 { return PassageTime(time: Double(step) * dt, outcome: .escaped) }
      if let variance {
        let exponent = 2 * distance * next / variance
        if exponent < negligibleBridgeExponent && walker.uniform() < exp(-exponent) {
          return PassageTime(time: (Double(step) - 0.5) * dt, outcome: .escaped)
        }
      }
      distance = next
    }
    return PassageTime(time: Double(lastStep) * dt, outcome: .censored)
  }

  /// Runs replicas from a queue one at a time until none is left or the queue stops. (With a generator of
  /// GSL's own a run that has begun is finished first.)
  @inlinable
  package func runOneByOne(from queue: ReplicaQueue) {
    var answered = queue.stateRequests
    while let (task, resumed) = queue.next() {
      let stretch = advance(queue.key(task.replica), from: resumed) { here in
        if queue.stateRequests != answered {
          answered = queue.stateRequests
          if let here = here() { queue.report([here.after(task)]) }
        }
        return queue.isStopping
      }
      switch stretch {
      case .ended(let passage, let steps): queue.finish(task, passage, steps: steps)
      case .interrupted(let here): queue.report([here.after(task)])
      }
    }
  }

  /// Independent runs over all cores, bit-identical for any number of threads: on the reference engine,
  /// unless the process can run in lanes.
  ///
  /// - Parameters:
  ///   - cell: the point of a sweep; with the seed and the replica it names the stream.
  ///   - onRun: called after each run, from any thread, in order of completion.
  @usableFromInline package func ensemble(
    runs: Int, seed: UInt64, cell: Int = 0, threads: Int? = nil,
    onRun: @escaping @Sendable (PassageTime) -> Void = { _ in }
  ) -> EscapeSample {
    let queue = ReplicaQueue(seed: seed, cell: cell, replicas: 0..<runs) { onRun($0.passage) }
    onWorkers(workerCount(for: runs, threads: threads)) { _ in runOneByOne(from: queue) }
    return queue.sample
  }
}

extension FirstPassage where Process: LaneProcess {
  // Its own, not a default argument: without it, a call that names no engine would mean the ensemble of
  // any process.

  /// Independent runs over all cores on the vectorised engine, bit-identical for any number of threads.
  @inlinable
  package func ensemble(
    runs: Int, seed: UInt64, cell: Int = 0, threads: Int? = nil,
    onRun: @escaping @Sendable (PassageTime) -> Void = { _ in }
  ) -> EscapeSample {
    ensemble(
      runs: runs, seed: seed, cell: cell, threads: threads, engine: .standard, onRun: onRun)
  }

  /// Independent runs over all cores, bit-identical for any number of threads.
  ///
  /// - Parameters:
  ///   - cell: the point of a sweep; with the seed and the replica it names the stream.
  ///   - engine: the vectorised one, or the plain one that it is tested against.
  ///   - onRun: called after each run, from any thread, in order of completion.
  @inlinable
  package func ensemble(
    runs: Int, seed: UInt64, cell: Int = 0, threads: Int? = nil, engine: Engine,
    onRun: @escaping @Sendable (PassageTime) -> Void = { _ in }
  ) -> EscapeSample {
    let queue = ReplicaQueue(seed: seed, cell: cell, replicas: 0..<runs) { onRun($0.passage) }
    run(queue, threads: threads, engine: engine)
    return queue.sample
  }

  /// Runs a queue's replicas over all cores, until none is left or it stops.
  @inlinable
  package func run(_ queue: ReplicaQueue, threads: Int? = nil, engine: Engine = .standard) {
    let workers = workerCount(for: queue.count, threads: threads)
    onWorkers(workers) { _ in work(on: queue, engine: engine, workers: workers) }
  }

  /// What one of several workers does: takes replicas until none is left or the queue stops.
  @inlinable
  package func work(on queue: ReplicaQueue, engine: Engine, workers: Int) {
    // A few replicas are spread over the workers before they fill lanes.
    let lanes = (queue.count + workers - 1) / workers
    switch generator == .philox ? engine : .reference {
    case .reference: runOneByOne(from: queue)
    case .vectorised(.double): runLanes(in: DoubleLanes.self, from: queue, lanes: lanes)
    case .vectorised(.single): runLanes(in: FloatLanes.self, from: queue, lanes: lanes)
    }
  }
}
