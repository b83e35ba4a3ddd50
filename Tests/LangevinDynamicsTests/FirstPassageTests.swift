import EscapeStatistics
import Escapes
import KramersRates
import Landscapes
import LangevinDynamics
import NumericalMethods
import Synchronization
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A coordinate that does not say so: passages between steps stay unseen.
struct UnseenCoordinate: OrderParameter {
  func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double { point[0] }
}

/// |x|.
struct Magnitude: OrderParameter {
  func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double { abs(point[0]) }
}

@Suite struct FirstPassageTests {
  static func quartic(
    temperature: Double = 0.125, dt: Double = 0.01, cap: Double = 1e5
  ) throws -> FirstPassage<OverdampedLangevin<QuarticDoubleWell>, Coordinate> {
    try FirstPassage(
      process: OverdampedLangevin(
        landscape: QuarticDoubleWell(), temperature: temperature, timeStep: dt),
      start: [-1], target: TargetSet(Coordinate(0), .above, 1), cap: cap)
  }

  struct Escape {
    let temperature: Double
    let runs: Int
    /// τ of the map itself at dt = 0.01: (1 − K)τ = dt·(…) solved by collocation at 1600 Gauss points, K
    /// the Gaussian step times the probability that its bridge stays below the target.
    let discreteTime: Double
  }

  static let escapes = [
    Escape(temperature: 0.125, runs: 4000, discreteTime: 40.929569),  // ΔE/T = 2
    Escape(temperature: 0.0625, runs: 1500, discreteTime: 276.342644),  // ΔE/T = 4
  ]

