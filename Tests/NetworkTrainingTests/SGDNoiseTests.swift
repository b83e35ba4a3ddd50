import DataFiles
import Escapes
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport
import Testing

@Suite("Gradient noise")
struct SGDNoiseTests {
  /// ∇ℓₙ of every sample, one data set of one row each.
  private func sampleGradients(_ loss: NetworkLoss, at point: [Double]) throws -> [[Double]] {
    try (0..<loss.data.count).map {
      try NetworkLoss(
        architecture: loss.architecture, data: loss.data.subset([$0]), weightDecay: 0
      ).gradient(at: point)
    }
  }

  @Test("Variance along a direction and trace are those of per-sample gradients")
  func direct() throws {
    let example = try LinearExample(widths: [3, 5, 4, 2], samples: 40, weightDecay: 0.07)
    let point = example.weights()
    let direction = randomPoint(example.loss.dimension, testStream(30))
    let unit = direction.map { $0 / norm(direction) }
    let gradients = try sampleGradients(example.loss, at: point)
    func variance(_ values: [Double]) -> Double {
      let mean = values.reduce(0, +) / Double(values.count)
      return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    }
    let noise = GradientNoise(loss: example.loss)
    expectClose(
      noise.variance(at: point, along: unit),
      to: variance(gradients.map { dotProduct($0, unit) }), relative: 1e-12)
    expectClose(
      noise.trace(at: point),
      to: point.indices.reduce(0) { sum, i in sum + variance(gradients.map { $0[i] }) },
      relative: 1e-12)
  }

  @Test(
    "A batch's gradient has covariance C/B, times (N − B)/(N − 1) without replacement",
    .tags(.statistical),
    arguments: BatchSampling.allCases)
  func batchCovariance(_ sampling: BatchSampling) throws {
    let (count, batchSize) = (24, 8)
    let example = try LinearExample(widths: [3, 4, 2], samples: count, weightDecay: 0.07)
    let point = example.weights()
    let direction = randomPoint(example.loss.dimension, testStream(31))
    let unit = direction.map { $0 / norm(direction) }
    let process = MinibatchSGD(
      loss: example.loss,
      settings: try SGDSettings(learningRate: 1, batchSize: batchSize, sampling: sampling))
    let mean = dotProduct(example.loss.gradient(at: point), unit)
    let squares = (0..<40_000).map { replica in
      var walker = Walker(process, at: point, key: testKey(32, replica: replica))
      walker.step()
      let gradient = zip(point, walker.position).map { $0 - $1 }
      let deviation = dotProduct(gradient, unit) - mean
      return deviation * deviation
    }
    let replacement = Double(count - batchSize) / Double(count - 1)
    let expected =
      GradientNoise(loss: example.loss).variance(at: point, along: unit) / Double(batchSize)
      * (sampling == .epochs ? replacement : 1)
    // The two laws differ by 30 %; the standard error is 0.7 %.
    expectAgreement(SampleMean(squares), with: expected, "the variance of a batch's gradient")
  }

  @Test("Online batches on the balanced line have the closed form's C_ss/B", .tags(.statistical))
  func onlineCovariance() throws {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8])
    let network = try DeepLinearNetwork(
      widths: [2, 10, 10, 2], moments: teacher.moments, weightDecay: 0.33)
    let mode = try network.modes()[1]
    let learned = try #require(try network.modes()[0].learnedSingularValue())
    for (cell, lambda) in [0.1, 0.4].enumerated() {
      let point = try network.balancedPoint(singularValues: [0: learned, 1: lambda])
      let origin = try network.balancedPoint(singularValues: [0: learned, 1: 0])
      let s = mode.arcLength(singularValue: lambda)
      let unit = zip(point, origin).map { ($0 - $1) / s }
      expectClose(norm(unit), to: 1, relative: 1e-12, "the arc length")
      let process = LinearMinibatchSGD(
        network: network, source: .online(teacher),
        settings: try SGDSettings(learningRate: 1, batchSize: 4))
      let slopes = (0..<20_000).map { replica in
        var walker = Walker(process, at: point, key: testKey(33, replica: 20_000 * cell + replica))
        walker.step()
        return dotProduct(zip(point, walker.position).map { $0 - $1 }, unit)
      }
      let slope = mode.gradient(at: [s])[0]
      expectAgreement(SampleMean(slopes), with: slope, "the mean slope")
      expectAgreement(
        SampleMean(slopes.map { ($0 - slope) * ($0 - slope) }),
        with: ModeNoise.gaussian(singularValue: 0.8).covariance(of: mode, arcLength: s) / 4,
        "C_ss/B at λ = \(lambda)")
    }
  }

  @Test("The noise of a feature of the digits, measured and from the data")
  func digits() throws {
    let raw = try DataTable(contentsOf: digitsPath).dataset(targets: "64", oneHot: true)
    let data = try Preparation(fittedTo: raw, inputs: .whitened(rank: 40)).apply(to: raw.data)
    let network = try DeepLinearNetwork(
      widths: [40, 16, 16, 10], moments: SecondMoments(of: data), weightDecay: 0.22)
    let learned = try #require(try network.modes()[8].learnedSingularValue())
    let measured = try ModeNoise.measured(
      network: network, data: data, feature: 8,
      singularValues: (1...12).map { learned * Double($0) / 8 })
    #expect(measured.largestResidual < 1e-9)
    #expect(measured.points.count == 12)

    let features = try network.moments.features()
    let x = (data.inputs * features.right).column(8)
    let y = (data.targets * features.left).column(8)
    let products = zip(x, y).map { $0 * $1 }
    let squares = x.map { $0 * $0 }
    func covariance(_ a: [Double], _ b: [Double]) -> Double {
      let n = Double(a.count)
      return dotProduct(a, b) / n - a.reduce(0, +) * b.reduce(0, +) / (n * n)
    }
    let found = measured.noise.coefficients
    for (value, expected, reference) in [
      (found.x, covariance(products, products), 1.669188),
      (found.y, -2 * covariance(products, squares), -2 * 1.382197),
      (found.z, covariance(squares, squares), 2.007341),
    ] {
      expectClose(value, to: expected, relative: 1e-8)
      // From NumPy.
      expectClose(value, to: reference, absolute: 2e-6)
    }
  }
}
