import Escapes
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

/// b = μx, σ = x: geometric Brownian motion, whose paths are known.
struct GeometricBrownian: LaneDriftDiffusion {
  let mu: Double
  var dimension: Int { 1 }
  var laneScratchCount: Int { 0 }

  func drift(at point: [Double]) -> [Double] { [mu * point[0]] }

  func diffusion(at point: [Double]) -> Matrix {
    Matrix(rows: 1, columns: 1, elements: [point[0] * point[0]])
  }

  func advance<Vector: Lanes>(
    lanes point: UnsafeMutablePointer<Vector>, timeStep: Double, amplitude: Double,
    normals: UnsafePointer<Vector>, scratch: UnsafeMutablePointer<Vector>
  ) {
    let factor =
      Vector(repeating: mu * timeStep) + Vector(repeating: amplitude) * normals[0]
    point[0] = factor.multiplied(by: point[0], adding: point[0])
  }
}

/// σ = (αx, βJx), J the rotation by a right angle: two noises, with Σ(σₖ·∇)σₖ = (α² − β²)x.
private struct RadiusAndAngle: DriftDiffusion {
  let alpha = 1.0
  let beta = 0.4
  var dimension: Int { 2 }

  func drift(at point: [Double]) -> [Double] { [0, 0] }

  func diffusion(at point: [Double]) -> Matrix {
    let (x, y) = (point[0], point[1])
    let (a, b) = (alpha * alpha, beta * beta)
    return Matrix(
      rows: 2, columns: 2,
      elements: [a * x * x + b * y * y, (a - b) * x * y, (a - b) * x * y, a * y * y + b * x * x])
  }

  func advance(
    _ point: UnsafeMutablePointer<Double>, timeStep: Double, amplitude: Double,
    normals: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    let (x, y) = (point[0], point[1])
    let (r, phi) = (amplitude * alpha * normals[0], amplitude * beta * normals[1])
    point[0] += r * x - phi * y
    point[1] += r * y + phi * x
  }
}

/// The ends of paths on the reference engine.
private func ends(
  _ process: some StochasticProcess, from start: [Double], steps: Int, paths: Int, seed: UInt64
) -> [[Double]] {
  (0..<paths).map { path in
    var walker = Walker(process, at: start, key: testKey(seed, replica: path))
    walker.step(steps)
    return walker.position
  }
}

/// The same in one dimension, in lanes; eight times as many.
private func laneEnds(
  _ process: some LaneProcess, from start: Double, steps: Int, paths: Int, seed: UInt64
) -> [Double] {
  var random = LaneRandom<DoubleLanes>()
  for lane in 0..<laneCount { random.stream.open(testKey(seed, replica: lane), lane: lane) }
  var ends = [Double]()
  withLaneMemory(of: DoubleLanes.self, count: 1 + process.laneScratchCount) { state in
    for _ in 0..<paths {
      state[0] = DoubleLanes(repeating: start)
      for _ in 0..<steps { process.step(lanes: state, random: &random, scratch: state + 1) }
      for lane in 0..<laneCount { ends.append(state[0][lane]) }
    }
  }
  return ends
}

