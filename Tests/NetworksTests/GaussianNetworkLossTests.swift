import Landscapes
import NumericalMethods
import TestSupport
import Testing

@testable import Networks

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Dense networks over Gaussian data without end")
struct GaussianNetworkLossTests {
  func teacher() throws -> GaussianTeacher { try GaussianTeacher(singularValues: [0.9, 0.8]) }

  func loss(
    _ activation: Activation, biases: Bool = false, gain: Double = 1, weightDecay: Double = 0.1
  ) throws -> GaussianNetworkLoss {
    try GaussianNetworkLoss(
      architecture: NetworkArchitecture(
        widths: [2, 4, 3, 2], activation: activation, hasBiases: biases, gain: gain),
      teacher: teacher(), weightDecay: weightDecay)
  }

  func point(_ loss: GaussianNetworkLoss) -> [Double] {
    let random = testStream(5)
    return (0..<loss.dimension).map { _ in 0.5 * random.normal() }
  }

  @Test("A normal rule integrates powers exactly")
  func quadrature() throws {
    let rule = try NormalQuadrature(count: 6)
    for (power, moment) in [(0, 1.0), (2, 1), (4, 3), (6, 15), (8, 105), (10, 945), (1, 0), (9, 0)]
    {
      let value = zip(rule.nodes, rule.weights).reduce(0) { sum, node in
        sum + node.1 * (0..<power).reduce(1.0) { product, _ in product * node.0 }
      }
      #expect(abs(value - moment) < 1e-12 * max(1, moment), "⟨x^\(power)⟩")
    }
  }

