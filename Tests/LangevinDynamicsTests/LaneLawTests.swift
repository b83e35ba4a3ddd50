import EscapeStatistics
import Escapes
import KramersRates
import Landscapes
import LangevinDynamics
import Networks
import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The law of passage times in lanes: that of the reference engine, and that of the exact map.
@Suite struct LaneLawTests {
  static let referenceRuns = 10_000
  static let laneRuns = 40_000

  /// Two-sample Kolmogorov–Smirnov and means. With 10⁴ against 4·10⁴ runs a difference of 3 % anywhere in the
  /// distribution, or of 5.6 % in an exponential's mean, is found.
  @discardableResult
  func expectLawOfTheReference<P: LaneProcess, O: OrderParameter>(
    _ passage: FirstPassage<P, O>, _ name: String, seed: UInt64
  ) -> [SampleMean] {
    let reference = passage.ensemble(
      runs: Self.referenceRuns, seed: testSeed(seed), engine: .reference)
    #expect(reference.events == Self.referenceRuns)
    let times = reference.passages.map(\.time)
    return [SampleMean(times)]
      + Engine.Precision.allCases.map { precision in
        let lanes = passage.ensemble(
          runs: Self.laneRuns, seed: testSeed(seed + 1), engine: .vectorised(precision))
        #expect(lanes.events == Self.laneRuns)
        let laneTimes = lanes.passages.map(\.time)
        expectSameLaw(laneTimes, times, "\(name) in \(precision) precision")
        return SampleMean(laneTimes)
      }
  }

  /// An escape along a line.
  struct Line: Sendable {
    let temperature: Double
    let timeStep: Double
    let start: Double
    let target: Double
    /// Far behind the start.
    let wall: Double
    /// τ of the map with its bridge: (1 − K)τ = dt − ½dt·P(bridge) by collocation, K the Gaussian step times
    /// the probability that its bridge stays outside the target.
    let discreteTime: Double
    /// By how much that misses the time of continuous time, relative: the weak error, of order dt.
    let weakError: Double
  }

  // Against the reference, and against the exact time of the map without any bias: 4·10⁴ runs find 2.5 %,
  // the 2·10⁵ of the quartic below 1.1 %.
  func expectEscapes(_ landscape: some EnergyLandscape, _ line: Line, _ name: String, seed: UInt64)
    throws
  {
    let exact = try OneDimensionalProblem(
      start: line.start, reflecting: line.wall, absorbing: line.target,
      slope: { landscape.gradient(at: [$0])[0] }, diffusion: { _ in line.temperature }
    ).meanFirstPassageTime()
    expectClose(line.discreteTime, to: exact, relative: line.weakError, "the time of the map")
    let passage = try LaneIdentityTests.passage(
      landscape, temperature: line.temperature, timeStep: line.timeStep, start: [line.start],
      Coordinate(0), line.target > line.start ? .above : .below, line.target, cap: 1e6)
    #expect(passage.usesBridge)
    for times in expectLawOfTheReference(passage, name, seed: seed) {
      expectAgreement(times, with: line.discreteTime, "τ, \(name)")
      expectAgreement(times, with: exact, bias: line.weakError * exact, "τ, \(name)")
    }
  }

  @Test(.tags(.statistical)) func escapesFromAQuarticWell() throws {
    try expectEscapes(
      QuarticDoubleWell(),
      Line(
        temperature: 0.125, timeStep: 0.01, start: -1, target: 1, wall: -4, discreteTime: 40.929569,
        weakError: 0.003), "quartic", seed: 420)
  }

  @Test(.tags(.statistical)) func escapesFromATiltedWell() throws {
    try expectEscapes(
      QuarticDoubleWell(tilt: 0.15),
      Line(
        temperature: 0.15, timeStep: 0.02, start: -1, target: 0.8, wall: -4,
        discreteTime: 73.091657,
        weakError: 0.008), "tilted quartic", seed: 430)
  }

  @Test(.tags(.statistical)) func slipsOnAWashboard() throws {
    try expectEscapes(
      PeriodicWashboard(force: 0.3),
      Line(
        temperature: 0.5, timeStep: 0.02, start: 0, target: 2 * .pi, wall: -60,
        discreteTime: 82.353064, weakError: 0.0001), "washboard", seed: 432)
  }

  @Test(.tags(.statistical)) func lossesOfADeepLinearMode() throws {
    try expectEscapes(
      DeepLinearMode(singularValue: 1, depth: 3, weightDecay: 0.2),
      Line(
        temperature: 0.1, timeStep: 0.02, start: 1.5965, target: 0.3, wall: 4,
        discreteTime: 41.4891,
        weakError: 0.008), "deep linear mode", seed: 434)
  }

  @Test(.tags(.statistical)) func manyEscapesFromAWell() throws {
    let passage = try FirstPassageTests.quartic()
    for precision in Engine.Precision.allCases {
      let sample = passage.ensemble(
        runs: 200_000, seed: testSeed(422), engine: .vectorised(precision))
      expectAgreement(
        SampleMean(sample.passages.map(\.time)), with: 40.929569, "τ in \(precision) precision")
    }
  }

  // Two dimensions, from a shallow basin over two saddles into a ball around the deepest minimum; no bridge.
  @Test(.tags(.statistical)) func escapesOnMullerBrown() throws {
    expectLawOfTheReference(
      try LaneIdentityTests.passage(
        MullerBrown(), temperature: 25, timeStep: 2e-4, start: [0.623, 0.028],
        Distance(to: [-0.558, 1.442]), .below, 0.2, cap: 1e4), "Müller–Brown", seed: 424)
  }

