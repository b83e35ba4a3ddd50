import EscapeStatistics
import Escapes
import Landscapes
import NumericalMethods
import TestSupport
import Testing

@testable import LangevinDynamics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Adaptive multilevel splitting")
struct SplittingTests {
  static let engines: [Engine] = [.reference, .standard, .vectorised(.single)]

  private let walk = Walk(up: 0.4)

  private func sample(
    _ passage: FirstPassage<Walk, Coordinate>, _ settings: SplittingSettings, replicates: Int,
    seed: UInt64, engine: Engine = .reference, threads: Int? = nil
  ) throws -> EscapeSample {
    try PassageEnsemble(passage).splitting(settings, seed: seed).replicates.sample(
      runs: replicates, seed: seed, engine: engine, threads: threads)
  }

  @Test(
    "The mean time of a walk, exact, at rarities from 10³ to 10¹¹", arguments: [15, 30, 60],
    engines)
  func exact(_ top: Int, _ engine: Engine) throws {
    let sample = try sample(
      walk.passage(to: top), SplittingSettings(paths: 100), replicates: 64, seed: testSeed(710),
      engine: engine)
    let rate = sample.rateOfReplicates(level: 0.9999)
    let exact = walk.meanFirstPassageTime(to: top)
    let time = rate.reciprocal
    // One false alarm in 10⁴ seeds; the start is forgotten within one loop, of some 30 steps.
    #expect(time.lower! - 30 < exact && exact < time.upper! + 30)
    #expect(time.upper! / time.lower! < 2)
    #expect(sample.events == 64)
  }

  @Test(
    "Few paths, few levels, ties and replicates that die out: the mean rate is right all the same",
    arguments: engines)
  func unbiased(_ engine: Engine) throws {
    let top = 30
    let sample = try sample(
      walk.passage(to: top), SplittingSettings(paths: 10, levels: 4), replicates: 4000,
      seed: testSeed(711), engine: engine)
    #expect(sample.count(.censored) > 30)
    let rates = sample.passages.map { $0.outcome == .escaped ? 1 / $0.time : 0 }
    let mean = rates.reduce(0, +) / Double(rates.count)
    let squares = rates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = squares.squareRoot() / Double(rates.count)
    // A loop's time is a mean over ten: 1/T is too large by its relative variance, a few per cent.
    #expect(abs(mean - 1 / walk.meanFirstPassageTime(to: top)) < 4 * error + 0.06 * mean)
    #expect(error < 0.2 * mean)
  }

  @Test("The interval covers as often as it says", arguments: engines.prefix(2))
  func coverage(_ engine: Engine) throws {
    let passage = try walk.passage(to: 30)
    let exact = walk.meanFirstPassageTime(to: 30)
    var covered = 0
    let repetitions = 150
    for trial in 0..<repetitions {
      let sample = try sample(
        passage, SplittingSettings(paths: 40), replicates: 20, seed: testSeed(712) &+ UInt64(trial),
        engine: engine)
      let time = sample.rateOfReplicates(level: 0.9).reciprocal
      if time.contains(exact) { covered += 1 }
    }
    // Nominally 135 ± 3.7.
    #expect((122...147).contains(covered), "\(covered) of \(repetitions)")
  }

  @Test("The same bits for any number of threads; other bits for another seed")
  func threads() throws {
    let passage = try walk.passage(to: 20)
    let settings = try SplittingSettings(paths: 20)
    func times(_ seed: UInt64, _ threads: Int) throws -> [Double] {
      try sample(passage, settings, replicates: 12, seed: seed, threads: threads).passages.map(
        \.time)
    }
    let seed = testSeed(713)
    #expect(try times(seed, 1) == times(seed, 4))
    #expect(try times(seed, 1) != times(seed &+ 1, 1))
    #expect(Set(try times(seed, 1)).count == 12)
  }

