import DataFiles
import EscapeStatistics
import Escapes
import Experiments
import Foundation
import KramersRates
import NetworkTraining
import Networks
import NumericalMethods
import PhaseDiagrams
import Reports
import RunStores
import TestSupport
import Testing

/// Planes of small networks on Gaussian data.
private func plane(
  _ x: String, _ y: String, cells: (Int, Int) = (9, 7), etas: [Double] = [0.9, 0.8],
  fields: [PlaneField]? = nil, budget: Double? = nil, runs: Int = 0, sweeps: Bool = false,
  tolerance: Double = 1e-6, maximumEpochs: Int = 20_000, data: PlaneData? = nil,
  change: (inout PlaneSettings) -> Void = { _ in }
) throws -> PhasePlaneExperiment {
  var base = PlaneSettings()
  base.batchSize = 4
  base.width = 4
  change(&base)
  return try PhasePlaneExperiment(
    data: data ?? .teacher(GaussianTeacher(singularValues: etas)),
    x: PhaseAxis(parsing: x, count: cells.0), y: PhaseAxis(parsing: y, count: cells.1), base: base,
    fields: fields, budget: budget, runs: runs,
    sweeps: sweeps
      ? .init(
        learningRate: 0.2, gradientTolerance: tolerance, maximumEpochs: maximumEpochs) : nil,
    seed: 3)
}

@Suite("Phase diagrams over two parameters")
struct PhasePlaneTests {
  // MARK: - Theory

