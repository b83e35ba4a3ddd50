public import Escapes
public import NumericalMethods

/// One replica on its way: its Markov state, its random stream, and the memory that its steps need.
///
/// It owns them, so it is moved and never copied: no two walkers draw from one stream by accident. Where it is
/// can be noted, and gone on with to the same bits by any walker of the same process; or on a stream of its own,
/// which makes another replica of it from there on.
@usableFromInline package struct Walker<Process: StochasticProcess>: ~Copyable {
  @usableFromInline let model: UnsafeMutablePointer<WalkerModel<Process>>
  /// The Markov state, and behind it the scratch memory.
  @usableFromInline let state: UnsafeMutablePointer<Double>
  @usableFromInline let scratch: UnsafeMutablePointer<Double>
  @usableFromInline let scratchCount: Int
  @usableFromInline var stepsTaken = 0
  @usableFromInline var random: RandomSource
  /// The name of its random stream.
  package private(set) var key: StreamKey

  private init(
    _ process: Process, _ random: consuming RandomSource, _ key: StreamKey, scratchCount: Int
  ) {
    let stateCount = process.stateCount
    self.scratchCount = max(process.scratchCount, scratchCount)
    state = .allocate(capacity: max(1, stateCount + self.scratchCount))
    state.initialize(repeating: 0, count: stateCount + self.scratchCount)
    scratch = state + stateCount
    self.random = random
    self.key = key
    model = .allocate(capacity: 1)
    model.initialize(to: WalkerModel(process))
  }

  deinit {
    state.deallocate()
    model.deinitialize(count: 1)
    model.deallocate()
  }

  @usableFromInline package var process: Process { model.pointee.process }

  /// Sets out from a point.
  ///
  /// - Parameters:
  ///   - start: θ at step 0; as many numbers as the process has parameters.
  ///   - generator: one of GSL's own cannot be gone on with: ``snapshot(distance:)`` is then nil.
  ///   - scratchCount: scratch memory that what will be measured needs, to have it ready.
  @usableFromInline package init(
    _ process: Process, at start: [Double], key: StreamKey, generator: RandomGenerator = .philox,
    scratchCount: Int = 0
  ) {
    precondition(
      start.count == process.dimension,
      "the process has \(process.dimension) parameters, but the start has \(start.count)")
    self.init(
      process, RandomSource(key, generator: generator), key, scratchCount: scratchCount)
    state.update(from: start, count: start.count)
    process.prepare(state, random: random)
  }

  /// Goes on where a walker with the same process and key was, to the same bits.
  @usableFromInline package init(
    _ process: Process, resuming snapshot: ReplicaState, key: StreamKey, scratchCount: Int = 0
  ) {
    self.init(
      process, RandomSource(key, at: snapshot.stream), key, scratchCount: scratchCount)
    adopt(snapshot)
  }

  // MARK: - Walking

  /// Takes one step.
  @inlinable @inline(__always)
  package mutating func step() {
    model.pointee.step(1, state, random: random, scratch: scratch)
    stepsTaken &+= 1
  }

  /// Takes some steps.
  @inlinable @inline(__always)
  package mutating func step(_ count: Int) {
    model.pointee.step(count, state, random: random, scratch: scratch)
    stepsTaken &+= count
  }

  /// Steps since the start, those before a snapshot included.
  @inlinable package var steps: Int {
    @inline(__always) get { stepsTaken }
  }

  /// m(θ) where it is now.
  @inlinable @inline(__always)
  package mutating func value(of parameter: some OrderParameter) -> Double {
    if parameter.scratchCount <= scratchCount {
      return parameter.value(at: state, scratch: scratch)
    }
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: parameter.scratchCount) {
      parameter.value(at: state, scratch: $0.baseAddress!)
    }
  }

  /// The same where its scratch memory was reserved.
  @inline(__always)
  mutating func value(ofReserved parameter: some OrderParameter) -> Double {
    parameter.value(at: state, scratch: scratch)
  }

  /// θ.
  @usableFromInline package var position: [Double] {
    Array(UnsafeBufferPointer(start: state, count: process.dimension))
  }

  /// Whether θ₀ is a finite number. Where parameters are coupled, one that is not spreads to all within a few
  /// steps.
  @inlinable package var isFinite: Bool { state[0].isFinite }

  /// Uniform in [0, 1), from its stream: whether it passed a threshold between two steps.
  mutating func uniform() -> Double { random.uniform() }

  // MARK: - Leaving off and going on

  /// The whole Markov state.
  var wholeState: [Double] {
    Array(UnsafeBufferPointer(start: state, count: process.stateCount))
  }

  /// Everything that is needed to go on to the same bits; nil with a generator of GSL's own.
  ///
  /// - Parameter distance: the order parameter's distance from the target, where there is one.
  @usableFromInline package func snapshot(distance: Double = 0) -> ReplicaState? {
    random.position.map {
      ReplicaState(
        replica: Int(key.replica), step: steps, state: wholeState, stream: $0, distance: distance)
    }
  }

  /// Goes back, or on, to where a walker with the same process and key was.
  @usableFromInline package mutating func restore(_ snapshot: ReplicaState) {
    random = RandomSource(key, at: snapshot.stream)
    adopt(snapshot)
  }

  /// Goes on from where another walker of the process was as a replica of its own: on the stream of another key,
  /// from its beginning.
  @usableFromInline package mutating func restore(_ snapshot: ReplicaState, key: StreamKey) {
    self.key = key
    random = RandomSource(key)
    adopt(snapshot)
  }

  private mutating func adopt(_ snapshot: ReplicaState) {
    let count = process.stateCount
    precondition(
      snapshot.state.count == count,
      "the process has a state of \(count) numbers, but the snapshot has \(snapshot.state.count)")
    state.update(from: snapshot.state, count: count)
    stepsTaken = snapshot.step
  }
}

/// The process of a walker, outside of it. So the places of the walker's fields are known where the type of the
/// process is known at run time only; and as this cannot be copied, neither is the process, step by step. Each would
/// cost the reference engine a part of a step that can be seen.
@usableFromInline
struct WalkerModel<Process: StochasticProcess>: ~Copyable {
  @usableFromInline let process: Process

  init(_ process: Process) { self.process = process }

  @inlinable @inline(__always)
  func step(
    _ count: Int, _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource,
    scratch: UnsafeMutablePointer<Double>
  ) {
    for _ in 0..<count { process.step(state, random: random, scratch: scratch) }
  }
}