@Suite("Orders of the integrators")
struct IntegratorOrderTests {
  /// A step of a scheme in a harmonic well: x ← Ax + Bξ.
  struct Harmonic: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// A and B/√(2T dt), of ω dt.
    let factor: @Sendable (Double) -> Double
    let noise: @Sendable (Double) -> Double
    /// What is added to the stationary variance of the state, in T dt.
    let extra: Double
    /// The order of the stationary variance; nil where it is exact.
    let order: Int?
  }

  static let schemes = [
    Harmonic(
      testDescription: "Euler–Maruyama", factor: { 1 - $0 }, noise: { _ in 1 }, extra: 0, order: 1),
    Harmonic(
      testDescription: "Leimkuhler–Matthews", factor: { 1 - $0 }, noise: { 1 - $0 / 2 },
      extra: 0.5, order: nil),
    Harmonic(
      testDescription: "stochastic Heun", factor: { 1 - $0 + $0 * $0 / 2 }, noise: { 1 - $0 / 2 },
      extra: 0, order: 2),
  ]

  // Mean and variance of the chain at every time, exactly; and its stationary variance against T/ω, as a function of dt
  // without simulation.
  @Test(
    "In a harmonic well each has the law of its own chain, on both engines", .tags(.statistical),
    arguments: schemes)
  func harmonicWell(_ scheme: Harmonic) throws {
    let (t, k, dt) = (0.3, 2.0, 0.2)
    func check(_ process: some LaneProcess & IntegratedProcess) {
      #expect(process.scheme.name == scheme.testDescription)
      let (a, b) = (scheme.factor(k * dt), scheme.noise(k * dt) * (2 * t * dt).squareRoot())
      for steps in [1, 3, 30] {
        let mean = 0.8 * pow(a, Double(steps))
        let variance = b * b * (1 - pow(a, Double(2 * steps))) / (1 - a * a)
        let samples = [
          ends(process, from: [0.8], steps: steps, paths: 20_000, seed: 460).map { $0[0] },
          laneEnds(process, from: 0.8, steps: steps, paths: 10_000, seed: 461),
        ]
        for values in samples {
          expectAgreement(SampleMean(values), with: mean, "the mean after \(steps) steps")
          expectAgreement(
            SampleMean(values.map { ($0 - mean) * ($0 - mean) }), with: variance,
            "the variance after \(steps) steps")
        }
      }
    }
    let well = harmonic(k)
    switch scheme.testDescription {
    case "Euler–Maruyama":
      check(try OverdampedLangevin(landscape: well, temperature: t, timeStep: dt))
    case "Leimkuhler–Matthews":
      check(try LeimkuhlerMatthews(landscape: well, temperature: t, timeStep: dt))
    default:
      check(
        try StochasticHeun(
          GradientDrift(well), noiseScale: t, timeStep: dt, calculus: .stratonovich))
    }
    // ⟨x²⟩ ω/T − 1 at ω dt = x.
    func error(_ x: Double) -> Double {
      let (a, b) = (scheme.factor(x), scheme.noise(x))
      return 2 * x * b * b / (1 - a * a) + scheme.extra * x - 1
    }
    guard let order = scheme.order else {
      for x in [0.01, 0.3, 1.5] { expectClose(error(x), to: 0, absolute: 1e-14) }
      return
    }
    expectClose(log2(error(0.02) / error(0.01)), to: Double(order), absolute: 0.02)
    if order == 2 {
      // The closed form of the doc comment.
      let x = 0.3
      let shown = pow(1 - x / 2, 2) / (1 - x + x * x / 2 - x * x * x / 8)
      expectClose(1 + error(x), to: shown, relative: 1e-14)
    }
  }

  // ⟨|X_dt − X|⟩ at t = 1 on the same Brownian path; X = exp((μ − s²/2)t + sW) by Itô, exp(μt + sW) by Stratonovich,
  // s² = 2ε. Orders from dt = 1/8 to 1/128, to about 3 % from 4000 paths.
  @Test("Strong orders in geometric Brownian motion", .tags(.statistical))
  func strongOrders() throws {
    let (mu, s) = (0.5, 0.8)
    let noise = 0.5 * s * s
    let process = GeometricBrownian(mu: mu)
    func order(
      ofIto isIto: Bool, signs: Bool = false,
      _ make: (Double) throws -> some StochasticProcess & IntegratedProcess
    ) throws -> Double {
      let errors = try [8, 128].map { steps -> SampleMean in
        let dt = 1 / Double(steps)
        let simulation = try make(dt)
        return SampleMean(
          (0..<4000).map { path -> Double in
            let key = testKey(462, replica: path)
            let random = RandomSource(key)
            let same = RandomSource(key)
            var x = 1.0
            var w = 0.0
            var scratch = [Double](repeating: 0, count: simulation.scratchCount + 1)
            for _ in 0..<steps {
              simulation.step(&x, random: random, scratch: &scratch)
              w += dt.squareRoot() * same.normal()
              if signs { _ = same.uniform() }
            }
            return abs(x - exp(mu - (isIto ? 0.5 * s * s : 0) + s * w))
          })
      }
      return log(errors[0].mean / errors[1].mean) / log(16)
    }
    let euler = try order(ofIto: true) {
      try EulerMaruyama(process, noiseScale: noise, timeStep: $0)
    }
    expectClose(euler, to: 0.5, absolute: 0.1, "Euler–Maruyama")
    let milstein = try order(ofIto: true) {
      try Milstein(process, noiseScale: noise, timeStep: $0)
    }
    expectClose(milstein, to: 1, absolute: 0.1, "Milstein")
    let ito = try order(ofIto: true, signs: true) {
      try StochasticHeun(process, noiseScale: noise, timeStep: $0, calculus: .ito)
    }
    expectClose(ito, to: 1, absolute: 0.1, "Heun, Itô")
    let stratonovich = try order(ofIto: false) {
      try StochasticHeun(process, noiseScale: noise, timeStep: $0, calculus: .stratonovich)
    }
    expectClose(stratonovich, to: 1, absolute: 0.1, "Heun, Stratonovich")
    // Of the wrong equation the error stays.
    let wrong = try order(ofIto: true) {
      try StochasticHeun(process, noiseScale: noise, timeStep: $0, calculus: .stratonovich)
    }
    #expect(abs(wrong) < 0.2)
  }

  // A step multiplies the mean by 1 + μdt (Milstein), 1 + μdt + μ²dt²/2 (Heun, Itô) or that + s²dt/2 (Stratonovich);
  // the simulations have these means, and they go to e^{μt} and e^{(μ + s²/2)t} as dt.
  @Test("Means of geometric Brownian motion, Itô's and Stratonovich's", .tags(.statistical))
  func means() throws {
    let (mu, s) = (0.5, 0.8)
    let noise = 0.5 * s * s
    let process = GeometricBrownian(mu: mu)
    func check(
      _ name: String, mean: Double, _ factor: (Double) -> Double,
      _ make: (Double) throws -> some LaneProcess
    ) throws {
      func error(_ steps: Int) -> Double {
        pow(factor(1 / Double(steps)), Double(steps)) - mean
      }
      expectClose(error(128) / error(256), to: 2, absolute: 0.02, name)
      for steps in [4, 16] {
        let simulation = try make(1 / Double(steps))
        let chain = pow(factor(1 / Double(steps)), Double(steps))
        expectAgreement(
          SampleMean(laneEnds(simulation, from: 1, steps: steps, paths: 40_000, seed: 463)),
          with: chain, "\(name) in lanes, \(steps) steps")
        expectAgreement(
          SampleMean(
            ends(simulation, from: [1], steps: steps, paths: 40_000, seed: 464).map { $0[0] }),
          with: chain, "\(name), \(steps) steps")
      }
    }
    try check(
      "Milstein", mean: exp(mu), { 1 + mu * $0 },
      { try Milstein(process, noiseScale: noise, timeStep: $0) })
    func heun(_ x: Double) -> Double { 1 + mu * x + 0.5 * mu * mu * x * x }
    // Of this one the mean is of second order.
    for steps in [4, 16] {
      let dt = 1 / Double(steps)
      expectAgreement(
        SampleMean(
          laneEnds(
            try StochasticHeun(process, noiseScale: noise, timeStep: dt, calculus: .ito), from: 1,
            steps: steps, paths: 40_000, seed: 465)),
        with: pow(heun(dt), Double(steps)), "Heun, Itô, \(steps) steps")
    }
    try check(
      "Heun, Stratonovich", mean: exp(mu + 0.5 * s * s), { heun($0) + 0.5 * s * s * $0 },
      { try StochasticHeun(process, noiseScale: noise, timeStep: $0, calculus: .stratonovich) })
  }

  // ⟨X⟩ stays where it is by Itô, and grows with ε(α² − β²) by Stratonovich: exactly 1 + ½a²(α² − β²) a step.
  @Test("Two noises that depend on the state: signs make Heun's scheme Itô's", .tags(.statistical))
  func twoNoises() throws {
    let (noise, dt, steps) = (0.2, 0.05, 20)
    let process = RadiusAndAngle()
    let gain = noise * dt * (process.alpha * process.alpha - process.beta * process.beta)
    for (calculus, factor) in [
      (IntegrationScheme.Calculus.ito, 1), (.stratonovich, 1 + gain),
    ] {
      let simulation = try StochasticHeun(
        process, noiseScale: noise, timeStep: dt, calculus: calculus)
      #expect(simulation.scheme.strongOrder == 0.5)
      let points = ends(simulation, from: [1, 0.5], steps: steps, paths: 40_000, seed: 466)
      let mean = pow(factor, Double(steps))
      // The second is 18 % more, the standard error 0.4 %.
      expectAgreement(SampleMean(points.map { $0[0] }), with: mean, "⟨x⟩, \(calculus)")
      expectAgreement(SampleMean(points.map { $0[1] }), with: 0.5 * mean, "⟨y⟩, \(calculus)")
    }
  }

  @Test("Calculus and orders are declared; additive noise makes the two calculi one")
  func declarations() throws {
    let drift = GradientDrift(QuarticDoubleWell())
    let additive = try StochasticHeun(drift, noiseScale: 0.1, timeStep: 0.1, calculus: .ito)
    #expect(additive.scheme.calculus == .either && additive.scheme.weakOrder == 2)
    #expect(additive.coordinateVariance != nil)
    let sloped = SlopedNoise(kappa: 0.4)
    let ito = try StochasticHeun(sloped, noiseScale: 0.1, timeStep: 0.1, calculus: .ito)
    #expect(ito.scheme.calculus == .ito && ito.scheme.strongOrder == 1)
    #expect(ito.coordinateVariance == nil)
    let milstein = try Milstein(sloped, noiseScale: 0.1, timeStep: 0.1)
    #expect(milstein.scheme.calculus == .ito && milstein.scheme.strongOrder == 1)
    let euler = try EulerMaruyama(sloped, noiseScale: 0.1, timeStep: 0.1)
    #expect(euler.scheme.calculus == .ito && euler.scheme.strongOrder == 0.5)
    #expect(OverdampedIntegrator.eulerMaruyama.scheme.strongOrder == 1)
    #expect(OverdampedIntegrator.leimkuhlerMatthews.scheme.stationaryOrder == 2)
    #expect(OverdampedIntegrator.heun.scheme.driftsPerStep == 2)
    #expect(
      words { _ = try StochasticHeun(sloped, noiseScale: 0.1, timeStep: 0.1, calculus: .either) }
        == "the noise depends on the state, so Itô's and Stratonovich's equations differ; name one of them"
    )
    #expect(
      words { _ = try Milstein(RadiusAndAngle(), noiseScale: 0.1, timeStep: 0.1) }
        == "Milstein's scheme is for one coordinate with one noise, but there are 2 coordinates and 2 noises; use EulerMaruyama or StochasticHeun"
    )
  }

  @Test("Without noise: gradient descent, or Heun's method of order 2, and nothing is drawn")
  func quiet() throws {
    let well = QuarticDoubleWell()
    func end(_ process: some StochasticProcess, steps: Int) -> Double {
      var walker = Walker(process, at: [0.2], key: testKey(467))
      let stream = walker.snapshot()?.stream
      walker.step(steps)
      #expect(stream != nil && walker.snapshot()?.stream == stream)
      return walker.position[0]
    }
    let descent = try OverdampedLangevin(landscape: well, temperature: 0, timeStep: 0.1)
    expectClose(
      end(try LeimkuhlerMatthews(landscape: well, temperature: 0, timeStep: 0.1), steps: 10),
      to: end(descent, steps: 10), relative: 1e-13)
    // ẋ = x − x³: x² = 1/(1 + (1/x₀² − 1)e^{−2t}).
    let exact = 1 / (1 + (1 / 0.04 - 1) * exp(-2)).squareRoot()
    let errors = try [20, 40].map { steps in
      end(
        try StochasticHeun(
          GradientDrift(well), noiseScale: 0, timeStep: 1 / Double(steps), calculus: .either),
        steps: steps) - exact
    }
    expectClose(errors[0] / errors[1], to: 4, absolute: 0.3)
  }
}