  @Test("Of linear units it is the closed form of a deep linear network")
  func linear() throws {
    let loss = try loss(.linear)
    let network = try DeepLinearNetwork(
      widths: [2, 4, 3, 2], moments: teacher().moments, weightDecay: 0.1)
    let point = point(loss)
    #expect(abs(loss.energy(at: point) - network.energy(at: point)) < 1e-13)
    #expect(distance(loss.gradient(at: point), network.gradient(at: point)) < 1e-13)
    #expect(
      distance(
        loss.hessianVectorProduct(at: point, along: point),
        network.hessianVectorProduct(at: point, along: point)) < 1e-12)
  }

  @Test(
    "Gradient and Hessian by finite differences",
    arguments: [Activation.tanh, .sigmoid, .gelu, .erf, .sin])
  func derivatives(_ activation: Activation) throws {
    for (biases, gain) in [(false, 1.0), (true, 0.4)] {
      let loss = try loss(activation, biases: biases, gain: gain)
      let errors = DerivativeErrors(of: loss, at: point(loss))
      #expect(errors.gradient < 1e-8 && errors.hessianVectorProduct < 1e-7)
      #expect(errors.returnedEnergy < 1e-13)
    }
  }

  @Test("Shares of samples are what repeated samples are, for either loss")
  func shares() throws {
    let random = testStream(6)
    let few = try teacher().sample(count: 3, random: random)
    let times = [1, 4, 2]
    let rows = times.indices.flatMap { [Int](repeating: $0, count: times[$0]) }
    let architecture = try NetworkArchitecture(
      widths: [2, 4, 2], activation: .tanh, hasBiases: true)
    for lossFunction in LossFunction.allCases {
      var targets = few.targets
      if lossFunction == .crossEntropy {
        targets = Matrix(rows: 3, columns: 2, elements: [1, 0, 0, 1, 0.3, 0.7])
      }
      let data = Dataset(inputs: few.inputs, targets: targets)
      let weighted = try NetworkLoss(
        architecture: architecture,
        data: Dataset(
          inputs: data.inputs, targets: targets, shares: times.map { Double($0) / 7 }),
        lossFunction: lossFunction, weightDecay: 0.05)
      let repeated = try NetworkLoss(
        architecture: architecture, data: data.subset(rows), lossFunction: lossFunction,
        weightDecay: 0.05)
      let point = (0..<weighted.dimension).map { _ in 0.6 * random.normal() }
      #expect(abs(weighted.energy(at: point) - repeated.energy(at: point)) < 1e-14)
      #expect(distance(weighted.gradient(at: point), repeated.gradient(at: point)) < 1e-14)
      #expect(
        distance(
          weighted.hessianVectorProduct(at: point, along: point),
          repeated.hessianVectorProduct(at: point, along: point)) < 1e-13)
      #expect(
        abs(
          try LearnedFeature(samples: weighted, rank: 2).value(at: point)
            - LearnedFeature(samples: repeated, rank: 2).value(at: point)) < 1e-7)
    }
  }

  @Test("Samples have the gradient as their mean, and C as their covariance", .tags(.statistical))
  func samples() throws {
    let loss = try loss(.tanh, biases: true)
    let point = point(loss)
    let gradient = loss.gradient(at: point)
    let noise = try loss.sampleGradients(at: point)
    for i in [0, 9, 20, loss.dimension - 1] {
      var unit = [Double](repeating: 0, count: loss.dimension)
      unit[i] = 1
      let slopes = loss.sampleSlopes(
        at: point, along: unit, count: 40_000, random: testStream(UInt64(20 + i)))
      expectAgreement(SampleMean(slopes), with: gradient[i], "component \(i)")
      let squares = slopes.map { ($0 - gradient[i]) * ($0 - gradient[i]) }
      expectAgreement(
        SampleMean(squares), with: noise.slopes(along: unit).variance, "variance \(i)")
      // The same by the covariance on a basis of one column.
      let basis = Matrix(rows: loss.dimension, columns: 1, elements: unit)
      #expect(
        abs(noise.covariance(on: basis)[0, 0] - noise.slopes(along: unit).variance) < 1e-12)
    }
    // ln⟨exp(−c(u − ū))⟩ by the same samples.
    let unit = gradient.map { $0 / norm(gradient) }
    let slopes = loss.sampleSlopes(
      at: point, along: unit, count: 40_000, random: testStream(90))
    let c = 0.3
    expectAgreement(
      SampleMean(slopes.map { exp(-c * ($0 - norm(gradient))) }),
      with: exp(noise.slopes(along: unit).logMoment(c)), "the moment")
  }

  @Test(
    "Lanes draw gradients of the same mean", .tags(.statistical),
    arguments: [Activation.tanh, .sigmoid, .relu, .square, .gelu, .linear])
  func lanes(_ activation: Activation) throws {
    let loss = try loss(activation, biases: true, gain: activation == .tanh ? 0.7 : 1)
    let point = point(loss)
    var random = LaneRandom<DoubleLanes>()
    for lane in 0..<laneCount {
      random.stream.open(
        StreamKey(seed: testSeed(31), purpose: .dynamics, replica: lane), lane: lane)
    }
    let lanes = point.map { DoubleLanes(repeating: $0) }
    var drawn = [[Double]](repeating: [], count: loss.dimension)
    var gradient = [DoubleLanes](repeating: .zero, count: loss.dimension)
    withLaneMemory(of: DoubleLanes.self, count: loss.sampleLaneScratchCount) { scratch in
      for _ in 0..<3000 {
        for i in gradient.indices { gradient[i] = .zero }
        loss.addSampleGradient(
          lanes: lanes, weight: DoubleLanes(repeating: 1), to: &gradient, random: &random,
          scratch: scratch)
        for i in [0, 11, 17, loss.dimension - 1] {
          for lane in 0..<laneCount { drawn[i].append(gradient[i][lane]) }
        }
      }
    }
    for i in [0, 11, 17, loss.dimension - 1] {
      var unit = [Double](repeating: 0, count: loss.dimension)
      unit[i] = 1
      let one = loss.sampleSlopes(
        at: point, along: unit, count: 24_000, random: testStream(UInt64(40 + i)))
      let decay = loss.weightDecay * point[i]
      let (a, b) = (SampleMean(drawn[i]), SampleMean(one.map { $0 - decay }))
      expectAgreement(
        SampleMean(
          mean: a.mean - b.mean,
          standardError: (a.standardError * a.standardError + b.standardError * b.standardError)
            .squareRoot(), count: a.count), with: 0, "component \(i)")
    }
  }

  @Test("More inputs than nodes allow are refused")
  func tooMany() throws {
    let teacher = try GaussianTeacher(singularValues: [0.9], inputs: 9)
    let refusal = words {
      _ = try GaussianNetworkLoss(
        architecture: NetworkArchitecture(widths: [9, 4, 1], activation: .tanh), teacher: teacher,
        weightDecay: 0.1)
    }
    #expect(
      refusal?.contains("over 9 inputs with 16 nodes for each needs more than 65536 nodes") == true)
  }
}
