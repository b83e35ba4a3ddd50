import KramersRates
import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct ModeNoiseTests {
  // V(λ) = Var[(y − λx)x] with y = ηx + √(1 − η²)ξ.
  @Test(.tags(.statistical), arguments: [0.0, 0.4, 1.1], [0.5, 0.8])
  func gaussianClosedFormIsTheVariance(_ lambda: Double, _ eta: Double) {
    let random = testStream(70)
    let noise = ModeNoise.gaussian(singularValue: eta)
    let squares = draws(200_000) {
      let x = random.normal()
      let y = eta * x + (1 - eta * eta).squareRoot() * random.normal()
      let deviation = (y - lambda * x) * x - (eta - lambda)
      return deviation * deviation
    }
    let expected = 2 * (lambda - eta) * (lambda - eta) + 1 - eta * eta
    expectClose(noise.variance(singularValue: lambda), to: expected, relative: 1e-14)
    expectAgreement(SampleMean(squares), with: expected, "V(\(lambda))")
  }

  @Test(arguments: [1, 2, 3, 5]) func covarianceAlongTheArcLength(_ depth: Int) throws {
    let mode = try DeepLinearMode(singularValue: 0.8, depth: depth, weightDecay: 0.1)
    let noise = ModeNoise(coefficients: SIMD3(1.7, -2.8, 2.1))
    let a = 0.7
    let lambda = pow(a, Double(depth))
    expectClose(
      noise.covariance(of: mode, arcLength: mode.arcLength(singularValue: lambda)),
      to: Double(depth) * pow(a, Double(2 * depth - 2))
        * (1.7 - 2.8 * lambda + 2.1 * lambda * lambda), relative: 1e-13)
  }
}

@Suite struct BalancedLineTests {
  static let eta = 0.8
  static let decay = 0.33
  static let noise = ModeNoise.gaussian(singularValue: eta)

  private func line() throws -> BalancedLine {
    try BalancedLine(
      mode: DeepLinearMode(singularValue: Self.eta, depth: 3, weightDecay: Self.decay))
  }

