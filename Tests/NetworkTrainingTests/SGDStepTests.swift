import Escapes
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport
import Testing

@Suite("Steps of SGD")
struct SGDStepTests {
  @Test(
    "A pass per sample and second moments follow one trajectory", arguments: [0, 0.9],
    BatchSampling.allCases)
  func twoWays(_ momentum: Double, _ sampling: BatchSampling) throws {
    let example = try LinearExample(widths: [3, 5, 4, 2], samples: 45, weightDecay: 0.07)
    let settings = try SGDSettings(
      learningRate: momentum == 0 ? 0.08 : 0.01, batchSize: 8, momentum: momentum,
      sampling: sampling)
    let start = example.weights()
    let passes = trajectory(
      MinibatchSGD(loss: example.loss, settings: settings), from: start, steps: 200,
      key: testKey(3))
    let moments = trajectory(
      LinearMinibatchSGD(
        network: example.network, source: .samples(example.data), settings: settings),
      from: start, steps: 200, key: testKey(3))
    #expect(largestDistance(passes, moments) < 1e-12)
    // They went somewhere, and another seed goes elsewhere.
    #expect(largestDistance([passes[199]], [start]) > 0.1)
    let other = trajectory(
      MinibatchSGD(loss: example.loss, settings: settings), from: start, steps: 200,
      key: testKey(4))
    #expect(largestDistance(passes, other) > 1e-3)
  }

  @Test(
    "The whole data set as batch is gradient descent without noise", arguments: [45, 1000],
    BatchSampling.allCases)
  func fullBatch(_ batchSize: Int, _ sampling: BatchSampling) throws {
    let example = try LinearExample(widths: [3, 5, 4, 2], samples: 45, weightDecay: 0.07)
    let settings = try SGDSettings(
      learningRate: 0.08, batchSize: batchSize, sampling: sampling)
    let start = example.weights()

    func expectDescent(
      _ landscape: some EnergyLandscape, _ process: some StochasticProcess
    ) {
      var walker = Walker(process, at: start, key: testKey(5))
      let stream = walker.snapshot()?.stream
      walker.step(50)
      #expect(stream != nil && walker.snapshot()?.stream == stream)
      let relaxed = landscape.relax(
        from: start, learningRate: 0.08, gradientTolerance: 0, maximumEpochs: 50)
      #expect(walker.position == relaxed.point)
    }
    let passes = MinibatchSGD(loss: example.loss, settings: settings)
    let moments = LinearMinibatchSGD(
      network: example.network, source: .samples(example.data), settings: settings)
    #expect(passes.isFullBatch && moments.isFullBatch && passes.stepsPerEpoch == 1)
    #expect(passes.stateCount == passes.dimension)
    expectDescent(example.loss, passes)
    expectDescent(example.network, moments)
  }

  @Test("One step is θ − h(mean gradient + βθ) of the rows drawn")
  func oneStep() throws {
    let (h, beta, batchSize) = (0.05, 0.3, 4)
    let example = try LinearExample(widths: [2, 3, 2], samples: 9, weightDecay: beta)
    let start = example.weights()
    let w1 = Matrix(rows: 3, columns: 2, elements: Array(start[..<6]))
    let w2 = Matrix(rows: 2, columns: 3, elements: Array(start[6...]))
    let stream = testStream(6)
    var first = beta * w1
    var second = beta * w2
    for _ in 0..<batchSize {
      let n = stream.integer(below: 9)
      let x = Matrix(rows: 2, columns: 1, elements: example.data.inputs.row(n))
      let y = Matrix(rows: 2, columns: 1, elements: example.data.targets.row(n))
      let residual = w2 * w1 * x + (-1) * y
      first = first + (1 / Double(batchSize)) * (w2.transposed * residual * x.transposed)
      second = second + (1 / Double(batchSize)) * (residual * (w1 * x).transposed)
    }
    let expected = (w1 + (-h) * first).elements + (w2 + (-h) * second).elements
    let settings = try SGDSettings(learningRate: h, batchSize: batchSize)
    let passes = trajectory(
      MinibatchSGD(loss: example.loss, settings: settings), from: start, steps: 1,
      key: testKey(6))
    let moments = trajectory(
      LinearMinibatchSGD(
        network: example.network, source: .samples(example.data), settings: settings),
      from: start, steps: 1, key: testKey(6))
    #expect(largestDistance(passes, [expected]) < 1e-15)
    #expect(largestDistance(moments, [expected]) < 1e-15)
  }

