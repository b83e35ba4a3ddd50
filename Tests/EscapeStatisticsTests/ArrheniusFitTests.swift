import EscapeStatistics
import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct ArrheniusFitTests {
  static let slope = 0.025
  static let logPrefactor = 3.0

  /// Exponential times with τ = e³ e^{0.025 x}, each run censored at 1.5 times the τ of x = 150, so that
  /// 10 to 50 % of the runs are cut. `factors` multiply the levels' times.
  private func simulated(
    _ runs: Int, factors: [Double] = [1, 1, 1, 1], _ random: borrowing RandomSource
  ) -> [ArrheniusFit.Level] {
    let cap = 1.5 * exp(Self.logPrefactor + Self.slope * 150)
    var levels = [ArrheniusFit.Level]()
    for (x, factor) in zip([110.0, 130, 150, 170], factors) {
      let mean = factor * exp(Self.logPrefactor + Self.slope * x)
      var passages = [PassageTime]()
      for _ in 0..<runs {
        let time = random.exponential(mean: mean)
        passages.append(
          PassageTime(time: min(time, cap), outcome: time <= cap ? .escaped : .censored))
      }
      levels.append(.init(inverseNoise: x, sample: EscapeSample(passages)))
    }
    return levels
  }

  /// For two levels the law is saturated. With n events each, the profile falls by
  /// 2n ln cosh(δ Δx/2) at a slope δ off: the interval's half-width is (2/Δx) arcosh e^{χ²/4n}.
  @Test func twoLevelsHaveAClosedForm() throws {
    let fit = try ArrheniusFit([
      .init(inverseNoise: 100, events: 20, exposure: 400),
      .init(inverseNoise: 140, events: 20, exposure: 3000),
    ])
    let slope = log(150 / 20.0) / 40
    expectClose(try #require(fit.slope.value), to: slope, relative: 1e-10)
    expectClose(
      try #require(fit.logPrefactor.value), to: log(20.0) - 100 * slope, relative: 1e-9)
    // χ² with one degree of freedom at 95 %: 3.841459.
    let half = 2 / 40.0 * acosh(exp(3.841459 / 80))
    expectClose(try #require(fit.slope.lower), to: slope - half, relative: 1e-6)
    expectClose(try #require(fit.slope.upper), to: slope + half, relative: 1e-6)
    #expect(fit.goodnessOfFitPValue == nil)
    #expect(fit.slope.events == 40 && fit.slope.level == 0.95)
    expectClose(fit.logTime(at: 140), to: log(150), relative: 1e-10)
  }

  @Test func unitsOfNoiseAndTimeDoNotMatter() throws {
    let levels = simulated(40, testStream(60))
    let fit = try ArrheniusFit(levels)
    let other = try ArrheniusFit(
      levels.map {
        .init(
          inverseNoise: 1e-3 * $0.inverseNoise, events: $0.events, exposure: 1e6 * $0.exposure)
      })
    for (a, b) in [
      (fit.slope.value, other.slope.value), (fit.slope.lower, other.slope.lower),
      (fit.slope.upper, other.slope.upper),
    ] { expectClose(try #require(b), to: try #require(a) * 1e3, relative: 1e-7) }
    for (a, b) in [
      (fit.logPrefactor.value, other.logPrefactor.value),
      (fit.logPrefactor.lower, other.logPrefactor.lower),
      (fit.logPrefactor.upper, other.logPrefactor.upper),
    ] { expectClose(try #require(b), to: try #require(a) + 6 * log(10), relative: 1e-7) }
    expectClose(
      try #require(other.goodnessOfFitPValue), to: try #require(fit.goodnessOfFitPValue),
      relative: 1e-6)
  }

  @Test(.tags(.statistical)) func recoversSlopeAndPrefactorFromCensoredRuns() throws {
    let levels = simulated(20_000, testStream(61))
    #expect(levels[3].events < 15_000 && levels[3].events > 10_000)
    let fit = try ArrheniusFit(levels)
    expectAgreement(fit.slope, with: Self.slope, "the slope")
    expectAgreement(fit.logPrefactor, with: Self.logPrefactor, "ln τ₀")
  }

  @Test(.tags(.statistical)) func intervalsCoverAndGoodnessOfFitIsUniform() throws {
    let replications = 400
    let random = testStream(62)
    var slopes = 0
    var prefactors = 0
    var pValues = [Double]()
    for _ in 0..<replications {
      let fit = try ArrheniusFit(simulated(60, random))
      slopes += fit.slope.contains(Self.slope) ? 1 : 0
      prefactors += fit.logPrefactor.contains(Self.logPrefactor) ? 1 : 0
      pValues.append(try #require(fit.goodnessOfFitPValue))
    }
    for (name, hits) in [("slope", slopes), ("prefactor", prefactors)] {
      expectAgreement(
        SampleMean(hits: hits, of: replications, underProbability: 0.95), with: 0.95,
        "the coverage of the \(name)")
    }
    expectDistribution(pValues, "the uniform law", alpha: falseAlarmLevel) { $0 }
  }

  @Test func aLevelOffByHalfIsSeen() throws {
    let random = testStream(63)
    let fit = try ArrheniusFit(simulated(400, factors: [1, 1.5, 1, 1], random))
    #expect(try #require(fit.goodnessOfFitPValue) < 1e-4)
  }

  @Test func aLevelWithoutEventsInforms() throws {
    let levels: [ArrheniusFit.Level] = [
      .init(inverseNoise: 100, events: 20, exposure: 400),
      .init(inverseNoise: 120, events: 20, exposure: 800),
    ]
    let without = try ArrheniusFit(levels)
    // At the slope of the two, 40 events would be expected at 160: none means a steeper law.
    let silent = ArrheniusFit.Level(inverseNoise: 160, events: 0, exposure: 40 * 160)
    let with = try ArrheniusFit(levels + [silent])
    #expect(try #require(with.slope.value) > 1.2 * #require(without.slope.value))
    #expect(try #require(with.goodnessOfFitPValue) < 0.01)
    // With hardly any exposure it says nothing.
    let idle = try ArrheniusFit(
      levels + [.init(inverseNoise: 160, events: 0, exposure: 1e-6)])
    expectClose(
      try #require(idle.slope.value), to: try #require(without.slope.value), relative: 1e-6)
  }

  @Test func withoutSlopeTheIntervalHoldsZero() throws {
    let fit = try ArrheniusFit([
      .init(inverseNoise: 1, events: 30, exposure: 300),
      .init(inverseNoise: 2, events: 30, exposure: 300),
      .init(inverseNoise: 3, events: 30, exposure: 300),
    ])
    #expect(abs(try #require(fit.slope.value)) < 1e-9 && fit.slope.contains(0))
    expectClose(try #require(fit.logPrefactor.value), to: log(10), absolute: 1e-9)
    expectClose(try #require(fit.goodnessOfFitPValue), to: 1, absolute: 1e-9)
  }

  @Test(
    arguments: [
      ([(100, 0), (120, 0)], "only 0 of 2 had any"),
      ([(100, 3), (120, 0), (140, 0)], "only 1 of 3 had any"),
      ([(100, 3), (100, 4), (120, 0)], "only 1 of 2 had any"),
      ([], "only 0 of 0 had any"),
    ] as [([(Double, Int)], String)])
  func refusals(_ levels: [(Double, Int)], _ count: String) {
    #expect(
      throws: InvalidInput(
        "an Arrhenius fit needs escapes at two noise levels at least, but \(count); run longer or at stronger noise"
      )
    ) {
      try ArrheniusFit(
        levels.map { .init(inverseNoise: $0.0, events: $0.1, exposure: 10) })
    }
  }
}
