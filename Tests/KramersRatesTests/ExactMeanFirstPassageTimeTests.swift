import KramersRates
import Landscapes
import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Escape over the barrier of the quartic double well.
func doubleWell(
  temperature: Double, to absorbing: Double = 1, tilt: Double = 0, reflecting: Double = -4
) -> OneDimensionalProblem {
  OneDimensionalProblem(
    start: -1, reflecting: reflecting, absorbing: absorbing,
    slope: { $0 * $0 * $0 - $0 + tilt }, diffusion: { _ in temperature })
}

/// The same problem seen in a mirror.
func mirrored(_ problem: OneDimensionalProblem) -> OneDimensionalProblem {
  OneDimensionalProblem(
    start: -problem.start, reflecting: -problem.reflecting, absorbing: -problem.absorbing,
    slope: { -problem.slope(-$0) }, diffusion: { problem.diffusion(-$0) })
}

@Suite struct ExactMeanFirstPassageTimeTests {
  static let relative = 1e-8

  @Test(arguments: [(0.0, 1.0, 1.0), (0.5, 2, 0.03), (0.9, 1, 40)])
  func freeBrownianMotion(_ start: Double, _ end: Double, _ diffusion: Double) throws {
    let problem = OneDimensionalProblem(
      start: start, reflecting: 0, absorbing: end, slope: { _ in 0 },
      diffusion: { _ in diffusion })
    let expected = (end * end - start * start) / (2 * diffusion)
    expectClose(try problem.meanFirstPassageTime(), to: expected, relative: Self.relative)
    expectClose(
      try mirrored(problem).meanFirstPassageTime(), to: expected, relative: Self.relative)
  }

  // τ = (b − x)/v − (D/v²)(e^{−vx/D} − e^{−vb/D}) with reflection at 0.
  @Test(arguments: [2.0, 0.3, -0.5, -4])
  func constantDrift(_ v: Double) throws {
    let d = 0.7
    let problem = OneDimensionalProblem(
      start: 0.25, reflecting: 0, absorbing: 2, slope: { _ in -v }, diffusion: { _ in d })
    let expected = 1.75 / v - d / (v * v) * (exp(-v * 0.25 / d) - exp(-v * 2 / d))
    expectClose(try problem.meanFirstPassageTime(), to: expected, relative: Self.relative)
    expectClose(
      try mirrored(problem).meanFirstPassageTime(), to: expected, relative: Self.relative)
  }

  // From 0 to a standard deviations: τ = (1/2k) Σₙ (√2 a)ⁿ Γ(n/2)/n! (L. M. Ricciardi and S. Sato,
  // J. Appl. Probab. 25, 43 (1988), doi:10.2307/3214232).
  @Test(arguments: [0.5, 1, 3])
  func ornsteinUhlenbeck(_ a: Double) throws {
    let k = 1.7
    let t = 0.4
    let sigma = (t / k).squareRoot()
    let problem = OneDimensionalProblem(
      start: 0, reflecting: -10 * sigma, absorbing: a * sigma, slope: { k * $0 },
      diffusion: { _ in t })
    var sum = 0.0
    for n in 1...200 {
      let order = Double(n)
      sum += exp(
        order * log(2.0.squareRoot() * a) + lgamma(order / 2) - lgamma(order + 1))
    }
    expectClose(try problem.meanFirstPassageTime(), to: sum / (2 * k), relative: Self.relative)
    expectClose(
      try mirrored(problem).meanFirstPassageTime(), to: sum / (2 * k), relative: Self.relative)
  }

