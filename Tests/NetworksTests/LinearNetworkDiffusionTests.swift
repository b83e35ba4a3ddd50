import Escapes
import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

@Suite("SGD of a linear network as a diffusion")
struct LinearNetworkDiffusionTests {
  private let teacher: GaussianTeacher

  init() throws {
    teacher = try GaussianTeacher(singularValues: [0.9, 0.6], inputs: 3, targets: 2)
  }

  private func diffusion(_ source: LinearDataSource, widths: [Int]) throws
    -> LinearNetworkDiffusion
  {
    let moments: SecondMoments
    switch source {
    case .online(let teacher): moments = teacher.moments
    case .samples(let data): moments = SecondMoments(of: data)
    }
    return try LinearNetworkDiffusion(
      network: DeepLinearNetwork(widths: widths, moments: moments, weightDecay: 0.1),
      source: source)
  }

  private func loss(_ data: Dataset, widths: [Int]) throws -> NetworkLoss {
    try NetworkLoss(
      architecture: NetworkArchitecture(widths: widths), data: data, weightDecay: 0.1)
  }

  /// n·D̂n from σ.
  private func variance(_ factor: Matrix, along direction: [Double]) -> Double {
    (0..<factor.columns).reduce(0) { sum, k in
      let projection = zip(factor.column(k), direction).reduce(0) { $0 + $1.0 * $1.1 }
      return sum + projection * projection
    }
  }

  private func unit(_ dimension: Int, _ stream: UInt64) -> [Double] {
    let direction = randomPoint(dimension, testStream(stream))
    return direction.map { $0 / norm(direction) }
  }

  // Twenty blocks of 5000 samples; the standard error is about 1 %.
  @Test("Of endless data D̂ is half the covariance of per-sample gradients", .tags(.statistical))
  func endless() throws {
    let widths = [3, 4, 2]
    let diffusion = try diffusion(.online(teacher), widths: widths)
    #expect(diffusion.normalCount == 6 + 6)
    let point = randomPoint(diffusion.dimension, testStream(470))
    let factor = diffusion.noiseFactor(at: point)
    let random = testStream(471)
    let noises = try (0..<20).map { _ in
      GradientNoise(loss: try loss(teacher.sample(count: 5000, random: random), widths: widths))
    }
    // Divisor N, not N − 1.
    let bias = 1.0 / 5000
    for stream in 472...474 {
      let direction = unit(diffusion.dimension, UInt64(stream))
      let expected = 2 * variance(factor, along: direction)
      let sample = SampleMean(noises.map { $0.variance(at: point, along: direction) })
      expectAgreement(sample, with: expected, bias: bias * expected, "n·Cn")
      #expect(sample.standardError < 0.02 * expected)
    }
    let expected = 2 * trace(factor * factor.transposed)
    expectAgreement(
      SampleMean(noises.map { $0.trace(at: point) }), with: expected, bias: bias * expected, "tr C")
  }

