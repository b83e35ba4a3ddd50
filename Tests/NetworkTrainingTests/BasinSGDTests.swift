import EscapeStatistics
import Escapes
import KramersRates
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Real SGD out of a basin without a closed form")
struct BasinSGDTests {
  // Seen by another code on 31 cases: within 16 % of the theory, slopes within 4 %. Three standard errors beside.
  @Test(
    "Times and slope are those of the theory, on samples that never come twice", .tags(.statistical)
  )
  func times() throws {
    let loss = try GaussianNetworkLoss(
      architecture: NetworkArchitecture(widths: [1, 8, 8, 1], activation: .tanh),
      teacher: GaussianTeacher(singularValues: [0.8]), weightDecay: 0.3098, nodesPerInput: 24)
    let random = RandomSource(StreamKey(seed: 1, purpose: .probes))
    let weights = (0..<loss.dimension).map { _ in 0.5 * random.normal() }
    let early = try loss.with(weightDecay: 0.15).gentleDescent(from: weights, tolerance: 1e-5)
    let escape = try BasinEscape(loss, near: early.point)
    let runs = 200
    var logs = [(measured: Double, predicted: Double)]()
    for (i, learningRate) in [0.1, 0.06].enumerated() {
      let settings = try SGDSettings(learningRate: learningRate, batchSize: 8)
      let prediction = try #require(
        try NoiseAcrossValley().prediction(of: escape, under: .minibatch(settings)))
      let sample = try SGDDynamics(settings).ensemble(of: escape, cap: 1e6)
        .sample(runs: runs, seed: testSeed(7), cell: i)
      let measured = try #require(sample.meanFirstPassageTime().value)
      logs.append((log(measured), prediction.logMeanFirstPassageTime))
      #expect(
        abs(logs[i].measured - logs[i].predicted) < 0.16 + 3 / Double(runs).squareRoot(),
        "τ = \(measured) at h = \(learningRate), predicted \(prediction.meanFirstPassageTime)")
    }
    let steps = 8 / 0.06 - 8 / 0.1
    let (measured, predicted) = (
      (logs[1].measured - logs[0].measured) / steps,
      (logs[1].predicted - logs[0].predicted) / steps
    )
    #expect(
      abs(measured - predicted) < 0.04 * predicted + 3 * (2 / Double(runs)).squareRoot() / steps,
      "the slope is \(measured), predicted \(predicted)")
  }

  // Two classes of points on a line, logits of a tanh network. Tolerances as above; at this noise the barrier left is 3.
  @Test("With the cross-entropy", .tags(.statistical))
  func crossEntropy() throws {
    let random = testStream(9)
    var (inputs, targets) = (Matrix(rows: 200, columns: 1), Matrix(rows: 200, columns: 2))
    for i in 0..<200 {
      inputs[i, 0] = (i.isMultiple(of: 2) ? 1.2 : -1.2) + random.normal()
      targets[i, i % 2] = 1
    }
    let mean = inputs.elements.reduce(0, +) / 200
    for i in 0..<200 { inputs[i, 0] -= mean }
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: [1, 4, 4, 2], activation: .tanh),
      data: Dataset(inputs: inputs, targets: targets), lossFunction: .crossEntropy,
      weightDecay: 0.1)
    let weights = (0..<loss.dimension).map { _ in 0.5 * random.normal() }
    let early = try loss.gentleDescent(from: weights, tolerance: 1e-5)
    // Not far below the fold, wherever these data have it.
    let branch = try loss.branch(from: early.point)
    let fold = try #require(branch.fold).weightDecay
    let escape = try BasinEscape(
      loss.with(weightDecay: 0.95 * fold),
      near: #require(try loss.state(on: branch, at: 0.95 * fold, amongSaddles: false)).point)
    #expect(escape.feature == 1 && escape.saddle.isSaddle)
    let below = [0.009, 0.011].map { $0 * fold }
    let barriers = try below.map { below in
      let saddle = try #require(try loss.state(on: branch, at: fold - below, amongSaddles: true))
      let minimum = try #require(try loss.state(on: branch, at: fold - below, amongSaddles: false))
      return saddle.energy - minimum.energy
    }
    expectClose(
      log(barriers[1] / barriers[0]) / log(below[1] / below[0]), to: 1.5, absolute: 0.02)
    let settings = try SGDSettings(learningRate: 0.15, batchSize: 4)
    let prediction = try #require(
      try NoiseCarriedAlongValley().prediction(of: escape, under: .minibatch(settings)))
    let runs = 200
    let sample = try SGDDynamics(settings).ensemble(of: escape, cap: 1e6)
      .sample(runs: runs, seed: testSeed(10))
    let measured = try #require(sample.meanFirstPassageTime().value)
    #expect(
      abs(log(measured) - prediction.logMeanFirstPassageTime)
        < 0.16 + 3 / Double(runs).squareRoot(),
      "τ = \(measured), predicted \(prediction.meanFirstPassageTime), \(prediction.validity)")
  }

  @Test("The same bits for any number of threads, and finite data are run one by one")
  func threads() throws {
    let teacher = try GaussianTeacher(singularValues: [0.8])
    let architecture = try NetworkArchitecture(widths: [1, 8, 8, 1], activation: .tanh)
    let loss = try GaussianNetworkLoss(
      architecture: architecture, teacher: teacher, weightDecay: 0.31, nodesPerInput: 24)
    let random = RandomSource(StreamKey(seed: 1, purpose: .probes))
    let weights = (0..<loss.dimension).map { _ in 0.5 * random.normal() }
    let start = try loss.with(weightDecay: 0.15).gentleDescent(from: weights, tolerance: 1e-5)
    let settings = try SGDSettings(learningRate: 0.2, batchSize: 8)
    let online = try SGDDynamics(settings).ensemble(
      of: BasinEscape(loss, near: start.point), cap: 1e4)
    let one = online.sample(runs: 11, seed: 3, threads: 1).passages
    #expect(one == online.sample(runs: 11, seed: 3, threads: 2).passages)
    #expect(one.contains { $0.outcome == .escaped })

    let data = teacher.sample(count: 400, random: testStream(8))
    let finite = try NetworkLoss(architecture: architecture, data: data, weightDecay: 0.3)
    let escape = try BasinEscape(finite, near: start.point)
    let ensemble = try SGDDynamics(settings).ensemble(of: escape, cap: 1e4)
    #expect(ensemble.stepsPerEpoch == 50)
    let runs = ensemble.sample(runs: 5, seed: 3, threads: 1).passages
    #expect(runs == ensemble.sample(runs: 5, seed: 3, threads: 2).passages)
    // What theory says of finite data: the same kind of number.
    let theory = try #require(
      try NoiseAcrossValley().prediction(of: escape, under: .minibatch(settings)))
    #expect(theory.logMeanFirstPassageTime.isFinite)
  }
}
