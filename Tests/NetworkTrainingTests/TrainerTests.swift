import Escapes
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport
import Testing

/// A small tanh network on drawn data.
private struct Example {
  let loss: NetworkLoss
  let start: [Double]

  init(
    widths: [Int] = [3, 5, 4, 2], activation: Activation = .tanh, samples: Int = 40,
    weightDecay: Double = 0.05
  ) throws {
    let architecture = try NetworkArchitecture(widths: widths, activation: activation)
    let data = Dataset(
      inputs: randomMatrix(samples, widths.first!, testStream(700)),
      targets: randomMatrix(samples, widths.last!, testStream(701)))
    loss = try NetworkLoss(architecture: architecture, data: data, weightDecay: weightDecay)
    start = architecture.randomWeights(scale: 1, random: testStream(702))
  }

  func steps(_ settings: TrainingSettings, _ count: Int, seed: UInt64 = 703) -> [[Double]] {
    var walker = Walker(
      NetworkTrainer(loss: loss, settings: settings), at: start,
      key: testKey(seed))
    return (0..<count).map { _ in
      walker.step()
      return walker.position
    }
  }
}

private func fullBatch(
  _ h: Double, momentum: Double = 0, optimiser: Optimiser = .gradientDescent,
  schedule: LearningRateSchedule = .constant, trainsOutput: Bool = true
) throws -> TrainingSettings {
  try TrainingSettings(
    SGDSettings(learningRate: h, batchSize: 1000, momentum: momentum), optimiser: optimiser,
    schedule: schedule, trainsOutput: trainsOutput)
}

@Suite("Optimisers, schedules and noise")
struct TrainerTests {
  /// Written as PyTorch's documentation has it, number by number.
  private func adam(
    _ example: Example, _ h: Double, decoupled: Bool, count: Int
  ) throws -> [Double] {
    let plain = try NetworkLoss(
      architecture: example.loss.architecture, data: example.loss.data, weightDecay: 0)
    let decay = example.loss.weightDecay
    var point = example.start
    var (m, v) = (
      [Double](repeating: 0, count: point.count), [Double](repeating: 0, count: point.count)
    )
    for k in 1...count {
      var gradient = plain.gradient(at: point)
      if decoupled {
        point = point.map { $0 - h * decay * $0 }
      } else {
        gradient = zip(gradient, point).map { $0 + decay * $1 }
      }
      for i in point.indices {
        m[i] = 0.9 * m[i] + 0.1 * gradient[i]
        v[i] = 0.999 * v[i] + 0.001 * gradient[i] * gradient[i]
        let mean = m[i] / (1 - power(0.9, k))
        let square = v[i] / (1 - power(0.999, k))
        point[i] -= h * mean / (square.squareRoot() + 1e-8)
      }
    }
    return point
  }

  private func power(_ x: Double, _ n: Int) -> Double { (0..<n).reduce(1) { y, _ in y * x } }

  @Test("Adam and AdamW take the steps of a plain program", arguments: [false, true])
  func adams(_ decoupled: Bool) throws {
    let example = try Example()
    let moments = try AdamMoments()
    let settings = try fullBatch(0.01, optimiser: decoupled ? .adamW(moments) : .adam(moments))
    let end = example.steps(settings, 30).last!
    let expected = try adam(example, 0.01, decoupled: decoupled, count: 30)
    for (a, b) in zip(end, expected) { expectClose(a, to: b, absolute: 1e-12) }
    let other = try adam(example, 0.01, decoupled: !decoupled, count: 30)
    #expect(zip(end, other).contains { abs($0 - $1) > 1e-5 }, "the two differ")
  }

  @Test("A schedule multiplies the learning rate, with momentum too")
  func scheduledSteps() throws {
    let example = try Example()
    let schedule = try LearningRateSchedule(
      warmUpSteps: 3, decay: .steps(every: 4, factor: 0.5))
    let end = example.steps(try fullBatch(0.1, momentum: 0.6, schedule: schedule), 12).last!
    var point = example.start
    var velocity = [Double](repeating: 0, count: point.count)
    let rates = [0.25, 0.5, 0.75, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25]
    for rate in rates {
      let gradient = example.loss.gradient(at: point)
      for i in point.indices {
        velocity[i] = 0.6 * velocity[i] + gradient[i]
        point[i] -= 0.1 * rate * velocity[i]
      }
    }
    for (a, b) in zip(end, point) { expectClose(a, to: b, absolute: 1e-13) }
  }

