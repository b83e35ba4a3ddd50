import EscapeStatistics
import Escapes
import Foundation
import Landscapes
import LangevinDynamics
import Networks
import NumericalMethods
import Synchronization
import TestSupport
import Testing

extension ReplicaQueue {
  /// Where replicas are; leaves the finished ones.
  fileprivate func collectStates() -> [ReplicaState] { unfinished.begun }

  /// Stops from a thread of its own, which no other work can hold up.
  fileprivate func stop(after microseconds: Int) {
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: Double(microseconds) * 1e-6)
      self.stop()
    }
  }
}

/// Replicas in lanes end at the same bits however the work is cut: over threads, lanes, queues, and stops.
@Suite struct LaneIdentityTests {
  static func passage<Landscape: EnergyLandscape, Parameter: OrderParameter>(
    _ landscape: Landscape, temperature: Double, timeStep: Double = 0.01, start: [Double],
    _ parameter: Parameter, _ side: TargetSet<Parameter>.Side, _ threshold: Double,
    cap: Double, stride: Int = 1
  ) throws -> FirstPassage<OverdampedLangevin<Landscape>, Parameter> {
    try FirstPassage(
      process: OverdampedLangevin(
        landscape: landscape, temperature: temperature, timeStep: timeStep),
      start: start, target: TargetSet(parameter, side, threshold), cap: cap, stride: stride)
  }

  /// Kinds of run, with some runs that escape and some that are censored in each.
  enum Kind: String, CaseIterable {
    /// One number, so that normals wait in pairs; passages between steps seen.
    case oneDimension
    /// Odd stride, no multiple of which is the cap.
    case oneDimensionStride3
    case oneDimensionStride2
    /// A step that is too large: some runs blow up.
    case unstable
    /// Three normals per step; the default paths of gradient.
    case threeDimensions
    /// The default path of an order parameter.
    case threeDimensionsStride5
    case mullerBrown
    case network
    /// Noise that depends on the state.
    case multiplicative
    /// The other schemes.
    case leimkuhlerMatthews
    case leimkuhlerMatthewsThreeDimensions
    case heun
    case heunStride3
    case heunWithSigns
    case milstein
  }

  func expectIdentity(_ kind: Kind, _ body: Checks) throws {
    switch kind {
    case .oneDimension:
      try body.check(
        Self.passage(
          QuarticDoubleWell(), temperature: 0.25, start: [-1], Coordinate(0), .above, 1, cap: 15.01)
      )
    case .oneDimensionStride3:
      try body.check(
        Self.passage(
          QuarticDoubleWell(tilt: 0.1), temperature: 0.25, start: [-1], Magnitude(), .below, 0.05,
          cap: 15.01, stride: 3))
    case .oneDimensionStride2:
      try body.check(
        Self.passage(
          PeriodicWashboard(force: 0.2), temperature: 1.5, timeStep: 0.02, start: [0],
          Coordinate(0), .below, -4, cap: 50.02, stride: 2))
    case .unstable:
      try body.check(
        Self.passage(
          QuarticDoubleWell(), temperature: 0.4, timeStep: 0.42, start: [-1], Coordinate(0), .above,
          1.2,
          cap: 100))
    case .threeDimensions:
      try body.check(
        Self.passage(
          threeDimensions(), temperature: 0.25, start: [-1, 0.3, 0], Coordinate(0), .above, 1,
          cap: 9.01))
    case .threeDimensionsStride5:
      try body.check(
        Self.passage(
          threeDimensions(), temperature: 0.25, start: [-1, 0.3, 0], Bent(), .above, 1, cap: 5.03,
          stride: 5
        ))
    case .mullerBrown:
      try body.check(
        Self.passage(
          MullerBrown(), temperature: 25, timeStep: 2e-4, start: [0.623, 0.028],
          Distance(to: [-0.558, 1.442]), .below, 0.2, cap: 0.25))
    case .network:
      try body.check(
        Self.passage(
          try DeepLinearNetwork(
            widths: [1, 1, 1, 1], moments: SecondMoments(singularValues: [1]), weightDecay: 0.2),
          temperature: 0.1, timeStep: 0.02, start: [0.9, 0.9, 0.9], Distance(to: [0, 0, 0]), .below,
          0.5, cap: 40.02))
    case .multiplicative:
      try body.check(
        FirstPassage(
          process: EulerMaruyama(SlopedNoise(kappa: 0.4), noiseScale: 0.4, timeStep: 0.01),
          start: [-1], target: .coordinate(0, above: 1), cap: 15.01))
    case .leimkuhlerMatthews:
      try body.check(
        FirstPassage(
          process: LeimkuhlerMatthews(
            landscape: QuarticDoubleWell(), temperature: 0.25, timeStep: 0.01), start: [-1],
          target: .coordinate(0, above: 1), cap: 15.01))
    case .leimkuhlerMatthewsThreeDimensions:
      try body.check(
        FirstPassage(
          process: LeimkuhlerMatthews(
            landscape: threeDimensions(), temperature: 0.25, timeStep: 0.01),
          start: [-1, 0.3, 0], target: .coordinate(0, above: 1), cap: 9.01))
    case .heun:
      try body.check(
        FirstPassage(
          process: StochasticHeun(
            GradientDrift(threeDimensions()), noiseScale: 0.25, timeStep: 0.01,
            calculus: .either), start: [-1, 0.3, 0], target: .coordinate(0, above: 1), cap: 9.01))
    case .heunStride3:
      try body.check(
        FirstPassage(
          process: StochasticHeun(
            GradientDrift(QuarticDoubleWell()), noiseScale: 0.25, timeStep: 0.01,
            calculus: .either), start: [-1], target: TargetSet(Magnitude(), .below, 0.05),
          cap: 15.01, stride: 3))
    case .heunWithSigns:
      try body.check(
        FirstPassage(
          process: StochasticHeun(
            SlopedNoise(kappa: 0.4), noiseScale: 0.4, timeStep: 0.01, calculus: .ito),
          start: [-1], target: .coordinate(0, above: 1), cap: 15.01))
    case .milstein:
      try body.check(
        FirstPassage(
          process: Milstein(SlopedNoise(kappa: 0.4), noiseScale: 0.4, timeStep: 0.01),
          start: [-1], target: .coordinate(0, above: 1), cap: 15.01))
    }
  }