  // Simulation against theory, twice: the time of the map without any bias, and the exact quadrature of
  // continuous time. Between those two lies the weak error of the map, of order dt: −0.26 dt·100 % at
  // both temperatures for dt = 0.01, allowed for as 0.4 %.
  @Test(.tags(.statistical), arguments: escapes)
  func escapeFromAWellTakesTheExactTime(_ escape: Escape) throws {
    let exact = try OneDimensionalProblem(
      start: -1, reflecting: -4, absorbing: 1, slope: { $0 * $0 * $0 - $0 },
      diffusion: { _ in escape.temperature }
    ).meanFirstPassageTime()
    expectClose(escape.discreteTime, to: exact, relative: 0.004, "the time of the discrete map")

    let passage = try Self.quartic(temperature: escape.temperature)
    #expect(passage.usesBridge)
    let sample = passage.ensemble(runs: escape.runs, seed: testSeed(11))
    #expect(sample.events == escape.runs)
    let times = SampleMean(sample.passages.map(\.time))
    expectAgreement(times, with: escape.discreteTime, "τ")
    expectAgreement(times, with: exact, z: 3, bias: 0.004 * exact, "τ")
    // Waiting times are close to exponential: the lag is a few relaxation times.
    expectClose(try #require(sample.coefficientOfVariation), to: 1, absolute: 0.15)
  }

  // Brownian motion with drift v from 0 to b: τ = b/v. Each step is exact, so the only errors are those
  // of seeing the passage: none but the place within a step with the bridge, and without it the mean
  // overshoot 0.5826 √(2T dt) divided by v (Wald; D. Siegmund, Adv. Appl. Probab. 11, 701 (1979),
  // doi:10.2307/1426855: the constant is −ζ(½)/√(2π)).
  @Test(.tags(.statistical), arguments: [0.01, 0.04])
  func theBridgeSeesPassagesBetweenSteps(_ dt: Double) throws {
    let process = try OverdampedLangevin(landscape: slope(1), temperature: 0.5, timeStep: dt)
    let runs = 60_000
    func meanTime(_ parameter: some OrderParameter) throws -> SampleMean {
      let passage = try FirstPassage(
        process: process, start: [0], target: TargetSet(parameter, .above, 1), cap: 1e3)
      #expect(passage.usesBridge == (parameter.coordinate != nil))
      let sample = passage.ensemble(runs: runs, seed: testSeed(12))
      #expect(sample.events == runs)
      return SampleMean(sample.passages.map(\.time))
    }
    let late = 0.5826 * dt.squareRoot()  // 2T = 1
    // Half a step for the place of the passage within it.
    expectAgreement(try meanTime(Coordinate(0)), with: 1, bias: 0.5 * dt, "τ with the bridge")
    // Here the clock stops at the end of the step; the next order of the overshoot is O(dt).
    let without = try meanTime(UnseenCoordinate())
    expectAgreement(without, with: 1 + late, bias: 0.3 * dt, "τ without the bridge")
    #expect(without.standardScore(from: 1, bias: 0.5 * dt) > 5)
  }

  // From below as from above.
  @Test(.tags(.statistical)) func theTargetMayLieBelow() throws {
    let sample = try FirstPassage(
      process: OverdampedLangevin(landscape: slope(-1), temperature: 0.5, timeStep: 0.01),
      start: [0], target: TargetSet(Coordinate(0), .below, -1), cap: 1e3
    ).ensemble(runs: 20_000, seed: testSeed(13))
    expectAgreement(SampleMean(sample.passages.map(\.time)), with: 1, bias: 0.005, "τ")
  }

  @Test func looksEverySoManyStepsAreLate() throws {
    let process = try OverdampedLangevin(landscape: slope(1), temperature: 0, timeStep: 0.1)
    let passage = try FirstPassage(
      process: process, start: [0], target: TargetSet(Coordinate(0), .above, 0.95), cap: 10,
      stride: 4)
    #expect(!passage.usesBridge)
    let run = passage.run(StreamKey(seed: 1, purpose: .dynamics))
    #expect(run.outcome == .escaped)
    expectClose(run.time, to: 1.2, relative: 1e-12)
  }

  // Of the reference engine; `LaneIdentityTests` has the other.
  @Test func resultsDoNotDependOnThreads() throws {
    let passage = try Self.quartic(cap: 1000)
    let one = passage.ensemble(runs: 60, seed: 5, threads: 1, engine: .reference)
    #expect(one.events == 60)
    for threads in [2, 3, nil] {
      let other = passage.ensemble(runs: 60, seed: 5, threads: threads, engine: .reference)
      #expect(one.passages == other.passages)
    }
    // A shorter ensemble is the beginning of a longer one.
    let short = passage.ensemble(runs: 20, seed: 5, engine: .reference)
    #expect(short.passages == Array(one.passages.prefix(20)))
    #expect(one.passages != passage.ensemble(runs: 60, seed: 6, engine: .reference).passages)
    #expect(
      one.passages != passage.ensemble(runs: 60, seed: 5, cell: 1, engine: .reference).passages)
    // A call that names no engine means the vectorised one.
    let standard = passage.ensemble(runs: 60, seed: 5).passages
    #expect(standard == passage.ensemble(runs: 60, seed: 5, engine: .standard).passages)
    #expect(standard != one.passages)
    #expect(
      one.passages[7] == passage.run(StreamKey(seed: 5, purpose: .dynamics, replica: 7)))
  }

  @Test func everyRunIsReportedOnce() throws {
    let passage = try Self.quartic(cap: 5)
    let seen = Mutex<[PassageTime]>([])
    let sample = passage.ensemble(runs: 40, seed: 5, threads: 2) { run in
      seen.withLock { $0.append(run) }
    }
    let reported = seen.withLock { $0.map(\.time).sorted() }
    #expect(reported == sample.passages.map(\.time).sorted())
  }

  @Test func capIsCounted() throws {
    let cap = 10.0
    let sample = try Self.quartic(cap: cap).ensemble(runs: 400, seed: 9)
    #expect(sample.events > 20 && sample.censored > 100)
    #expect(sample.events + sample.count(.censored) == 400)
    for run in sample.passages where run.outcome == .censored {
      expectClose(run.time, to: cap, relative: 1e-12)
    }
    #expect(sample.passages.allSatisfy { $0.time <= cap * (1 + 1e-12) && $0.time > 0 })
  }

  @Test func theFinalPointIsReturned() throws {
    var end = 0.0
    let escaped = try Self.quartic().run(
      StreamKey(seed: 3, purpose: .dynamics), finalPoint: &end)
    #expect(escaped.outcome == .escaped)
    // Just beyond the target, or just before it where the bridge saw the passage.
    expectClose(end, to: 1, absolute: 0.3)
    let censored = try Self.quartic(cap: 0.5).run(
      StreamKey(seed: 3, purpose: .dynamics), finalPoint: &end)
    #expect(censored.outcome == .censored)
    expectClose(end, to: -1, absolute: 1)
  }

  // x ← x − dt x³ alternates and grows without bound once dt x² > 2.
  @Test func aDivergingRunIsNoEscape() throws {
    let sample = try FirstPassage(
      process: OverdampedLangevin(
        landscape: QuarticDoubleWell(), temperature: 0.1, timeStep: 0.5),
      start: [10], target: TargetSet(Magnitude(), .below, 0.1), cap: 100
    ).ensemble(runs: 20, seed: 2)
    #expect(sample.count(.diverged) == 20 && sample.events == 0)
    #expect(sample.rate().value == nil)
    #expect(sample.passages.allSatisfy { $0.time < 20 })
  }

  // On its way to infinity it leaps over every threshold: still no escape.
  @Test func aDivergingRunThatLeapsIntoTheTargetIsNoEscape() throws {
    for (side, threshold) in [(TargetSet<Coordinate>.Side.below, 0.0), (.above, 20)] {
      let sample = try FirstPassage(
        process: OverdampedLangevin(
          landscape: QuarticDoubleWell(), temperature: 0.1, timeStep: 0.5),
        start: [10], target: TargetSet(Coordinate(0), side, threshold), cap: 100
      ).ensemble(runs: 20, seed: 2)
      #expect(sample.count(.diverged) == 20 && sample.events == 0)
    }
  }

  @Test func startsInsideTheTargetAreRefused() throws {
    let process = try OverdampedLangevin(
      landscape: QuarticDoubleWell(), temperature: 0.1, timeStep: 0.01)
    for threshold in [-1.0, -2] {
      #expect(throws: InvalidInput.self) {
        try FirstPassage(
          process: process, start: [-1], target: TargetSet(Coordinate(0), .above, threshold),
          cap: 1)
      }
    }
    let error = #expect(throws: InvalidInput.self) {
      try FirstPassage(
        process: process, start: [1.5], target: TargetSet(Coordinate(0), .above, 1), cap: 1)
    }
    #expect(
      error?.description
        == "the start has order parameter 1.5, which is already above the threshold 1.0; start elsewhere or move the threshold"
    )
    #expect(throws: InvalidInput.self) {
      try FirstPassage(
        process: process, start: [-1], target: TargetSet(Coordinate(0), .above, 1), cap: 0)
    }
    #expect(throws: InvalidInput.self) {
      try FirstPassage(
        process: process, start: [-1], target: TargetSet(Coordinate(0), .above, 1), cap: 1,
        stride: 0)
    }
  }
}
