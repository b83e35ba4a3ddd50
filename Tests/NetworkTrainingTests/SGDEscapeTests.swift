import EscapeStatistics
import Escapes
import KramersRates
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Euler and Maruyama for a one-dimensional problem with state-dependent noise.
private struct LineDiffusion: StochasticProcess {
  let problem: OneDimensionalProblem
  let timeStep: Double
  var dimension: Int { 1 }
  var scratchCount: Int { 0 }

  func step(
    _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let s = state[0]
    let noise = (2 * problem.diffusion(s) * timeStep).squareRoot()
    state[0] = s - problem.slope(s) * timeStep + noise * random.normal()
  }
}

/// σ₂ of a 2 × 2 end-to-end map, from σ₁² + σ₂² = ‖W‖² and σ₁σ₂ = |det W|.
private struct SecondSingularValue: OrderParameter {
  let network: DeepLinearNetwork
  var scratchCount: Int { network.scratchCount }

  func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let w = network.endToEndMap(at: point, scratch: scratch)
    let square = dot(w, w, 4)
    let determinant = abs(w[0] * w[3] - w[1] * w[2])
    let root = max(0, square * square - 4 * determinant * determinant).squareRoot()
    return determinant / (0.5 * (square + root)).squareRoot()
  }
}

@Suite("Escape under minibatch noise")
struct SGDEscapeTests {
  private let teacher: GaussianTeacher

  init() throws { teacher = try GaussianTeacher(singularValues: [0.9, 0.8]) }

  private func network(weightDecay: Double) throws -> DeepLinearNetwork {
    try DeepLinearNetwork(
      widths: [2, 10, 10, 2], moments: teacher.moments, weightDecay: weightDecay)
  }

  /// A step Δt delays escape by about ΔΦ̂ (B/h) E″Δt/2, here below 1 %.
  @Test(
    "The stochastic equation on the balanced line takes the exact time", .tags(.statistical),
    arguments: [50.0, 80])
  func line(_ inverseNoise: Double) throws {
    let line = try BalancedLine(
      mode: DeepLinearMode(singularValue: 0.8, depth: 3, weightDecay: 0.33))
    let problem = line.problem(
      noise: .gaussian(singularValue: 0.8), noiseScale: 1 / inverseNoise)
    let sample = try FirstPassage(
      process: LineDiffusion(problem: problem, timeStep: 0.02), start: [line.minimum],
      target: TargetSet(Coordinate(0), .below, line.absorbing), cap: 1e6
    ).ensemble(runs: 1500, seed: testSeed(40))
    #expect(sample.events == 1500)
    let exact = try problem.meanFirstPassageTime()
    expectAgreement(
      SampleMean(sample.passages.map(\.time)), with: exact, bias: 0.01 * exact,
      "the passage time at B/h = \(inverseNoise)")
  }

  @Test(
    "Real SGD loses a feature by Arrhenius' law in B/h, at the predicted quasi-potential",
    .tags(.statistical))
  func arrhenius() throws {
    let network = try network(weightDecay: 0.33)
    let line = try BalancedLine(mode: network.modes()[1])
    let barrier = try line.quasiPotentialBarrier(noise: .gaussian(singularValue: 0.8))
    let start = try network.minimum(learning: [0, 1])
    let target = TargetSet(
      try ModeAmplitude(network: network, feature: 1), .below, line.absorbingSingularValue)
    let levels = try [0.05, 0.06, 0.08, 0.1].enumerated().map { cell, h in
      let settings = try SGDSettings(learningRate: h, batchSize: 8)
      let sample = try FirstPassage(
        process: LinearMinibatchSGD(
          network: network, source: .online(teacher), settings: settings),
        start: start, target: target, cap: 20_000
      ).ensemble(runs: 500, seed: testSeed(41), cell: cell)
      #expect(sample.count(.diverged) == 0 && sample.events > 450)
      return ArrheniusFit.Level(inverseNoise: 1 / settings.noiseScale, sample: sample)
    }
    let fit = try ArrheniusFit(levels)
    let p = try #require(fit.goodnessOfFitPValue)
    #expect(p > 1e-3)
    // The leading order in h/B: at these levels ln τ on the line itself rises 6 % less steeply.
    expectAgreement(fit.slope, with: barrier, bias: 0.12 * barrier, "the slope d ln τ/d(B/h)")
    let onLine = try ArrheniusFit(
      levels.map { level in
        let time = try line.problem(
          noise: .gaussian(singularValue: 0.8), noiseScale: 1 / level.inverseNoise
        ).meanFirstPassageTime()
        return .init(
          inverseNoise: level.inverseNoise, events: level.events,
          exposure: Double(level.events) * time)
      })
    let expected = try #require(onLine.slope.value)
    // The other weights change the prefactor (escape is 1.7 times as fast), hardly the slope.
    expectAgreement(fit.slope, with: expected, bias: 0.03 * expected, "the slope on the line")
    let faster = exp(onLine.logTime(at: 120) - fit.logTime(at: 120))
    #expect(faster > 1 && faster < 2.5)
  }

  /// The units out of use have zero weights on both sides: no sample's gradient reaches them.
  @Test("A feature that is not there is never gained")
  func absorbing() throws {
    let network = try network(weightDecay: 0.25)
    let mode = try network.modes()[1]
    let line = try BalancedLine(mode: mode)
    let start = try network.minimum(learning: [0])
    // All but the two inputs, the link and the two outputs of the first unit of each hidden layer.
    let idle = start.indices.filter { ![0, 1, 20, 120, 130].contains($0) }
    let process = LinearMinibatchSGD(
      network: network, source: .online(teacher),
      settings: try SGDSettings(learningRate: 0.1, batchSize: 8))
    var walker = Walker(process, at: start, key: testKey(42))
    for _ in 0..<20 {
      walker.step(1000)
      let state = walker.position
      #expect(idle.allSatisfy { state[$0] == 0 })
      #expect(try network.endToEndSingularValues(at: state)[1] < 1e-15)
    }

    let cap = 500.0
    let saddle = mode.singularValue(arcLength: line.saddle)
    let sample = try FirstPassage(
      process: process, start: start,
      target: TargetSet(SecondSingularValue(network: network), .above, 0.5 * saddle), cap: cap
    ).ensemble(runs: 8, seed: testSeed(43))
    #expect(sample.events == 0)
    let rate = sample.rate()
    #expect(rate.value == nil)
    expectClose(try #require(rate.upper), to: -log(0.05) / (8 * cap), relative: 1e-12)
  }
}
