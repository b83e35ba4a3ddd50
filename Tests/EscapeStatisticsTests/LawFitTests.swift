import NumericalMethods
import TestSupport
import Testing

@testable import EscapeStatistics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct LawFitTests {
  static let densities: [(any WaitingTimeDensity, String)] = [
    (ExponentialDensity(shape: []), "exponential"),
    (LaggedExponentialDensity(lag: 0.3), "lag"),
    (WeibullDensity(shape: [log(0.7)]), "Weibull 0.7"),
    (WeibullDensity(shape: [log(3)]), "Weibull 3"),
    (GammaDensity(shape: [log(0.5)]), "gamma 0.5"),
    (GammaDensity(shape: [log(4)]), "gamma 4"),
    (HyperexponentialDensity(shape: [0.4, 1.5]), "mixture"),
    (InverseGaussianDensity(shape: [log(0.5)]), "inverse Gauss 0.5"),
    (InverseGaussianDensity(shape: [log(20)]), "inverse Gauss 20"),
  ]

  // S falls as f says, from 1, and its integral, the mean, is 1.
  @Test func lawsHaveMeanOne() throws {
    for (density, name) in Self.densities {
      var mean = 0.0
      for (low, high) in [(0.0, 0.3), (0.3, 1), (1, 4), (4, 20), (20, 200)] {
        mean += try integrate(
          { exp(density.logSurvival($0)) }, over: low...high, absoluteTolerance: 1e-12,
          while: "a mean"
        ).value
        guard low > 0 else { continue }
        let mass = try integrate(
          { exp(density.logDensity($0)) }, over: low...high, absoluteTolerance: 1e-12,
          while: "a mass"
        ).value
        expectClose(
          mass, to: exp(density.logSurvival(low)) - exp(density.logSurvival(high)),
          absolute: 1e-9, "the mass of \(name) from \(low) to \(high)")
      }
      expectClose(mean, to: 1, relative: 1e-8, "the mean of \(name)")
      #expect(density.logSurvival(0) == 0)
      for z in [0.35, 1, 3] {
        expectClose(
          exp(density.logCumulative(z)), to: -expm1(density.logSurvival(z)), absolute: 1e-10,
          "F of \(name) at \(z)")
      }
    }
  }

  // Where the survival itself underflows, its logarithm goes on.
  @Test func tailsDoNotUnderflow() {
    let gamma = GammaDensity(shape: [log(2)])
    // S = (1 + 2z)e^{−2z}.
    expectClose(
      gamma.logSurvival(1000), to: log1p(2000) - 2000, relative: 1e-6, "ln S of a gamma law")
    let gauss = InverseGaussianDensity(shape: [0])
    // F(z) ≈ √(2z/π)e^{−1/(2z) + 1} early on, and √(2/π)·… for a gamma law z^κ.
    expectClose(
      gauss.logCumulative(1e-3) - gauss.logCumulative(2e-3), to: -250 - 0.5 * log(2.0),
      absolute: 0.01, "ln F of an inverse Gaussian law")
    expectClose(
      gamma.logCumulative(1e-200) - gamma.logCumulative(1e-199), to: -2 * log(10.0),
      relative: 1e-9, "ln F of a gamma law")
    let slope = (gauss.logSurvival(4001) - gauss.logSurvival(3999)) / 2
    expectClose(slope, to: -0.5, relative: 2e-3, "the slope of ln S of an inverse Gaussian law")
  }

  /// A law, what made it, and the family that should be found.
  static let truths: [(Law, WaitingTimeFamily, shape: Double?)] = [
    (.weibull(0.7), .weibull, 0.7), (.weibull(1.5), .weibull, 1.5),
    (.gamma(halves: 10), .gamma, 5), (.lag(0.5), .exponentialWithLag, 0.5),
    (.mixture(12), .hyperexponential, nil),
    (.inverseGauss(squaredVariation: 2), .inverseGaussian, 0.5),
  ]

  // With 3000 runs the right family wins; its shape is within five standard errors, by its own interval.
  @Test(.tags(.statistical)) func theLawIsFound() throws {
    for (i, (law, family, shape)) in Self.truths.enumerated() {
      let random = testStream(700 + UInt64(i))
      let comparison = try #require(LawComparison(IntervalSample(law.sample(3000, random))))
      let found = try #require(comparison.fits.firstIndex { $0.family == family })
      #expect(comparison.weights[found] > 0.5, "\(law): \(comparison.sentence)")
      let fit = comparison.fits[found]
      expectAgreement(fit.mean, with: law.mean, bias: 0, "the mean of \(law)")
      if let shape, family != .exponentialWithLag {
        expectAgreement(fit.parameters[0].estimate, with: shape, bias: 0, "the shape of \(law)")
      }
      if family == .exponentialWithLag {
        let lag = fit.parameters[0].estimate
        #expect(lag.lower! < 0.5 && lag.value! > 0.5 && lag.value! < 0.5 + 20 / 3000.0)
      }
    }
  }

  // AIC takes the exponential law for what it is in about two samples of three: each parameter more wins in one of six.
  @Test(.tags(.statistical)) func exponentialTimesAreMostlyFoundToBe() throws {
    let random = testStream(719)
    var wins = 0
    for _ in 0..<200 {
      let comparison = try #require(
        LawComparison(IntervalSample(Law.weibull(1).sample(200, random))))
      if comparison.best.family == .exponential { wins += 1 }
    }
    #expect(wins > 100, "\(wins) of 200")
  }

  /// What is seen of a law: some times stopped, and others known to intervals.
  enum View: CaseIterable {
    case whole, half, tenth, coarse

    func look(
      _ law: Law, _ runs: Int, _ random: borrowing RandomSource
    ) -> IntervalSample {
      // The cap that a share of exponential times of the same mean reaches: about as large for the others.
      let cap: Double =
        switch self {
        case .whole, .coarse: .infinity
        case .half: log(2) * law.mean
        case .tenth: -log(0.9) * law.mean
        }
      return IntervalSample(
        (0..<runs).map { _ in
          let time = law.draw(random)
          if time > cap { return PassageInterval(lower: cap, upper: .infinity) }
          guard self == .coarse else { return PassageInterval(lower: time, upper: time) }
          // Looked at every τ, from a moment of its own on.
          let first = random.uniform() * law.mean
          if time <= first { return PassageInterval(lower: 0, upper: first) }
          let looks = ((time - first) / law.mean).rounded(.up)
          return PassageInterval(
            lower: first + (looks - 1) * law.mean, upper: first + looks * law.mean)
        })
    }
  }

  // Profile intervals of the mean of the right family hold it. Bias: 2 % for 30 to 300 passages, 3 % where a cap
  // at a tenth leaves the mean to extrapolation.
  @Test(.tags(.statistical, .slow), arguments: View.allCases)
  func intervalsOfTheMeanCover(_ view: View) throws {
    let trials = 1000
    for (i, (law, family)) in [
      (Law.weibull(1), WaitingTimeFamily.exponential), (.weibull(0.7), .weibull),
      (.weibull(1.5), .weibull),
    ].enumerated() {
      let random = testStream(720 + UInt64(i))
      var (covered, count) = (0, 0)
      for _ in 0..<trials {
        let sample = view.look(law, view == .tenth ? 300 : 60, random)
        guard sample.events >= 5 else { continue }
        count += 1
        let fit = try LawFit(family, to: sample, level: 0.95)
        if fit.mean.contains(law.mean) { covered += 1 }
      }
      #expect(count > 900)
      expectAgreement(
        SampleMean(hits: covered, of: count, underProbability: 0.95), with: 0.95,
        bias: view == .tenth ? 0.03 : 0.02, "the coverage for \(law), \(view)")
    }
  }

  @Test func tooLittleHasNoLaw() {
    #expect(LawComparison(IntervalSample([])) == nil)
    let few = (1...4).map { PassageTime(time: Double($0), outcome: .escaped) }
    #expect(LawComparison(IntervalSample(EscapeSample(few))) == nil)
    let same = [PassageTime](repeating: PassageTime(time: 2, outcome: .escaped), count: 30)
    #expect(LawComparison(IntervalSample(EscapeSample(same))) == nil)
    let censored = (1...30).map { PassageTime(time: Double($0), outcome: .censored) }
    #expect(LawComparison(IntervalSample(EscapeSample(censored))) == nil)
  }

  // Millions of runs are put into bins first, which changes nothing that is said.
  @Test(.tags(.statistical)) func manyRunsAreBinned() throws {
    let sample = Law.weibull(1.5).sample(20_000, cap: 1.2, testStream(730))
    let binned = IntervalSample(sample)
    #expect(binned.intervals.count < 2000 && binned.runs == 20_000)
    #expect(binned.events == sample.events)
    let whole = IntervalSample(
      sample.passages.map {
        PassageInterval(
          lower: $0.time, upper: $0.outcome == .escaped ? $0.time : .infinity)
      })
    let (a, b) = (
      try LawFit(.weibull, to: binned, level: 0.95), try LawFit(.weibull, to: whole, level: 0.95)
    )
    expectClose(a.mean.value!, to: b.mean.value!, relative: 1e-5, "the mean")
    expectClose(
      a.parameters[0].estimate.value!, to: b.parameters[0].estimate.value!, relative: 1e-4, "κ")
  }
}
