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

/// b = x − x³, D̂ = (1 + κx)²: a double well whose noise grows from left to right.
struct SlopedNoise: LaneDriftDiffusion {
  let kappa: Double
  var dimension: Int { 1 }
  var laneScratchCount: Int { 0 }

  func drift(at point: [Double]) -> [Double] { [point[0] - point[0] * point[0] * point[0]] }

  func diffusion(at point: [Double]) -> Matrix {
    let sigma = 1 + kappa * point[0]
    return Matrix(rows: 1, columns: 1, elements: [sigma * sigma])
  }

  func advance<Vector: Lanes>(
    lanes point: UnsafeMutablePointer<Vector>, timeStep: Double, amplitude: Double,
    normals: UnsafePointer<Vector>, scratch: UnsafeMutablePointer<Vector>
  ) {
    let x = point[0]
    let one = Vector(repeating: 1)
    let drift = x * (one - x * x)
    let noise = x.multiplied(by: Vector(repeating: kappa), adding: one) * normals[0]
    point[0] =
      x + drift * Vector(repeating: timeStep) + noise * Vector(repeating: amplitude)
  }
}

/// b = c − x, D̂ = (α + κx)²: the moments of X and of its steps are known.
private struct LinearNoise: LaneDriftDiffusion {
  let c = 0.5
  let alpha = 0.3
  let kappa = 0.8
  var dimension: Int { 1 }
  var laneScratchCount: Int { 0 }

  func drift(at point: [Double]) -> [Double] { [c - point[0]] }

  func diffusion(at point: [Double]) -> Matrix {
    let sigma = alpha + kappa * point[0]
    return Matrix(rows: 1, columns: 1, elements: [sigma * sigma])
  }

  func advance<Vector: Lanes>(
    lanes point: UnsafeMutablePointer<Vector>, timeStep: Double, amplitude: Double,
    normals: UnsafePointer<Vector>, scratch: UnsafeMutablePointer<Vector>
  ) {
    let x = point[0]
    let sigma = x.multiplied(by: Vector(repeating: kappa), adding: Vector(repeating: alpha))
    point[0] =
      x + (Vector(repeating: c) - x) * Vector(repeating: timeStep)
      + sigma * normals[0] * Vector(repeating: amplitude)
  }

  /// ⟨X²⟩ at t: of m₁ = c + (x₀ − c)e^{−t} and ṁ₂ = 2(c m₁ − m₂) + 2ε(α² + 2ακ m₁ + κ² m₂).
  func secondMoment(from start: Double, at t: Double, noiseScale: Double) -> Double {
    let decay = 2 - 2 * noiseScale * kappa * kappa
    let constant = 2 * c * c + 2 * noiseScale * (alpha * alpha + 2 * alpha * kappa * c)
    let slope = (2 * c + 4 * noiseScale * alpha * kappa) * (start - c)
    let rest = start * start - constant / decay - slope / (decay - 1)
    return constant / decay + slope / (decay - 1) * exp(-t) + rest * exp(-decay * t)
  }

  /// The same of n steps of τ: m₂ ← ⟨(x + τb)²⟩ + 2ετ⟨D̂⟩.
  func secondMoment(
    from start: Double, steps: Int, timeStep: Double, noiseScale: Double
  ) -> Double {
    var (m1, m2) = (start, start * start)
    let keep = 1 - timeStep
    for _ in 0..<steps {
      let noise = alpha * alpha + 2 * alpha * kappa * m1 + kappa * kappa * m2
      m2 =
        keep * keep * m2 + 2 * keep * timeStep * c * m1 + timeStep * timeStep * c * c
        + 2 * noiseScale * timeStep * noise
      m1 = keep * m1 + timeStep * c
    }
    return m2
  }
}

