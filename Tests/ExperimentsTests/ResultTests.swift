import DataFiles
import EscapeStatistics
import Escapes
import Experiments
import Foundation
import KramersRates
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import PhaseDiagrams
import Reports
import RunStores
import TestSupport
import Testing
import TrainingLogs

/// Every verb on small samples, whose documents have every key there is, nulls and bounds included.
@Suite("Results as documents")
struct ResultTests {
  /// The document of a result, which reads back as what was written.
  private func readBack<Result: DescribedJSON>(
    _ type: Result.Type, _ document: JSONValue, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Result {
    let result = try JSONDecoder().decode(type, from: Data(document.rendered().utf8))
    let copy = try JSONValue(encoding: result)
    #expect(copy.rendered() == document.rendered(), sourceLocation: sourceLocation)
    return result
  }

  private func expectContract<Result: DescribedJSON>(
    _ type: Result.Type, _ documents: [JSONValue],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    expectDeclared(
      type.keys, in: documents, estimate: Estimate.keys, sourceLocation: sourceLocation)
    for document in documents {
      _ = try readBack(type, document, sourceLocation: sourceLocation)
    }
  }

  /// The same for findings, of which the tables can be made from the document alone as well.
  private func expectTables<Result: Tabulated>(
    _ type: Result.Type, _ findings: [Findings], count: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try expectContract(type, findings.map(\.results), sourceLocation: sourceLocation)
    for found in findings {
      expectDescribed(found.tables, by: type.tableDescriptions, sourceLocation: sourceLocation)
      let copy = try readBack(type, found.results).tables
      for (table, original) in zip(copy, found.tables).prefix(count) {
        #expect(table.csv() == original.csv(), sourceLocation: sourceLocation)
        #expect(
          table.columns.map(\.heading) == original.columns.map(\.heading),
          sourceLocation: sourceLocation)
        #expect(
          table.columns.map(\.meaning) == original.columns.map(\.meaning),
          sourceLocation: sourceLocation)
      }
    }
  }

  /// Tables have the columns that the reference lists, in its order.
  private func expectDescribed(
    _ tables: [Table], by descriptions: [TableDescription], sourceLocation: SourceLocation
  ) {
    let names = tables.map(\.name)
    let described = descriptions.filter { $0.only == nil || names.contains($0.name) }
    #expect(names == described.map(\.name), sourceLocation: sourceLocation)
    for (table, description) in zip(tables, described) {
      let keys = table.columns.map(\.name)
      // Of numbered columns the first stands for all.
      let numbered = description.columns.filter(\.isNumbered).map { $0.key.dropLast() }
      let known = description.columns.map(\.key).filter { keys.contains($0) }
      let others = keys.filter { key in
        !known.contains(key) && !numbered.contains { key.hasPrefix($0) }
      }
      #expect(others.isEmpty, "\(table.name)", sourceLocation: sourceLocation)
      #expect(
        keys.filter { known.contains($0) } == known, "\(table.name)",
        sourceLocation: sourceLocation)
      for column in description.columns where column.only == nil && !column.isNumbered {
        #expect(
          keys.contains(column.key), "\(table.name) lacks \(column.key)",
          sourceLocation: sourceLocation)
      }
    }
  }

  @Test("theory")
  func theory() throws {
    let many = (0..<60).map { 0.9 + 0.001 * Double($0) }
    let findings = try [1, 2, 3].flatMap { depth in
      try [nil, 0.32, 0.85].map {
        try TheoryExperiment(singularValues: [0.9, 0.8], depth: depth, weightDecay: $0).findings()
      }
    }
    // 2⁶⁰ is a number without a fraction, but no integer of the document.
    let large = try TheoryExperiment(singularValues: many, depth: 3, weightDecay: 0.1).findings()
    #expect(large.results["coexistingMinima"] == .number(0x1p60))
    try expectTables(TheoryResult.self, findings + [large], count: 1)
  }

  @Test("phase-diagram")
  func phaseDiagram() throws {
    let endless = NetworkData(online: try GaussianTeacher(singularValues: [0.9, 0.8]))
    let finite = try NetworkData(
      file: .init(
        path: digitsPath, targets: "64", oneHot: true, inputPreparation: .whitened(rank: 2),
        testFraction: 0.2), seed: 1)
    func findings(
      _ data: NetworkData, widths: [Int], from: Double, to: Double, step: Double
    ) throws -> Findings {
      try PhaseDiagramExperiment(
        data: data, widths: widths, from: from, to: to, step: step,
        convergence: .init(learningRate: 0.2, gradientTolerance: 1e-6, maximumEpochs: 2000),
        seed: 1
      ).findings()
    }
    try expectTables(
      PhaseDiagramResult.self,
      [
        findings(endless, widths: [2, 4, 4, 2], from: 0.33, to: 0.39, step: 0.02),
        findings(endless, widths: [2, 4, 2], from: 0.7, to: 0.9, step: 0.1),
        findings(finite, widths: [2, 4, 10], from: 0.2, to: 0.4, step: 0.1),
      ], count: 2)
  }

  @Test("phase-diagram --activation")
  func folds() throws {
    func findings(
      _ widths: [Int], _ activation: Activation, etas: [Double] = [0.8], from: Double, to: Double,
      step: Double
    ) throws -> Findings {
      try FoldDiagramExperiment(
        data: NetworkData(online: GaussianTeacher(singularValues: etas)),
        architecture: NetworkArchitecture(widths: widths, activation: activation),
        from: from, to: to, step: step, seed: 1
      ).findings()
    }
    // Three layers lose their feature in a fold for good, two by and by, and get it back: without a spinodal, or where
    // the state of another feature becomes unstable at β = η.
    let all = try [
      findings([1, 4, 4, 1], .tanh, from: 0.28, to: 0.36, step: 0.02),
      findings([1, 3, 1], .tanh, from: 0.6, to: 0.9, step: 0.1),
      findings([1, 3, 3, 1], .relu, from: 0.1, to: 0.3, step: 0.05),
      findings([2, 3, 2], .linear, etas: [0.9, 0.8], from: 0.66, to: 0.85, step: 0.05),
    ]
    try expectTables(FoldDiagramResult.self, all, count: 1)
    #expect(all[1].summary.last?.contains("no lower spinodal was found") == true)
    #expect(all[3].summary.last?.contains("without feature 2 at β = 0.8 (a bifurcation)") == true)
    #expect(
      all[0].summary.last == "Nothing comes back on the way down: the hysteresis is complete.")
    #expect(all[2].results.rendered().contains("kinked activation"))
    let outcome = try JSONDecoder().decode(
      PhaseDiagramOutcome.self, from: Data(all[0].results.rendered().utf8))
    guard case .folds(let result) = outcome else {
      Issue.record("folds read back as something else")
      return
    }
    #expect(result.returns.isEmpty)
    let loss = try #require(result.losses.first)
    #expect(abs(try #require(loss.fold) - loss.learnedTo) < 1e-3)
    #expect(result.losses.count == 1)
  }

  @Test("phase-diagram --x --y")
  func phasePlane() throws {
    func findings(
      _ x: String, _ y: String, cells: Int = 3, runs: Int = 0, budget: Double? = nil,
      epochs: Int = 20_000, data: PlaneData? = nil, sweeps: Bool = false, width: Int = 4
    ) throws -> Findings {
      var base = PlaneSettings()
      base.batchSize = 4
      base.width = width
      return try PhasePlaneExperiment(
        data: data ?? .teacher(GaussianTeacher(singularValues: [0.9, 0.8])),
        x: PhaseAxis(parsing: x, count: cells), y: PhaseAxis(parsing: y, count: cells), base: base,
        budget: budget, runs: runs,
        sweeps: sweeps
          ? .init(learningRate: 0.2, gradientTolerance: 1e-4, maximumEpochs: epochs) : nil, seed: 1
      ).findings()
    }
    let rows = try UnsplitData(
      file: .init(
        path: digitsPath, targets: "64", oneHot: true, inputPreparation: .whitened(rank: 2)))
    let all = try [
      findings("beta=0.34..0.42", "inverse-noise=60..90", runs: 4, budget: 100),
      findings("beta=0.33..0.34", "inverse-noise=40..160:log"),
      findings("beta=0.2..0.4", "depth=3..4", sweeps: true),
      findings("beta=0.2..0.4", "inverse-noise=60..90", epochs: 3, sweeps: true),
      findings("beta=0.1..0.2", "samples=1000..2000", data: .rows(rows)),
    ]
    try expectTables(PhasePlaneResult.self, all, count: 1)
    #expect(all[0].figures.map(\.name).contains("plane-ln-tau"))
    #expect(all[0].archives[0].arrays.map(\.key).contains("timeUpper"))
    #expect(all[0].figures.map(\.name).contains("plane-measured-ln-tau"))
    #expect(
      Set(all[2].figures.map(\.name)).isSuperset(of: [
        "plane-measured-rank-up", "plane-measured-rank-down",
      ]))
    #expect(all[0].summary.contains { $0.contains("still looks stuck") })
    #expect(all[2].summary.contains { $0.contains("hysteresis area") })
    let outcome = try JSONDecoder().decode(
      PhaseDiagramOutcome.self, from: Data(all[1].results.rendered().utf8))
    guard case .plane(let result) = outcome else {
      Issue.record("a plane reads back as a line")
      return
    }
    #expect(result.cells.count == 9)
  }

  @Test("inspect")
  func inspection() throws {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8])
    let data = try NetworkData(teacher: teacher, samples: 32, testSamples: 16, seed: 1)
    let classes = try NetworkData(
      file: .init(
        path: digitsPath, targets: "64", oneHot: true, inputPreparation: .whitened(rank: 2),
        testFraction: 0.9), seed: 1)
    func findings(
      _ data: NetworkData, _ widths: [Int], _ activation: Activation = .tanh, steps: Int
    ) throws -> Findings {
      let architecture = try NetworkArchitecture(
        widths: widths, activation: activation, hasBiases: true)
      var settings = InspectionExperiment.Settings()
      settings.steps = steps
      return try InspectionExperiment(
        of: randomPoint(architecture.parameterCount, scale: 0.5, testStream(4)), architecture,
        on: data, weightDecay: 0.05, settings: settings
      ).findings()
    }
    let all = try [
      findings(data, [2, 3, 2], steps: 64), findings(data, [2, 1, 2], .sigmoid, steps: 0),
      findings(data, [2, 2], steps: 0), findings(data, [2, 300, 2], steps: 0),
      findings(classes, [2, 3, 10], steps: 0),
    ]
    try expectTables(InspectionResult.self, all, count: 2)
    #expect(all.allSatisfy { $0.figures.map(\.name) == ["spectrum"] })
    #expect(all[0].summary.contains { $0.contains("local learning coefficient is") })
    #expect(all[1].summary.contains { $0.contains("no learning coefficient") })
    #expect(all[3].results["spectrum"]?["method"] == "lanczos")
  }

  @Test("train")
  func training() throws {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8])
    let withTest = try NetworkData(teacher: teacher, samples: 32, testSamples: 16, seed: 1)
    let classes = try NetworkData(
      file: .init(
        path: digitsPath, targets: "64", oneHot: true, inputPreparation: .whitened(rank: 2),
        testFraction: 0.9), seed: 1)
    func findings(
      _ data: NetworkData, _ activation: Activation = .linear, learningRate: Double = 0.05
    ) throws -> Findings {
      try TrainingExperiment(
        data: data,
        architecture: NetworkArchitecture(
          widths: [data.inputs, 4, data.targets], activation: activation),
        weightDecay: 0.05, settings: SGDSettings(learningRate: learningRate, batchSize: 16),
        epochs: 3, seed: 1
      ).findings()
    }
    let all = try [
      findings(withTest), findings(withTest, .tanh), findings(withTest, learningRate: 1e3),
      findings(classes),
    ]
    #expect(all[2].results["outcome"] == "diverged")
    #expect(all[2].notes.contains { $0.contains("diverged") })
    #expect(all[2].failure?.contains("diverged") == true && all[0].failure == nil)
    #expect(all[2].notes.contains { $0.contains("too large for the start") })
    try expectTables(TrainingResult.self, all, count: 1)
  }

  @Test("train --runs")
  func trainings() throws {
    let data = try NetworkData(
      teacher: GaussianTeacher(singularValues: [0.9, 0.8]), samples: 32, testSamples: 16, seed: 1)
    func findings(
      _ data: TrainingData, widths: [Int] = [2, 4, 2], batches: [Int?],
      fractions: [Double] = [], until: String?,
      learningRate: Double = 0.1, runs: Int = 8, confirms: Bool = false,
      varying: TrainingChance = .all
    ) throws -> Findings {
      try TrainingEnsembleExperiment(
        data: data,
        grid: TrainingGrid(
          learningRates: [learningRate], batchSizes: batches, weightDecays: [0.02],
          widths: [widths], testFractions: fractions),
        conduct: .init(batches: SGDSettings(learningRate: 1, batchSize: 1)),
        until: until.map { try ReachCondition(parsing: $0) }, length: .time(40), runs: runs,
        varying: varying, confirms: confirms, seed: 1
      ).findings()
    }
    let all = try [
      findings(
        .fixed(data), batches: [4, 8, nil], until: "trainLoss < 0.4", runs: 24, confirms: true,
        varying: .order),
      findings(.fixed(data), batches: [4], until: "sigma2 > 5", runs: 22, confirms: true),
      findings(.fixed(data), batches: [4], until: nil),
      findings(
        .unsplit(UnsplitData(modularAddition: 3, targets: .centred)), widths: [6, 4, 3],
        batches: [nil],
        fractions: [0.25], until: "trainAccuracy > 1", runs: 3),
    ]
    try expectTables(TrainingEnsembleResult.self, all, count: 1)
    #expect(all[0].summary.first?.hasSuffix("runs came to trainLoss < 0.4.") == true)
    #expect(all[0].results["confirmation"] != nil)
    #expect(all[0].summary.last?.hasPrefix("Tried: ") == true)
    #expect(all[1].results["confirmation"]?["holds"] == false)
    #expect(all[2].results["diagnosisReason"] != .null)
    #expect(
      words { _ = try findings(.fixed(data), batches: [4], until: "valLoss < 1") }?
        .contains("there are trainLoss, energy, testLoss") == true)
    #expect(
      words { _ = try findings(.fixed(data), batches: [4], until: "trainLoss > 0") }?
        .contains("holds at the start already") == true)
    let wild = try findings(.fixed(data), batches: [4], until: "trainLoss < 0.1", learningRate: 5)
    #expect(wild.failure?.contains("diverged") == true)
  }

  @Test("barrier")
  func barrier() throws {
    let loss = try GaussianNetworkLoss(
      architecture: NetworkArchitecture(widths: [1, 8, 8, 1], activation: .tanh),
      teacher: GaussianTeacher(singularValues: [0.8]), weightDecay: 0.31)
    let basin = try #require(
      NetworkBasins.escape(
        data: NetworkData(online: loss.teacher), architecture: loss.architecture,
        weightDecay: 0.31, start: nil) as? BasinEscape<GaussianNetworkLoss>)
    try expectTables(
      BarrierResult.self,
      [
        BarrierExperiment(of: WellEscape.mullerBrown, images: 10).findings(),
        BarrierExperiment(of: gaussianEscape(widths: [2, 3, 3, 2]), images: 10).findings(),
        BarrierExperiment(of: basin).findings(),
        BarrierExperiment(of: WideBasin(loss, near: basin.start)).findings(),
        BarrierExperiment(
          of: NetworkPassage(loss, from: basin.start, to: basin.product).escape()
        ).findings(),
      ], count: 1)
  }

  @Test("rate")
  func rate() throws {
    let escape = try gaussianEscape(widths: [2, 3, 3, 2])
    let settings = try SGDSettings(learningRate: 0.06, batchSize: 8)
    try expectTables(
      RateResult.self,
      [
        RateExperiment(
          of: escape, under: .minibatch(settings), solving: .learningRate,
          for: Budget(100, .time)
        ).findings(),
        RateExperiment(
          of: WellEscape.doubleWell, under: .inertial(temperature: 0.05, friction: 1)
        ).findings(),
        // Beyond the range of a double.
        RateExperiment(of: WellEscape.doubleWell, under: .white(temperature: 1e-4)).findings(),
        RateExperiment(of: escape, under: .minibatch(settings)).findings(),
        RateExperiment(
          of: escape, under: .minibatch(SGDSettings(learningRate: 0.02, batchSize: 8))
        ).measuringCovariance(over: Budget(20, .time), seed: 1).findings(),
      ], count: 1)
    // Never left: of its infinite times a document has nothing but the reason.
    let absorbing = try RateExperiment(
      of: gaussianEscape(widths: [2, 3, 3, 2], weightDecay: 0.25, from: 1, to: 2),
      under: .minibatch(settings)
    ).findings()
    let theories = try readBack(RateResult.self, absorbing.results).theories
    #expect(theories.allSatisfy { $0.logMeanFirstPassageTime == nil && $0.reason != nil })
  }

  @Test("escape")
  func escape() throws {
    func findings(
      _ escape: any Escape, _ dynamics: any Dynamics, runs: Int = 6, cap: Double? = nil
    ) throws -> Findings {
      try EscapeExperiment(of: escape, under: dynamics, runs: runs, seed: 1, cap: cap).findings()
    }
    let sgd = SGDDynamics(try SGDSettings(learningRate: 0.1, batchSize: 4))
    let loss = try gaussianEscape(widths: [2, 3, 3, 2], weightDecay: 0.345)
    let gain = try gaussianEscape(widths: [2, 3, 3, 2], weightDecay: 0.25, from: 1, to: 2)
    func thermal(_ temperature: Double) throws -> OverdampedDynamics {
      try OverdampedDynamics(temperature: temperature)
    }
    try expectTables(
      EscapeResult.self,
      [
        findings(WellEscape.doubleWell, thermal(0.2)),
        findings(WellEscape.doubleWell, thermal(0.2), runs: 400),
        findings(WellEscape.doubleWell, thermal(0.1), runs: 40, cap: 30),
        findings(WellEscape.doubleWell, thermal(0.1), cap: 1),
        EscapeExperiment(of: WellEscape.doubleWell, under: thermal(0.03), runs: 1, seed: 1)
          .by(.splitting(SplittingSettings(paths: 10), replicates: 2)).findings(),
        EscapeExperiment(
          of: WellEscape.doubleWell, under: thermal(0.2),
          extent: EnsembleExtent(runs: 6, keepingRuns: false), seed: 1
        ).findings(),
        EscapeExperiment(
          of: WellEscape.doubleWell, under: OverdampedDynamics(temperature: 0.2, integrator: .heun),
          runs: 6, seed: 1
        ).choosingTimeStep(error: 0.01).extrapolatingTimeStep().findings(),
        EscapeExperiment(of: WellEscape.doubleWell, under: thermal(0.1), runs: 2, seed: 1, cap: 0.1)
          .extrapolatingTimeStep().findings(),
        findings(NamedEscape.washboard.escape(), thermal(0.5), runs: 2),
        findings(loss, sgd), findings(gain, sgd, runs: 2, cap: 10),
        findings(loss, thermal(1e-3), runs: 2, cap: 10),
        findings(loss, SGDDynamics(try SGDSettings(learningRate: 10, batchSize: 4)), runs: 2),
      ], count: 1)
  }

  @Test("times")
  func times() throws {
    func findings(_ table: String, _ columns: PassageTable.Columns = .init()) throws -> Findings {
      try withTemporaryDirectory { folder in
        let file = folder.appending(path: "times.csv")
        try Data(table.utf8).write(to: file)
        return try PassageTimesExperiment(
          of: PassageTable(contentsOf: file.path, columns: columns)
        ).findings()
      }
    }
    let random = testStream(1)
    func rows(_ count: Int, _ row: (Double) -> String) -> String {
      (0..<count).map { _ in row(random.exponential(mean: 1)) }.joined(separator: "\n")
    }
    try expectTables(
      PassageTimesResult.self,
      [
        findings("time,event\n" + rows(60) { "\(min($0, 1)),\($0 < 1 ? 1 : 0)" }),
        // A lag, and one group too small.
        findings(
          "t,kind\n" + rows(300) { "\($0 + 0.5),a" } + "\n1,b\n2,b",
          .init(group: "kind")),
        findings(
          "lower,upper\n" + rows(40) { $0 > 2 ? "2,inf" : "\(floor($0)),\(floor($0) + 1)" }),
        findings("lower,upper\n1,2\n1,2\n"),
        findings(
          "inverse_noise,beta,time\n" + rows(60) { "1,0.1,\($0)" } + "\n"
            + rows(60) { "2,0.1,\(3 * $0)" } + "\n" + rows(60) { "3,0.2,\(9 * $0)" }),
        findings("inverse_noise,time\n1,1\n1,2\n2,2.5\n"),
      ], count: 2)
  }

  @Test("reproduce")
  func reproduction() throws {
    let found = try ReproductionExperiment(
      rows: [.sparseSampling, .lossSection, .bifurcation, .stateCount], isQuick: true
    ).findings()
    // The rest of what may stand there: bounds, runs, and a curve with a gap.
    let bound = ReproductionResult.Row(
      row: "fig2b", claim: "c", setting: "s", reported: "r", verdict: .reproducedWith,
      nearestProtocol: "white noise",
      literal: [.init("rate", nil, upper: 1e-3), .init("time", nil, lower: 1e3)],
      nearest: [.init("slope", 0.1, lower: 0.05, upper: 0.2, unit: "loss")], evidence: ["e"],
      passages: [
        .init(
          setting: "T = 1", inverseNoise: 1,
          sample: EscapeSample([
            PassageTime(time: 2, outcome: .escaped), PassageTime(time: 1, outcome: .censored),
          ]))
      ],
      figure: .init(
        title: "t", x: "x", y: "y",
        curves: [.init("c", .points, [.init(1, nil), .init(2, 3, lower: 2, upper: 4)])]))
    let made = try ReproductionResult(rows: [bound]).findings()
    #expect(made.tables[0].csv().contains("rate < 0.001"))
    try expectTables(ReproductionResult.self, [found, made], count: 5)
  }

  @Test("diagnose")
  func diagnosis() throws {
    /// Runs at some batch sizes, 0 standing for the whole of 512 samples, whose accuracy leaps at a time of their own.
    func findings(_ batches: [Int], seeds: Int, decay: Bool, _ passage: (Int) -> Double) throws
      -> Findings
    {
      var rows = ["seed,step,val_acc,lr,batch_size" + (decay ? ",weight_decay" : "")]
      for batch in batches {
        for seed in 0..<seeds {
          let time = passage(batch)
          for step in Swift.stride(from: 0, through: 3000, by: 30) {
            rows.append(
              "\(batch)-\(seed),\(step),\(Double(step) < time ? 0.2 : 1),0.1,\(batch == 0 ? 512 : batch)"
                + (decay ? ",0.01" : ""))
          }
        }
      }
      return try withTemporaryDirectory { folder in
        let file = folder.appending(path: "runs.csv")
        try Data((rows.joined(separator: "\n") + "\n").utf8).write(to: file)
        let mapping = LogMapping(
          runKey: "seed", learningRate: .key("lr"), batchSize: .key("batch_size"),
          weightDecay: decay ? .key("weight_decay") : nil)
        return try DiagnosisExperiment(
          of: LoggedRuns(contentsOf: [file.path], mapping: mapping),
          conditions: .init(reach: ReachCondition(parsing: "val_acc >= 0.9"), fullBatch: 512)
        ).findings()
      }
    }
    let random = testStream(2)
    func waits(_ batch: Int) -> Double {
      batch == 0 ? .infinity : random.exponential(mean: 10 * exp(Double(batch) / 4))
    }
    func drifts(_ batch: Int) -> Double { 900 + 40 * random.normal() }
    let all = try [
      findings([8, 12, 16, 0], seeds: 25, decay: true, waits),
      findings([8, 16, 0], seeds: 8, decay: false, drifts),
      findings([8, 12], seeds: 4, decay: false, waits),
    ]
    try expectTables(DiagnosisResult.self, all, count: 3)
    let verdicts = try all.map {
      try JSONDecoder().decode(DiagnosisResult.self, from: Data($0.results.rendered().utf8)).verdict
    }
    #expect(verdicts == [.escape, .drift, .unresolved])
    for found in all {
      #expect(found.figures.map(\.name) == ["curves", "survival", "scaling"])
    }
    // Of a hundred runs forty are drawn, ten of each setting.
    let drawn = try #require(all[0].tables.last).csv().split(separator: "\n").dropFirst()
    let names = Set(drawn.compactMap { $0.split(separator: ",").first })
    #expect(names.count == 40 && names.count { $0.hasPrefix("seed 0-") } == 10)
  }

  @Test("compare and study")
  func comparison() throws {
    let data = NetworkData(online: try GaussianTeacher(singularValues: [0.9, 0.8]))
    func comparison(cap: Double?) throws -> ComparisonExperiment {
      try ComparisonExperiment(
        escape: FeatureEscape(
          data: data, widths: [2, 3, 3, 2], weightDecay: 0.345, from: 2, to: 1),
        ladder: [0.1, 0.12].map { try SGDSettings(learningRate: $0, batchSize: 4) }, runs: 6,
        seed: 1, timeStep: 0.05, cap: cap)
    }
    let diverging = try ComparisonExperiment(
      escape: FeatureEscape(
        data: data, widths: [2, 3, 3, 2], weightDecay: 0.345, from: 2, to: 1),
      ladder: [0.1, 10].map { try SGDSettings(learningRate: $0, batchSize: 4) }, runs: 4, seed: 1,
      timeStep: 0.05)
    // Where the noise across the line leaves a barrier.
    let trapped = try ComparisonExperiment(
      escape: FeatureEscape(
        data: data, widths: [2, 3, 3, 2], weightDecay: 0.335, from: 2, to: 1),
      ladder: [0.035, 0.04].map { try SGDSettings(learningRate: $0, batchSize: 4) }, runs: 4,
      seed: 1, timeStep: 0.05)
    let findings = try [
      comparison(cap: nil).findings(), comparison(cap: 0.5).findings(), diverging.findings(),
      trapped.findings(),
    ]
    try expectTables(ComparisonResult.self, findings, count: 2)
    let phases = try PhaseDiagramExperiment(
      data: data, widths: [2, 3, 3, 2], from: 0.33, to: 0.39, step: 0.02,
      convergence: .init(learningRate: 0.2, gradientTolerance: 1e-6, maximumEpochs: 2000), seed: 1)
    let study = try StudyExperiment(phases: phases, comparison: comparison(cap: 0.5)).findings()
    _ = try readBack(StudyResult.self, study.results)
  }

  @Test("Every document has the keys that are declared")
  func report() throws {
    let findings = try TheoryExperiment(singularValues: [0.9], depth: 3, weightDecay: nil)
      .findings()
    let report = Report(command: "theory", seed: nil, configuration: [:], findings: findings)
    guard case .object(let members) = report.document else {
      Issue.record("the document is no object")
      return
    }
    #expect(members.map(\.key) == Report.keys.map(\.key))
  }
}
