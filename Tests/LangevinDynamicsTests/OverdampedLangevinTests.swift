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

/// E = ½kx².
func harmonic(_ k: Double) -> ClosureLandscape {
  ClosureLandscape(
    dimension: 1, energy: { 0.5 * k * $0[0] * $0[0] }, gradient: { $1[0] = k * $0[0] })
}

/// E = −vx: Brownian motion with drift v.
func slope(_ v: Double) -> ClosureLandscape {
  ClosureLandscape(dimension: 1, energy: { -v * $0[0] }, gradient: { _, g in g[0] = -v })
}

@Suite struct OverdampedLangevinTests {
  // Of the map x ← (1 − k dt)x + √(2T dt)ξ exactly: ⟨x²⟩ = T/(k(1 − k dt/2)). No bias is left over.
  @Test(.tags(.statistical), arguments: [(0.01, 1.0), (0.2, 1.0), (0.1, 3.0)])
  func stationaryVarianceOfAHarmonicWell(_ dt: Double, _ k: Double) throws {
    let t = 0.3
    let process = try OverdampedLangevin(
      landscape: harmonic(k), temperature: t, timeStep: dt)
    let steps = Int(100 / (k * dt))
    let squares = (0..<200).map { chain -> Double in
      var walker = Walker(process, at: [0], key: testKey(110, replica: chain))
      // Ten relaxation times first.
      walker.step(Int(10 / (k * dt)))
      var sum = 0.0
      for _ in 0..<steps {
        walker.step()
        let x = walker.value(of: Coordinate(0))
        sum += x * x
      }
      return sum / Double(steps)
    }
    // Means of independent chains: about 1 % of standard error.
    let sample = SampleMean(squares)
    expectAgreement(sample, with: t / (k * (1 - 0.5 * k * dt)), "the variance")
    #expect(sample.standardError < 0.012 * t / k)
    if k * dt > 0.15 {
      // The variance of continuous time is told apart.
      #expect(sample.standardScore(from: t / k) > 5)
    }
  }

  // ⟨x⟩ = x₀(1 − k dt)ⁿ and its variance at every time, exactly for the discrete map.
  @Test(.tags(.statistical)) func relaxationTowardsTheMean() throws {
    let dt = 0.05
    let process = try OverdampedLangevin(landscape: harmonic(1), temperature: 0.5, timeStep: dt)
    var ends = [[Double]](repeating: [], count: 3)
    for run in 0..<20_000 {
      var walker = Walker(process, at: [2], key: testKey(111, replica: run))
      for (index, steps) in [2, 10, 40].enumerated() {
        walker.step(steps - walker.steps)
        ends[index].append(walker.position[0])
      }
    }
    for (values, steps) in zip(ends, [2.0, 10, 40]) {
      let mean = 2 * pow(1 - dt, steps)
      let variance = 0.5 / (1 - 0.5 * dt) * (1 - pow(1 - dt, 2 * steps))
      expectAgreement(SampleMean(values), with: mean, "the mean after \(steps) steps")
      expectAgreement(
        SampleMean(values.map { ($0 - mean) * ($0 - mean) }), with: variance,
        "the variance after \(steps) steps")
      expectDistribution(values, "the normal law", alpha: falseAlarmLevel) {
        1 - Distributions.normalUpperTail(($0 - mean) / variance.squareRoot())
      }
    }
  }

  @Test func zeroTemperatureIsGradientDescent() throws {
    let landscape = MullerBrown()
    let dt = 1e-4
    let process = try OverdampedLangevin(landscape: landscape, temperature: 0, timeStep: dt)
    var expected = [0.3, 0.5]
    var walker = Walker(process, at: expected, key: testKey(112))
    let stream = walker.snapshot()?.stream
    walker.step(200)
    for _ in 0..<200 {
      let g = landscape.gradient(at: expected)
      for i in 0..<2 { expected[i] -= dt * g[i] }
    }
    #expect(walker.position == expected)
    // No noise was drawn.
    #expect(stream != nil && walker.snapshot()?.stream == stream)
  }

  // Equipartition: the directions of a network at its unlearned minimum are independent wells.
  @Test(.tags(.statistical)) func noiseIsTheSameInEveryDirection() throws {
    let network = try DeepLinearNetwork(
      widths: [2, 3, 3, 2], moments: SecondMoments(singularValues: [0.8, 0.5]), weightDecay: 1)
    let dt = 0.1
    let process = try OverdampedLangevin(landscape: network, temperature: 1e-4, timeStep: dt)
    var perChain = [[Double]](repeating: [], count: network.dimension)
    let origin = [Double](repeating: 0, count: network.dimension)
    for chain in 0..<4000 {
      var walker = Walker(process, at: origin, key: testKey(113, replica: chain))
      walker.step(60)
      for (i, x) in walker.position.enumerated() { perChain[i].append(x * x) }
    }
    // Curvature β = 1 everywhere; the cubic coupling adds O(√T η/β) = 1 %, from its square O(T).
    for values in perChain {
      expectAgreement(SampleMean(values), with: 1e-4 / (1 - 0.5 * dt), bias: 1e-6, "⟨θᵢ²⟩")
    }
  }

  @Test func refusals() {
    #expect(throws: InvalidInput.self) {
      try OverdampedLangevin(landscape: harmonic(1), temperature: -0.1, timeStep: 0.1)
    }
    let error = #expect(throws: InvalidInput.self) {
      try OverdampedLangevin(landscape: harmonic(1), temperature: 1, timeStep: 0)
    }
    #expect(error?.description == "time step dt must be positive and finite, but is 0.0")
  }
}
