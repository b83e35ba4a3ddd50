import EscapeStatistics
import Escapes
import Foundation
import Landscapes
import NumericalMethods
import TestSupport
import Testing

@testable import LangevinDynamics

/// One lane of a vector, with its stream.
private struct OneLane<Vector: Lanes, Process: LaneProcess, Score: OrderParameter> {
  let process: Process
  let score: Score
  var state: [Vector]
  var random = LaneRandom<Vector>()
  var spent = 0

  mutating func set(_ numbers: [Double], _ key: StreamKey) {
    state = numbers.map { Vector(repeating: $0) }
    random = LaneRandom()
    for lane in 0..<laneCount { random.stream[lane] = LaneStream.opened(key) }
  }

  var numbers: [Double] { state.map { $0[3] } }

  mutating func step() -> Double {
    spent += 1
    return withLaneMemory(
      of: Vector.self, count: max(process.laneScratchCount, score.laneScratchCount)
    ) { scratch in
      process.step(lanes: &state, random: &random, scratch: scratch)
      return score.value(lanes: state, count: process.dimension, scratch: scratch)[3]
    }
  }
}

/// What is expected of a replicate: its rules one after the other, on one lane.
private struct PlainReplicate {
  var time: Double? = nil
  var steps = 0
  var isDiverged = false
  var record: SplittingRecord? = nil

  struct Path {
    var visits: [(level: Int, steps: Int, state: [Double])]
    var root: Int
    var level: Int { visits.last!.level }
  }

  init<Vector: Lanes, Process: LaneProcess, Parameter: OrderParameter>(
    _: Vector.Type, _ splitting: LaneSplitting<Process, Parameter>, _ replicate: Int
  ) {
    let (startSet, count) = (splitting.startSet, splitting.settings.paths)
    let levels = splitting.settings.levels
    func key(_ k: Int) -> StreamKey { splitting.streams.key(replicate, k) }
    let origin = splitting.passage.walker(key(1)).wholeState
    var lane = OneLane<Vector, Process, SplittingScore<Parameter>>(
      process: splitting.passage.process, score: splitting.score, state: [])
    var tally = SplittingTally(splitting.settings)
    defer { steps = lane.spent }

    var stepsHome = 0
    /// To A or B; false where it diverges.
    func finish(_ path: inout Path) -> Bool {
      var steps = path.visits.last!.steps
      while true {
        let distance = lane.step()
        steps += 1
        guard distance.isFinite else { return false }
        let level = startSet.level(distance, of: levels)
        if level > path.level {
          path.visits.append((level, steps, lane.numbers))
          if level == levels { return true }
        }
        if distance >= startSet.inner {
          stepsHome = steps
          return true
        }
      }
    }
    var restarts = 0
    func settle() -> Bool {
      while true {
        lane.set(origin, key(restarts == 0 ? 1 : -1 - restarts))
        var hasEscaped = false
        for _ in 0..<startSet.settlingSteps where !hasEscaped {
          let distance = lane.step()
          guard distance.isFinite else { return false }
          hasEscaped = distance <= 0
        }
        if !hasEscaped { return true }
        restarts += 1
      }
    }
    var paths = [Path]()
    var isInside = false
    var isSettled = false
    while paths.count < count {
      if !isSettled {
        guard settle() else {
          isDiverged = true
          return
        }
        isSettled = true
      }
      var distance: Double
      repeat {
        distance = lane.step()
        guard distance.isFinite else {
          isDiverged = true
          return
        }
        if isInside { tally.outward += 1 }
        if distance >= startSet.inner { isInside = true }
      } while isInside ? distance > startSet.outer : distance > 0
      var path = Path(
        visits: [(startSet.level(distance, of: levels), 0, lane.numbers)], root: paths.count)
      if path.level < levels {
        guard finish(&path) else {
          isDiverged = true
          return
        }
      }
      isInside = path.level < levels
      if isInside {
        tally.homeward += stepsHome
        tally.home += 1
      } else {
        restarts += 1
        isSettled = false
      }
      paths.append(path)
    }
    let choice = RandomSource(key(0))
    var branches = 1
    while true {
      let least = paths.map(\.level).min()!
      if least == levels { break }
      let above = paths.indices.filter { paths[$0].level > least }
      tally.stop(count - above.count, at: least)
      if above.isEmpty {
        record = tally.record(roots: 0)
        return
      }
      let before = lane.spent
      let old = paths
      for i in paths.indices where old[i].level == least {
        let other = old[above[choice.integer(below: above.count)]]
        let end = other.visits.firstIndex { $0.level > least }!
        paths[i] = Path(visits: Array(other.visits[...end]), root: other.root)
        guard paths[i].level < levels else { continue }
        branches += 1
        lane.set(paths[i].visits[end].state, key(branches))
        if !finish(&paths[i]) { isDiverged = true }
      }
      if isDiverged { return }
      tally.spend(lane.spent - before, at: least)
    }
    record = tally.record(roots: Set(paths.map(\.root)).count)
    time = tally.meanFirstPassageTime(
      inTarget: paths.reduce(0) { $0 + $1.visits.last!.steps },
      timeStep: splitting.passage.process.timeStep)
  }
}

