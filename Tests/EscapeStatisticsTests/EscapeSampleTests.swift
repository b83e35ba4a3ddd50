import EscapeStatistics
import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Exponential passage times with rate 1, censored at `cap`.
func exponentialSample(
  _ runs: Int, cap: Double = .infinity, lag: Double = 0, _ random: borrowing RandomSource
) -> EscapeSample {
  Law(description: "exponential", mean: 1 + lag) { lag + $0.exponential(mean: 1) }
    .sample(runs, cap: cap, random)
}

@Suite struct RateTests {
  @Test func rateIsEventsOverExposureWithTheChiSquaredInterval() throws {
    let all = EscapeSample((1...10).map { PassageTime(time: Double($0), outcome: .escaped) })
    let rate = all.rate()
    #expect(rate.value == 10.0 / 55 && rate.events == 10 && rate.censored == 0)
    // χ² with 20 degrees of freedom: 9.59078 at 0.025 and 34.16961 at 0.975 (NIST tables).
    expectClose(try #require(rate.lower), to: 9.59078 / 110, relative: 1e-6)
    expectClose(try #require(rate.upper), to: 34.16961 / 110, relative: 1e-6)

    let some = EscapeSample(
      all.passages + [PassageTime(time: 45, outcome: .censored)])
    // 22 degrees of freedom above: 36.78071.
    expectClose(try #require(some.rate().upper), to: 36.78071 / 200, relative: 1e-6)
    expectClose(try #require(some.rate().lower), to: 9.59078 / 200, relative: 1e-6)
    #expect(some.rate().value == 0.1 && some.rate().censored == 1)

    let time = some.meanFirstPassageTime()
    #expect(time.value == 10 && time.lower == 1 / some.rate().upper!)
    #expect(time.contains(10) && !time.contains(100))
  }

  @Test func zeroEventsGiveAOneSidedBound() throws {
    let sample = EscapeSample((0..<20).map { _ in PassageTime(time: 5, outcome: .censored) })
    let rate = sample.rate()
    #expect(rate.value == nil && rate.lower == 0)
    expectClose(try #require(rate.upper), to: -log(0.05) / 100, relative: 1e-14)
    let time = sample.meanFirstPassageTime()
    #expect(time.value == nil && time.upper == nil)
    expectClose(try #require(time.lower), to: -100 / log(0.05), relative: 1e-14)
    #expect(time.contains(1e9) && !time.contains(1))
    #expect(EscapeSample([]).rate().upper == nil)
  }

  @Test func divergedRunsAreNeverEvents() {
    let sample = EscapeSample([
      PassageTime(time: 2, outcome: .escaped), PassageTime(time: 1, outcome: .diverged),
      PassageTime(time: 3, outcome: .censored),
    ])
    #expect(sample.events == 1 && sample.censored == 2 && sample.count(.diverged) == 1)
    #expect(sample.rate().value == nil)
    #expect(SurvivalCurve(sample).steps.map(\.events) == [1])
    #expect(SurvivalCurve(sample).steps.map(\.atRisk) == [2])
  }

  @Test(.tags(.statistical)) func coverageIsExactWithoutCensoring() {
    let random = testStream(90)
    for runs in [1, 3, 15] {
      let trials = 20_000
      var covered = 0
      for _ in 0..<trials where exponentialSample(runs, random).exponentialRate().contains(1) {
        covered += 1
      }
      // 20 000 trials find a coverage wrong by 0.008.
      expectAgreement(
        SampleMean(hits: covered, of: trials, underProbability: 0.95), with: 0.95,
        "the coverage with \(runs) runs")
    }
  }

  @Test(.tags(.statistical), arguments: [0.1, 0.7, 2])
  func coverageIsAtLeastNominalWithCensoring(_ cap: Double) {
    let random = testStream(91)
    let trials = 20_000
    var covered = 0
    for _ in 0..<trials where exponentialSample(15, cap: cap, random).exponentialRate().contains(1)
    {
      covered += 1
    }
    let coverage = Double(covered) / Double(trials)
    let error = (0.95 * 0.05 / Double(trials)).squareRoot()
    #expect(coverage >= 0.95 - 5 * error, "coverage \(coverage) at cap \(cap)")
  }

  // Dropping the runs that did not escape makes τ look short: at cap = τ the mean of the escaped is
  // 1 − 1/(e − 1) = 0.418.
  @Test(.tags(.statistical)) func theMeanOfEscapedRunsIsWrong() throws {
    let random = testStream(92)
    let sample = exponentialSample(20_000, cap: 1, random)
    let escaped = sample.passages.filter { $0.outcome == .escaped }.map(\.time)
    let wrong = SampleMean(escaped)
    expectAgreement(wrong, with: 1 - 1 / (exp(1) - 1), "the mean of escaped runs")
    #expect(wrong.standardScore(from: 1) > 100)
    expectAgreement(sample.meanFirstPassageTime(), with: 1, "the mean first-passage time")
    #expect(sample.coefficientOfVariation == nil)
  }

  @Test(.tags(.statistical)) func coefficientOfVariation() throws {
    let random = testStream(93)
    let runs = 20_000
    // Of an exponential law: 1, with standard error 1/√n.
    expectAgreement(
      SampleMean(
        mean: try #require(exponentialSample(runs, random).coefficientOfVariation),
        standardError: 1 / Double(runs).squareRoot(), count: runs), with: 1)
    let three = EscapeSample([1, 2, 3].map { PassageTime(time: $0, outcome: .escaped) })
    expectClose(try #require(three.coefficientOfVariation), to: 0.5, relative: 1e-15)
  }
}

@Suite struct ExponentialityTests {
  // Laplace's statistic of n uniforms is normal to O(1/n). Censoring at a fixed time moves its mean by
  // O(1/√n), which a two-sided p-value feels in second order only.
  @Test(
    .tags(.statistical), arguments: [(50, Double.infinity), (200, 1.0), (200, 0.3), (400, 0.1)])
  func pValueIsUniformUnderAnExponentialLaw(_ runs: Int, _ cap: Double) {
    let random = testStream(94)
    let pValues = draws(3000) { exponentialSample(runs, cap: cap, random).exponentialityPValue! }
    expectDistribution(pValues, "the uniform law of p", alpha: falseAlarmLevel) { $0 }
    // What a user reads: 5 % of exponential ensembles are doubted.
    expectAgreement(
      SampleMean(
        hits: pValues.count { $0 < 0.05 }, of: pValues.count, underProbability: 0.05),
      with: 0.05, "the share of p < 0.05")
  }

  @Test func otherLawsAreRecognised() throws {
    let random = testStream(95)
    // Weibull with shape 2: a rate that grows with time.
    let weibull = EscapeSample(
      draws(200) {
        PassageTime(time: random.exponential(mean: 1).squareRoot(), outcome: .escaped)
      })
    #expect(try #require(weibull.exponentialityPValue) < 1e-6)
    // A deterministic lag of half the mean waiting time, seen through censoring.
    let lagged = exponentialSample(300, cap: 2, lag: 0.5, random)
    #expect(lagged.censored > 10)
    #expect(try #require(lagged.exponentialityPValue) < 1e-6)
    // A mixture of a fast and a slow rate: too wide.
    let mixed = EscapeSample(
      draws(400) {
        PassageTime(
          time: random.exponential(mean: random.uniform() < 0.5 ? 0.1 : 3), outcome: .escaped)
      })
    #expect(try #require(mixed.exponentialityPValue) < 1e-6)
  }

  @Test func fewEventsHaveNoPValue() {
    let random = testStream(96)
    #expect(exponentialSample(4, random).exponentialityPValue == nil)
    #expect(exponentialSample(5, random).exponentialityPValue != nil)
  }
}

@Suite struct SurvivalCurveTests {
  // Freireich et al., Blood 21, 699 (1963): weeks of remission under 6-mercaptopurine.
  static let remission = EscapeSample(
    [6, 6, 6, 7, 10, 13, 16, 22, 23].map { PassageTime(time: $0, outcome: .escaped) }
      + [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map {
        PassageTime(time: $0, outcome: .censored)
      })

  // Survival as in D. R. Cox and D. Oakes, Analysis of Survival Data (1984), chapter 4; the band is
  // that of log(−log) in standard packages.
  @Test func remissionTimes() throws {
    let steps = SurvivalCurve(Self.remission).steps
    #expect(steps.map(\.time) == [6, 7, 10, 13, 16, 22, 23])
    #expect(steps.map(\.atRisk) == [21, 17, 15, 12, 11, 7, 6])
    #expect(steps.map(\.events) == [3, 1, 1, 1, 1, 1, 1])
    let expected = [
      (0.857, 0.6197, 0.9516), (0.807, 0.5631, 0.9228), (0.753, 0.5032, 0.8894),
      (0.690, 0.4316, 0.8491), (0.627, 0.3675, 0.8049), (0.538, 0.2678, 0.7468),
      (0.448, 0.1881, 0.6801),
    ]
    for (step, (survival, lower, upper)) in zip(steps, expected) {
      expectClose(step.survival, to: survival, absolute: 5.1e-4)
      expectClose(try #require(step.lower), to: lower, absolute: 5.1e-5)
      expectClose(try #require(step.upper), to: upper, absolute: 5.1e-5)
    }
    #expect(SurvivalCurve(Self.remission).quantile(0.5) == 23)
    #expect(SurvivalCurve(Self.remission).quantile(0.6) == nil)
    #expect(Self.remission.rate().value == 9.0 / 359)
  }

  @Test func bandStaysWithinZeroAndOne() {
    let random = testStream(97)
    for _ in 0..<50 {
      let curve = SurvivalCurve(exponentialSample(12, cap: 1.5, random), level: 0.99)
      for step in curve.steps {
        guard let lower = step.lower, let upper = step.upper else {
          #expect(step.survival < 1e-15)
          continue
        }
        #expect(0 <= lower && lower <= step.survival && step.survival <= upper && upper <= 1)
      }
    }
  }

  @Test func withoutCensoringItIsTheEmpiricalSurvival() {
    let random = testStream(98)
    let sample = exponentialSample(40, random)
    let curve = SurvivalCurve(sample)
    for (i, step) in curve.steps.enumerated() {
      expectClose(step.survival, to: Double(39 - i) / 40, absolute: 1e-14)
    }
    #expect(curve.steps.last?.lower == nil && curve.steps.last?.upper == nil)
    #expect(curve.quantile(0.5) == sample.passages.map(\.time).sorted()[19])
  }

  // At a fixed time the 95 % band holds the true survival in about 95 % of samples.
  @Test(.tags(.statistical)) func bandCoversTheTrueSurvival() {
    let random = testStream(99)
    let trials = 4000
    var covered = 0
    for _ in 0..<trials {
      let curve = SurvivalCurve(exponentialSample(100, cap: 1.2, random))
      let step = curve.steps.last { $0.time <= 0.7 }!
      if step.lower! <= exp(-0.7) && exp(-0.7) <= step.upper! { covered += 1 }
    }
    // The band is asymptotic: 1 % of bias for 100 runs.
    expectAgreement(
      SampleMean(hits: covered, of: trials, underProbability: 0.95), with: 0.95, bias: 0.01,
      "the coverage of the band")
  }
}