  // Three dimensions, where normals come in odd numbers, and looks every third step.
  @Test(.tags(.statistical)) func escapesOfANetwork() throws {
    expectLawOfTheReference(
      try LaneIdentityTests.passage(
        try DeepLinearNetwork(
          widths: [1, 1, 1, 1], moments: SecondMoments(singularValues: [1]), weightDecay: 0.2),
        temperature: 0.15, timeStep: 0.02, start: [0.9, 0.9, 0.9], Distance(to: [0, 0, 0]), .below,
        0.5, cap: 1e5, stride: 3), "a network", seed: 426)
  }

  // Censored runs: as many, and at the same times, where the cap lies between two looks.
  @Test(.tags(.statistical)) func censoring() throws {
    let passage = try LaneIdentityTests.passage(
      QuarticDoubleWell(), temperature: 0.25, timeStep: 0.05, start: [-1], Magnitude(), .below, 0.3,
      cap: 4.3, stride: 20)
    let samples = LaneEndingTests.engines.map {
      passage.ensemble(runs: 20_000, seed: testSeed(428), engine: $0)
    }
    for sample in samples {
      #expect(sample.count(.escaped) > 2000 && sample.count(.censored) > 2000)
      expectSameLaw(
        sample.passages.map(\.time), samples[0].passages.map(\.time), "times with a cap")
      let share = Double(samples[0].events) / 20_000
      // Both are samples, so the error is √2 of one.
      expectAgreement(
        SampleMean(hits: sample.events, of: 10_000 * 2, underProbability: share),
        with: share, z: 5 * 2.0.squareRoot(), "the share of escapes")
    }
  }

  // ⟨x²⟩ and ⟨x⁴⟩ of the quartic well at T = ½, dt = 0.02. `map`: the stationary law of the discrete map, from
  // powers of its transfer matrix. Boltzmann's law with the first correction in dt, by quadrature: the
  // density times 1 + dt(E′²/4T − E″/2); it explains the map's to 1e-4. 3·10⁶ units of time give standard
  // errors of 0.1 %, which tells the map (0.45 % away) from continuous time.
  static let mapMoments = [0.8894543212, 1.3982288889]

  @Test(.tags(.statistical)) func stationaryMoments() throws {
    let t = 0.5
    let dt = 0.02
    func moments(correction: Double) throws -> [Double] {
      func integral(_ power: Double) throws -> Double {
        func integrand(_ x: Double) -> Double {
          let slope = x * x * x - x
          let weight = exp(-(0.25 * x * x * x * x - 0.5 * x * x) / t)
          return pow(x * x, power) * weight
            * (1 + correction * (slope * slope / (4 * t) - 0.5 * (3 * x * x - 1)))
        }
        return try integrate(integrand, over: -5...5, while: "the moments").value
      }
      let norm = try integral(0)
      return [try integral(1) / norm, try integral(2) / norm]
    }
    let corrected = try moments(correction: dt)
    let boltzmann = try moments(correction: 0)
    for i in 0..<2 { expectClose(Self.mapMoments[i], to: corrected[i], relative: 3e-4) }

    func sampled<Vector: Lanes>(_: Vector.Type) throws -> [[Double]] {
      let process = try OverdampedLangevin(
        landscape: QuarticDoubleWell(), temperature: t, timeStep: dt)
      var random = LaneRandom<Vector>()
      for lane in 0..<laneCount {
        random.stream.open(
          StreamKey(seed: testSeed(429), purpose: .test, replica: lane), lane: lane)
      }
      var x = Vector([1, -1, 1, -1, 0.5, -0.5, 0, 0])
      var scratch = Vector.zero
      var values = [[Double]](repeating: [], count: 2)
      // Blocks of 2000 units of time, hundreds of relaxation times: independent.
      for block in 0..<201 {
        var sums = (Vector.zero, Vector.zero)
        var totals = (DoubleLanes.zero, DoubleLanes.zero)
        for step in 1...100_000 {
          process.step(lanes: &x, random: &random, scratch: &scratch)
          let square = x * x
          sums.0 += square
          sums.1 = square.multiplied(by: square, adding: sums.1)
          // Short sums, or single precision would round them away.
          if step.isMultiple(of: 100) {
            totals.0 += DoubleLanes((0..<laneCount).map { sums.0[$0] })
            totals.1 += DoubleLanes((0..<laneCount).map { sums.1[$0] })
            sums = (.zero, .zero)
          }
        }
        guard block > 0 else { continue }
        for lane in 0..<laneCount {
          values[0].append(totals.0[lane] / 100_000)
          values[1].append(totals.1[lane] / 100_000)
        }
      }
      return values
    }
    for values in [try sampled(DoubleLanes.self), try sampled(FloatLanes.self)] {
      for (i, name) in ["⟨x²⟩", "⟨x⁴⟩"].enumerated() {
        let sample = SampleMean(values[i])
        expectAgreement(sample, with: Self.mapMoments[i], name)
        // Boltzmann's, with the bias of the step stated.
        expectAgreement(
          sample, with: boltzmann[i], bias: 1.2 * abs(corrected[i] - boltzmann[i]), name)
        #expect(sample.standardError < 1.5e-3 * boltzmann[i])
      }
    }
  }
}