/// Splitting in lanes: what each replicate finds is what its rules say, one after the other, however the work is cut.
@Suite("Splitting in the lanes of a vector")
struct SplittingLaneTests {
  private func expectIdentity<Process: LaneProcess, Parameter: OrderParameter>(
    _ passage: FirstPassage<Process, Parameter>, along path: PathProgress? = nil,
    paths: Int = 12, levels: Int = 20, seed: UInt64, replicates: Int = 21,
    _ look: ([FinishedRun]) -> Void = { _ in }
  ) throws {
    func check<Vector: Lanes>(_: Vector.Type, _ precision: Engine.Precision) throws {
      let engine = Engine.vectorised(precision)
      let settings = try SplittingSettings(paths: paths, levels: levels)
      let split = try PassageEnsemble(passage).splitting(settings, along: path, seed: seed)
      func run(_ queue: ReplicaQueue, threads: Int = 1) {
        onWorkers(threads) { _ in
          split.replicates.work(on: queue, engine: engine, workers: threads)
        }
      }
      let queue = ReplicaQueue(seed: seed, replicas: 0..<replicates)
      run(queue)
      let (all, records) = (queue.finished, queue.splittingRecords)
      try #require(all.count == replicates)
      look(all)
      let plain = LaneSplitting(
        passage, by: SplittingScore(passage.target, along: path), settings: settings,
        startSet: split.startSet, streams: SplittingStreams(seed: seed, cell: 0))
      for run in all {
        let expected = PlainReplicate(Vector.self, plain, run.replica)
        #expect(run.steps == expected.steps, "steps of \(run.replica)")
        #expect((run.passage.outcome == .diverged) == expected.isDiverged)
        #expect(records[run.replica] == expected.record)
        if let time = expected.time { #expect(run.passage.time == time) }
      }
      func isSame(_ queues: [ReplicaQueue], _ what: String) {
        let found = queues.flatMap(\.finished).sorted { $0.replica < $1.replica }
        #expect(found.map(\.passage) == all.map(\.passage), "\(what)")
        #expect(found.map(\.steps) == all.map(\.steps), "\(what)")
        #expect(
          queues.reduce(into: [:]) { $0.merge($1.splittingRecords) { a, _ in a } } == records,
          "\(what)")
      }
      for threads in [2, 3] {
        let queue = ReplicaQueue(seed: seed, replicas: 0..<replicates)
        run(queue, threads: threads)
        isSame([queue], "\(threads) threads")
      }
      let shards = (0..<4).map {
        ReplicaQueue(seed: seed, replicas: stride(from: $0, to: replicates, by: 4))
      }
      for shard in shards { run(shard) }
      isSame(shards, "shards")
      // Stopped from outside, later and later, and gone on with.
      var (left, sessions) = (Array(0..<replicates), [ReplicaQueue]())
      while !left.isEmpty {
        let queue = ReplicaQueue(seed: seed, replicas: left)
        let delay = 0.001 * Double(1 + sessions.count)
        Thread.detachNewThread {
          Thread.sleep(forTimeInterval: delay)
          queue.stop()
        }
        run(queue, threads: 2)
        left = left.filter { replica in !queue.finished.contains { $0.replica == replica } }
        sessions.append(queue)
        try #require(sessions.count < 5000)
      }
      isSame(sessions, "\(sessions.count) sessions")
    }
    try check(DoubleLanes.self, .double)
    try check(FloatLanes.self, .single)
  }

