import NumericalMethods
import TestSupport
import Testing

// The support must see what is wrong: a test that cannot fail proves nothing.
@Suite struct TestSupportTests {
  @Test func agreementCountsStandardErrors() {
    let sample = SampleMean(mean: 1.2, standardError: 0.02, count: 100)
    expectClose(sample.standardScore(from: 1), to: 10, relative: 1e-12)
    expectClose(sample.standardScore(from: 1, bias: 0.1), to: 5, relative: 1e-12)
    #expect(sample.standardScore(from: 1, bias: 0.3) == 0)
    expectAgreement(sample, with: 1.11)
    withKnownIssue { expectAgreement(sample, with: 1) }
    withKnownIssue { expectAgreement(sample, with: .nan) }
  }

  @Test func sampleMeanHasTheTextbookError() {
    let sample = SampleMean([1, 2, 3, 4])
    #expect(sample.mean == 2.5)
    expectClose(sample.standardError, to: (5.0 / 3 / 4).squareRoot(), relative: 1e-15)
  }

  // P(√n D ≥ 1.3581) = 0.05 and P(√n D ≥ 1.6276) = 0.01 in the limit.
  @Test func kolmogorovsLawAtItsKnownQuantiles() {
    let n = 1_000_000
    for (quantile, level) in [(1.3581, 0.05), (1.6276, 0.01)] {
      // A sample displaced from the uniform grid by D.
      let shift = quantile / Double(n).squareRoot() - 0.5 / Double(n)
      let sample = (0..<n).map { (Double($0) + 0.5) / Double(n) - shift }
      expectClose(
        KolmogorovSmirnov(sample, against: { min(1, max(0, $0)) }).pValue, to: level,
        relative: 0.01)
    }
  }

  @Test(.tags(.statistical)) func kolmogorovSmirnovIsUniformForARightSampler() {
    let random = testStream(40)
    let pValues = draws(1000) {
      KolmogorovSmirnov(draws(200) { random.uniform() }, against: { $0 }).pValue
    }
    expectDistribution(pValues, "the uniform law of p", alpha: falseAlarmLevel) { $0 }
  }

  @Test(.tags(.statistical)) func aWrongSamplerIsCaught() {
    let random = testStream(41)
    // A normal of variance 1.05: 2.5 % in the standard deviation.
    let sample = draws(50_000) { 1.025 * random.normal() }
    withKnownIssue {
      expectAgreement(SampleMean(sample.map { $0 * $0 }), with: 1, "the variance")
    }
    // Uniform squared slightly.
    let skewed = draws(50_000) { () -> Double in
      let u = random.uniform()
      return u + 0.03 * u * (1 - u) * 4
    }
    withKnownIssue {
      expectDistribution(skewed, "the uniform law", alpha: falseAlarmLevel) { $0 }
    }
  }

  @Test func closenessIsChecked() {
    expectClose(1.001, to: 1, relative: 0.01)
    withKnownIssue { expectClose(1.001, to: 1, relative: 1e-4) }
    withKnownIssue { expectClose(.nan, to: 1, relative: 1) }
  }
}