  @Test("ln τ under SGD is that of the noise across the line; without a barrier there is none")
  func acrossTheLine() throws {
    let result = try plane(
      "beta=0.3..0.36", "inverse-noise=40..160:log", cells: (7, 5), fields: [.logTime, .mechanism],
      budget: 1000
    ).result()
    #expect(result.cells.contains { $0.mechanism == .drift })
    for cell in result.cells {
      let escape = try FeatureEscape(
        data: NetworkData(online: GaussianTeacher(singularValues: [0.9, 0.8])),
        widths: [2, 4, 4, 2], weightDecay: cell.x, from: try #require(cell.rank),
        to: cell.rank! - 1)
      let noise = Noise.minibatch(try SGDSettings(learningRate: 4 / cell.y, batchSize: 4))
      #expect(cell.barrier == (try escape.mode.barrierDown()))
      if let time = cell.logTime {
        let theory = try #require(try NoiseAcrossTheLine().prediction(of: escape, under: noise))
        #expect(abs(time - theory.logMeanFirstPassageTime) < 1e-12)
        #expect(cell.mechanism == .escape && cell.reason == nil)
        #expect(cell.validity.map { $0 >= theory.validity.verdict } == true)
      } else {
        #expect(cell.mechanism == .drift && cell.reason?.contains("by drift") == true)
        #expect(
          words { _ = try NoiseAcrossTheLine().prediction(of: escape, under: noise) }?
            .contains("no barrier is left") == true)
      }
    }
    // The line of the budget is where ln τ is its logarithm, and joins no two features.
    let lines = result.lines.filter { $0.kind == .budget }
    #expect(!lines.isEmpty)
    for line in lines {
      #expect(line.logTime == log(1000))
      let isOfSecond = line.x.allSatisfy { $0 < 0.350882 }
      #expect(isOfSecond || line.x.allSatisfy { $0 > 0.350882 })
    }
  }

  @Test("Momentum slows the clock as the theories say, at the same noise scale")
  func momentum() throws {
    let result = try plane(
      "momentum=0..0.8", "inverse-noise=100..200", cells: (2, 2), fields: [.logTime]
    ) { $0.weightDecay = 0.33 }.result()
    for cell in result.cells {
      let escape = try FeatureEscape(
        data: NetworkData(online: GaussianTeacher(singularValues: [0.9, 0.8])),
        widths: [2, 4, 4, 2], weightDecay: 0.33, from: 2, to: 1)
      let settings = try SGDSettings(
        learningRate: 4 * (1 - cell.x) / cell.y, batchSize: 4, momentum: cell.x)
      #expect(abs(1 / settings.noiseScale / cell.y - 1) < 1e-12)
      let theory = try NoiseAcrossTheLine().prediction(of: escape, under: .minibatch(settings))
      #expect(abs(cell.logTime! - theory!.logMeanFirstPassageTime) < 1e-12)
    }
  }

  @Test("ln τ under white noise is the exact time on the line")
  func whiteNoise() throws {
    let result = try plane(
      "beta=0.28..0.34", "temperature=0.001..0.004:log", cells: (4, 3), fields: [.logTime]
    ).result()
    #expect(result.cells.count == 12)
    for cell in result.cells {
      let mode = try DeepLinearMode(singularValue: 0.8, depth: 3, weightDecay: cell.x)
      let time = try BalancedLine(mode: mode).problem(temperature: cell.y)
        .logMeanFirstPassageTime()
      #expect(abs(cell.logTime! - time) < 1e-9)
      #expect(cell.mechanism == .escape)
    }
  }

  @Test("Spinodal and coexistence follow their closed forms in η; refined, few cells are needed")
  func lines() throws {
    let result = try plane(
      "beta=0.1..0.45", "eta=0.4..0.85", cells: (61, 41), fields: [.rank]
    ).result()
    #expect(result.cells.count < 61 * 41 * 2 / 5, "\(result.cells.count)")
    for line in result.lines {
      for (beta, eta) in zip(line.x, line.y) {
        let mode = try DeepLinearMode(
          singularValue: line.feature == 1 ? 0.9 : eta, depth: 3, weightDecay: 0.1)
        let exact =
          line.kind == .spinodal
          ? mode.spinodalWeightDecay! : try #require(mode.coexistenceWeightDecay)
        #expect(abs(beta / exact - 1) < 1e-3)
      }
    }
    #expect(Set(result.lines.compactMap(\.feature)) == [1, 2])
    for cell in result.cells {
      let rank = try [0.9, cell.y].count {
        try DeepLinearMode(singularValue: $0, depth: 3, weightDecay: cell.x).isLearnable
      }
      #expect(cell.rank == rank && cell.minima == rank + 1)
    }
  }

  @Test("Depth, width and the number of samples change the landscape")
  func landscapes() throws {
    let depths = try plane("beta=0.2..0.7", "depth=1..4", cells: (6, 4), etas: [0.9]).result()
    #expect(depths.y.values == [1, 2, 3, 4])
    #expect(depths.cells.filter { $0.y == 1 }.allSatisfy { $0.rank == 1 && $0.barrier == nil })
    let widths = try plane("beta=0.2..0.5", "width=1..3", cells: (4, 3)).result()
    #expect(
      widths.cells.filter { $0.x == 0.2 }.map { "\($0.y) \($0.rank!)" }.sorted()
        == ["1.0 1", "2.0 2", "3.0 2"])
    let samples = try plane("beta=0.1..0.4", "samples=8..512:log", cells: (4, 4)).result()
    #expect(samples.cells.allSatisfy { $0.rank != nil })
    // Of a file, more rows than there are cannot be taken.
    let rows = try UnsplitData(
      file: .init(
        path: digitsPath, targets: "64", oneHot: true, inputPreparation: .whitened(rank: 6)))
    let digits = try plane(
      "beta=0.1..0.3", "samples=200..2000", cells: (3, 3), data: .rows(rows)
    ) { $0.width = 12 }
    let found = try digits.findings()
    let result = try digits.result()
    #expect(result.cells.filter { $0.y == 2000 }.allSatisfy { $0.rank == nil })
    #expect(
      found.notes.contains {
        $0.contains("3 cells could not be evaluated: 2000 training samples") && $0.contains("1797")
      })
    let more = try plane(
      "beta=0.1..0.3", "samples=200..1797", cells: (2, 2), data: .rows(rows)
    ) { $0.width = 12 }.result()
    let whole = try NetworkData(
      file: .init(
        path: digitsPath, targets: "64", oneHot: true, inputPreparation: .whitened(rank: 6)),
      seed: 3)
    let all = try LandscapePhases(
      singularValues: whole.singularValues(), depth: 3, weightDecay: 0.1, units: 6)
    let cell = try #require(more.cells.first { $0.x == 0.1 && $0.y == 1797 })
    #expect(cell.rank == all.rank && abs(cell.order! - all.order) < 1e-9)
  }

  // MARK: - Marked cells

  @Test("Full batches, unstable steps and two layers are marked, not filled in")
  func marked() throws {
    let rows = try NetworkData(
      whitening: GaussianTeacher(singularValues: [0.9, 0.8]), samples: 32, seed: 1)
    let batches = try plane(
      "beta=0.1..0.2", "batch-size=16..64", cells: (2, 4), data: .fixed(rows)
    ) { $0.learningRate = 0.1 }.findings()
    let table = try #require(batches.tables.first)
    let noise = table.csv().split(separator: "\n").filter { $0.contains("no noise") }
    #expect(noise.count == 6 && noise.allSatisfy { $0.contains("no noise,,,") })
    let arrays = Dictionary(
      uniqueKeysWithValues: batches.archives[0].arrays.map { ($0.key, $0.values) })
    #expect(arrays["logTime"]?.suffix(6).allSatisfy(\.isNaN) == true)
    #expect(arrays["rank"]?.allSatisfy { !$0.isNaN } == true)
    // Steps beyond stability: hω > 2 across the line.
    let fast = try plane(
      "beta=0.3..0.34", "learning-rate=0.1..10:log", cells: (2, 3), fields: [.logTime]
    ).findings()
    #expect(fast.notes.contains { $0.hasPrefix("in ") && $0.contains("ln τ is not known: ") })
    let shallow = try plane(
      "beta=0.3..0.34", "inverse-noise=50..100", cells: (2, 2)
    ) { $0.depth = 2 }.result()
    #expect(
      shallow.cells.allSatisfy { $0.mechanism == .noBarrier && $0.logTime == nil && $0.rank == 2 })
  }

  @Test("Runs that diverge give no number")
  func diverging() throws {
    // Between the descent's stability along the line and what the noise allows.
    let findings = try plane(
      "beta=0.3..0.31", "learning-rate=0.9..1", cells: (2, 2), fields: [.logTime], runs: 4
    ) { $0.batchSize = 1 }.findings()
    for cell in findings.results["cells"].flatMap(Self.elements) ?? [] {
      guard let simulated = cell["simulated"] else { continue }
      if simulated["diverged"] != .integer(0) {
        #expect(simulated["meanFirstPassageTime"]?["value"] == .null)
      }
    }
  }

  private static func elements(_ value: JSONValue) -> [JSONValue]? {
    if case .array(let values) = value { values } else { nil }
  }

  // MARK: - Sweeps

  @Test("The hysteresis area is that between the spinodals and the start of the sweep")
  func hysteresis() throws {
    let result = try plane(
      "beta=0.25..0.43", "depth=2..3", cells: (37, 2), fields: [.rank], sweeps: true
    ).result()
    let three = try #require(result.sweeps.last)
    // Nothing comes back, so up − down is the rank: (β_c,1 − 0.25) + (β_c,2 − 0.25), to a step of each.
    let area = (0.410549 - 0.25) + (0.350882 - 0.25)
    #expect(abs(try #require(three.hysteresisArea) - area) < 2 * 0.005)
    #expect(three.value == 3 && three.up.first == 2 && three.down.first == 0)
    for (beta, rank) in zip(three.betas, three.up) {
      #expect(rank == (beta < 0.350882 ? 2 : beta < 0.410549 ? 1 : 0))
    }
    // Where the landscape is the same there is one sweep, whose steps may not converge.
    let one = try plane(
      "inverse-noise=50..100", "beta=0.3..0.36", cells: (2, 3), fields: [.rank], sweeps: true,
      tolerance: 1e-12, maximumEpochs: 3
    ).result()
    #expect(one.sweeps.count == 1 && one.sweeps[0].value == nil)
    #expect(one.sweeps[0].hysteresisArea == nil && one.sweeps[0].up.contains(nil))
    #expect(one.sweeps[0].reason?.contains("raise --max-epochs") == true)
  }

  // MARK: - Runs

  @Test("Runs agree with theory, by brute force and by splitting, each with its interval")
  func runs() throws {
    let result = try plane(
      "beta=0.335..0.34", "inverse-noise=90..100", cells: (2, 2), fields: [.logTime], runs: 60
    ).result()
    for cell in result.cells {
      let simulated = try #require(cell.simulated)
      #expect(simulated.method == "brute force" && simulated.events == 60)
      let time = simulated.meanFirstPassageTime
      #expect(time.lower! < time.value! && time.value! < time.upper!)
      // Five standard errors and the 25 % of the theory.
      #expect(abs(log(time.value!) - cell.logTime!) < 5 / 60.0.squareRoot() + 0.25)
    }
  }

  @Test("Stopped and gone on with: the same bits, and the same cells for every number of threads")
  func stopped() throws {
    func experiment() throws -> PhasePlaneExperiment {
      try plane(
        "beta=0.33..0.345", "inverse-noise=60..100", cells: (4, 3), fields: [.logTime],
        budget: 150, runs: 6, sweeps: true)
    }
    let whole = try experiment().findings().results.rendered()
    try withTemporaryDirectory { directory in
      var stops = 0
      while true {
        let (context, folder) = try context(
          directory.appendingPathComponent("a").path, stop: StopSignal(after: 0.1 * Double(stops)))
        defer {
          try? context.store.close()
          folder.release()
        }
        do {
          #expect(try experiment().findings(in: context).results.rendered() == whole)
          break
        } catch is StoppedEarly { stops += 1 }
        try #require(stops < 2000)
      }
      #expect(stops > 0)
      // A look finds all of it, and some of it run again is the same.
      let (context, folder) = try context(
        directory.appendingPathComponent("a").path, mode: .verify(runs: 2))
      #expect(try experiment().findings(in: context).results.rendered() == whole)
      #expect(!context.recheckedRuns.isEmpty && context.recheckedRuns.allSatisfy(\.agrees))
      try context.store.close()
      folder.release()
    }
  }

  @Test("Shards, joined, are the whole")
  func shards() throws {
    func experiment() throws -> PhasePlaneExperiment {
      try plane(
        "beta=0.335..0.345", "inverse-noise=60..90", cells: (3, 3), fields: [.logTime], runs: 6)
    }
    let whole = try experiment().findings().results.rendered()
    try withTemporaryDirectory { directory in
      func path(_ name: String) -> String { directory.appendingPathComponent(name).path }
      for k in 1...2 {
        let (context, folder) = try context(path("\(k)"), shard: Shard(k, of: 2))
        #expect(throws: ShardFinished.self) { try experiment().findings(in: context) }
        try context.store.close()
        folder.release()
      }
      let merge = try StoreMerge([path("1"), path("2")], into: path("joined"))
      #expect(merge.skipped == 0 || merge.added > 0)
      let (context, folder) = try context(path("joined"), mode: .look)
      #expect(try experiment().findings(in: context).results.rendered() == whole)
      try context.store.close()
      folder.release()
    }
  }

  private func context(
    _ path: String, mode: RunContext.Mode = .run, stop: StopSignal = StopSignal(),
    shard: Shard? = nil
  ) throws -> (RunContext, ResultFolder) {
    let folder = try ResultFolder(path: path, mayReplace: false)
    let key = StoredExperiment(command: "phase-diagram", seed: 3)
    let context = RunContext(
      mode: mode, stop: stop, shard: shard, checkpointInterval: 0.02,
      store: { try folder.openStore(for: key, configuration: "") })
    return (context, folder)
  }

  // MARK: - Refusals

  @Test("What cannot be a plane is refused in one sentence, with the value and the remedy")
  func refusals() throws {
    func said(_ body: () throws -> PhasePlaneExperiment) -> String {
      words { _ = try body().result() } ?? "nothing"
    }
    #expect(
      said { try plane("beta=0.2..0.3", "beta=0.3..0.4") }.contains(
        "both axes are beta; a plane needs two"))
    #expect(
      said { try plane("beta=0.5..0.6", "inverse-noise=50..90") }
        == "no feature has a learned state anywhere in the plane, β from 0.5 to 0.6: the largest β_c in it is 0.410549; choose β below"
    )
    #expect(
      said { try plane("eta=0.1..0.2", "depth=3..4", etas: [0.2]) { $0.weightDecay = 0.5 } }
        .contains("β = 0.5: the largest β_c in it is 0.05"))
    #expect(
      said { try plane("eta=0.5..0.7", "depth=3..4") }.contains("give it with --beta"))
    #expect(
      said { try plane("beta=0.2..0.3", "temperature=0.1..0.2") { $0.learningRate = 0.1 } }
        .contains("choose one kind of noise"))
    #expect(
      said { try plane("beta=0.2..0.3", "batch-size=4..8") }.contains(
        "nothing says how strong the noise of SGD is; give --learning-rate"))
    #expect(
      said { try plane("learning-rate=0.1..0.2", "inverse-noise=40..80") { $0.weightDecay = 0.2 } }
        .contains("fractions of samples"))
    #expect(
      said { try plane("beta=0.2..0.3", "inverse-noise=40..80") { $0.learningRate = 0.1 } }
        .contains("learning rate 0.1 was given"))
    #expect(
      said { try plane("beta=0.2..0.3", "width=2..4") { $0.layers = [2, 4, 4, 2] } }.contains(
        "--network has the widths of all layers"))
    #expect(
      said { try plane("beta=0.2..0.3", "inverse-noise=40..80") { $0.layers = [3, 4, 4, 2] } }
        .contains("no cell of the plane can be evaluated"))
    let fixed = PlaneData.fixed(
      NetworkData(online: try GaussianTeacher(singularValues: [0.9])))
    #expect(
      said { try plane("beta=0.2..0.3", "eta=0.5..0.6", data: fixed) }.contains("with --eta"))
    #expect(
      said { try plane("beta=0.2..0.3", "eta=0.5..0.6", budget: 100) }.contains(
        "t = 100 without noise never leaves"))
    #expect(
      said { try plane("beta=0.2..0.3", "eta=0.5..0.6", runs: 5) }.contains("5 runs without noise"))
    #expect(
      said { try plane("beta=0.2..0.3", "eta=0.5..0.6", fields: [.logTime]) }.contains(
        "ln-tau is the work of noise"))
    #expect(
      said {
        try plane("eta=0.5..0.6", "depth=3..4", sweeps: true) { $0.weightDecay = 0.1 }
      }.contains("on no axis; give one such as"))
    #expect(
      said { try plane("beta=0.2..0.3", "inverse-noise=40..80", runs: 1) }.contains("at least 2"))
    let coloured = PlaneData.fixed(
      try NetworkData(
        teacher: GaussianTeacher(singularValues: [0.9]), samples: 20, testSamples: 0, seed: 1))
    #expect(
      said { try plane("beta=0.2..0.3", "width=2..4", data: coloured) }.contains("add --whiten"))
    #expect(
      words { _ = try PlaneField.fields(parsing: "rank,colour") }?.contains("'colour' is no field")
        == true)
  }
}
