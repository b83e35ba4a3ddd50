import Escapes
import KramersRates
import Networks
import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Theories of SGD with momentum")
struct MomentumTheoryTests {
  /// Losing feature 2 of 2-10-10-2 on endless Gaussian data.
  private func escape() throws -> FeatureEscape {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8])
    return try FeatureEscape(
      source: .online(teacher), moments: teacher.moments, widths: [2, 10, 10, 2],
      weightDecay: 0.33, from: 2, to: 1)
  }

  private func noise(_ learningRate: Double, momentum: Double = 0) throws -> Noise {
    .minibatch(try SGDSettings(learningRate: learningRate, batchSize: 8, momentum: momentum))
  }

  @Test(
    "Every theory is that of SGD at h/(1 − μ), in a clock that runs slower by 1 − μ",
    arguments: [0.5, 0.8, 0.9])
  func rule(_ momentum: Double) throws {
    let escape = try escape()
    let plain = try RateTheories.predictions(of: escape, under: noise(0.06))
    let heavy = try RateTheories.predictions(
      of: escape, under: noise(0.06 * (1 - momentum), momentum: momentum))
    #expect(plain.count == 10)
    #expect(heavy.map(\.theory) == plain.map(\.theory))
    let shift = log(1 - momentum)
    for (plain, heavy) in zip(plain, heavy) {
      expectClose(
        heavy.logMeanFirstPassageTime, to: plain.logMeanFirstPassageTime + shift, absolute: 1e-8,
        plain.theory)
      expectClose(
        try #require(heavy.logPrefactor), to: try #require(plain.logPrefactor) + shift,
        absolute: 1e-8, plain.theory)
      expectClose(
        try #require(heavy.apparentBarrier), to: try #require(plain.apparentBarrier),
        relative: 1e-6, plain.theory)
      expectClose(heavy.noise.value, to: plain.noise.value, relative: 1e-12, plain.theory)
    }
  }

  // 745.538 at h/(1 − μ) = 0.06 by trapezoidal sums on 6001 points; simulations in all weights give
  // τ/(1 − μ) = 390, 403 and 403 at (h, μ) = (0.06, 0), (0.006, 0.9) and (0.012, 0.8).
  @Test("The time in t = steps × h", arguments: [(0.06, 0.0), (0.006, 0.9), (0.012, 0.8)])
  func time(_ learningRate: Double, _ momentum: Double) throws {
    let prediction = try #require(
      try StateDependentNoise().prediction(
        of: escape(), under: noise(learningRate, momentum: momentum)))
    expectClose(
      prediction.meanFirstPassageTime, to: 745.538 * (1 - momentum), relative: 1e-4)
    #expect(
      "\(prediction.noise)" == (momentum == 0 ? "h/B = 0.0075" : "h/B(1 − μ) = 0.0075"))
  }

  // Against the exact slow root of r² − (1 + μ − hc)r + μ = 0: what is left out falls as h².
  @Test(
    "The next order of the slow root, in a well and at a saddle", arguments: [0.0, 0.5, 0.9],
    [0.3, -0.2])
  func slowRoot(_ momentum: Double, _ curvature: Double) throws {
    func error(_ step: Double) throws -> Double {
      let ball = try HeavyBall(
        learningRate: step * (1 - momentum) * (1 - momentum), momentum: momentum)
      let trace = 1 + momentum - ball.learningRate * curvature
      let root = 0.5 * (trace + (trace * trace - 4 * momentum).squareRoot())
      return -log(root) / (ball.overdampedTimePerStep * curvature) - 1
        - 0.5 * (ball.overdampedTimePerStep + 2 * ball.mass) * curvature
    }
    let (coarse, fine) = (try error(0.04), try error(0.02))
    // (h_e c)² at most, of which one half is left as μ → 1.
    let next = 0.04 * (1 + momentum) * curvature
    #expect(abs(coarse) < next * next)
    expectClose(coarse / fine, to: 4, absolute: 0.15)
  }

  // m|ω₋| + (m/ε)∫E′²C′/C² ds with ω₋ = −0.1740866 and the integral 0.00060279213, by SciPy.
  @Test(
    "Inertia is judged by the change of ln τ",
    arguments: [
      (0.06, 0.0, nil, nil), (0.012, 0.8, 0.0610701, .valid), (0.006, 0.9, 0.1374078, .marginal),
      (0.06, 0.9, 0.9834685, .invalid),
    ] as [(Double, Double, Double?, Validity.Verdict?)])
  func inertia(
    _ learningRate: Double, _ momentum: Double, _ value: Double?, _ verdict: Validity.Verdict?
  ) throws {
    let prediction = try #require(
      try StateDependentNoise().prediction(
        of: escape(), under: noise(learningRate, momentum: momentum)))
    let judgement = prediction.validity.judgements.first { $0.criterion == .inertia }
    #expect(judgement?.verdict == verdict)
    guard let judgement, let value else { return }
    expectClose(try #require(judgement.value), to: value, relative: 1e-5)
    #expect(judgement.reason.isEmpty == (verdict == .valid))
    #expect(verdict == .valid || judgement.reason.contains("momentum \(momentum) is inertia"))
  }

  // By parts, ∫E′²C′/C² ds = ∫2E′E″/C ds between stationary points; SciPy's value of that.
  @Test("The integrals of inertia and of epochs along the line")
  func integrals() throws {
    let line = try #require(try escape().line)
    let noise = ModeNoise.gaussian(singularValue: 0.8)
    expectClose(try line.noiseGradientIntegral(noise), to: 0.0006027921349, relative: 1e-8)
    expectClose(try line.epochImpulse(noise), to: 0.35334062458, relative: 1e-9)
    for s in [0.5, 0.9, 1.2] {
      func covariance(_ s: Double) -> Double { noise.covariance(of: line.mode, arcLength: s) }
      expectClose(
        noise.covarianceSlope(of: line.mode, arcLength: s),
        to: (covariance(s + 1e-5) - covariance(s - 1e-5)) / 2e-5, relative: 1e-7)
    }
  }
}