  /// What is checked of a passage, whatever its types.
  protocol Checks {
    func check<P: LaneProcess, O: OrderParameter>(_ passage: FirstPassage<P, O>)
  }

  struct Splits<Vector: Lanes>: Checks {
    let name: String
    let seed = testSeed(400)

    func check<P: LaneProcess, O: OrderParameter>(_ passage: FirstPassage<P, O>) {
      let runs = 53
      let plain = (0..<runs).map {
        passage.plainRun(
          in: Vector.self, StreamKey(seed: seed, purpose: .dynamics, replica: $0))
      }
      #expect(Set(plain.map(\.outcome)).count > 1, "\(name): runs should end in different ways")
      #expect(Set(plain.map(\.time)).count > 10)
      let all = passage.passages(in: Vector.self, 0..<runs, seed: seed)
      #expect(all == plain, "\(name): the rules, written out")
      for lanes in [1, 2, 3, 5, 7] {
        #expect(
          passage.passages(in: Vector.self, 0..<runs, seed: seed, lanes: lanes) == all,
          "\(name): \(lanes) lanes")
      }
      for runs in [1, 2, 7, 9] {
        #expect(
          passage.passages(in: Vector.self, 0..<runs, seed: seed) == Array(all.prefix(runs)),
          "\(name): the first \(runs) runs")
      }
      let engine = Engine.vectorised(Vector.self == DoubleLanes.self ? .double : .single)
      for threads in [1, 2, 3] {
        #expect(
          passage.ensemble(runs: runs, seed: seed, threads: threads, engine: engine).passages
            == all, "\(name): \(threads) threads")
      }
      let shards = [0..<7, 7..<29, 29..<30, 30..<53].map {
        passage.passages(in: Vector.self, $0, seed: seed)
      }
      #expect(Array(shards.joined()) == all, "\(name): shards")
      #expect(passage.passages(in: Vector.self, 0..<runs, seed: seed &+ 1) != all)
    }
  }

  @Test(arguments: Kind.allCases)
  func anySplitOfTheWorkInDoublePrecision(_ kind: Kind) throws {
    try expectIdentity(kind, Splits<DoubleLanes>(name: kind.rawValue))
  }

  @Test(arguments: Kind.allCases)
  func anySplitOfTheWorkInSinglePrecision(_ kind: Kind) throws {
    try expectIdentity(kind, Splits<FloatLanes>(name: kind.rawValue))
  }

  /// Stops a queue after a number of runs.
  final class Brake: Sendable {
    let queue = Mutex<ReplicaQueue?>(nil)
    let left: Atomic<Int>
    init(after runs: Int) { left = Atomic(runs) }
    func press() {
      if left.subtract(1, ordering: .relaxed).newValue <= 0 { queue.withLock { $0?.stop() } }
    }
  }

  struct Stops<Vector: Lanes>: Checks {
    let name: String
    let seed = testSeed(401)

    func check<P: LaneProcess, O: OrderParameter>(_ passage: FirstPassage<P, O>) {
      let runs = 29
      let whole = passage.passages(in: Vector.self, 0..<runs, seed: seed)
      let engine = Engine.vectorised(Vector.self == DoubleLanes.self ? .double : .single)
      let random = testStream(402)
      for (after, threads) in [(0, 1), (1, 1), (2, 2), (5, 1), (9, 3), (-1, 1), (-1, 2)] {
        var finished = [Int: PassageTime]()
        var begun = [ReplicaState]()
        var fresh = Array(0..<runs)
        var rounds = 0
        while !(begun.isEmpty && fresh.isEmpty) && rounds < 5000 {
          let brake = Brake(after: after < 0 ? .max : max(after, 1))
          let queue = ReplicaQueue(seed: seed, replicas: fresh, resuming: begun) { _ in
            brake.press()
          }
          brake.queue.withLock { $0 = queue }
          defer { brake.queue.withLock { $0 = nil } }
          if after < 0 {
            // From outside, at any moment; later and later, so that the end is reached.
            let delay = 20 + random.integer(below: 60) * (1 + rounds / 4)
            queue.stop(after: delay)
          } else if after == 0 && rounds == 0 {
            queue.stop()
          }
          if threads > 1 {
            passage.run(queue, threads: threads, engine: engine)
          } else {
            passage.runLanes(
              in: Vector.self, from: queue, lanes: [8, 3, 1, 5][rounds % 4])
          }
          for run in queue.finished {
            #expect(finished[run.replica] == nil, "\(name): replica \(run.replica) ran twice")
            finished[run.replica] = run.passage
          }
          (begun, fresh) = queue.unfinished
          #expect(finished.count + begun.count + fresh.count == runs)
          rounds += 1
        }
        #expect(rounds > 1 || after < 0)
        #expect(
          (0..<runs).map { finished[$0] } == whole,
          "\(name): stopped \(rounds) times after \(after) runs on \(threads) threads")
      }
    }
  }

  @Test(arguments: Kind.allCases)
  func stoppedAndResumedInDoublePrecision(_ kind: Kind) throws {
    try expectIdentity(kind, Stops<DoubleLanes>(name: kind.rawValue))
  }

  @Test(arguments: Kind.allCases)
  func stoppedAndResumedInSinglePrecision(_ kind: Kind) throws {
    try expectIdentity(kind, Stops<FloatLanes>(name: kind.rawValue))
  }

  struct ReferenceStops: Checks {
    let name: String
    let seed = testSeed(404)

    func check<P: LaneProcess, O: OrderParameter>(_ passage: FirstPassage<P, O>) {
      let runs = 17
      let whole = passage.ensemble(runs: runs, seed: seed, threads: 1, engine: .reference).passages
      let random = testStream(405)
      var onTheirWay = 0
      for threads in [1, 1, 2, 3] {
        var finished = [Int: PassageTime]()
        var begun = [ReplicaState]()
        var fresh = Array(0..<runs)
        var rounds = 0
        while !(begun.isEmpty && fresh.isEmpty) && rounds < 5000 {
          let queue = ReplicaQueue(seed: seed, replicas: fresh, resuming: begun)
          queue.stop(after: 20 + random.integer(below: 200) * (1 + rounds / 4))
          passage.run(queue, threads: threads, engine: .reference)
          for run in queue.finished {
            #expect(finished[run.replica] == nil, "\(name): replica \(run.replica) ran twice")
            finished[run.replica] = run.passage
          }
          (begun, fresh) = queue.unfinished
          onTheirWay += begun.count
          rounds += 1
        }
        #expect((0..<runs).map { finished[$0] } == whole, "\(name): stopped \(rounds) times")
      }
      #expect(whole.count == runs)
    }
  }

  @Test(arguments: Kind.allCases)
  func stoppedAndResumedOnTheReferenceEngine(_ kind: Kind) throws {
    try expectIdentity(kind, ReferenceStops(name: kind.rawValue))
  }

  /// Looking on changes nothing, and what is seen can be gone on with.
  struct LooksOn<Vector: Lanes>: Checks {
    let name: String
    let engine: Engine
    let seed = testSeed(406)

    func check<P: LaneProcess, O: OrderParameter>(_ passage: FirstPassage<P, O>) {
      let runs = 29
      let whole = passage.ensemble(runs: runs, seed: seed, threads: 1, engine: engine).passages
      let queue = ReplicaQueue(seed: seed, replicas: 0..<runs)
      let isDone = Atomic(false)
      let seen = Mutex([Int: ReplicaState]())
      let looker = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        while !isDone.load(ordering: .relaxed) {
          queue.requestStates()
          usleep(50)
          for state in queue.collectStates() { seen.withLock { $0[state.replica] = state } }
        }
        looker.signal()
      }
      passage.run(queue, threads: 2, engine: engine)
      isDone.store(true, ordering: .relaxed)
      looker.wait()
      #expect(queue.finished.map(\.passage) == whole, "\(name): looked on")
      let states = seen.withLock { Array($0.values) }
      let again = ReplicaQueue(seed: seed, replicas: [Int](), resuming: states)
      passage.run(again, threads: 2, engine: engine)
      for run in again.finished {
        #expect(run.passage == whole[run.replica], "\(name): gone on from step \(run.steps)")
      }
    }
  }

  @Test(arguments: Kind.allCases)
  func lookedOn(_ kind: Kind) throws {
    try expectIdentity(kind, LooksOn<DoubleLanes>(name: kind.rawValue, engine: .standard))
    try expectIdentity(
      kind, LooksOn<FloatLanes>(name: kind.rawValue, engine: .vectorised(.single)))
    try expectIdentity(kind, LooksOn<DoubleLanes>(name: kind.rawValue, engine: .reference))
  }

  /// Runs up to the n-th escape, by number, and no others.
  struct Goals: Checks {
    let name: String
    let seed = testSeed(407)

    func check<P: LaneProcess, O: OrderParameter>(_ passage: FirstPassage<P, O>) {
      for engine in [Engine.standard, .reference] {
        let all = passage.ensemble(runs: 120, seed: seed, threads: 2, engine: engine).passages
        let escaped = all.indices.filter { all[$0].outcome == .escaped }
        for (goal, threads) in [(1, 1), (5, 1), (5, 2), (9, 3), (30, 2)] where goal <= escaped.count
        {
          let queue = ReplicaQueue(seed: seed, replicas: 0..<120, eventGoal: goal)
          passage.run(queue, threads: threads, engine: engine)
          #expect(queue.finished.map(\.replica) == Array(0...escaped[goal - 1]), "\(name): \(goal)")
          #expect(!queue.hasWorkLeft)
          // With some of them there, before and after the last that is needed.
          let there = Set(stride(from: 2, to: 120, by: 3))
          let rest = ReplicaQueue(
            seed: seed, replicas: (0..<120).filter { !there.contains($0) }, eventGoal: goal,
            escaped: escaped.filter { there.contains($0) })
          passage.run(rest, threads: threads, engine: engine)
          #expect(
            rest.finished.map(\.replica)
              == (0...escaped[goal - 1]).filter { !there.contains($0) }, "\(name): holes, \(goal)")
        }
      }
    }
  }

  @Test(arguments: Kind.allCases)
  func runsUpToAGoal(_ kind: Kind) throws { try expectIdentity(kind, Goals(name: kind.rawValue)) }

  // Stopped on its way and not only where a run has ended: the states are those of the path.
  @Test func stopsOnTheWay() throws {
    let passage = try Self.passage(
      QuarticDoubleWell(), temperature: 0.01, start: [-1], Coordinate(0), .above, 1, cap: 20_000)
    let whole = passage.passages(in: DoubleLanes.self, 0..<8, seed: testSeed(403))
    #expect(whole.allSatisfy { $0.outcome == .censored })
    var begun = [ReplicaState]()
    var fresh = Array(0..<8)
    var steps = [Int]()
    var finished = [FinishedRun]()
    var rounds = 0
    while !(begun.isEmpty && fresh.isEmpty) && rounds < 1000 {
      let queue = ReplicaQueue(seed: testSeed(403), replicas: fresh, resuming: begun)
      queue.stop(after: 500 * (1 + rounds))
      passage.runLanes(in: DoubleLanes.self, from: queue)
      finished += queue.finished
      (begun, fresh) = queue.unfinished
      steps += begun.map(\.step)
      // Between two pairs of normals.
      #expect(begun.allSatisfy { $0.step.isMultiple(of: 2) && $0.step < 2_000_000 })
      rounds += 1
    }
    #expect(!steps.isEmpty)
    #expect(finished.sorted { $0.replica < $1.replica }.map(\.passage) == whole)
  }
}
