import Escapes
import KramersRates
import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

@testable import NetworkTraining

/// About a minimum SGD's weights have the covariance Σ of first order in h/B: what is left is of second order, and is
/// allowed for by what halving the noise changes.
@Suite("The covariance of SGD about a minimum")
struct StationaryCovarianceTests {
  private func escape(_ widths: [Int], _ eta: [Double] = [0.9, 0.8], beta: Double = 0.3) throws
    -> FeatureEscape
  {
    let teacher = try GaussianTeacher(
      singularValues: eta, inputs: widths.first!, targets: widths.last!)
    return try FeatureEscape(
      source: .online(teacher), moments: teacher.moments, widths: widths, weightDecay: beta,
      from: eta.count, to: eta.count - 1)
  }

  private func measured(
    _ predicted: StationaryCovariance, _ settings: SGDSettings, time: Double
  ) throws -> StationaryFluctuations {
    try StationaryFluctuations(
      about: predicted.escape, along: predicted.modes.map(\.direction),
      curvatures: predicted.curvatures, settings: settings, time: time, seed: testSeed(61),
      isStopped: { false })
  }

  @Test(
    "Real SGD has the predicted variances, trace and loss",
    arguments: [(3, 0.0), (3, 0.7), (4, 0)])
  func realSGD(depth: Int, momentum: Double) throws {
    let inner = [Int](repeating: 2, count: depth - 1)
    let escape = try escape([3] + inner + [2], beta: depth == 3 ? 0.3 : 0.2)
    let settings = try SGDSettings(
      learningRate: 0.008 * (1 - momentum), batchSize: 16, momentum: momentum)
    let predicted = try StationaryCovariance(of: escape, settings: settings)
    let found = try measured(predicted, settings, time: 250 / (1 - momentum))
    #expect(found.lost == 0)
    // At this noise the second order adds up to 2 % along the softest direction; 4.5 standard errors, some 20 values:
    // one false alarm in 5000 seeds.
    func expect(_ mean: StationaryFluctuations.Mean, near value: Double) {
      #expect(abs(mean.value - value) < 4.5 * mean.standardError + 0.025 * value)
      #expect(mean.standardError < 0.06 * value)
    }
    for (mode, variance) in zip(predicted.modes, found.variances) {
      expect(variance, near: mode.variance)
    }
    expect(found.trace, near: predicted.trace)
    expect(found.excessLoss, near: predicted.excessLoss)
  }

  @Test(
    "One weight a layer: the variance is C/B · h/(2ω − hω²), and others than those along the line are still"
  )
  func scalar() throws {
    let escape = try escape([1, 1, 1, 1], [0.8])
    let settings = try SGDSettings(learningRate: 0.3, batchSize: 8)
    let predicted = try StationaryCovariance(of: escape, settings: settings)
    let line = try #require(escape.line)
    let curvature = line.curvature(line.minimum)
    let noise = ModeNoise.gaussian(singularValue: 0.8).covariance(
      of: escape.mode, arcLength: line.minimum)
    #expect(predicted.modes.count == 1 && predicted.stillCount == 2)
    expectClose(
      predicted.modes[0].variance,
      to: 0.3 / 8 * noise / (2 * curvature - 0.3 * curvature * curvature),
      relative: 1e-8)
    expectClose(predicted.modes[0].curvature, to: curvature, relative: 1e-8)
  }

  @Test(
    "With momentum: the stationary moments of the chain of position and velocity",
    arguments: [0.5, 0.9])
  func momentum(_ momentum: Double) throws {
    let settings = try SGDSettings(learningRate: 0.02, batchSize: 8, momentum: momentum)
    let predicted = try StationaryCovariance(of: try escape([2, 2, 2, 2]), settings: settings)
    let (network, minimum) = (predicted.escape.network, predicted.escape.start)
    let d = network.dimension
    let hessian = network.hessian(at: minimum)
    let noise =
      (2 / 8.0)
      * (try LinearNetworkDiffusion(network: network, source: predicted.escape.source)
        .diffusion(at: minimum))
    // v′ = μv + Hx + ξ, x′ = x − hv′; what a step adds, and what it makes of the moments before.
    let h = settings.learningRate
    var (step, moments) = (Matrix(rows: 2 * d, columns: 2 * d), Matrix(rows: 2 * d, columns: 2 * d))
    for i in 0..<d {
      for j in 0..<d {
        let one = i == j ? 1.0 : 0
        step[i, j] = one - h * hessian[i, j]
        step[i, d + j] = -h * momentum * one
        step[d + i, j] = hessian[i, j]
        step[d + i, d + j] = momentum * one
        moments[i, j] = h * h * noise[i, j]
        moments[i, d + j] = -h * noise[i, j]
        moments[d + i, j] = -h * noise[i, j]
        moments[d + i, d + j] = noise[i, j]
      }
    }
    for _ in 0..<16 {
      moments = moments + step * moments * step.transposed
      step = step * step
    }
    for i in 0..<d {
      for j in 0..<d {
        expectClose(moments[i, j], to: predicted.matrix[i, j], absolute: 1e-7 * predicted.trace)
      }
    }
  }

  @Test("Idle hidden units change nothing")
  func idleUnits() throws {
    let settings = try SGDSettings(learningRate: 0.05, batchSize: 8)
    let narrow = try StationaryCovariance(of: try escape([2, 2, 2, 2]), settings: settings)
    let wide = try StationaryCovariance(of: try escape([2, 7, 5, 2]), settings: settings)
    #expect(narrow.matrix == wide.matrix)
    #expect(wide.escape.network.widths == [2, 2, 2, 2])
  }

  @Test("What is not there is refused: epochs, and a state that is not kept")
  func refusals() throws {
    let escape = try escape([2, 2, 2, 2], beta: 0.34)
    let epochs = try SGDSettings(learningRate: 0.05, batchSize: 8, sampling: .epochs)
    #expect(
      words { _ = try StationaryCovariance(of: escape, settings: epochs) }?.contains("epoch")
        == true)
    let settings = try SGDSettings(learningRate: 0.15, batchSize: 8)
    let predicted = try StationaryCovariance(of: escape, settings: settings)
    #expect(
      words { _ = try measured(predicted, settings, time: 4000) }?.contains("stayed") == true)
    #expect(
      words { _ = try measured(predicted, settings, time: 1e30) }?.contains("at most") == true)
  }
}