  @Test(
    "t is the sum of the learning rates",
    arguments: [
      LearningRateSchedule.constant, try! LearningRateSchedule(warmUpSteps: 7),
      try! LearningRateSchedule(warmUpSteps: 5, decay: .cosine(steps: 40)),
      try! LearningRateSchedule(decay: .cosine(steps: 1)),
      try! LearningRateSchedule(warmUpSteps: 2, decay: .steps(every: 10, factor: 0.3)),
      try! LearningRateSchedule(decay: .steps(every: 3, factor: 1)),
    ])
  func time(_ schedule: LearningRateSchedule) {
    var sum = 0.0
    for k in 0...60 {
      expectClose(schedule.time(afterSteps: k), to: sum, absolute: 1e-12)
      sum += schedule.share(ofStep: k)
    }
  }

  @Test("An output layer that is not trained stays, and the others move")
  func frozenOutput() throws {
    let example = try Example()
    let moments = try AdamMoments()
    for optimiser in [Optimiser.gradientDescent, .adam(moments), .adamW(moments)] {
      let end = example.steps(
        try fullBatch(0.05, optimiser: optimiser, trainsOutput: false), 5
      ).last!
      #expect(end.suffix(8) == example.start.suffix(8))
      #expect(zip(end, example.start).prefix(35).allSatisfy { $0 != $1 })
    }
  }

  @Test("With masks held, the noisy gradient is the derivative of the noisy loss")
  func maskedGradient() throws {
    for activation in [Activation.tanh, .linear, .erf] {
      let example = try Example(activation: activation, samples: 150)
      let noise = try NetworkNoise(dropout: [0.3, 0.5], labelNoise: 0.4, hiddenLayers: 2)
      func value(_ point: [Double], _ gradient: inout [Double]) -> Double {
        var masks = WordStream(testKey(710), step: 3)
        var labels = WordStream(testKey(711), step: 3)
        return withScratch(example.loss.noisyScratchCount) { scratch in
          example.loss.addGradient(
            ofSamples: 150, at: point, weight: 1, to: &gradient, scratch: scratch, noise: noise,
            masks: &masks, labels: &labels
          ) { $0 }
        }
      }
      var gradient = [Double](repeating: 0, count: example.start.count)
      _ = value(example.start, &gradient)
      var unused = gradient
      for i in stride(from: 0, to: gradient.count, by: 3) {
        var (up, down) = (example.start, example.start)
        up[i] += 1e-5
        down[i] -= 1e-5
        let slope = (value(up, &unused) - value(down, &unused)) / 2e-5
        expectClose(gradient[i], to: slope, absolute: 1e-5 * (1 + abs(slope)))
      }
    }
  }

  /// f = W₂(m ∘ W₁x) has the mean loss ½‖y − W₂W₁x‖² + ½ p/(1 − p) Σⱼ ‖W₂ⱼ‖²(w₁ⱼ·x)² over the masks.
  @Test("Dropout and label noise add what they add in the mean", .tags(.statistical))
  func meanLoss() throws {
    let example = try Example(widths: [3, 4, 2], activation: .linear, samples: 16, weightDecay: 0)
    let (p, sigma) = (0.3, 0.5)
    let noise = try NetworkNoise(dropout: [p], labelNoise: sigma, hiddenLayers: 1)
    var gradient = [Double](repeating: 0, count: example.start.count)
    let losses = (0..<20_000).map { step -> Double in
      var masks = WordStream(testKey(712), step: step)
      var labels = WordStream(testKey(713), step: step)
      return withScratch(example.loss.noisyScratchCount) { scratch in
        example.loss.addGradient(
          ofSamples: 16, at: example.start, weight: 1, to: &gradient, scratch: scratch,
          noise: noise, masks: &masks, labels: &labels
        ) { $0 }
      } / 16
    }
    var expected = example.loss.energy(at: example.start) + 0.5 * 2 * sigma * sigma
    for n in 0..<16 {
      let x = example.loss.data.inputs.row(n)
      for j in 0..<4 {
        let hidden = (0..<3).reduce(0) { $0 + example.start[3 * j + $1] * x[$1] }
        let out = (0..<2).map { example.start[12 + 4 * $0 + j] }
        expected +=
          0.5 * p / (1 - p) * hidden * hidden * (out[0] * out[0] + out[1] * out[1]) / 16
      }
    }
    // One comparison at 4.5 standard errors: a false alarm in 1.5·10⁵.
    expectAgreement(SampleMean(losses), with: expected, z: 4.5)
  }