  @Test("A walk, with replicates that die out")
  func walk() throws {
    try expectIdentity(Walk(up: 0.4).passage(to: 30), paths: 10, levels: 4, seed: testSeed(730)) {
      #expect(Set($0.map(\.passage.outcome)) == [.escaped, .censored])
    }
  }

  @Test("A walk that escapes now and then while it makes its loops")
  func oftenEscapes() throws {
    try expectIdentity(Walk(up: 0.4).passage(to: 11), paths: 40, levels: 50, seed: testSeed(731))
  }

  @Test("A walk that breaks: the replicates that it breaks in, and no others")
  func diverges() throws {
    // A pilot run that broke would be refused; up there it never is.
    let walk = Walk(up: 0.4, breaking: 0.002, fragile: 24)
    try expectIdentity(walk.passage(to: 30), paths: 20, seed: testSeed(732)) {
      #expect(Set($0.map(\.passage.outcome)).isSuperset(of: [.escaped, .diverged]))
    }
  }

  @Test("One normal a step, which come in pairs")
  func oneDimension() throws {
    try expectIdentity(
      LaneIdentityTests.passage(
        QuarticDoubleWell(), temperature: 0.03, start: [-1], Coordinate(0), .above, 1, cap: 1),
      levels: 200, seed: testSeed(733))
  }

  @Test("Three normals a step")
  func threeNormals() throws {
    try expectIdentity(
      LaneIdentityTests.passage(
        threeDimensions(), temperature: 0.04, start: [-1, 0.3, 0],
        Coordinate(0), .above, 1, cap: 1), seed: testSeed(734))
  }

  @Test("Ranked along a path, in two dimensions")
  func path() throws {
    let escape = WellEscape.mullerBrown
    let path = try escape.landscape.minimumEnergyPath(from: escape.start, to: escape.product)
    try expectIdentity(
      FirstPassage(
        process: OverdampedLangevin(
          landscape: MullerBrown(), temperature: 12, timeStep: escape.timeStep),
        start: escape.start, target: escape.target, cap: 1), along: PathProgress(along: path),
      levels: 60, seed: testSeed(735), replicates: 9)
  }

  @Test("A velocity beside the position")
  func underdamped() throws {
    try expectIdentity(
      FirstPassage(
        process: UnderdampedLangevin(
          landscape: QuarticDoubleWell(), friction: 0.5, temperature: 0.03, timeStep: 0.1),
        start: [-1], target: .coordinate(0, above: 1), cap: 1), seed: testSeed(736))
  }

  /// A step of the smallest bias that would be seen is 5 errors of some 4 % each: 25 %.
  @Test("Both engines find the same rate in the double well")
  func engines() throws {
    let passage = try LaneIdentityTests.passage(
      QuarticDoubleWell(), temperature: 0.02, start: [-1], Coordinate(0), .above, 1, cap: 1)
    let split = try PassageEnsemble(passage).splitting(
      SplittingSettings(paths: 60), seed: testSeed(737))
    func rate(_ engine: Engine, _ runs: Int) -> SampleMean {
      SampleMean(
        split.replicates.sample(runs: runs, seed: testSeed(737), engine: engine).passages.map {
          $0.outcome == .escaped ? 1 / $0.time : 0
        })
    }
    let reference = rate(.reference, 120)
    for precision in Engine.Precision.allCases {
      let lanes = rate(.vectorised(precision), 400)
      let error =
        (reference.standardError * reference.standardError
        + lanes.standardError * lanes.standardError).squareRoot()
      #expect(error < 0.06 * reference.mean)
      expectAgreement(
        SampleMean(mean: lanes.mean, standardError: error, count: lanes.count),
        with: reference.mean, "the rate in \(precision) precision")
    }
  }
}
