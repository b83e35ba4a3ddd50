import Escapes
import Landscapes
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport
import Testing

@Suite("Training runs")
struct CurvesTrainingRunTests {
  @Test("A curve begins at step 0, ends at the last step and keeps the books")
  func records() throws {
    let example = try LinearExample(widths: [3, 5, 4, 2], samples: 45, weightDecay: 0.07)
    let test = try GaussianTeacher(singularValues: [0.9, 0.7], inputs: 3).sample(
      count: 30, random: testStream(50))
    let settings = try SGDSettings(learningRate: 0.05, batchSize: 8, momentum: 0.5)
    let start = example.weights()
    var run = try TrainingRun(
      loss: example.loss, test: test, settings: TrainingSettings(settings), start: start, steps: 25,
      schedule: .even(every: 10), key: testKey(51))
    try run.finish()
    #expect(run.records.map(\.step) == [0, 10, 20, 25])
    #expect(run.divergedAtStep == nil)

    let process = MinibatchSGD(loss: example.loss, settings: settings)
    let path =
      [start] + trajectory(process, from: start, steps: 25, key: testKey(51))
    #expect(run.point == path[25])
    let testLoss = try NetworkLoss(
      architecture: example.loss.architecture, data: test, weightDecay: 0)
    for record in run.records {
      let point = path[record.step]
      #expect(record.epoch == Double(record.step) / 5)
      expectClose(record.time, to: Double(record.step) * 0.05, relative: 1e-14)
      #expect(record.energy == example.loss.energy(at: point))
      let penalty = 0.035 * dotProduct(point, point)
      expectClose(record.trainLoss, to: record.energy - penalty, relative: 1e-12)
      expectClose(try #require(record.testLoss), to: testLoss.energy(at: point), relative: 1e-12)
      #expect(record.singularValues == (try example.network.endToEndSingularValues(at: point)))
      #expect(record.trainAccuracy == example.loss.measure(at: point).accuracy)
      #expect(record.testAccuracy == testLoss.measure(at: point).accuracy)
    }
  }

  @Test("Full-batch training on whitened data reaches the predicted λ₊")
  func learned() throws {
    let example = try LinearExample(
      widths: [2, 10, 10, 2], samples: 200, weightDecay: 0.05, isWhitened: true)
    var run = try TrainingRun(
      loss: example.loss, test: nil,
      settings: TrainingSettings(SGDSettings(learningRate: 0.1, batchSize: 200)),
      start: example.weights(), steps: 4000, schedule: .even(every: 1000), key: testKey(52))
    try run.finish()
    let last = try #require(run.records.last)
    for (mode, found) in zip(try example.network.modes(), last.singularValues) {
      expectClose(found, to: try #require(try mode.learnedSingularValue()), absolute: 1e-6)
    }
    #expect(run.records.map(\.energy) == run.records.map(\.energy).sorted(by: >))
    #expect(last.testLoss == nil && last.testAccuracy == nil)
  }

  @Test(
    "A diverging run keeps its finite records and says where it ended", arguments: [1, 7, 1000])
  func diverged(_ recordEvery: Int) throws {
    let example = try LinearExample(widths: [3, 5, 4, 2], samples: 45, weightDecay: 0.07)
    var run = try TrainingRun(
      loss: example.loss, test: nil,
      settings: TrainingSettings(SGDSettings(learningRate: 20, batchSize: 8)),
      start: example.weights(), steps: 1000, schedule: .even(every: recordEvery), key: testKey(53))
    try run.finish()
    let end = run.divergedAtStep
    let step = try #require(end)
    #expect(step >= 1 && step < 50)
    #expect(run.records.map(\.step) == Array(stride(from: 0, to: step, by: recordEvery)))
    #expect(
      run.records.allSatisfy { record in
        record.energy.isFinite && record.trainLoss.isFinite
          && record.singularValues.allSatisfy(\.isFinite)
      })
    #expect(!example.loss.energy(at: run.point).isFinite)
  }

  @Test("A start that is not finite diverges at once")
  func divergedAtStart() throws {
    let example = try LinearExample(widths: [3, 4, 2], samples: 20, weightDecay: 0.07)
    var start = example.weights()
    start[3] = .nan
    var run = try TrainingRun(
      loss: example.loss, test: nil,
      settings: TrainingSettings(SGDSettings(learningRate: 0.1, batchSize: 8)),
      start: start, steps: 10, schedule: .even(every: 1), key: testKey(54))
    try run.finish()
    #expect(run.divergedAtStep == 0 && run.records.isEmpty)
  }

  @Test("Nonlinear networks: no singular values; one output: no accuracy")
  func nonlinear() throws {
    let drawn = try GaussianTeacher(singularValues: [0.9], inputs: 2).sample(
      count: 20, random: testStream(55))
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: [2, 3, 1], activation: .tanh, hasBiases: true),
      data: drawn, weightDecay: 0)
    let start = loss.architecture.randomWeights(scale: 1, random: testStream(56))
    var run = try TrainingRun(
      loss: loss, test: drawn,
      settings: TrainingSettings(SGDSettings(learningRate: 0.1, batchSize: 4)),
      start: start, steps: 4, schedule: .even(every: 4), key: testKey(57))
    try run.finish()
    for record in run.records {
      #expect(record.singularValues.isEmpty)
      #expect(record.trainAccuracy == nil && record.testAccuracy == nil)
    }
  }

  @Test("Accuracy is the share of rows whose largest output is the largest target's")
  func accuracy() throws {
    let data = Dataset(
      inputs: Matrix(rows: 4, columns: 2, elements: [2, 1, 1, 2, 3, 0, 0, 3]),
      targets: Matrix(rows: 4, columns: 2, elements: [1, 0, 0, 1, 0, 1, -1, 5]))
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: [2, 2]), data: data, weightDecay: 0)
    #expect(loss.measure(at: [1, 0, 0, 1]).accuracy == 0.75)
    #expect(loss.measure(at: [0, 1, 1, 0]).accuracy == 0.25)
  }

  @Test("Random weights: N(0, scale²/fan-in), biases zero", .tags(.statistical))
  func initialisation() throws {
    let architecture = try NetworkArchitecture(widths: [16, 400, 2], hasBiases: true)
    let point = architecture.randomWeights(scale: 2, random: testStream(58))
    #expect(point.count == architecture.parameterCount)
    #expect(point[6400..<6800].allSatisfy { $0 == 0 } && point[7600...].allSatisfy { $0 == 0 })
    for (range, fan) in [(0..<6400, 16.0), (6800..<7600, 400)] {
      expectAgreement(SampleMean(Array(point[range])), with: 0)
      expectAgreement(SampleMean(point[range].map { $0 * $0 }), with: 4 / fan)
    }
  }

  @Test(
    "Refusals",
    arguments: [
      (0, 1, "number of steps must be at least 1, but is 0"),
      (1, 0, "steps between records must be at least 1, but is 0"),
    ])
  func refusals(_ steps: Int, _ recordEvery: Int, _ refusal: String) throws {
    let example = try LinearExample(widths: [3, 4, 2], samples: 20, weightDecay: 0.07)
    #expect(throws: InvalidInput(refusal)) {
      _ = try TrainingRun(
        loss: example.loss, test: nil,
        settings: TrainingSettings(SGDSettings(learningRate: 0.1, batchSize: 8)),
        start: example.weights(), steps: steps, schedule: .even(every: recordEvery),
        key: testKey(59))
    }
  }
}