  @Test("Dropout has a stream of its own: batches stay, and steps are those of any walker")
  func ownStream() throws {
    let example = try Example()
    func settings(_ p: Double) throws -> TrainingSettings {
      try TrainingSettings(
        SGDSettings(learningRate: 0.05, batchSize: 4),
        noise: NetworkNoise(dropout: [p], hiddenLayers: 2))
    }
    func stream(_ settings: TrainingSettings) -> SIMD4<UInt64> {
      var walker = Walker(
        NetworkTrainer(loss: example.loss, settings: settings),
        at: example.start, key: testKey(720))
      walker.step(25)
      return walker.snapshot()!.stream
    }
    #expect(stream(try settings(0)) == stream(try settings(0.4)))
    // With label noise of no size there is no noise: the same bits as plain SGD.
    #expect(example.steps(try settings(0), 5) != example.steps(try settings(0.4), 5))
    let plain = TrainingSettings(try SGDSettings(learningRate: 0.05, batchSize: 4))
    #expect(example.steps(try settings(0), 5) == example.steps(plain, 5))
  }

  @Test("Settings that make no sense are refused")
  func refusals() throws {
    let cases: [(String, () throws -> Void)] = [
      ("dropout must lie in", { _ = try NetworkNoise(dropout: [1], hiddenLayers: 2) }),
      ("do not fit", { _ = try NetworkNoise(dropout: [0.1, 0.1, 0.1], hiddenLayers: 2) }),
      ("has none", { _ = try NetworkNoise(dropout: [0.1], hiddenLayers: 0) }),
      (
        "moments of its own",
        {
          _ = try TrainingSettings(
            SGDSettings(learningRate: 0.1, batchSize: 4, momentum: 0.5),
            optimiser: .adam(AdamMoments()))
        }
      ),
      ("β₂", { _ = try AdamMoments(beta2: 1) }),
      (
        "factor of the step schedule",
        {
          _ = try LearningRateSchedule(decay: .steps(every: 3, factor: 1.5))
        }
      ),
    ]
    for (words, body) in cases {
      #expect(TestSupport.words(body)?.contains(words) == true, "\(words)")
    }
  }
}

@Suite("Records far apart, and events that are found between them")
struct TrainingPassageTests {
  @Test("A logarithmic schedule: so many a decade, none too near, the end counted")
  func schedule() {
    let schedule = RecordSchedule.logarithmic(perDecade: 40, leastGap: 10)
    var steps = [0]
    while steps.last! < 100_000 { steps.append(min(100_000, schedule.next(after: steps.last!))) }
    #expect(steps.count == schedule.count(upTo: 100_000))
    #expect(zip(steps, steps.dropFirst()).dropLast().allSatisfy { $1 - $0 >= 10 })
    let decade = steps.count { (1000..<10_000).contains($0) }
    #expect((36...41).contains(decade))
    #expect(RecordSchedule.even(every: 7).count(upTo: 20) == 4)
  }

  private func plan(_ threshold: Double?) throws -> TrainingPlan {
    var event: (@Sendable (TrainingRecord) -> Bool)? = nil
    if let threshold { event = { $0.trainLoss < threshold } }
    return TrainingPlan(
      settings: TrainingSettings(try SGDSettings(learningRate: 0.02, batchSize: 8)),
      lastStep: 3000, schedule: .logarithmic(perDecade: 10, leastGap: 5),
      event: event, keepsWeights: true)
  }

  private func problem(_ replica: Int) throws -> TrainingProblem {
    let example = try LinearExample(widths: [3, 5, 2], samples: 45, weightDecay: 0.02)
    return TrainingProblem(
      loss: example.loss, test: example.data, hasClasses: false,
      start: example.loss.architecture.randomWeights(
        scale: 0.3, random: testStream(730, replica: replica)),
      key: testKey(731, replica: replica))
  }

  private func ensemble(_ threshold: Double?) throws -> TrainingEnsemble {
    try TrainingEnsemble(plan(threshold)) { try problem($0) }
  }

  private func run(
    _ ensemble: TrainingEnsemble, _ queue: ReplicaQueue
  ) throws -> ([FinishedRun], [Int: TrainingCurve]) {
    ensemble.passages.work(on: queue, engine: .reference, workers: 1)
    try ensemble.checkProblems()
    return (queue.finished, queue.records.compactMapValues { $0 as? TrainingCurve })
  }