  @Test(
    "Langevin dynamics in the double well: the exact time at ΔE/T = 8 and 20",
    arguments: [8.0, 20], engines)
  func doubleWell(_ load: Double, _ engine: Engine) throws {
    let temperature = 0.25 / load
    let escape = WellEscape.doubleWell
    let dynamics = try OverdampedDynamics(temperature: temperature, timeStep: 0.005)
    let split = try dynamics.ensemble(of: escape, cap: 1).splitting(
      SplittingSettings(paths: 100), seed: testSeed(714))
    let time = split.replicates.sample(
      runs: 48, seed: testSeed(714), engine: engine
    ).rateOfReplicates(level: 0.9999).reciprocal
    let expected = try exactTime(temperature)
    #expect(0.97 * time.lower! < expected && expected < 1.03 * time.upper!)
    #expect(time.upper! / time.lower! < 2)
  }

  /// How replicates went, by replica, one after the other.
  private func records(
    _ ensemble: SplittingEnsemble, _ count: Int, seed: UInt64, engine: Engine = .reference
  ) -> [SplittingRecord] {
    let queue = ReplicaQueue(seed: seed, replicas: 0..<count)
    ensemble.replicates.work(on: queue, engine: engine, workers: 1)
    return queue.splittingRecords.sorted { $0.key < $1.key }.map(\.value)
  }

  @Test(
    "The share of loops that comes to each level is that of the walk, exactly",
    arguments: engines.prefix(2))
  func levels(_ engine: Engine) throws {
    let top = 30
    let settings = try SplittingSettings(paths: 100)
    let split = try PassageEnsemble(walk.passage(to: top)).splitting(
      settings, seed: testSeed(715))
    let records = records(split, 200, seed: testSeed(715), engine: engine)
    #expect(records.count == 200)
    // From Σ at s, before the edge of A at a: to x with the chance ((q/p)^(s − a) − 1)/((q/p)^(x − a) − 1).
    let edge = floor(Double(top) - split.startSet.inner)
    let out = ceil(Double(top) - split.startSet.outer)
    for level in [40, 100, 160, 200] {
      let distance = split.startSet.outer * (1 - Double(level) / 200)
      let place = ceil(Double(top) - distance - 1e-9)
      let exact = (pow(1.5, out - edge) - 1) / (pow(1.5, place - edge) - 1)
      let shares = records.map { $0.reach(paths: 100)[level] }
      expectAgreement(SampleMean(shares), with: exact, "level \(level)")
    }
  }

  @Test(
    "First paths that are left: all at the first level, few at the end, none of a replicate that died out",
    arguments: engines.prefix(2))
  func roots(_ engine: Engine) throws {
    let settings = try SplittingSettings(paths: 10, levels: 4)
    let split = try PassageEnsemble(walk.passage(to: 30)).splitting(
      settings, seed: testSeed(716))
    let records = records(split, 300, seed: testSeed(716), engine: engine)
    #expect(records.contains { $0.roots == 0 } && records.contains { $0.roots > 0 })
    for record in records {
      #expect(record.fits(settings))
      #expect((record.roots == 0) == (record.stopped.contains(10)))
      #expect((record.roots == 0) == (record.reach(paths: 10).last == 0))
    }
    let one = try #require(records.first)
    #expect(!one.fits(try SplittingSettings(paths: 10, levels: 5)))
    #expect(
      !SplittingRecord(stopped: [11, 0, 0, 0], steps: [0, 0, 0, 0], roots: 1).fits(settings))
  }

  @Test("Ranked along a straight path: the bits of the distance from the target")
  func straightPath() throws {
    let passage = try walk.passage(to: 20)
    let settings = try SplittingSettings(paths: 20)
    let seed = testSeed(717)
    func times(_ path: PathProgress?) throws -> [Double] {
      try passage.splitting(settings, along: path, seed: seed, cell: 0).replicates.sample(
        runs: 8, seed: seed, engine: .reference
      ).passages.map(\.time)
    }
    #expect(try times(nil) == times(PathProgress(through: [[0], [7], [20]])))
  }

  @Test("A path that ranks nothing is refused, the target stays where it is")
  func badPath() throws {
    let settings = try SplittingSettings(paths: 20)
    // All of the walk lies behind its end.
    let refusal = words {
      _ = try walk.passage(to: 20).splitting(
        settings, along: PathProgress(through: [[-2], [-1]]), seed: 1, cell: 0)
    }
    #expect(refusal?.contains("stays at") == true)
    // A path beyond the target ends no run later: the exact time all the same.
    let far = try walk.passage(to: 20).splitting(
      settings, along: PathProgress(through: [[0], [40]]), seed: testSeed(718), cell: 0)
    let time = far.replicates.sample(runs: 64, seed: testSeed(718)).rateOfReplicates(level: 0.9999)
      .reciprocal
    let exact = walk.meanFirstPassageTime(to: 20)
    #expect(time.lower! - 30 < exact && exact < time.upper! + 30)
  }

  /// τ = (1/T) ∫ e^{E(y)/T} ∫ e^{−E(z)/T} from −1 to 1, by the midpoint rule.
  private func exactTime(_ temperature: Double) throws -> Double {
    func energy(_ x: Double) -> Double { 0.25 * (x * x - 1) * (x * x - 1) }
    let step = 1e-4
    var (inner, outer) = (0.0, 0.0)
    var x = -2.5 + 0.5 * step
    while x < 1 {
      inner += step * exp(-energy(x) / temperature)
      if x > -1 { outer += step * exp(energy(x) / temperature) * inner }
      x += step
    }
    return outer / temperature
  }

  @Test("What cannot be split is refused: no movement, no rarity")
  func refusals() throws {
    func complaint(_ walk: Walk, _ top: Int) -> String {
      words { _ = try sample(walk.passage(to: top), SplittingSettings(), replicates: 2, seed: 1) }
        ?? ""
    }
    #expect(complaint(Walk(up: 0), 5).contains("absorbing"))
    #expect(complaint(walk, 3).contains("not rare"))
    #expect(words { _ = try SplittingSettings(paths: 9) }?.contains("paths") == true)
    #expect(words { _ = try SplittingSettings(paths: 1_000_000) }?.contains("at most") == true)
    #expect(words { _ = try SplittingSettings(levels: 3) }?.contains("levels") == true)
  }
}

