import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

@Suite("Samples as a climb weighs them")
struct TiltedSamplesTests {
  func direction(_ count: Int, seed: UInt64 = 3) -> [Double] {
    let random = RandomSource(StreamKey(seed: seed, purpose: .probes))
    let vector = (0..<count).map { _ in random.normal() }
    let length = norm(vector)
    return vector.map { $0 / length }
  }

  /// The moments of u under exp(−pu) are the derivatives of ln⟨exp(−pu)⟩.
  func checkMoments(_ landscape: some NetworkLandscape) throws {
    let point = direction(landscape.dimension, seed: 4).map { 2 * $0 }
    let t = direction(landscape.dimension)
    let (p, step) = (1.0, 1e-3)
    let slopes = try landscape.sampleGradients(at: point).slopes(along: t)
    let (up, here, down) = (
      slopes.logMoment(p + step), slopes.logMoment(p), slopes.logMoment(p - step)
    )
    let samples = try TiltedSamples(landscape, at: point, along: t, by: p)
    let plain = try TiltedSamples(landscape, at: point, along: t, by: 0)
    let shift =
      inner(samples.loss.gradient(at: point), t) - inner(plain.loss.gradient(at: point), t)
    #expect(abs(shift) > 0.005)
    // The differences are good to step².
    expectClose(shift, to: -(up - down) / (2 * step), absolute: 1e-5)
    expectClose(
      try samples.gradients(at: point).slopes(along: t).variance,
      to: (up + down - 2 * here) / (step * step), absolute: 1e-5)
    #expect(samples.effectiveShare < 0.999 && plain.effectiveShare == 1)
  }

  @Test("Nodes whose targets have a Gaussian spread move their means with it")
  func gaussian() throws {
    try checkMoments(
      GaussianNetworkLoss(
        architecture: NetworkArchitecture(widths: [2, 3, 2], activation: .tanh),
        teacher: GaussianTeacher(singularValues: [0.9, 0.6]), weightDecay: 0.1))
  }

  @Test("Data get other shares")
  func data() throws {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.6])
    let data = teacher.sample(count: 50, random: testStream(4))
    for loss in [LossFunction.meanSquaredError, .crossEntropy] {
      var targets = data.targets
      if loss == .crossEntropy {
        for n in 0..<50 {
          let isFirst = targets[n, 0] > targets[n, 1]
          (targets[n, 0], targets[n, 1]) = isFirst ? (1, 0) : (0, 1)
        }
      }
      try checkMoments(
        NetworkLoss(
          architecture: NetworkArchitecture(widths: [2, 3, 2], activation: .tanh),
          data: Dataset(inputs: data.inputs, targets: targets), lossFunction: loss,
          weightDecay: 0.1))
    }
  }
}
