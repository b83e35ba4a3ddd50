import EscapeStatistics
import NumericalMethods
import TestSupport
import Testing

@testable import RunStores

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("What runs still take, and whether a goal can be reached")
struct GoalTests {
  @Test("Where nothing has escaped the cap counts, then theory, then what was seen")
  func expectation() {
    // No theory, nothing seen: to the cap.
    let unknown = RunExpectation(ends: 0, steps: 5000, theory: nil, cap: 1000)
    #expect(unknown.stepsToGo() == 1000 && unknown.stepsToGo(from: 400) == 600)
    #expect(unknown.endProbability == 0 && unknown.stepsToGo(from: 2000) == 0)
    #expect(unknown.stepsToGoOfLast(from: [100, 300]) == 900)
    // By theory: (1 − e^{−c/τ})τ.
    let theory = RunExpectation(ends: 0, steps: 0, theory: 500, cap: 1000)
    expectClose(theory.stepsToGo(), to: 500 * (1 - exp(-2)), relative: 1e-12)
    expectClose(theory.endProbability, to: 1 - exp(-2), relative: 1e-12)
    // Runs that went on for ten times as long without an escape speak against it.
    #expect(RunExpectation(ends: 0, steps: 5000, theory: 500, cap: 1e9).rate == 1 / 5000.0)
    // A theory that is wrong by a factor 10⁶ does not matter once a run has escaped.
    let seen = RunExpectation(ends: 10, steps: 2000, theory: 5e8, cap: 1e6)
    expectClose(seen.stepsToGo(), to: 200, relative: 1e-12)
    // The last of three: (1 + 1/2 + 1/3)·200.
    expectClose(
      seen.stepsToGoOfLast(from: [1, 2, 3]), to: 200 * 11.0 / 6, relative: 1e-12)
    #expect(seen.stepsToGoOfLast(from: []) == 0)
  }

  // Exponential times, 16 places: the forecast at the start is the mean of how long 200 runs take.
  @Test(
    "New runs and the last ones together give the time that an ensemble takes", .tags(.statistical))
  func makespan() {
    let random = testStream(510)
    let mean = 100.0
    let places = 16
    let times = draws(400) {
      var ends = [Double](repeating: 0, count: places)
      for _ in 0..<200 {
        let next = ends.indices.min { ends[$0] < ends[$1] }!
        ends[next] += random.exponential(mean: mean)
      }
      return ends.max()!
    }
    let expectation = RunExpectation(ends: 0, steps: 0, theory: mean, cap: 1e9)
    let forecast =
      Double(200 - places) * expectation.stepsToGo() / Double(places)
      + expectation.stepsToGoOfLast(from: [Double](repeating: 0, count: places))
    expectAgreement(SampleMean(times), with: forecast, bias: 0.01 * forecast)
  }

  @Test("A goal that cannot be reached is said at the start, with what it would take")
  func outlook() throws {
    func warning(
      _ error: Double, atMost runs: Int?, cap: Double, theory: Double?, never: String? = nil
    ) throws -> String? {
      try EnsembleExtent(untilRelativeError: error, level: 0.95, atMost: runs).outlook(
        level: 0.95, cap: cap, theory: theory, neverEscapes: never)
    }
    // 444 escapes for 10 %; 100 runs give 23 %.
    let few = try #require(try warning(0.1, atMost: 100, cap: 1e4, theory: 100))
    #expect(few.contains("needs 444 escapes") && few.contains("give --max-runs 444"))
    let reachable = (1...100).first {
      EnsembleExtent.events(relativeError: Double($0) / 100, level: 0.95) <= 100
    }!
    #expect(few.contains("--until-relative-error \(Double(reachable) / 100)"))
    // One run in a hundred escapes before its cap.
    let short = try #require(try warning(0.1, atMost: 1000, cap: 10, theory: 1000))
    #expect(short.contains("as theory says") && short.contains("--cap"))
    #expect(try warning(0.1, atMost: 1000, cap: 3e4, theory: 1000) == nil)
    #expect(try warning(0.1, atMost: nil, cap: 10, theory: nil) == nil)
    let never = try #require(
      try warning(0.1, atMost: nil, cap: 10, theory: nil, never: "its start is absorbing"))
    #expect(never.contains("no run will escape: its start is absorbing"))
    #expect(try EnsembleExtent(runs: 5).outlook(level: 0.95, cap: 1, theory: 1e9) == nil)
  }

  @Test("A goal is missed with too few escapes, or where times are too wide")
  func shortfall() throws {
    let extent = try EnsembleExtent(untilRelativeError: 0.1, level: 0.95)
    let goal = try #require(extent.eventGoal)
    let random = testStream(511)
    func sample(_ time: () -> Double, _ runs: Int) -> EscapeSample {
      EscapeSample(draws(runs) { PassageTime(time: time(), outcome: .escaped) })
    }
    let enough = sample({ random.exponential(mean: 1) }, goal)
    #expect(extent.shortfall(of: enough, interval: enough.exponentialRate().reciprocal) == nil)
    let few = sample({ random.exponential(mean: 1) }, 100)
    #expect(
      try #require(extent.shortfall(of: few, interval: few.meanFirstPassageTime()))
        .contains("needs 444 escapes; there are 100"))
    let wide = sample(
      { random.exponential(mean: random.uniform() < 0.5 ? 0.1 : 3) }, goal)
    let words = try #require(extent.shortfall(of: wide, interval: wide.meanFirstPassageTime()))
    #expect(words.contains("waiting times are not exponential") && words.contains("would do"))
    // Narrow times give more than was asked.
    let narrow = sample({ 1 + random.exponential(mean: 1) }, goal)
    #expect(extent.shortfall(of: narrow, interval: narrow.meanFirstPassageTime()) == nil)
    #expect(try EnsembleExtent(runs: 3).shortfall(of: few, interval: few.rate()) == nil)
  }
}