@Suite("The rate from replicates")
struct ReplicateRateTests {
  private func sample(_ times: [Double?]) -> EscapeSample {
    EscapeSample(
      times.map { PassageTime(time: $0 ?? 7, outcome: $0 == nil ? .censored : .escaped) })
  }

  @Test("The mean of rates, one that died out as zero; even in its logarithm")
  func mean() {
    let rate = sample([1, 0.5, nil, 2]).rateOfReplicates(level: 0.95)
    let mean = (1 + 2 + 0 + 0.5) / 4
    expectClose(rate.value!, to: mean, relative: 1e-14)
    // s² = Σ(k − k̄)²/3, t₃(0.975) = 3.182446.
    let spread = ((0.125 * 0.125 + 1.125 * 1.125 + 0.875 * 0.875 + 0.375 * 0.375) / 3).squareRoot()
    expectClose(rate.upper! / mean, to: exp(3.182446 * spread / 2 / mean), relative: 1e-6)
    expectClose(rate.lower! * rate.upper!, to: mean * mean, relative: 1e-12)
    #expect(rate.events == 3 && rate.censored == 1 && !rate.assumesExponentialTimes)
  }

  @Test("Where one of many carries the mean there is no interval")
  func carried() {
    let times = [1e-3] + [Double](repeating: 1, count: 29)
    let rate = sample(times).rateOfReplicates(level: 0.95)
    #expect(rate.value != nil && rate.lower == nil && rate.upper == nil)
    #expect(rate.method.contains("carries 97 %"))
  }

  @Test("Where rates vary by more than their mean there is no interval")
  func wide() {
    // Each of the four fast ones has 23 % of the sum.
    let rate = sample([Double](repeating: 0.1, count: 4) + [Double](repeating: 10, count: 28))
      .rateOfReplicates(level: 0.95)
    #expect(rate.value != nil && rate.lower == nil && rate.upper == nil)
    #expect(rate.method.contains("differ by 249 %"))
  }

  @Test("One replicate has no interval, none that arrived no rate")
  func few() {
    let one = sample([2]).rateOfReplicates(level: 0.95)
    #expect(one.value == 0.5 && one.lower == nil && one.upper == nil)
    let none = sample([nil, nil]).rateOfReplicates(level: 0.95)
    #expect(none.value == nil && none.method.contains("more paths"))
    let diverged = EscapeSample([PassageTime(time: 1, outcome: .diverged)])
      .rateOfReplicates(level: 0.95)
    #expect(diverged.value == nil && diverged.method.contains("diverged"))
  }
}
