import NumericalMethods
import TestSupport
import Testing

@testable import EscapeStatistics

@Suite struct MechanismLawTests {
  static let laws: [DelayLaw] = [
    .narrow(median: 3, spread: 0.2), .waiting(lag: 1, spread: 0.2, wait: 4),
    .waiting(lag: 0.001, spread: 0.2, wait: 2),
    .mixture(share: 0.4, median: 1, spread: 0.1, wait: 5),
    .inverseGaussian(mean: 2, shape: 1.5), .reflected(mean: 3),
  ]

  // f = −dS/dt by central differences of 10⁻⁴, of an error of 10⁻⁷.
  @Test(arguments: laws.indices) func theDensityIsTheSlopeOfSurvival(_ i: Int) {
    let law = Self.laws[i]
    for t in [0.3, 0.8, 1.1, 2.5, 3, 6, 12] {
      let slope = (law.survival(t - 1e-4) - law.survival(t + 1e-4)) / 2e-4
      expectClose(law.density(t), to: slope, absolute: 1e-5, "\(law) at \(t)")
    }
  }

  // Without a beginning before zero: what is below it is drawn as zero, 3 × 10⁻⁷ of all at r = 0.2.
  @Test(.tags(.statistical), arguments: laws.indices) func drawsHaveTheLaw(_ i: Int) {
    let law = Self.laws[i]
    let random = testStream(880 + UInt64(i))
    let times = draws(20_000) { law.draw(random) }
    expectDistribution(times, "\(law)", alpha: falseAlarmLevel) { 1 - law.survival($0) }
  }

  // `survdiff(Surv(time, status) ~ x, aml)` of R's package survival: 3.396389.
  @Test func logRankOfLeukaemia() throws {
    func sample(_ times: [Double], _ stopped: [Double]) -> IntervalSample {
      IntervalSample(
        times.map { PassageInterval(lower: $0, upper: $0) }
          + stopped.map { PassageInterval(lower: $0, upper: .infinity) })
    }
    let test = try #require(
      LogRank([
        sample([9, 13, 18, 23, 31, 34, 48], [13, 28, 45, 161]),
        sample([5, 5, 8, 8, 12, 23, 27, 30, 33, 43, 45], [16]),
      ]))
    expectClose(test.chiSquared, to: 3.396389, absolute: 1e-6, "χ²")
    #expect(test.degreesOfFreedom == 1)
  }

  // Under equal laws p is uniform, of three groups of which a third is stopped.
  @Test(.tags(.statistical)) func logRankUnderEqualLaws() throws {
    let random = testStream(890)
    let p = try draws(2000) {
      IntervalSampleGroups.make(3, of: 40, random)
    }.map { try #require(LogRank($0)).pValue }
    // Bias: 1 %, for a χ² law of a finite sample.
    let hits = p.count { $0 < 0.1 }
    expectAgreement(
      SampleMean(hits: hits, of: p.count, underProbability: 0.1), with: 0.1, bias: 0.01, "p < 0.1")
  }

  private enum IntervalSampleGroups {
    static func make(_ groups: Int, of runs: Int, _ random: borrowing RandomSource)
      -> [IntervalSample]
    {
      (0..<groups).map { _ in
        IntervalSample(
          (0..<runs).map { _ in
            let time = random.exponential(mean: 1)
            return PassageInterval(lower: min(time, 1), upper: time < 1 ? time : .infinity)
          })
      }
    }
  }
}