  // x = e^u of a Brownian motion with drift: du = μ dt + √2 dW is dx = (1 + μ)x dt + √2 x dW (Itô), so
  // E′ = −(1 + μ)x and D = x², and the passage time is that of u.
  @Test(arguments: [0.0, 1.5, -0.8])
  func geometricBrownianMotion(_ drift: Double) throws {
    let problem = OneDimensionalProblem(
      start: exp(0.5), reflecting: 1, absorbing: exp(2), slope: { -(1 + drift) * $0 },
      diffusion: { $0 * $0 })
    let expected =
      drift == 0
      ? (4 - 0.25) / 2
      : 1.5 / drift - (exp(-drift * 0.5) - exp(-drift * 2)) / (drift * drift)
    expectClose(try problem.meanFirstPassageTime(), to: expected, relative: Self.relative)
    expectClose(
      try mirrored(problem).meanFirstPassageTime(), to: expected, relative: Self.relative)
  }

  @Test func noBarrierToSpeakOf() throws {
    let t = 2.5  // ΔE/T = 0.1
    let energy = { (x: Double) in x * x * (0.25 * x * x - 0.5) }
    let direct = try integrate(
      { y in
        let inner = try? integrate(
          { exp(-energy($0) / t) }, over: -4...y, while: "the inner integral")
        return exp(energy(y) / t) / t * (inner?.value ?? .nan)
      }, over: -1...1, relativeTolerance: 1e-11, while: "the outer integral")
    expectClose(
      try doubleWell(temperature: t).meanFirstPassageTime(), to: direct.value, relative: 1e-8)
  }

  // ln τ of some 500: e^{±Φ} itself would overflow half way.
  @Test func aBarrierOfFiveHundred() throws {
    let t = 0.0005
    let problem = doubleWell(temperature: t)
    let value = try problem.logMeanFirstPassageTime()
    // Kramers with its first correction; see `correctionToKramersIsLinear`.
    let expected = log(2 * .pi / 2.0.squareRoot()) + 0.25 / t + log(1 + 1.5 * t)
    expectClose(value, to: expected, absolute: 1e-5)
    expectClose(try mirrored(problem).logMeanFirstPassageTime(), to: value, relative: 1e-9)
    // A barrier of 2500 is beyond a double in τ, not in ln τ.
    let higher = doubleWell(temperature: 0.0001)
    #expect(try higher.meanFirstPassageTime() == .infinity)
    expectClose(
      try higher.logMeanFirstPassageTime(), to: log(2 * .pi / 2.0.squareRoot()) + 2500,
      absolute: 1e-3)
  }

  @Test func aTiltedWellIsTheSameFromBothSides() throws {
    let problem = doubleWell(temperature: 0.05, tilt: 0.1)
    expectClose(
      try mirrored(problem).logMeanFirstPassageTime(),
      to: try problem.logMeanFirstPassageTime(), relative: 1e-12)
    // The tilt lowers the left well: leaving it takes longer.
    #expect(
      try problem.meanFirstPassageTime() > doubleWell(temperature: 0.05).meanFirstPassageTime())
  }

  @Test func aFarReflectingEndDoesNotMatter() throws {
    expectClose(
      try doubleWell(temperature: 0.05, reflecting: -3).logMeanFirstPassageTime(),
      to: try doubleWell(temperature: 0.05, reflecting: -5).logMeanFirstPassageTime(),
      relative: 1e-9)
  }

  @Test func aVanishingDiffusionIsRefused() {
    let problem = OneDimensionalProblem(
      start: -1, reflecting: -2, absorbing: 1, slope: { $0 }, diffusion: { abs($0) < 0.1 ? 0 : 1 })
    #expect(throws: NumericalFailure.self) { try problem.logMeanFirstPassageTime() }
  }
}

@Suite struct KramersOverdampedTests {
  static func kramers() throws -> KramersOverdamped {
    try KramersOverdamped(barrierHeight: 0.25, minimumCurvature: 2, saddleCurvature: -1)
  }

  @Test func prefactor() throws {
    expectClose(
      try Self.kramers().logPrefactor, to: log(2 * .pi / 2.0.squareRoot()), relative: 1e-15)
    expectClose(
      try Self.kramers().logMeanFirstPassageTime(temperature: 0.05),
      to: log(2 * .pi / 2.0.squareRoot()) + 5, relative: 1e-15)
  }

