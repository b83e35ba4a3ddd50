import EscapeStatistics
import Escapes
import KramersRates
import Landscapes
import LangevinDynamics
import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Escapes by every integrator")
struct IntegratorEscapeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let integrator: OverdampedIntegrator
    /// ΔE/T.
    let barrier: Double
    var testDescription: String { "\(integrator.rawValue), ΔE/T = \(barrier)" }
  }

  static let runs: KeyValuePairs = [2.0: 40_000, 4: 20_000, 6: 5000, 8: 1500, 10: 400]

  static let cases = OverdampedIntegrator.allCases.flatMap { integrator in
    runs.map { Case(integrator: integrator, barrier: $0.key) }
  }

  // dt = 0.05, where exact times of the chains are off by −1.3 to −1.6 % (Euler–Maruyama), +1.4 to +2.4 %
  // (Leimkuhler–Matthews) and at most 0.1 % (Heun); `expectedError` allows 1.5, 2.75 and 0.25 %. Standard errors are 0.5 % at
  // ΔE/T = 2 and 5 % at 10.
  @Test(
    "In the double well each takes the exact time, at ΔE/T = 2…10", .tags(.statistical, .slow),
    .unlessQuick, arguments: cases)
  func doubleWell(_ item: Case) throws {
    let temperature = 0.25 / item.barrier
    let dt = 0.05
    let well = WellEscape.doubleWell
    let exact = try #require(try well.exactMeanFirstPassageTime(temperature: temperature))
    let scheme: DiscreteTime.Scheme =
      switch item.integrator {
      case .eulerMaruyama: .eulerMaruyama
      case .leimkuhlerMatthews: .leimkuhlerMatthews
      case .heun: .heun
      }
    let steps = try DiscreteTime(scheme, step: dt, of: well)
    let runs = try #require(Self.runs.first { $0.key == item.barrier }).value
    let ensemble = try OverdampedDynamics(
      temperature: temperature, timeStep: dt, integrator: item.integrator
    ).ensemble(of: well, cap: 1e8)
    #expect(ensemble.usesBridge)
    let sample = ensemble.sample(runs: runs, seed: testSeed(470), cell: Int(item.barrier))
    #expect(sample.events == runs)
    let time = SampleMean(sample.passages.map(\.time))
    let bias = try #require(steps.expectedError)
    // Slightly more than the share of ln τ.
    expectAgreement(time, with: exact, z: 3, bias: 1.05 * bias * exact, "τ")
  }

  // The two biases of first order at a coarse step, told apart from zero and from each other; Δ ln τ of the chains by the
  // quadrature of DiscreteTimeTests, dt = 0.2 and ΔE/T = 5. (At ΔE/T = 2 Heun's chain goes where its step folds over.)
  @Test(
    "At a coarse step each has the bias of its own chain", .tags(.statistical),
    arguments: zip(OverdampedIntegrator.allCases, [-0.09406, 0.08893, -0.00375]))
  func coarseStep(_ integrator: OverdampedIntegrator, _ shift: Double) throws {
    let well = WellEscape.doubleWell
    let exact = try #require(try well.exactMeanFirstPassageTime(temperature: 0.05))
    let dynamics = try OverdampedDynamics(
      temperature: 0.05, timeStep: 0.2, integrator: integrator)
    let ensemble = try dynamics.ensemble(of: well, cap: 1e6)
    let lanes = ensemble.sample(runs: 60_000, seed: testSeed(471))
    let reference = ensemble.sample(runs: 4000, seed: testSeed(472), engine: .reference)
    for sample in [lanes, reference] {
      // The clock stops at the end of a step or in its middle: ±dt/2.
      expectAgreement(
        SampleMean(sample.passages.map(\.time)), with: exact * exp(shift), bias: 0.1, "τ")
    }
  }

  // P(τ ≤ t) = Φ((vt − b)/√(2Tt)) + e^{vb/T}Φ(−(vt + b)/√(2Tt)), the inverse Gaussian law. Each scheme's steps are
  // exact here, and the bridge, too: what is left is the place within a step, dt = 0.002, of a density below 1.4.
  @Test(
    "Brownian motion with drift: the law of first passages", .tags(.statistical),
    arguments: OverdampedIntegrator.allCases)
  func wiener(_ integrator: OverdampedIntegrator) throws {
    let (v, t, b, dt) = (1.0, 0.5, 1.0, 0.002)
    func law(_ time: Double) -> Double {
      let width = (2 * t * time).squareRoot()
      return 1 - Distributions.normalUpperTail((v * time - b) / width)
        + exp(v * b / t) * Distributions.normalUpperTail((v * time + b) / width)
    }
    try expectLaw(
      integrator, slope(v), temperature: t, timeStep: dt, start: 0, .coordinate(0, above: b), law)
  }

  // From x₀ to 0 in E = ½kx²: P(τ ≤ t) = 2Φ(−x₀e^{−kt}/√((T/k)(1 − e^{−2kt}))), by reflection.
  @Test(
    "Ornstein and Uhlenbeck's process: the law of first passages of its mean", .tags(.statistical),
    arguments: OverdampedIntegrator.allCases)
  func ornsteinUhlenbeck(_ integrator: OverdampedIntegrator) throws {
    let (k, t, start, dt) = (1.0, 0.5, 1.0, 0.002)
    func law(_ time: Double) -> Double {
      let width = (t / k * -expm1(-2 * k * time)).squareRoot()
      return 2 * Distributions.normalUpperTail(start * exp(-k * time) / width)
    }
    try expectLaw(
      integrator, harmonic(k), temperature: t, timeStep: dt, start: start,
      .coordinate(0, below: 0), law)
  }

  private func expectLaw(
    _ integrator: OverdampedIntegrator, _ landscape: ClosureLandscape, temperature: Double,
    timeStep: Double, start: Double, _ target: TargetSet<Coordinate>, _ law: (Double) -> Double
  ) throws {
    func times(_ process: some LaneProcess) throws -> [Double] {
      let sample = try FirstPassage(process: process, start: [start], target: target, cap: 1e3)
        .ensemble(runs: 8000, seed: testSeed(473))
      #expect(sample.events == 8000)
      return sample.passages.map(\.time)
    }
    let values =
      switch integrator {
      case .eulerMaruyama:
        try times(
          OverdampedLangevin(
            landscape: landscape, temperature: temperature, timeStep: timeStep))
      case .leimkuhlerMatthews:
        try times(
          LeimkuhlerMatthews(
            landscape: landscape, temperature: temperature, timeStep: timeStep))
      case .heun:
        try times(
          StochasticHeun(
            GradientDrift(landscape), noiseScale: temperature, timeStep: timeStep,
            calculus: .either))
      }
    expectDistribution(values, "the law of first passages", alpha: falseAlarmLevel, law)
  }

  // As `multiplicativeNoise` of Euler and Maruyama: the boundary stands further by 0.5826 √(2εD̂ dt).
  @Test(
    "Noise that depends on the state: Itô's time by Milstein and by Heun with signs, Stratonovich's by Heun",
    .tags(.statistical), arguments: ["Milstein", "Heun, Itô", "Heun, Stratonovich"])
  func multiplicativeNoise(_ name: String) throws {
    let process = SlopedNoise(kappa: 0.4)
    let (epsilon, dt) = (0.4, 0.004)
    @Sendable func noise(_ x: Double) -> Double { epsilon * pow(1 + 0.4 * x, 2) }
    let delay = 0.5826 * (2 * noise(0.8) * dt).squareRoot()
    let drift = name == "Heun, Stratonovich" ? 0.5 : 0
    let expected = try OneDimensionalProblem(
      start: -1, reflecting: -2.3, absorbing: 0.8 + delay,
      slope: { $0 * $0 * $0 - $0 - drift * epsilon * 0.8 * (1 + 0.4 * $0) }, diffusion: noise
    ).meanFirstPassageTime()
    func times(_ process: some LaneProcess) throws {
      let passage = try FirstPassage(
        process: process, start: [-1], target: .coordinate(0, above: 0.8), cap: 1e4)
      #expect(!passage.usesBridge)
      for (engine, runs) in [(Engine.standard, 20_000), (.reference, 400)] {
        let sample = passage.ensemble(runs: runs, seed: testSeed(474), engine: engine)
        #expect(sample.events == runs)
        expectAgreement(
          SampleMean(sample.passages.map(\.time)), with: expected, bias: 0.02 * expected,
          "τ, \(name)")
      }
    }
    switch name {
    case "Milstein": try times(Milstein(process, noiseScale: epsilon, timeStep: dt))
    case "Heun, Itô":
      try times(
        StochasticHeun(process, noiseScale: epsilon, timeStep: dt, calculus: .ito))
    default:
      try times(
        StochasticHeun(process, noiseScale: epsilon, timeStep: dt, calculus: .stratonovich))
    }
  }

  // Threshold 0.1 beyond the saddle, where the force is weak, so that to pass late by 0.5826 √(2T dt) costs most. 2τ(dt/4) −
  // τ(dt) removes it; what is left is O(dt), some per cent of it.
  @Test(
    "Without a bridge τ is late by O(√dt), and 2τ(dt/4) − τ(dt) is not", .tags(.statistical),
    arguments: [0.04, 0.01])
  func extrapolation(_ dt: Double) throws {
    let temperature = 0.125
    let exact = try OneDimensionalProblem(
      start: -1, reflecting: -4, absorbing: 0.1, slope: { $0 * $0 * $0 - $0 },
      diffusion: { _ in temperature }
    ).meanFirstPassageTime()
    func time(_ step: Double, cell: Int) throws -> SampleMean {
      let passage = try FirstPassage(
        process: OverdampedLangevin(
          landscape: QuarticDoubleWell(), temperature: temperature, timeStep: step), start: [-1],
        target: TargetSet(UnseenCoordinate(), .above, 0.1), cap: 1e5)
      #expect(!passage.usesBridge)
      let sample = passage.ensemble(runs: 100_000, seed: testSeed(475), cell: cell)
      return SampleMean(sample.passages.map(\.time))
    }
    let (coarse, fine) = (try time(dt, cell: 0), try time(dt / 4, cell: 1))
    let limit = SampleMean(
      mean: 2 * fine.mean - coarse.mean,
      standardError: (4 * fine.standardError * fine.standardError
        + coarse.standardError * coarse.standardError).squareRoot(), count: coarse.count)
    // By more than Euler–Maruyama's own dt/4 in size.
    #expect(coarse.standardScore(from: exact, bias: 0.25 * dt * exact) > 10)
    #expect(fine.standardScore(from: exact, bias: 0.25 * dt * exact) > 5)
    expectAgreement(limit, with: exact, bias: 0.5 * dt * exact, "τ₀")
  }
}