  @Test("On the balanced line of endless data it has the closed form of C_ss")
  func balancedLine() throws {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8])
    let network = try DeepLinearNetwork(
      widths: [2, 10, 10, 2], moments: teacher.moments, weightDecay: 0.33)
    let diffusion = try LinearNetworkDiffusion(network: network, source: .online(teacher))
    let mode = try network.modes()[1]
    let learned = try #require(try network.modes()[0].learnedSingularValue())
    for lambda in [0.1, 0.4, 0.7] {
      let point = try network.balancedPoint(singularValues: [0: learned, 1: lambda])
      let origin = try network.balancedPoint(singularValues: [0: learned, 1: 0])
      let s = mode.arcLength(singularValue: lambda)
      let direction = zip(point, origin).map { ($0 - $1) / s }
      expectClose(
        2 * variance(diffusion.noiseFactor(at: point), along: direction),
        to: ModeNoise.gaussian(singularValue: 0.8).covariance(of: mode, arcLength: s),
        relative: 1e-12)
    }
  }

  // Few samples: the rank of the covariance is N − 1, below the 12 products.
  @Test("Of finite data D̂ is half the covariance over the samples", arguments: [8, 13, 200])
  func finite(_ count: Int) throws {
    let widths = [3, 4, 2]
    let data = teacher.sample(count: count, random: testStream(475))
    let diffusion = try diffusion(.samples(data), widths: widths)
    #expect(diffusion.normalCount == min(12, count - 1))
    let point = randomPoint(diffusion.dimension, testStream(476))
    let noise = GradientNoise(loss: try loss(data, widths: widths))
    let matrix = diffusion.diffusion(at: point)
    expectClose(2 * trace(matrix), to: noise.trace(at: point), relative: 1e-10)
    for stream in 477...480 {
      let direction = unit(diffusion.dimension, UInt64(stream))
      expectClose(
        2 * inner(direction, product(matrix, direction)),
        to: noise.variance(at: point, along: direction), relative: 1e-9)
    }
  }

  @Test("A step of eight replicas is that of each", arguments: [true, false])
  func lanes(_ isOnline: Bool) throws {
    let widths = [3, 5, 4, 2]
    let data = teacher.sample(count: 40, random: testStream(481))
    let diffusion = try diffusion(isOnline ? .online(teacher) : .samples(data), widths: widths)
    let (dimension, normals) = (diffusion.dimension, diffusion.normalCount)
    let points = (0..<laneCount).map { randomPoint(dimension, testStream(482, replica: $0)) }
    let draws = (0..<laneCount).map { randomPoint(normals, testStream(483, replica: $0)) }
    func compare<Vector: Lanes>(_: Vector.Type, _ tolerance: Double) {
      withLaneMemory(
        of: Vector.self, count: dimension + normals + diffusion.laneScratchCount
      ) { state in
        for i in 0..<dimension { state[i] = Vector(points.map { $0[i] }) }
        for i in 0..<normals { state[dimension + i] = Vector(draws.map { $0[i] }) }
        diffusion.advance(
          lanes: state, timeStep: 0.1, amplitude: 0.05, normals: state + dimension,
          scratch: state + dimension + normals)
        for lane in 0..<laneCount {
          var single = points[lane]
          var scratch = [Double](repeating: 0, count: diffusion.scratchCount)
          diffusion.advance(
            &single, timeStep: 0.1, amplitude: 0.05, normals: draws[lane], scratch: &scratch)
          for i in 0..<dimension {
            expectClose(state[i][lane], to: single[i], absolute: tolerance)
          }
          #expect(distance(single, points[lane]) > 0.01)
        }
      }
    }
    compare(DoubleLanes.self, 1e-13)
    compare(FloatLanes.self, 1e-5)
  }

  @Test("What theory reads is what a simulation runs")
  func derivatives() throws {
    let diffusion = try diffusion(.online(teacher), widths: [3, 2, 2])
    let plain = ClosureDriftDiffusion(
      dimension: diffusion.dimension, drift: { diffusion.drift(at: $0) },
      diffusion: { diffusion.diffusion(at: $0) })
    let point = randomPoint(diffusion.dimension, testStream(484))
    let momentum = randomPoint(diffusion.dimension, testStream(485))
    for (a, b) in zip(
      diffusion.driftGradient(at: point, momentum: momentum)
        + diffusion.diffusionGradient(at: point, momentum: momentum),
      plain.driftGradient(at: point, momentum: momentum)
        + plain.diffusionGradient(at: point, momentum: momentum))
    { expectClose(a, to: b, absolute: 1e-7) }
    // Without noise a step goes along the drift.
    var moved = point
    var scratch = [Double](repeating: 0, count: diffusion.scratchCount)
    let still = [Double](repeating: 0, count: diffusion.normalCount)
    diffusion.advance(&moved, timeStep: 0.1, amplitude: 0, normals: still, scratch: &scratch)
    for (i, b) in diffusion.drift(at: point).enumerated() {
      expectClose(moved[i], to: point[i] + 0.1 * b, absolute: 1e-14)
    }
  }

  @Test("Too many products of inputs and targets are refused")
  func refusal() {
    let data = Dataset(inputs: Matrix(rows: 2, columns: 90), targets: Matrix(rows: 2, columns: 1))
    #expect(
      words { _ = try GaussianMoments(of: .samples(data)) }
        == "a Gaussian law of the moments of 90 inputs and 1 targets has 4185 products with a covariance each, but at most 4096 are kept; keep fewer inputs with whitening, or run SGD itself"
    )
  }
}
