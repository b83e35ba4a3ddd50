import EscapeStatistics
import Escapes
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport
import Testing

/// Escapes under SGD with dropout.
@Suite("Escapes under SGD with dropout")
struct DropoutEscapeTests {
  /// Gaining the second feature, or losing it, on the population or on drawn and whitened samples.
  private func escape(
    samples: Int? = nil, widths: [Int] = [2, 4, 4, 2], weightDecay: Double = 0.08, from: Int = 1,
    to: Int = 2
  ) throws -> FeatureEscape {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8])
    guard let samples else {
      return try FeatureEscape(
        source: .online(teacher), moments: teacher.moments, widths: widths,
        weightDecay: weightDecay, from: from, to: to)
    }
    let drawn = teacher.sample(count: samples, random: testStream(750))
    let data = try Preparation(fittedTo: drawn, targets: .none).apply(to: drawn)
    return try FeatureEscape(
      source: .samples(data), moments: SecondMoments(of: data), widths: widths,
      weightDecay: weightDecay, from: from, to: to)
  }

  private func dynamics(
    inverseNoise: Double = 30, batchSize: Int = 4, dropout: [Double] = [0.3],
    sampling: BatchSampling = .withReplacement
  ) throws -> SGDDynamics {
    SGDDynamics(
      try SGDSettings(
        learningRate: Double(batchSize) / inverseNoise, batchSize: batchSize, sampling: sampling),
      dropout: dropout)
  }

  // MARK: - Masks

  /// Σ_m P(m) diag(c) ∇E(c ∘ θ), with c the factors 0 or 1/(1 − p) of the units that each weight leads to: the masked
  /// network is the plain one with these rows of weights scaled.
  private func averageGradient(
    _ loss: NetworkLoss, at point: [Double], dropout: [Double]
  ) throws -> [Double] {
    let widths = loss.architecture.widths
    let hidden = widths[1] + widths[2]
    var average = [Double](repeating: 0, count: point.count)
    for mask in 0..<(1 << hidden) {
      var (probability, factors) = (1.0, [Double](repeating: 1, count: point.count))
      for unit in 0..<hidden {
        let layer = unit < widths[1] ? 0 : 1
        let p = dropout[layer]
        let isKept = mask & (1 << unit) != 0
        probability *= isKept ? 1 - p : p
        let row = layer == 0 ? unit : unit - widths[1]
        let first = layer * widths[1] * widths[0] + row * widths[layer]
        for i in first..<first + widths[layer] { factors[i] = isKept ? 1 / (1 - p) : 0 }
      }
      let gradient = loss.gradient(at: zip(factors, point).map { $0 * $1 })
      for i in average.indices { average[i] += probability * factors[i] * gradient[i] }
    }
    return average
  }

  /// One step of h from θ, for each of many streams.
  private func steps(
    _ loss: NetworkLoss, from start: [Double], dropout: [Double], count: Int
  ) throws -> [[Double]] {
    let process = NetworkTrainer(
      loss: loss,
      settings: try TrainingSettings(
        SGDSettings(learningRate: 1, batchSize: loss.data.count),
        noise: NetworkNoise(dropout: dropout, hiddenLayers: 2)))
    return (0..<count).map { replica in
      var walker = Walker(process, at: start, key: testKey(751, replica: replica))
      walker.step()
      return zip(start, walker.position).map { $0 - $1 }
    }
  }

  @Test("The mean gradient is the average over all masks, each sample with a mask of its own")
  func exactAverage() throws {
    let example = try LinearExample(widths: [2, 2, 3, 2], samples: 5, weightDecay: 0)
    let start = example.weights()
    let dropout = [0.3, 0.6]
    let found = try steps(example.loss, from: start, dropout: dropout, count: 20_000)
    let expected = try averageGradient(example.loss, at: start, dropout: dropout)
    let plain = example.loss.gradient(at: start)
    #expect(zip(expected, plain).contains { abs($0 - $1) > 0.1 }, "it is not the plain gradient")
    for i in start.indices {
      expectAgreement(
        SampleMean(found.map { $0[i] }), with: expected[i], "component \(i)")
    }
    // Nine copies of one sample: masks of their own leave a ninth of the variance, a common one all of it.
    let one = example.data.subset([0])
    let nine = example.data.subset([Int](repeating: 0, count: 9))
    func variance(_ data: Dataset) throws -> Double {
      let loss = try NetworkLoss(
        architecture: example.loss.architecture, data: data, weightDecay: 0)
      let found = try steps(loss, from: start, dropout: dropout, count: 4000)
      return start.indices.reduce(0) { sum, i in
        let error = SampleMean(found.map { $0[i] }).standardError
        return sum + error * error
      }
    }
    // Each variance is known to some 5 %.
    expectClose(try variance(one) / variance(nine), to: 9, relative: 0.25)
  }

  // MARK: - Streams

  @Test("Batches of endless data are those of the run without dropout, and masks change the path")
  func batches() throws {
    let escape = try escape()
    let start = escape.spreadOverUnits().start
    let settings = try SGDSettings(learningRate: 0.05, batchSize: 70)
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: escape.network.widths),
      data: GaussianTeacher(singularValues: [0.9, 0.8]).sample(
        count: NetworkLoss.samplesTogether, random: testStream(752)), weightDecay: 0.08)
    func path(_ p: Double) throws -> [[Double]] {
      trajectory(
        NetworkTrainer(
          loss: loss,
          settings: try TrainingSettings(
            settings, noise: NetworkNoise(dropout: [p], hiddenLayers: 2)),
          supply: try GaussianTeacher(singularValues: [0.9, 0.8])), from: start, steps: 20,
        key: testKey(753))
    }
    let plain = trajectory(
      LinearMinibatchSGD(network: escape.network, source: escape.source, settings: settings),
      from: start, steps: 20, key: testKey(753))
    // So rare that none is left out.
    #expect(largestDistance(try path(1e-12), plain) < 1e-12)
    #expect(largestDistance(try path(0.3), plain) > 1e-3)
  }

  @Test("Features that are spread over all units are the same state of the loss")
  func spread() throws {
    let escape = try escape(widths: [2, 5, 3, 2])
    let other = escape.spreadOverUnits()
    let network = escape.network
    expectClose(
      network.energy(at: other.start), to: network.energy(at: escape.start), absolute: 1e-14)
    #expect(norm(network.gradient(at: other.start)) < 1e-12)
    let maps = [escape.start, other.start].map { point in
      network.layers(of: point).reduce(Matrix.identity(2)) { $1 * $0 }.elements
    }
    #expect(zip(maps[0], maps[1]).allSatisfy { abs($0 - $1) < 1e-14 })
    #expect(escape.start.contains(0))
    // The first feature lies on all units of both hidden layers.
    let (first, last) = (network.layers(of: other.start)[0], network.layers(of: other.start)[2])
    #expect((0..<5).allSatisfy { abs(first[$0, 0]) > 0.1 })
    #expect((0..<3).allSatisfy { abs(last[0, $0]) > 0.1 })
    // With features on units of their own, idle units stay idle; where all weights are zero, all are.
    #expect(try escape.isAbsorbing())
    #expect(try !other.isAbsorbing())
    #expect(try self.escape(from: 0, to: 1).spreadOverUnits().isAbsorbing())
  }

  @Test(
    "The same runs on any number of threads, in shares, and stopped and gone on with",
    arguments: [BatchSampling?.none, .withReplacement, .epochs])
  func sameBits(_ sampling: BatchSampling?) throws {
    let escape = try escape(samples: sampling == nil ? nil : 128)
    let ensemble = try dynamics(inverseNoise: 20, sampling: sampling ?? .withReplacement)
      .ensemble(of: escape, cap: 2000)
    let runs = expectSameBits(runs: 12) { queue, threads in
      onWorkers(threads) { _ in ensemble.work(on: queue, engine: .standard, workers: threads) }
    }
    #expect(runs.allSatisfy { $0.outcome == .escaped })
    #expect(Set(runs.map(\.time)).count > 6)
    let reference = ReplicaQueue(seed: 3, replicas: 0..<12)
    ensemble.work(on: reference, engine: .reference, workers: 1)
    #expect(reference.sample.passages == runs, "there is one engine")
  }

  // MARK: - Escapes

  @Test("Batches of all samples are noisy with dropout, and still without")
  func fullBatch() throws {
    let escape = try escape(samples: 32, weightDecay: 0.25, from: 2, to: 1)
    func times(_ dropout: [Double]) throws -> [PassageTime] {
      try dynamics(inverseNoise: 320, batchSize: 64, dropout: dropout)
        .ensemble(of: escape, cap: 400).sample(runs: 6, seed: testSeed(754)).passages
    }
    #expect(try times([]).allSatisfy { $0.outcome == .censored })
    let noisy = try times([0.6])
    #expect(noisy.allSatisfy { $0.outcome == .escaped })
    #expect(Set(noisy.map(\.time)).count > 1)
  }

  /// The same streams give the same paths, at which `train` looks less often; others give the same law.
  @Test("What escapes is what is trained with dropout", .tags(.statistical))
  func training() throws {
    let escape = try escape(samples: 128)
    let dynamics = try dynamics()
    let threshold = escape.target.threshold
    let gap = 4
    let plan = TrainingPlan(
      settings: try TrainingSettings(
        dynamics.settings, noise: NetworkNoise(dropout: dynamics.dropout, hiddenLayers: 2)),
      lastStep: 200_000, schedule: .even(every: gap),
      event: { $0.singularValues[1] >= threshold })
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: escape.network.widths), data: escape.training!,
      weightDecay: escape.network.weightDecay)
    let start = escape.spreadOverUnits().start
    func trained(_ runs: Int, seed: UInt64) throws -> [PassageTime] {
      let ensemble = try TrainingEnsemble(plan) {
        TrainingProblem(
          loss: loss, test: nil, hasClasses: false, start: start,
          key: StreamKey(seed: seed, purpose: .dynamics, replica: $0))
      }
      let found = ensemble.passages.sample(runs: runs, seed: seed).passages
      try ensemble.checkProblems()
      return found
    }
    func escaped(_ runs: Int, seed: UInt64) throws -> [PassageTime] {
      try dynamics.ensemble(of: escape, cap: 1e6).sample(runs: runs, seed: seed).passages
    }
    let step = dynamics.settings.learningRate
    let (seed, other) = (testSeed(755), testSeed(756))
    let pairs = zip(try escaped(20, seed: seed), try trained(20, seed: seed))
      .map { (escaped: $0.time, trained: $1.time) }
    #expect(pairs.allSatisfy { $0.trained > $0.escaped - 0.5 * step })
    // One that falls back between two looks is seen later.
    #expect(pairs.count { $0.trained < $0.escaped + (Double(gap) + 0.5) * step } >= 15)
    let found = SampleMean(try escaped(150, seed: seed).map(\.time))
    let trained = SampleMean(try trained(150, seed: other).map(\.time))
    let error =
      (found.standardError * found.standardError + trained.standardError * trained.standardError)
      .squareRoot()
    expectAgreement(
      SampleMean(mean: trained.mean, standardError: error, count: 150), with: found.mean,
      bias: 4 * Double(gap) * step, "the mean time of training")
  }

  @Test(
    "Splitting knows the time of the runs: branches have masks of their own", .tags(.statistical))
  func splitting() throws {
    let escape = try escape(weightDecay: 0.3, from: 2, to: 1)
    let dynamics = try dynamics(inverseNoise: 70, batchSize: 8, dropout: [0.03])
    let runs = SampleMean(
      try dynamics.ensemble(of: escape, cap: 1e6).sample(runs: 80, seed: testSeed(757))
        .passages.map(\.time))
    let ensemble = try dynamics.ensemble(of: escape, cap: 1)
      .splitting(SplittingSettings(paths: 40), seed: testSeed(758))
    let queue = ReplicaQueue(seed: testSeed(758), replicas: 0..<40)
    onWorkers(2) { _ in ensemble.replicates.work(on: queue, engine: .standard, workers: 2) }
    let rates = SampleMean(
      queue.finished.map { $0.passage.outcome == .escaped ? 1 / $0.passage.time : 0 })
    let time = 1 / rates.mean
    let error = time * rates.standardError / rates.mean
    #expect(error < 0.15 * time)
    expectAgreement(
      SampleMean(
        mean: time,
        standardError: (error * error + runs.standardError * runs.standardError).squareRoot(),
        count: 40), with: runs.mean,
      bias: ensemble.startSet.loopSteps * dynamics.settings.learningRate, "τ by splitting")
  }

  @Test("What makes no sense is refused")
  func refusals() throws {
    func words(_ dropout: [Double], _ widths: [Int] = [2, 4, 4, 2]) throws -> String? {
      let escape = try FeatureEscape(
        source: .online(GaussianTeacher(singularValues: [0.9, 0.8])),
        moments: GaussianTeacher(singularValues: [0.9, 0.8]).moments, widths: widths,
        weightDecay: 0.1, from: 2, to: 1)
      let dynamics = try dynamics(dropout: dropout)
      return TestSupport.words { _ = try dynamics.ensemble(of: escape, cap: 10) }
    }
    #expect(try words([1])?.contains("must lie in [0, 1), but is 1") == true)
    #expect(try words([-0.1])?.contains("must lie in [0, 1)") == true)
    #expect(try words([0.1, 0.1, 0.1])?.contains("do not fit") == true)
    #expect(try words([0, 0]) == nil)
  }
}