@Suite("Euler and Maruyama")
struct EulerMaruyamaTests {
  @Test("With a gradient and white noise the steps are those of Langevin dynamics, to the bit")
  func langevin() throws {
    func compare<Landscape: EnergyLandscape>(
      _ landscape: Landscape, temperature: Double, timeStep: Double, start: [Double],
      _ target: TargetSet<some OrderParameter>, cap: Double
    ) throws {
      let langevin = try FirstPassage(
        process: OverdampedLangevin(
          landscape: landscape, temperature: temperature, timeStep: timeStep), start: start,
        target: target, cap: cap)
      let diffusion = try FirstPassage(
        process: EulerMaruyama(
          GradientDrift(landscape), noiseScale: temperature, timeStep: timeStep), start: start,
        target: target, cap: cap)
      #expect(langevin.usesBridge == diffusion.usesBridge)
      for engine in [Engine.reference, .standard, .vectorised(.single)] {
        let expected = langevin.ensemble(runs: 40, seed: testSeed(450), engine: engine)
        #expect(expected.events > 5)
        #expect(
          diffusion.ensemble(runs: 40, seed: testSeed(450), engine: engine).passages
            == expected.passages)
      }
    }
    try compare(
      QuarticDoubleWell(), temperature: 0.25, timeStep: 0.01, start: [-1],
      .coordinate(0, above: 1), cap: 15.01)
    try compare(
      threeDimensions(), temperature: 0.25, timeStep: 0.01, start: [-1, 0.3, 0],
      .coordinate(0, above: 1), cap: 9.01)
    try compare(
      MullerBrown(), temperature: 25, timeStep: 2e-4, start: [0.623, 0.028],
      .ball(around: [-0.558, 1.442], radius: 0.2), cap: 0.25)
  }

  @Test("The displacement of a step has the covariance D̂, singular or not")
  func displacement() throws {
    let full = Matrix(rows: 3, columns: 3, elements: [2, 0.5, -1, 0.5, 1, 0.3, -1, 0.3, 1.5])
    let v = [1.0, -2, 0.5]
    let one = Matrix(rows: 3, columns: 3, elements: v.flatMap { a in v.map { a * $0 } })
    for matrix in [full, one, Matrix(rows: 3, columns: 3)] {
      let process = ClosureDriftDiffusion(
        dimension: 3, drift: { $0.map { -$0 } }, diffusion: { _ in matrix })
      let factor = process.noiseFactor(at: [0.3, -0.2, 0.7])
      for (a, b) in zip((factor * factor.transposed).elements, matrix.elements) {
        expectClose(a, to: b, absolute: 1e-14)
      }
    }
  }

  // ε = 0.4, D̂ from 0.36 to 1.74. A boundary that is looked at in steps is passed as if it stood further by
  // 0.5826 √(2εD̂ dt) (Broadie, Glasserman and Kou, Math. Finance 7, 325 (1997)); what is left is O(dt), below 2 %.
  // Read as Stratonovich's equation the same one would take less than 80 % as long.
  @Test(
    "A state-dependent diffusion takes the exact time of Itô's equation", .tags(.statistical),
    arguments: [true, false])
  func multiplicativeNoise(_ inLanes: Bool) throws {
    let process = SlopedNoise(kappa: 0.4)
    let (epsilon, dt) = (0.4, 0.004)
    @Sendable func noise(_ x: Double) -> Double { epsilon * pow(1 + 0.4 * x, 2) }
    let delay = 0.5826 * (2 * noise(0.8) * dt).squareRoot()
    func exact(_ correction: Double) throws -> Double {
      try OneDimensionalProblem(
        start: -1, reflecting: -2.3, absorbing: 0.8 + delay,
        slope: { $0 * $0 * $0 - $0 - correction * epsilon * 0.8 * (1 + 0.4 * $0) },
        diffusion: noise
      ).meanFirstPassageTime()
    }
    let passage = try FirstPassage(
      process: EulerMaruyama(process, noiseScale: epsilon, timeStep: dt), start: [-1],
      target: .coordinate(0, above: 0.8), cap: 1e4)
    #expect(!passage.usesBridge)
    let runs = inLanes ? 20_000 : 400
    let sample = passage.ensemble(
      runs: runs, seed: testSeed(451), engine: inLanes ? .standard : .reference)
    #expect(sample.events == runs)
    let expected = try exact(0)
    let time = SampleMean(sample.passages.map(\.time))
    expectAgreement(time, with: expected, bias: 0.02 * expected, "τ")
    #expect(try exact(0.5) < 0.8 * expected)
  }

  // Of the steps exactly; and against continuous time an error that halves with the step.
  @Test("The weak error is of first order in the step", .tags(.statistical))
  func weakOrder() throws {
    let process = LinearNoise()
    let (epsilon, start, time) = (0.1, 3.0, 1.0)
    let exact = process.secondMoment(from: start, at: time, noiseScale: epsilon)
    var errors = [(simulated: SampleMean, expected: Double)]()
    for steps in [5, 10, 20] {
      let dt = time / Double(steps)
      let stepped = process.secondMoment(
        from: start, steps: steps, timeStep: dt, noiseScale: epsilon)
      let simulation = try EulerMaruyama(process, noiseScale: epsilon, timeStep: dt)
      var random = LaneRandom<DoubleLanes>()
      for lane in 0..<laneCount {
        random.stream.open(
          StreamKey(seed: testSeed(452), purpose: .test, cell: steps, replica: lane), lane: lane)
      }
      var squares = [Double]()
      withLaneMemory(of: DoubleLanes.self, count: 1 + simulation.laneScratchCount) { state in
        for _ in 0..<25_000 {
          state[0] = DoubleLanes(repeating: start)
          for _ in 0..<steps {
            simulation.step(lanes: state, random: &random, scratch: state + 1)
          }
          for lane in 0..<laneCount { squares.append(state[0][lane] * state[0][lane]) }
        }
      }
      let sample = SampleMean(squares)
      expectAgreement(sample, with: stepped, "⟨X²⟩ after \(steps) steps")
      errors.append(
        (
          SampleMean(
            mean: sample.mean - exact, standardError: sample.standardError, count: sample.count),
          stepped - exact
        ))
    }
    for (coarse, fine) in zip(errors, errors.dropFirst()) {
      expectClose(coarse.expected / fine.expected, to: 2, absolute: 0.25)
      // Twice the error of the finer step, of the simulations themselves: 2 e(h/2) − e(h) is O(h²).
      let difference = SampleMean(
        mean: 2 * fine.simulated.mean - coarse.simulated.mean,
        standardError: (4 * fine.simulated.standardError * fine.simulated.standardError
          + coarse.simulated.standardError * coarse.simulated.standardError).squareRoot(),
        count: coarse.simulated.count)
      expectAgreement(difference, with: 0, bias: 0.25 * abs(fine.expected), "2 e(h/2) − e(h)")
    }
    // The error of each step is seen.
    for error in errors { #expect(error.simulated.standardScore(from: 0) > 5) }
  }

  @Test("Without noise nothing is drawn; a D̂ that is no covariance diverges; refusals")
  func edges() throws {
    let quiet = try EulerMaruyama(SlopedNoise(kappa: 0.4), noiseScale: 0, timeStep: 0.1)
    let random = testStream(453)
    var x = 0.5
    var scratch = [Double](repeating: 0, count: 4)
    quiet.step(&x, random: random, scratch: &scratch)
    expectClose(x, to: 0.5 + 0.1 * 0.375, relative: 1e-15)
    #expect(random.nextWord() == testStream(453).nextWord())

    let indefinite = ClosureDriftDiffusion(
      dimension: 2, drift: { _ in [0, 0] },
      diffusion: { _ in Matrix(rows: 2, columns: 2, elements: [1, 2, 2, 1]) })
    let sample = try FirstPassage(
      process: EulerMaruyama(indefinite, noiseScale: 1, timeStep: 0.1), start: [0, 0],
      target: .coordinate(0, above: 1), cap: 10
    ).ensemble(runs: 3, seed: 1)
    #expect(sample.count(.diverged) == 3)

    #expect(
      words { _ = try EulerMaruyama(SlopedNoise(kappa: 0), noiseScale: -1, timeStep: 0.1) }
        == "noise ε must be zero or positive and finite, but is -1.0")
    #expect(
      words { _ = try EulerMaruyama(SlopedNoise(kappa: 0), noiseScale: 1, timeStep: 0) }
        == "time step dt must be positive and finite, but is 0.0")
  }
}