  @Test("An online step is that of the batch drawn from the teacher")
  func online() throws {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8], inputs: 3, targets: 2)
    let network = try DeepLinearNetwork(
      widths: [3, 4, 2], moments: teacher.moments, weightDecay: 0.1)
    let start = randomPoint(network.dimension, testStream(7))
    let path = trajectory(
      LinearMinibatchSGD(
        network: network, source: .online(teacher),
        settings: try SGDSettings(learningRate: 0.05, batchSize: 6)),
      from: start, steps: 1, key: testKey(8))
    let batch = SecondMoments(of: teacher.sample(count: 6, random: testStream(8)))
    let landscape = try DeepLinearNetwork(widths: [3, 4, 2], moments: batch, weightDecay: 0.1)
    let expected = zip(start, landscape.gradient(at: start)).map { $0 - 0.05 * $1 }
    #expect(largestDistance(path, [expected]) < 1e-14)
  }

  /// w ↦ 2w against y = 3, β = 1/2: g = 2(2w − 3) + w/2. With h = 0.1, μ = 0.9 from w = 1:
  /// g = −1.5, v = −1.5, w = 1.15; g = −0.825, v = −2.175, w = 1.3675. As `torch.optim.SGD` does.
  @Test("Momentum: v ← μv + g, θ ← θ − hv")
  func momentum() throws {
    let data = Dataset(
      inputs: Matrix(rows: 2, columns: 1, elements: [2, 2]),
      targets: Matrix(rows: 2, columns: 1, elements: [3, 3]))
    let settings = try SGDSettings(learningRate: 0.1, batchSize: 1, momentum: 0.9)
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: [1, 1]), data: data, weightDecay: 0.5)
    let network = try DeepLinearNetwork(
      widths: [1, 1], moments: SecondMoments(of: data), weightDecay: 0.5)
    let expected = [[1.15], [1.3675]]
    let passes = trajectory(
      MinibatchSGD(loss: loss, settings: settings), from: [1], steps: 2, key: testKey(9))
    let moments = trajectory(
      LinearMinibatchSGD(network: network, source: .samples(data), settings: settings),
      from: [1], steps: 2, key: testKey(9))
    #expect(largestDistance(passes, expected) < 1e-15)
    #expect(largestDistance(moments, expected) < 1e-15)
  }

  @Test("Cost of a batch: moments for wide batches, passes for narrow ones")
  func cost() {
    #expect(LinearMinibatchSGD.isCheaper(widths: [2, 10, 10, 2], batchSize: 8))
    #expect(!LinearMinibatchSGD.isCheaper(widths: [40, 16, 16, 10], batchSize: 8))
  }

  @Test(
    "Refusals",
    arguments: [
      (0, 8, 0, "learning rate h must be positive and finite, but is 0.0"),
      (0.1, 0, 0, "batch size B must be at least 1, but is 0"),
      (0.1, 8, 1, "momentum must lie in [0, 1), but is 1.0"),
      (0.1, 8, .nan, "momentum must lie in [0, 1), but is nan"),
    ] as [(Double, Int, Double, String)])
  func refusals(_ h: Double, _ batchSize: Int, _ momentum: Double, _ refusal: String) {
    #expect(throws: InvalidInput(refusal)) {
      try SGDSettings(learningRate: h, batchSize: batchSize, momentum: momentum)
    }
  }
}

/// With x = 1, y = eₙ and one layer, the batch's gradient W − ⟨eₙ⟩ tells which samples it held.
@Suite("Sampling by epochs")
struct SGDEpochTests {
  static let count = 10
  static let batchSize = 3

  private func process(momentum: Double = 0) throws -> MinibatchSGD {
    let data = Dataset(
      inputs: Matrix(
        rows: Self.count, columns: 1, elements: [Double](repeating: 1, count: Self.count)),
      targets: .identity(Self.count))
    return MinibatchSGD(
      loss: try NetworkLoss(
        architecture: NetworkArchitecture(widths: [1, Self.count]), data: data, weightDecay: 0),
      settings: try SGDSettings(
        learningRate: 0.5, batchSize: Self.batchSize, momentum: momentum, sampling: .epochs))
  }

  private let start = [Double](repeating: 0, count: SGDEpochTests.count)

  /// The samples of each of `steps` batches.
  private func batches(_ steps: Int, seed: UInt64) throws -> [[Int]] {
    var before = start
    return trajectory(try process(), from: start, steps: steps, key: testKey(seed)).map {
      after in
      defer { before = after }
      let visits = (0..<Self.count).map { n in
        Int((Double(Self.batchSize) * (before[n] + (after[n] - before[n]) / 0.5)).rounded())
      }
      return visits.indices.flatMap { [Int](repeating: $0, count: visits[$0]) }
    }
  }

  @Test("An epoch visits no sample twice, in an order of its own")
  func visits() throws {
    #expect(try process().stepsPerEpoch == 3)
    let steps = try batches(300, seed: 20)
    var lefts = Set<Int>()
    for epoch in stride(from: 0, to: 300, by: 3) {
      let visited = steps[epoch..<epoch + 3].flatMap { $0 }
      #expect(visited.count == 9 && Set(visited).count == 9)
      lefts.formUnion(Set(0..<Self.count).subtracting(visited))
    }
    // The sample left over changes, so none is left out for good.
    #expect(lefts.count == Self.count)
    #expect(Set(stride(from: 0, to: 300, by: 3).map { steps[$0] }).count > 20)
  }

  @Test("Every sample comes first equally often", .tags(.statistical))
  func uniform() throws {
    var hits = [Int](repeating: 0, count: Self.count)
    let epochs = 4000
    let steps = try batches(3 * epochs, seed: 21)
    for epoch in 0..<epochs { for n in steps[3 * epoch] { hits[n] += 1 } }
    for n in 0..<Self.count {
      expectAgreement(
        SampleMean(hits: hits[n], of: epochs, underProbability: 0.3), with: 0.3,
        "the share of first batches with sample \(n)")
    }
  }

  @Test("The state buffer is all there is", arguments: [0, 0.5])
  func copy(_ momentum: Double) throws {
    let process = try process(momentum: momentum)
    var walker = Walker(process, at: start, key: testKey(22))
    walker.step(200)
    // The same in two parts, the second on a copy; 100 steps end inside an epoch.
    var first = Walker(process, at: start, key: testKey(22))
    first.step(100)
    let half = first.snapshot()!
    var copy = Walker(process, resuming: half, key: testKey(22))
    copy.step(100)
    #expect(copy.snapshot() == walker.snapshot())
    #expect(half.state.count == process.stateCount)
    #expect(process.stateCount == (momentum > 0 ? 20 : 10) + 11)
    // Two copies under equal streams stay together.
    for _ in 0..<2 {
      first.restore(half, key: testKey(23))
      first.step(50)
      copy.restore(half, key: testKey(23))
      copy.step(50)
      #expect(first.snapshot() == copy.snapshot())
    }
  }
}