  @Test func endsLieWhereTheModeSays() throws {
    let line = try line()
    let learned = try #require(try line.mode.learnedSingularValue())
    let saddle = try #require(try line.mode.saddleSingularValue())
    expectClose(line.minimum, to: 3.0.squareRoot() * cbrt(learned), relative: 1e-14)
    expectClose(line.saddle, to: 3.0.squareRoot() * cbrt(saddle), relative: 1e-14)
    #expect(line.absorbing == 0.5 * line.saddle)
    expectClose(line.absorbingSingularValue, to: saddle / 8, relative: 1e-13)
    for s in [line.minimum, line.saddle] { #expect(abs(line.mode.gradient(at: [s])[0]) < 1e-12) }
  }

  // ∫ 2(L a^{L−1}(a^L − η) + Lβa)/(L a^{2L−2}V(a^L)) da from a₊ to a_s, by SciPy and by Simpson's rule.
  @Test func quasiPotentialBarrier() throws {
    let line = try line()
    let barrier = try line.quasiPotentialBarrier(noise: Self.noise)
    expectClose(barrier, to: 0.02710449, absolute: 5e-9)

    func integrand(_ a: Double) -> Double {
      let lambda = a * a * a
      let variance =
        2 * (lambda - Self.eta) * (lambda - Self.eta) + 1 - Self.eta * Self.eta
      let slope = 3 * a * a * (lambda - Self.eta) + 3 * Self.decay * a
      return 2 * slope / (3 * a * a * a * a * variance)
    }
    let from = line.minimum / 3.0.squareRoot()
    let to = line.saddle / 3.0.squareRoot()
    let cells = 1000
    var sum = integrand(from) + integrand(to)
    for i in 1..<cells {
      let a = from + (to - from) * Double(i) / Double(cells)
      sum += (i.isMultiple(of: 2) ? 2 : 4) * integrand(a)
    }
    expectClose(barrier, to: sum * (to - from) / Double(3 * cells), relative: 1e-9)
  }

  @Test func exactTimeFollowsTheBarrierAsNoiseVanishes() throws {
    let line = try line()
    let barrier = try line.quasiPotentialBarrier(noise: Self.noise)
    func logTime(_ inverseNoise: Double) throws -> Double {
      try line.problem(noise: Self.noise, noiseScale: 1 / inverseNoise)
        .logMeanFirstPassageTime()
    }
    // The error of the local slope falls as the square of the noise.
    var errors = [Double]()
    for x in [1000.0, 4000, 16000] {
      errors.append(abs((try logTime(1.1 * x) - logTime(x)) / (0.1 * x) - barrier) / barrier)
    }
    #expect(errors[0] < 0.02 && errors[1] < errors[0] / 8 && errors[2] < errors[1] / 8)
  }

  @Test(arguments: [40.0, 80, 160]) func reflectingEndHardlyMatters(_ inverseNoise: Double) throws {
    let line = try line()
    let problem = line.problem(noise: Self.noise, noiseScale: 1 / inverseNoise)
    let time = try problem.logMeanFirstPassageTime()
    for lambda in [1.4, 2.5, 4] {
      let other = OneDimensionalProblem(
        start: problem.start,
        reflecting: line.mode.arcLength(singularValue: lambda * Self.eta),
        absorbing: problem.absorbing, slope: problem.slope, diffusion: problem.diffusion)
      expectClose(try other.logMeanFirstPassageTime(), to: time, absolute: 1e-3)
    }
  }

  @Test func whiteNoiseApproachesKramers() throws {
    let line = try line()
    let kramers = try line.kramers()
    expectClose(
      kramers.barrierHeight, to: try #require(try line.mode.barrierDown()), relative: 1e-14)
    let temperature = kramers.barrierHeight / 200
    let exact = try line.problem(temperature: temperature).logMeanFirstPassageTime()
    expectClose(
      exact, to: kramers.logMeanFirstPassageTime(temperature: temperature), absolute: 0.02)
    let barrier = try line.problem(temperature: 1).quasiPotentialBarrier(to: line.saddle)
    expectClose(barrier, to: kramers.barrierHeight, relative: 1e-9)
  }

  // The modified loss E + (h/4)E′² has the slope E′(1 + hE″/2): steeper at the minimum, and the same
  // stationary points.
  @Test func finiteStepIsTheModifiedLoss() throws {
    let line = try line()
    let h = 0.1
    let plain = line.problem(noise: Self.noise, noiseScale: 0.01)
    let modified = line.problem(noise: Self.noise, noiseScale: 0.01, finiteStep: h)
    func loss(_ s: Double) -> Double {
      let slope = line.mode.gradient(at: [s])[0]
      return line.mode.energy(at: [s]) + h / 4 * slope * slope
    }
    for s in [0.6, 0.9, 1.3, 1.6] {
      let d = 1e-4
      let difference =
        (8 * (loss(s + d) - loss(s - d)) - (loss(s + 2 * d) - loss(s - 2 * d)))
        / (12 * d)
      expectClose(modified.slope(s), to: difference, absolute: 1e-10)
      #expect(modified.diffusion(s) == plain.diffusion(s))
    }
    #expect(
      line.problem(noise: Self.noise, noiseScale: 0.01, finiteStep: 0).slope(0.9)
        == plain.slope(0.9))
  }

  // At η = 1 the noise vanishes at λ = 1, between the start and the reflecting end.
  @Test func noiselessTargetsHaveAFiniteTime() throws {
    let line = try BalancedLine(
      mode: DeepLinearMode(singularValue: 1, depth: 3, weightDecay: 0.45))
    let noise = ModeNoise.gaussian(singularValue: 1)
    let problem = line.problem(noise: noise, noiseScale: 0.02)
    let time = try problem.logMeanFirstPassageTime()
    let other = OneDimensionalProblem(
      start: problem.start, reflecting: line.mode.arcLength(singularValue: 0.99),
      absorbing: problem.absorbing, slope: problem.slope, diffusion: problem.diffusion)
    expectClose(try other.logMeanFirstPassageTime(), to: time, absolute: 1e-6)
  }

  @Test(arguments: [
    (
      2, 0.3,
      "a network of depth 2 has no barrier between learned and unlearned state; use depth 3 or more"
    ),
    (
      1, 0.3,
      "a network of depth 1 has no barrier between learned and unlearned state; use depth 3 or more"
    ),
  ])
  func shallowNetworksAreRefused(_ depth: Int, _ decay: Double, _ refusal: String) throws {
    let mode = try DeepLinearMode(singularValue: Self.eta, depth: depth, weightDecay: decay)
    #expect(throws: InvalidInput(refusal)) { try BalancedLine(mode: mode) }
  }

  @Test func lostFeaturesAreRefused() throws {
    let mode = try DeepLinearMode(singularValue: Self.eta, depth: 3, weightDecay: 0.36)
    let spinodal = try #require(mode.spinodalWeightDecay)
    #expect(
      throws: InvalidInput(
        "the feature with η = 0.8 has no learned state at β = 0.36; choose β below its β_c = \(spinodal)"
      )
    ) { try BalancedLine(mode: mode) }
  }
}
