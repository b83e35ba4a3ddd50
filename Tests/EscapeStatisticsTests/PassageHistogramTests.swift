import NumericalMethods
import TestSupport
import Testing

@testable import EscapeStatistics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Runs that are counted, not kept")
struct PassageHistogramTests {
  private static let timeStep = 0.01

  /// Ends of steps and their middles; some runs are censored at a cap, a few diverged.
  private static func passages(_ n: Int, shape: Double, cap: Double, _ stream: UInt64)
    -> [PassageTime]
  {
    let random = testStream(stream)
    return (0..<n).map { i in
      let time = 40 * pow(random.exponential(mean: 1), 1 / shape)
      let halfSteps = max(1, (2 * min(time, cap) / timeStep).rounded())
      return PassageTime(
        time: halfSteps * timeStep / 2,
        outcome: time > cap ? .censored : i % 1000 == 999 ? .diverged : .escaped)
    }
  }

  private static func counted(_ passages: [PassageTime]) -> PassageHistogram {
    passages.reduce(into: PassageHistogram(timeStep: timeStep)) { $0.add($1) }
  }

  @Test("Counts and sums are exact, whatever the order and the parts")
  func exact() {
    let passages = Self.passages(20_000, shape: 1, cap: 90, 610)
    let (kept, histogram) = (EscapeSample(passages), Self.counted(passages))
    for outcome in PassageOutcome.allCases {
      #expect(kept.count(outcome) > 0)
      #expect(histogram.count(outcome) == kept.count(outcome))
    }
    expectClose(histogram.exposure, to: kept.exposure, relative: 1e-13)
    var parts = Self.counted(Array(passages[7000...].reversed()))
    parts.add(Self.counted(Array(passages[..<7000])))
    #expect(parts == histogram)
    #expect(parts.mayContain(Self.counted(Array(passages[100..<200]))))
    #expect(!Self.counted(Array(passages[100..<200])).mayContain(histogram))
    for row in histogram.rows {
      #expect(row.from <= row.meanTime * (1 + 1e-12) && row.meanTime <= row.to * (1 + 1e-12))
      #expect((row.to - row.from) <= row.from / 128)
    }
    let short = EscapeSample([], histogram: Self.counted(passages.filter { $0.time < 1.27 }))
    let same = EscapeSample(passages.filter { $0.time < 1.27 })
    #expect(SurvivalCurve(short).steps == SurvivalCurve(same).steps)
  }

  @Test("As bytes and back; other bytes are refused or are another histogram")
  func bytes() throws {
    let histogram = Self.counted(Self.passages(3000, shape: 0.5, cap: 1e5, 611))
    let bytes = histogram.bytes
    #expect(PassageHistogram(timeStep: Self.timeStep, bytes: bytes) == histogram)
    #expect(bytes.count < 8 * histogram.rows.count)
    var long = PassageHistogram(timeStep: Self.timeStep)
    long.add(PassageTime(time: 1e15 * Self.timeStep, outcome: .censored))
    #expect(PassageHistogram(timeStep: Self.timeStep, bytes: long.bytes) == long)
    let random = testStream(612)
    for _ in 0..<2000 {
      var damaged = bytes
      damaged[random.integer(below: bytes.count)] ^= UInt8(1 + random.integer(below: 255))
      #expect(PassageHistogram(timeStep: Self.timeStep, bytes: damaged) != histogram)
    }
    for count in 0..<bytes.count {
      #expect(PassageHistogram(timeStep: Self.timeStep, bytes: bytes.prefix(count)) != histogram)
    }
  }

  /// Narrower than exponential, exponential, wider; all escapes, few censored, many.
  @Test(
    "Rate, mean, interval and S(t) are those of single runs",
    arguments: [2.0, 1, 0.7], [1e9, 150, 60])
  func sameEstimates(shape: Double, cap: Double) throws {
    let passages = Self.passages(5000, shape: shape, cap: cap, 613).filter {
      $0.outcome != .diverged
    }
    let kept = EscapeSample(passages)
    let counted = EscapeSample(
      Array(passages[4000...]), histogram: Self.counted(Array(passages[..<4000])))
    #expect(counted.runs == kept.runs)
    #expect((counted.events, counted.censored) == (kept.events, kept.censored))
    let (rate, expected) = (counted.rate(), kept.rate())
    #expect(rate.assumesExponentialTimes == expected.assumesExponentialTimes)
    // Where a tail begins is known to a bin, in which some 20 of 4000 escapes fall: less than a standard error.
    let width = try #require(expected.upper) - #require(expected.lower)
    let tolerance =
      rate.assumesExponentialTimes
      ? 1e-12 : cap == 60 ? width / 8 / (try #require(expected.value)) : 2e-3
    expectClose(try #require(rate.value), to: try #require(expected.value), relative: tolerance)
    expectClose(try #require(rate.lower), to: try #require(expected.lower), relative: tolerance)
    expectClose(try #require(rate.upper), to: try #require(expected.upper), relative: tolerance)
    expectClose(
      try #require(SurvivalCurve(counted).quantile(0.5)),
      to: try #require(SurvivalCurve(kept).quantile(0.5)), relative: 1.0 / 128)
    if let variation = kept.coefficientOfVariation {
      expectClose(try #require(counted.coefficientOfVariation), to: variation, relative: 1e-4)
    }
  }
}
