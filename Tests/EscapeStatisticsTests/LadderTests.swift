import NumericalMethods
import TestSupport
import Testing

@testable import EscapeStatistics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct LadderTests {
  /// Runs at several settings, stopped at a cap.
  private func rungs(
    _ settings: [(x: Double, beta: Double)], runs: Int, cap: Double = .infinity,
    _ random: borrowing RandomSource, time: (Double, Double) -> (mean: Double, law: Law)
  ) -> [LadderRung] {
    settings.map { setting in
      let (mean, law) = time(setting.x, setting.beta)
      return LadderRung(
        inverseNoise: setting.x, weightDecay: setting.beta,
        sample: IntervalSample(
          (0..<runs).map { _ in
            let t = mean / law.mean * law.draw(random)
            return PassageInterval(lower: min(t, cap), upper: t < cap ? t : .infinity)
          }))
    }
  }

  static let ladder = [20.0, 25, 30, 35, 40].map { (x: $0, beta: 0.1) }

  // The slope of Arrhenius' law is held by its interval in 95 % of ladders, the last rung mostly censored.
  @Test(.tags(.statistical, .slow)) func intervalsOfTheSlopeCover() throws {
    let random = testStream(760)
    let trials = 1000
    var (slope, prefactor, shape) = (0, 0, 0)
    for _ in 0..<trials {
      let ladder = rungs(Self.ladder, runs: 12, cap: 100, random) { x, _ in
        (exp(-1 + 0.15 * x), .weibull(1))
      }
      let fit = try #require(try LadderFit(.arrhenius, to: ladder))
      if fit.coefficients[1].contains(0.15) { slope += 1 }
      if fit.coefficients[0].contains(-1) { prefactor += 1 }
      if fit.shape.contains(1) { shape += 1 }
    }
    // Bias: 2 % for sixty runs of which a quarter did not pass.
    for (hits, name) in [(slope, "slope"), (prefactor, "prefactor"), (shape, "shape")] {
      expectAgreement(
        SampleMean(hits: hits, of: trials, underProbability: 0.95), with: 0.95, bias: 0.02,
        "the coverage of the \(name)")
    }
  }

  @Test(.tags(.statistical)) func theLawOfTheLadderIsFound() throws {
    let random = testStream(761)
    let wide = [20.0, 40, 60, 80].map { (x: $0, beta: 0.1) }
    let betas = [0.05, 0.1, 0.2, 0.4].map { (x: 20.0, beta: $0) }
    let arrhenius = try #require(
      LadderComparison(rungs(wide, runs: 100, random) { x, _ in (exp(0.08 * x), .weibull(1)) }))
    #expect(arrhenius.best.law == .arrhenius || arrhenius.best.law == .arrheniusWithPower)
    #expect(arrhenius.fits.last!.law == .gradientFlow)
    let power = try #require(
      LadderComparison(rungs(wide, runs: 200, random) { x, _ in (x * x, .weibull(1)) }))
    #expect(power.best.law == .powerLaw || power.best.law == .arrheniusWithPower)
    let drift = try #require(
      LadderComparison(rungs(wide, runs: 30, random) { _, _ in (5, .weibull(20)) }))
    let constant = try #require(drift.fits.firstIndex { $0.law == .gradientFlow })
    #expect(drift.weights[constant] > 0.1 && drift.best.shape.lower! > 10)
    let clock = try #require(
      LadderComparison(rungs(betas, runs: 30, random) { _, b in (3 / b, .weibull(20)) }))
    let decay = try #require(clock.fits.firstIndex { $0.law == .weightDecayClock })
    #expect(clock.weights[decay] > 0.1)
    let exponent = try #require(clock.fits.first { $0.law == .weightDecayPower }).coefficients[1]
    #expect(exponent.contains(-1))
  }

  // A law that bends shows in its residuals, whatever AIC says.
  @Test(.tags(.statistical)) func residualsShowCurvature() throws {
    let ladder = rungs(
      [10.0, 20, 40, 80].map { (x: $0, beta: 0.1) }, runs: 400, testStream(762)
    ) { x, _ in (x * x, .weibull(1)) }
    let fit = try #require(try LadderFit(.arrhenius, to: ladder))
    #expect(fit.residuals.first!.ratio.upper! < 1 && fit.residuals.last!.ratio.upper! < 1)
    #expect(fit.residuals[2].ratio.lower! > 1)
  }

  // A rung on which no run passed counts: its bound pulls the slope up.
  @Test func aRungWithoutPassagesCounts() throws {
    func rung(_ x: Double, _ times: [Double], cap: Double = 0, censored: Int = 0) -> LadderRung {
      LadderRung(
        inverseNoise: x,
        sample: IntervalSample(
          times.map { PassageInterval(lower: $0, upper: $0) }
            + (0..<censored).map { _ in PassageInterval(lower: cap, upper: .infinity) }))
    }
    let times = [0.3, 0.7, 1.1, 1.9, 2.6]
    let two = [rung(1, times), rung(2, times.map { 3 * $0 })]
    let bound = rung(3, [], cap: 100, censored: 20)
    let without = try #require(try LadderFit(.arrhenius, to: two))
    let with = try #require(try LadderFit(.arrhenius, to: two + [bound]))
    expectClose(without.coefficients[1].value!, to: log(3), relative: 1e-9, "the slope")
    #expect(with.coefficients[1].value! > log(3) + 0.3)
    #expect(with.residuals[2].ratio.value == nil && with.residuals[2].ratio.lower! > 0)
  }

  @Test func tooLittleHasNoLaw() throws {
    let times = IntervalSample([PassageInterval(lower: 1, upper: 1)])
    let never = IntervalSample([PassageInterval(lower: 9, upper: .infinity)])
    #expect(LadderComparison([]) == nil)
    #expect(LadderComparison([LadderRung(inverseNoise: 1, sample: times)]) == nil)
    #expect(
      LadderComparison([
        LadderRung(inverseNoise: 1, sample: times), LadderRung(inverseNoise: 2, sample: never),
      ]) == nil)
    // Identical times have no shape.
    let same = IntervalSample([PassageInterval(lower: 2, upper: 2, count: 9)])
    #expect(throws: NumericalFailure.self) {
      try LadderFit(.arrhenius, to: [1, 2].map { LadderRung(inverseNoise: $0, sample: same) })
    }
  }
}
