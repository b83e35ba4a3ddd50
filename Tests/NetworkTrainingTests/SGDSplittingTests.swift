import EscapeStatistics
import Escapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport
import Testing

/// Splitting of minibatch SGD, in lanes and one trajectory at a time.
@Suite("Splitting of minibatch SGD in lanes")
struct SGDSplittingTests {
  private func split(
    _ settings: SGDSettings, samples: Int? = nil, paths: Int, seed: UInt64
  ) throws -> SplittingEnsemble {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8])
    let source: LinearDataSource
    let moments: SecondMoments
    if let samples {
      let drawn = teacher.sample(count: samples, random: testStream(740))
      let data = try Preparation(fittedTo: drawn, targets: .none).apply(to: drawn)
      (source, moments) = (.samples(data), SecondMoments(of: data))
    } else {
      (source, moments) = (.online(teacher), teacher.moments)
    }
    return try SGDDynamics(settings).ensemble(
      of: FeatureEscape(
        source: source, moments: moments, widths: [2, 2, 2, 2],
        weightDecay: samples == nil ? 0.33 : 0.3, from: 2, to: 1),
      cap: 1
    ).splitting(SplittingSettings(paths: paths), seed: seed)
  }

  private func run(
    _ split: SplittingEnsemble, _ replicates: some Sequence<Int>, engine: Engine, seed: UInt64,
    threads: Int
  ) -> [FinishedRun] {
    let queue = ReplicaQueue(seed: seed, replicas: replicates)
    onWorkers(threads) { _ in
      split.replicates.work(on: queue, engine: engine, workers: threads)
    }
    return queue.finished
  }

  @Test(
    "The same bits for any number of threads and in shares: of endless data, and by epochs",
    arguments: [nil, 512])
  func identity(_ samples: Int?) throws {
    let seed = testSeed(741)
    let split = try split(
      SGDSettings(
        learningRate: 0.05, batchSize: 8, sampling: samples == nil ? .withReplacement : .epochs),
      samples: samples, paths: 10, seed: seed)
    for precision in Engine.Precision.allCases {
      let engine = Engine.vectorised(precision)
      func bits(_ runs: [FinishedRun]) -> [String] {
        runs.map { "\($0.replica): \($0.passage.time.bitPattern), \($0.steps)" }
      }
      let all = bits(run(split, 0..<11, engine: engine, seed: seed, threads: 1))
      #expect(all.count == 11)
      #expect(bits(run(split, 0..<11, engine: engine, seed: seed, threads: 3)) == all)
      let shares = (0..<3).flatMap {
        run(split, stride(from: $0, to: 11, by: 3), engine: engine, seed: seed, threads: 1)
      }
      #expect(bits(shares.sorted { $0.replica < $1.replica }) == all)
    }
  }

  /// Five standard errors are some 30 %.
  @Test("Both engines find the same rate", .tags(.statistical))
  func engines() throws {
    let seed = testSeed(742)
    let split = try split(
      SGDSettings(learningRate: 0.04, batchSize: 8), paths: 40, seed: seed)
    func rate(_ engine: Engine, _ count: Int) -> SampleMean {
      SampleMean(
        run(split, 0..<count, engine: engine, seed: seed, threads: 2).map {
          $0.passage.outcome == .escaped ? 1 / $0.passage.time : 0
        })
    }
    let (reference, lanes) = (rate(.reference, 60), rate(.standard, 240))
    let error =
      (reference.standardError * reference.standardError
      + lanes.standardError * lanes.standardError).squareRoot()
    #expect(error < 0.1 * reference.mean)
    expectAgreement(
      SampleMean(mean: lanes.mean, standardError: error, count: lanes.count),
      with: reference.mean, "the rate")
  }
}
