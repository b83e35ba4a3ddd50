import DataFiles
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

@Suite("Surrogate SGD")
struct SurrogateTests {
  typealias Surrogate = EulerMaruyama<LinearNetworkDiffusion>

  /// Loss of feature 2 of 2-10-10-2 at β = 0.33 on endless data, or at the same share of β_c on whitened samples.
  static func escape(samples: Int? = nil) throws -> FeatureEscape {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8])
    guard let samples else {
      return try FeatureEscape(
        source: .online(teacher), moments: teacher.moments, widths: [2, 10, 10, 2],
        weightDecay: 0.33, from: 2, to: 1)
    }
    let drawn = teacher.sample(count: samples, random: testStream(492))
    let data = try Preparation(fittedTo: drawn, inputs: .whitened(rank: nil), targets: .none)
      .apply(to: drawn)
    let moments = SecondMoments(of: data)
    let spinodal = try #require(
      try DeepLinearMode(
        singularValue: moments.features().values[1], depth: 3, weightDecay: 0.1
      ).spinodalWeightDecay)
    return try FeatureEscape(
      source: .samples(data), moments: moments, widths: [2, 10, 10, 2],
      weightDecay: 0.94 * spinodal, from: 2, to: 1)
  }

  private func settings(_ learningRate: Double, batchSize: Int = 8) throws -> SGDSettings {
    try SGDSettings(learningRate: learningRate, batchSize: batchSize)
  }

  private func passage(
    _ escape: FeatureEscape, _ settings: SGDSettings, cap: Double = 1e5
  ) throws -> FirstPassage<Surrogate, RankOrderParameter> {
    try FirstPassage(
      process: EulerMaruyama(
        LinearNetworkDiffusion(network: escape.network, source: escape.source),
        noiseScale: settings.noiseScale, timeStep: settings.learningRate),
      start: escape.start, target: escape.target, cap: cap)
  }

  // At B/h = 80 the covariance of the noise alone nearly sets the time. (At weaker noise the exponents come apart: see
  // `SurrogateDynamics`.) A ratio of means of 1200 times each has a standard error of 3 %.
  @Test("At strong noise it loses a feature in the time of SGD, to 10 %", .tags(.statistical))
  func timeOfSGD() throws {
    let escape = try Self.escape()
    let settings = try settings(0.1)
    let surrogate = try SurrogateDynamics(settings).ensemble(of: escape, cap: 1e5)
      .sample(runs: 1200, seed: testSeed(490))
    let real = try SGDDynamics(settings).ensemble(of: escape, cap: 1e5)
      .sample(runs: 1200, seed: testSeed(491))
    #expect(surrogate.events == 1200 && real.events == 1200)
    let a = SampleMean(surrogate.passages.map(\.time))
    let b = SampleMean(real.passages.map(\.time))
    let ratio = a.mean / b.mean
    let error =
      ratio
      * (pow(a.standardError / a.mean, 2) + pow(b.standardError / b.mean, 2)).squareRoot()
    expectAgreement(
      SampleMean(mean: ratio, standardError: error, count: 1200), with: 1, bias: 0.1,
      "τ of the surrogate over that of SGD")
  }

  @Test(
    "Both engines have one law of first passage", .tags(.statistical), arguments: [true, false])
  func engines(_ isOnline: Bool) throws {
    let passage = try passage(Self.escape(samples: isOnline ? nil : 512), settings(0.1))
    let reference = passage.ensemble(runs: 600, seed: testSeed(493), engine: .reference)
    let lanes = passage.ensemble(runs: 1500, seed: testSeed(493))
    #expect(reference.events == 600 && lanes.events == 1500)
    expectSameLaw(reference.passages.map(\.time), lanes.passages.map(\.time), "escape times")
  }

  @Test("The same bits for any threads, shards and restarts", arguments: [true, false])
  func bits(_ isOnline: Bool) throws {
    let passage = try passage(
      Self.escape(samples: isOnline ? nil : 512), settings(0.1), cap: 100)
    #expect(Set(expectSameBits(passage).map(\.outcome)).count == 2)
  }

  // One weight: E = ½(1 + β)w² − ηw, D̂ = (w − η)² + ½(1 − η²). With u = w − η the quasi-potential
  // ∫E′/D̂ dw is ½(1 + β) ln(u² + c) + (βη/√c) arctan(u/√c), c = ½(1 − η²).
  @Test(
    "Theory and simulation read one description: exponent, exact time and passages of one weight",
    .tags(.statistical))
  func oneDescription() throws {
    let (eta, beta) = (0.8, 0.3)
    let teacher = try GaussianTeacher(singularValues: [eta])
    let network = try DeepLinearNetwork(
      widths: [1, 1], moments: teacher.moments, weightDecay: beta)
    let diffusion = try LinearNetworkDiffusion(network: network, source: .online(teacher))
    let c = 0.5 * (1 - eta * eta)
    for w in [-0.3, 0.4, 0.8] {
      expectClose(
        diffusion.diffusion(at: [w])[0, 0], to: (w - eta) * (w - eta) + c, relative: 1e-12)
    }
    let (start, end) = (eta / (1 + beta), 0.1)
    func potential(_ w: Double) -> Double {
      let u = w - eta
      return 0.5 * (1 + beta) * log(u * u + c) + beta * eta / c.squareRoot()
        * atan(u / c.squareRoot())
    }
    let path = try MinimumActionMethod().path(of: diffusion, from: [start], to: [end])
    expectClose(path.quasiPotentialBarrier, to: potential(end) - potential(start), relative: 1e-4)

    // The shift of a boundary that is looked at in steps, as in `EulerMaruyamaTests`.
    let (epsilon, dt) = (0.15, 0.005)
    let delay = 0.5826 * (2 * epsilon * diffusion.diffusion(at: [end])[0, 0] * dt).squareRoot()
    let exact = try OneDimensionalProblem(
      start: start, reflecting: 8, absorbing: end - delay,
      slope: { -diffusion.drift(at: [$0])[0] },
      diffusion: { epsilon * ((($0 - eta) * ($0 - eta)) + c) }
    ).meanFirstPassageTime()
    let sample = try FirstPassage(
      process: EulerMaruyama(diffusion, noiseScale: epsilon, timeStep: dt), start: [start],
      target: .coordinate(0, below: end), cap: 1e4
    ).ensemble(runs: 20_000, seed: testSeed(495))
    #expect(sample.events == 20_000)
    expectAgreement(
      SampleMean(sample.passages.map(\.time)), with: exact, bias: 0.015 * exact, "τ")
  }

  @Test("A batch of all samples descends the gradient")
  func fullBatch() throws {
    let escape = try Self.escape(samples: 512)
    let sample = try SurrogateDynamics(settings(0.1, batchSize: 512))
      .ensemble(of: escape, cap: 50).sample(runs: 8, seed: 1)
    #expect(sample.count(.censored) == 8)
  }

  // 820 products x xᵀ and 400 y xᵀ; one-hot targets add up to a constant, so 40 combinations vanish.
  @Test("The noise of the digits is set up and has their covariance")
  func digits() throws {
    let raw = try DataTable(contentsOf: digitsPath).dataset(targets: "64", oneHot: true)
    let data = try Preparation(fittedTo: raw, inputs: .whitened(rank: 40)).apply(to: raw.data)
    let widths = [40, 16, 16, 10]
    let network = try DeepLinearNetwork(
      widths: widths, moments: SecondMoments(of: data), weightDecay: 0.22)
    let clock = ContinuousClock()
    var diffusion: LinearNetworkDiffusion? = nil
    let time = try clock.measure {
      diffusion = try LinearNetworkDiffusion(network: network, source: .samples(data))
    }
    let made = try #require(diffusion)
    #expect(made.normalCount == 1180)
    #expect(time < .seconds(20), "a few seconds on an idle machine")
    let point = try network.minimum(learning: Array(0..<9))
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: widths), data: data, weightDecay: 0.22)
    let noise = GradientNoise(loss: loss)
    let factor = made.noiseFactor(at: point)
    expectClose(
      2 * factor.elements.reduce(0) { $0 + $1 * $1 }, to: noise.trace(at: point), relative: 1e-9)
    let direction = randomPoint(network.dimension, testStream(497))
    let unit = direction.map { $0 / norm(direction) }
    let projections = product(factor.transposed, unit)
    expectClose(
      2 * inner(projections, projections), to: noise.variance(at: point, along: unit),
      relative: 1e-8)
  }

  @Test("Refusals say what, the value and the remedy")
  func refusals() throws {
    #expect(
      words {
        _ = try SurrogateDynamics(SGDSettings(learningRate: 0.1, batchSize: 8, momentum: 0.5))
      }
        == "surrogate SGD has no momentum, but --momentum 0.5 was asked for; ask for the learning rate h/(1 − μ) = 0.2 without momentum and multiply its times by 1 − μ = 0.5, or run SGD itself"
    )
    #expect(
      words {
        _ = try SurrogateDynamics(SGDSettings(learningRate: 0.1, batchSize: 8, sampling: .epochs))
      }
        == "surrogate SGD draws every batch anew, but sampling by epochs was asked for; use with-replacement or run SGD itself"
    )
    let well = try NamedEscape.doubleWell.escape(tilt: 0)
    #expect(
      words { _ = try SurrogateDynamics(settings(0.1)).ensemble(of: well, cap: 10) }
        == "double-well has no data, so minibatches cannot be drawn from it; use Langevin dynamics")
  }

  @Test("Theories of SGD stand beside it")
  func theory() throws {
    let dynamics = try SurrogateDynamics(settings(0.06))
    let escape = try Self.escape()
    #expect(dynamics.noise(for: escape) == SGDDynamics(try settings(0.06)).noise(for: escape))
    #expect(dynamics.timeStep(for: escape) == 0.06)
    #expect(dynamics.name == "surrogate SGD with h = 0.06, B = 8")
    #expect(dynamics.notes.count == 1)
  }
}
