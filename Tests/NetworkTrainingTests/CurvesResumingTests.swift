import Escapes
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport
import Testing

@Suite("Curves left and gone on with")
struct CurvesResumingTests {
  /// Goes from the start to the end, again and again in a run that was made anew: to the records and the snapshot
  /// of one that was never left.
  private func check<Work: Resumable & ~Copyable>(
    _ make: () throws -> Work, seed: UInt64
  ) throws -> (advances: Int, records: Int) {
    var whole = try make()
    try whole.finish()
    let random = testStream(seed)
    var work = try make()
    var advances = 0
    while !work.hasEnded {
      try work.advance()
      advances += 1
      guard !work.hasEnded, random.uniform() < 0.3 else { continue }
      let (here, records) = (work.snapshot, work.records)
      if random.uniform() < 0.5 {
        work = try make()
      } else {
        for _ in 0..<random.integer(below: 4) { try work.advance() }
      }
      work.restore(here, records: records)
      #expect(work.snapshot == here && work.records.count == records.count)
    }
    // The description of a number has all its bits, and that of no number equals itself.
    #expect("\(work.records)" == "\(whole.records)")
    #expect("\(work.snapshot)" == "\(whole.snapshot)" && work.hasDiverged == whole.hasDiverged)
    let end = "\(work.snapshot)"
    try work.advance()
    #expect("\(work.snapshot)" == end, "an advance beyond the end does nothing")
    return (advances, work.records.count)
  }

  @Test(
    "Training", arguments: [(0, BatchSampling.withReplacement), (0.5, .epochs)], [1, 50, 4000])
  func training(_ settings: (momentum: Double, sampling: BatchSampling), _ recordEvery: Int)
    throws
  {
    let example = try LinearExample(widths: [3, 5, 4, 2], samples: 45, weightDecay: 0.07)
    let sgd = try SGDSettings(
      learningRate: 0.05, batchSize: 8, momentum: settings.momentum, sampling: settings.sampling)
    let steps = recordEvery == 1 ? 60 : 3990
    let (advances, records) = try check(
      {
        try TrainingRun(
          loss: example.loss, test: nil, settings: TrainingSettings(sgd), start: example.weights(),
          steps: steps,
          schedule: .even(every: recordEvery), key: testKey(60))
      }, seed: 61)
    #expect(advances >= records && records == (steps + recordEvery - 1) / recordEvery + 1)
  }

  @Test("Training that diverges")
  func divergence() throws {
    let example = try LinearExample(widths: [3, 5, 4, 2], samples: 45, weightDecay: 0.07)
    _ = try check(
      {
        try TrainingRun(
          loss: example.loss, test: nil,
          settings: TrainingSettings(SGDSettings(learningRate: 20, batchSize: 8)),
          start: example.weights(), steps: 1000, schedule: .even(every: 3), key: testKey(62))
      }, seed: 63)
  }

  @Test("Sweeps")
  func sweep() throws {
    let network = try DeepLinearNetwork(
      widths: [2, 4, 4, 2], moments: SecondMoments(singularValues: [0.9, 0.6]), weightDecay: 0.1)
    let (advances, records) = try check(
      {
        try QuasiStaticSweep(
          network: network, start: network.minimum(learning: [0, 1]),
          weightDecays: (10..<30).map { 0.01 * Double($0) }, convergence: .init(),
          testMoments: SecondMoments(singularValues: [0.5, 0.5]))
      }, seed: 64)
    #expect(advances > records && records == 20)
  }

  @Test("A descent in pieces is the descent")
  func descent() throws {
    let mode = try DeepLinearMode(singularValue: 0.9, depth: 3, weightDecay: 0.4106)
    let start = [mode.arcLength(singularValue: 0.9)]
    let whole = mode.relax(
      from: start, learningRate: 0.2, gradientTolerance: 1e-8, maximumEpochs: 100_000)
    func descent(from point: [Double], after epochs: Int, cap: Int = 100_000)
      -> GradientDescent<DeepLinearMode>
    {
      GradientDescent(
        on: mode, from: point, learningRate: 0.2, gradientTolerance: 1e-8, maximumEpochs: cap,
        after: epochs)
    }
    var pieces = descent(from: start, after: 0)
    var count = 0
    while pieces.relaxation == nil {
      pieces.advance()
      count += 1
      guard pieces.relaxation == nil else { break }
      pieces = descent(from: pieces.point, after: pieces.epochs)
    }
    #expect(count > 3)
    let end = try #require(pieces.relaxation)
    #expect(end.point == whole.point && end.epochs == whole.epochs)
    #expect(end.gradientNorm == whole.gradientNorm && end.ending == .converged)
    // Gone on with beyond its cap, it is capped where it is.
    var capped = descent(from: start, after: 10, cap: 5)
    capped.advance()
    #expect(capped.relaxation?.ending == .capped && capped.point == start)
    #expect(capped.relaxation?.epochs == 5)
  }
}