  @Test("The passage is known to a sixteenth of the gap, by steps that were taken anyway")
  func refined() throws {
    let (runs, curves) = try run(
      ensemble(0.6), ReplicaQueue(seed: 1, replicas: 0..<6))
    let (whole, paths) = try run(ensemble(nil), ReplicaQueue(seed: 1, replicas: 0..<6))
    #expect(runs.allSatisfy { $0.passage.outcome == .escaped })
    #expect(whole.allSatisfy { $0.passage.outcome == .censored && $0.steps == 3000 })
    for run in runs {
      let curve = try #require(curves[run.replica])
      let steps = curve.records.map(\.step)
      #expect(steps.last == run.steps && zip(steps, steps.dropFirst()).allSatisfy { $0 < $1 })
      #expect(curve.records.last!.trainLoss < 0.6)
      #expect(curve.records.dropLast().allSatisfy { $0.trainLoss >= 0.6 })
      // The gap at step s is 0.26 s, and a sixteenth of it 0.017 s.
      let gap = steps.last! - steps[steps.count - 2]
      #expect(gap <= 1 + steps.last! / 50)
      #expect(curve.weights?.count == 25)
      // What both have looked at is the same to the bit.
      let other = try #require(paths[run.replica])
      let common = Set(steps).intersection(other.records.map(\.step))
      #expect(common.count > 8)
      for step in common {
        #expect(
          curve.records.first { $0.step == step }?.energy
            == other.records.first { $0.step == step }?.energy)
      }
    }
  }

  @Test("A condition that holds for a moment only ends the run there")
  func momentary() throws {
    let schedule = RecordSchedule.logarithmic(perDecade: 10, leastGap: 5)
    var step = 0
    while step < 700 { step = schedule.next(after: step) }
    let moment = step
    let plan = TrainingPlan(
      settings: TrainingSettings(try SGDSettings(learningRate: 0.02, batchSize: 8)),
      lastStep: 3000, schedule: schedule, event: { $0.step == moment })
    var passage = try TrainingPassage(plan, problem(0), resuming: nil)
    while passage.end == nil {
      try passage.advance()
      _ = passage.state(replica: 0)
    }
    #expect(passage.end?.outcome == .escaped && passage.steps == moment)
    #expect(passage.records.count <= schedule.count(upTo: 3000) + 17)
  }

  @Test("Stopped at any time and gone on with: the same records and the same end")
  func resumed() throws {
    let (expected, curves) = try run(try ensemble(0.6), ReplicaQueue(seed: 1, replicas: 0..<3))
    let random = testStream(732)
    for replica in 0..<3 {
      var passage = try TrainingPassage(plan(0.6), problem(replica), resuming: nil)
      while passage.end == nil {
        // Each session comes to a state that is farther than the one it began with, or to the end.
        let begun = passage.state(replica: replica).step
        while passage.end == nil, passage.state(replica: replica).step <= begun {
          try passage.advance()
        }
        for _ in 0..<random.integer(below: 6) where passage.end == nil { try passage.advance() }
        guard passage.end == nil else { break }
        passage = try TrainingPassage(
          plan(0.6), problem(replica), resuming: passage.state(replica: replica))
      }
      let curve = try #require(curves[replica])
      #expect(passage.end == expected[replica].passage && passage.steps == expected[replica].steps)
      #expect("\(passage.records)" == "\(curve.records)")
      #expect(passage.point == curve.weights)
    }
  }
}

@Suite("Data that need no file")
struct GeneratedSampleTests {
  @Test("A teacher's targets are what its formula says", .tags(.statistical))
  func teacher() throws {
    let teacher = try NonlinearTeacher(.relu, units: 3, inputs: 5, scale: 2)
    let data = teacher.sample(count: 4000, random: testStream(740))
    for n in 0..<50 {
      let x = data.inputs.row(n)
      expectClose(
        data.targets[n, 0], to: (0..<3).reduce(0) { $0 + max(0, 2 * x[$1]) }, absolute: 1e-14)
    }
    // ⟨relu(2x)⟩ = 2/√(2π). One comparison at 4.5 standard errors.
    expectAgreement(
      SampleMean((0..<4000).map { data.targets[$0, 0] }),
      with: 3 * 2 / (2 * Double.pi).squareRoot(), z: 4.5)
  }

  @Test("Modular addition: every pair once")
  func modularAddition() throws {
    let data = try NamedDataset.modularAddition(5)
    #expect(data.count == 25 && data.data.inputs.columns == 10 && data.data.targets.columns == 5)
    for n in 0..<25 {
      let (x, y) = (data.data.inputs.row(n), data.data.targets.row(n))
      #expect(x[n / 5] == 1 && x[5 + n % 5] == 1 && x.reduce(0, +) == 2)
      #expect(y[(n / 5 + n % 5) % 5] == 1 && y.reduce(0, +) == 1)
    }
    #expect(words { _ = try NamedDataset.modularAddition(1) }?.contains("modulus") == true)
  }
}
