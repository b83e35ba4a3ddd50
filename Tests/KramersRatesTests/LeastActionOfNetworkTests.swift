import Escapes
import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

@testable import KramersRates

@Suite("The least action of SGD in all weights of a network")
struct LeastActionOfNetworkTests {
  private func loss(_ nodes: Int) throws -> GaussianNetworkLoss {
    try GaussianNetworkLoss(
      architecture: NetworkArchitecture(widths: [2, 2, 2, 2], activation: .tanh),
      teacher: GaussianTeacher(singularValues: [0.9, 0.8]), weightDecay: 0.205,
      nodesPerInput: nodes)
  }

  @Test("The gradient of the noise is that of differences of C")
  func noiseGradient() throws {
    let loss = try loss(6)
    let random = testStream(4400)
    let point = randomPoint(loss.dimension, random)
    let momentum = randomPoint(loss.dimension, random)
    let exact = NetworkDiffusion(loss)
    let differences = StochasticGradientDrift(loss) { point in
      guard let samples = try? loss.sampleGradients(at: point) else {
        preconditionFailure("there are few samples")
      }
      return samples.covariance(on: .identity(loss.dimension))
    }
    for (a, b) in zip(
      exact.diffusionGradient(at: point, momentum: momentum),
      differences.diffusionGradient(at: point, momentum: momentum))
    {
      expectClose(a, to: b, relative: 1e-6, absolute: 1e-7)
    }
  }

  // Few nodes, so that it is quick: both exponents are of the same loss. Free to leave the valley, the path can only be
  // cheaper, up to the 2e-3 of its discretisation.
  @Test("It is that of the valley, a little less")
  func valley() throws {
    let loss = try loss(5)
    let random = RandomSource(StreamKey(seed: 1, purpose: .probes))
    let start = (0..<loss.dimension).map { _ in 0.5 * random.normal() }
    let early = try loss.with(weightDecay: 0.1).gentleDescent(from: start, tolerance: 1e-5)
    let basin = try BasinEscape(loss, near: early.point)
    let noise = Noise.minibatch(try SGDSettings(learningRate: 0.05, batchSize: 8))
    let least = try #require(try LeastActionOfNetwork().prediction(of: basin, under: noise))
    let along = try #require(try DiffusionAlongValley().prediction(of: basin, under: noise))
    let barrier = try #require(along.logPrefactor.map { along.logMeanFirstPassageTime - $0 })
    let ratio = least.apparentBarrier! / (0.05 / 8) / barrier
    #expect(ratio < 1.003 && ratio > 0.97, "\(ratio)")
    #expect(least.notes.count == 1)
  }
}