  // Laplace's method to next order: at the minimum 5E‴²/24E″³ − E⁗/8E″² = 15/16 − 3/16, at the saddle
  // E⁗/8E″² = 3/4; together exact/Kramers = 1 + (3/2)T + O(T²).
  @Test func correctionToKramersIsLinear() throws {
    func slope(_ t: Double) throws -> Double {
      let logRatio =
        try doubleWell(temperature: t).logMeanFirstPassageTime(tolerance: 1e-12)
        - Self.kramers().logMeanFirstPassageTime(temperature: t)
      return expm1(logRatio) / t
    }
    let coarse = try slope(0.01)
    let fine = try slope(0.005)
    #expect(abs(coarse * 0.01 / (fine * 0.005) - 2) < 0.1)
    expectClose(2 * fine - coarse, to: 1.5, absolute: 0.01, "the linear coefficient")
  }

  @Test func theSaddleIsReachedInHalfTheTime() throws {
    let t = 0.005
    let ratio = exp(
      try doubleWell(temperature: t, to: 0).logMeanFirstPassageTime()
        - doubleWell(temperature: t).logMeanFirstPassageTime())
    expectClose(ratio, to: 0.5, absolute: 1e-6)
  }

  @Test func refusals() {
    #expect(throws: InvalidInput.self) {
      try KramersOverdamped(barrierHeight: 0, minimumCurvature: 1, saddleCurvature: -1)
    }
    #expect(throws: InvalidInput.self) {
      try KramersOverdamped(barrierHeight: 1, minimumCurvature: -1, saddleCurvature: -1)
    }
    let error = #expect(throws: InvalidInput.self) {
      try KramersOverdamped(barrierHeight: 1, minimumCurvature: 1, saddleCurvature: 0.5)
    }
    #expect(
      error?.description
        == "the curvature at the saddle must be negative, but is 0.5; the point is no barrier top")
  }
}

@Suite struct QuasiPotentialTests {
  @Test func constantDiffusionGivesTheArrheniusExponent() throws {
    let problem = doubleWell(temperature: 0.02, tilt: 0.05)
    // The stationary points of x³ − x + 0.05.
    let saddle = try root(of: { problem.slope($0) }, in: -0.5...0.5, while: "the saddle")
    let well = QuarticDoubleWell(tilt: 0.05)
    let expected = (well.energy(at: [saddle]) - well.energy(at: [-1])) / 0.02
    expectClose(try problem.quasiPotentialBarrier(to: saddle), to: expected, relative: 1e-10)
    expectClose(
      try mirrored(problem).quasiPotentialBarrier(to: -saddle), to: expected, relative: 1e-10)
  }

  @Test func dependentDiffusionInClosedForm() throws {
    // ∫₁² x³/x² dx = 3/2.
    let problem = OneDimensionalProblem(
      start: 1, reflecting: 0.5, absorbing: 3, slope: { $0 * $0 * $0 }, diffusion: { $0 * $0 })
    expectClose(try problem.quasiPotentialBarrier(to: 2), to: 1.5, relative: 1e-10)
  }

  // ln τ rises by the quasi-potential as the noise is scaled down: ln τ = ΔΦ/ε + O(1).
  @Test func quasiPotentialIsTheSlopeOfLogTime() throws {
    func problem(_ epsilon: Double) -> OneDimensionalProblem {
      OneDimensionalProblem(
        start: -1, reflecting: -3, absorbing: 1, slope: { $0 * $0 * $0 - $0 },
        diffusion: { epsilon * (1 + 0.5 * $0 * $0) })
    }
    let barrier = try problem(1).quasiPotentialBarrier(to: 0)
    let rise =
      try problem(0.002).logMeanFirstPassageTime() - problem(0.004).logMeanFirstPassageTime()
    expectClose(rise / 250, to: barrier, relative: 1e-3)
  }
}
