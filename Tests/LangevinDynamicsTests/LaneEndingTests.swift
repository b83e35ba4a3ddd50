import EscapeStatistics
import Escapes
import Landscapes
import LangevinDynamics
import NumericalMethods
import Synchronization
import TestSupport
import Testing

/// How runs end in lanes: caps, divergence, descent, few and many runs.
@Suite struct LaneEndingTests {
  static let engines: [Engine] = [.reference, .vectorised(.double), .vectorised(.single)]

  // All runs end at the same odd step, where a normal waits in every lane: the queue must still be emptied.
  @Test(arguments: engines)
  func manyRunsThatEndAtOnce(_ engine: Engine) throws {
    let descent = try FirstPassage(
      process: OverdampedLangevin(landscape: slope(1), temperature: 0, timeStep: 0.25),
      start: [0], target: TargetSet(Coordinate(0), .above, 2.2), cap: 10)
    for runs in [1, 3, 8, 20, 100] {
      for threads in [1, 2] {
        let sample = descent.ensemble(runs: runs, seed: 1, threads: threads, engine: engine)
        #expect(
          sample.passages
            == [PassageTime](repeating: PassageTime(time: 2.25, outcome: .escaped), count: runs))
      }
    }
    for steps in [1, 2, 3, 101] {
      let capped = try LaneIdentityTests.passage(
        QuarticDoubleWell(), temperature: 0.01, start: [-1], Coordinate(0), .above, 1,
        cap: 0.01 * Double(steps))
      let sample = capped.ensemble(runs: 50, seed: 1, threads: 2, engine: engine)
      #expect(sample.passages.count == 50 && sample.count(.censored) == 50)
      for run in sample.passages {
        expectClose(run.time, to: 0.01 * Double(steps), relative: 1e-15)
      }
    }
  }

  // Zero temperature: the path of gradient descent, so the time of the reference engine.
  @Test func descent() throws {
    let passage = try FirstPassage(
      process: OverdampedLangevin(landscape: MullerBrown(), temperature: 0, timeStep: 1e-4),
      start: [0.3, 0.5], target: TargetSet(Distance(to: [-0.050, 0.467]), .below, 0.1), cap: 5)
    let times = Self.engines.map { passage.ensemble(runs: 9, seed: 1, engine: $0).passages }
    #expect(times[0].allSatisfy { $0.outcome == .escaped && $0.time > 0.001 })
    #expect(times[1] == times[0])
    #expect(times[2].allSatisfy { abs($0.time - times[0][0].time) < 1.5e-4 })
  }

  // Caps: whole steps are not lengthened by rounding, others are rounded up, the smallest is one step.
  @Test(arguments: engines)
  func caps(_ engine: Engine) throws {
    for (cap, time) in [(0.3, 0.3), (0.31, 0.4), (0.29, 0.3), (0.7, 0.7), (0.05, 0.1), (1e-9, 0.1)]
    {
      let sample = try LaneIdentityTests.passage(
        slope(1), temperature: 0, timeStep: 0.1, start: [0], Coordinate(0), .above, 1, cap: cap
      ).ensemble(runs: 11, seed: 1, engine: engine)
      #expect(sample.count(.censored) == 11)
      for run in sample.passages { expectClose(run.time, to: time, relative: 1e-12) }
    }
    // A passage at the cap counts; after it does not.
    for (cap, events) in [(1.0, 11), (0.9, 0)] {
      let sample = try LaneIdentityTests.passage(
        slope(1), temperature: 0, timeStep: 0.1, start: [0], Coordinate(0), .above, 0.95, cap: cap
      ).ensemble(runs: 11, seed: 1, engine: engine)
      #expect(sample.events == events)
    }
  }

  // Looked at every fourth step and at the cap, which is none of those.
  @Test(arguments: engines)
  func capsBetweenTwoLooks(_ engine: Engine) throws {
    func sample(threshold: Double, cap: Double) throws -> EscapeSample {
      try LaneIdentityTests.passage(
        slope(1), temperature: 0, timeStep: 0.1, start: [0], Coordinate(0), .above, threshold,
        cap: cap,
        stride: 4
      ).ensemble(runs: 21, seed: 1, threads: 2, engine: engine)
    }
    let cases: [(threshold: Double, cap: Double, time: Double, escapes: Bool)] = [
      (0.35, 10, 0.4, true), (0.45, 10, 0.8, true), (0.85, 1, 1.0, true), (1.05, 1, 1.0, false),
      (1.05, 1.1, 1.1, true), (0.15, 0.2, 0.2, true), (0.25, 0.2, 0.2, false),
      (0.95, 0.9, 0.9, false), (1.15, 1.2, 1.2, true),
    ]
    for expected in cases {
      let sample = try sample(threshold: expected.threshold, cap: expected.cap)
      #expect(sample.passages.count == 21)
      #expect(sample.count(expected.escapes ? .escaped : .censored) == 21, "\(expected)")
      for run in sample.passages { expectClose(run.time, to: expected.time, relative: 1e-12) }
    }
  }

  // x ← x − dt x³ alternates and grows without bound once dt x² > 2, and on its way leaps over thresholds.
  @Test(arguments: engines)
  func divergingRuns(_ engine: Engine) throws {
    func expectDivergence(_ sample: EscapeSample) {
      #expect(sample.count(.diverged) == 20 && sample.passages.count == 20)
      #expect(sample.passages.allSatisfy { $0.time < 20 })
    }
    for (side, threshold) in [
      (TargetSet<Coordinate>.Side.below, 0.0), (.above, 20), (.below, -1e30),
    ] {
      expectDivergence(
        try LaneIdentityTests.passage(
          QuarticDoubleWell(), temperature: 0.1, timeStep: 0.5, start: [10], Coordinate(0), side,
          threshold, cap: 100
        ).ensemble(runs: 20, seed: 2, engine: engine))
    }
    expectDivergence(
      try LaneIdentityTests.passage(
        QuarticDoubleWell(), temperature: 0.1, timeStep: 0.5, start: [10], Magnitude(), .below, 0.1,
        cap: 100
      ).ensemble(runs: 20, seed: 2, engine: engine))
    // Looks every seventh step, the cap at none of them.
    let strided = try LaneIdentityTests.passage(
      QuarticDoubleWell(), temperature: 0.1, timeStep: 0.5, start: [10], Magnitude(), .below, 0.1,
      cap: 5, stride: 7
    ).ensemble(runs: 20, seed: 2, engine: engine)
    expectDivergence(strided)
    #expect(strided.passages.allSatisfy { $0.time <= 5 })
  }

  // Away from the target to infinity, where the distance is infinite and no number undefined.
  @Test(arguments: engines)
  func runsThatLeaveForEver(_ engine: Engine) throws {
    let sample = try LaneIdentityTests.passage(
      inverted(1), temperature: 1e-6, timeStep: 0.5, start: [10], Coordinate(0), .below, 0,
      cap: 1000
    ).ensemble(runs: 20, seed: 2, engine: engine)
    #expect(sample.count(.diverged) == 20)
  }

  // Fewer runs than lanes, none at all, and each reported once.
  @Test(arguments: engines)
  func fewRuns(_ engine: Engine) throws {
    let passage = try FirstPassageTests.quartic(temperature: 0.25, cap: 30)
    let many = passage.ensemble(runs: 40, seed: testSeed(410), engine: engine).passages
    for runs in [0, 1, 2, 5, 9] {
      let seen = Mutex<[PassageTime]>([])
      let sample = passage.ensemble(runs: runs, seed: testSeed(410), engine: engine) { run in
        seen.withLock { $0.append(run) }
      }
      #expect(sample.passages == Array(many.prefix(runs)))
      #expect(seen.withLock { $0.map(\.time).sorted() } == sample.passages.map(\.time).sorted())
    }
  }

  // The distance in the first coordinates alone.
  @Test(arguments: engines)
  func distanceInFewerCoordinates(_ engine: Engine) throws {
    let landscape = ClosureLandscape(
      dimension: 3, energy: { -$0[0] }, gradient: { _, g in (g[0], g[1], g[2]) = (-1, 0, 0) })
    let sample = try LaneIdentityTests.passage(
      landscape, temperature: 0, timeStep: 0.1, start: [0, 5, 7], Distance(to: [2]), .below, 0.55,
      cap: 10
    ).ensemble(runs: 10, seed: 1, engine: engine)
    #expect(sample.events == 10)
    for run in sample.passages { expectClose(run.time, to: 1.5, relative: 1e-12) }
  }

  // A generator of GSL asks for the engine that can use it.
  @Test func otherGenerators() throws {
    func passage(_ generator: RandomGenerator) throws
      -> FirstPassage<OverdampedLangevin<QuarticDoubleWell>, Coordinate>
    {
      try FirstPassage(
        process: OverdampedLangevin(
          landscape: QuarticDoubleWell(), temperature: 0.25, timeStep: 0.01),
        start: [-1], target: TargetSet(Coordinate(0), .above, 1), cap: 1e3, generator: generator)
    }
    let philox = try passage(.philox).ensemble(runs: 10, seed: 1).passages
    let mersenne = try passage(.gsl("mt19937"))
    let sample = mersenne.ensemble(runs: 10, seed: 1).passages
    #expect(sample != philox)
    #expect(sample == mersenne.ensemble(runs: 10, seed: 1, engine: .reference).passages)
  }
}
