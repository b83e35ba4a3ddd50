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
import Synchronization
import TestSupport
import Testing

extension JSONValue {
  fileprivate var double: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }
  fileprivate var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
  fileprivate var string: String? { if case .string(let text) = self { text } else { nil } }
}

@Suite("Theory of the modes")
struct TheoryExperimentTests {
  private func result(
    _ singularValues: [Double] = [0.9, 0.8], depth: Int = 3, weightDecay: Double? = 0.32
  ) throws -> TheoryResult {
    try TheoryExperiment(
      singularValues: singularValues, depth: depth, weightDecay: weightDecay
    ).result()
  }

  @Test("Reference numbers of depth 3")
  func reference() throws {
    // β_c = 3λ_c^{4/3} at λ_c = η/4; β* = (η/2)^{4/3}; λ_s and λ₊ solve λ − η + βλ^{−1/3} = 0; barriers
    // are differences of ½(λ − η)² + (3/2)βλ^{2/3}.
    let result = try result()
    let modes = result.modes
    func expect(
      _ value: Double?, _ expected: Double, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      expectClose(
        try #require(value), to: expected, absolute: 5e-7, sourceLocation: sourceLocation)
    }
    try #require(modes.count == 2)
    try expect(modes[0].transition.betaC, 0.410549)
    try expect(modes[0].transition.betaStar, 0.344839)
    try expect(modes[1].transition.betaC, 0.350882)
    try expect(modes[1].transition.betaStar, 0.294723)
    let states = try #require(modes[1].states)
    try expect(states.lambdaSaddle, 0.092545)
    try expect(states.lambdaLearned, 0.342743)
    try expect(states.barrierUp, 0.028453)
    try expect(states.barrierDown, 0.008829)
    #expect(modes[0].transition.order == .first)
    #expect(modes.map { $0.states?.learnedState } == [.stable, .metastable])
    #expect(result.learnableFeatures == 2)
    #expect(result.coexistingMinima?.value == 4)
    #expect(result.weightSpaceMinima == 3)
  }

  @Test("Beyond β_c the learned state is absent, and the reason is given")
  func absent() throws {
    let result = try result(weightDecay: 0.36)
    let states = try #require(result.modes[1].states)
    #expect(states.learnedState == .absent)
    #expect(states.lambdaSaddle == nil && states.lambdaLearned == nil)
    #expect(states.barrierUp == nil && states.barrierDown == nil)
    #expect(try #require(result.modes[1].reason).contains("betaC"))
    #expect(result.learnableFeatures == 1)
    #expect(result.coexistingMinima?.value == 2)
  }

  @Test("Depth 2 is of second order and depth 1 of none")
  func shallow() throws {
    let second = try result(depth: 2).modes[0]
    #expect(second.transition.order == .second)
    #expect(second.transition.betaC == 0.9)
    expectClose(try #require(second.states?.lambdaLearned), to: 0.58, relative: 1e-12)
    #expect(second.states?.barrierDown == nil)
    #expect(second.reason != nil)
    let none = try result(depth: 1).modes[0]
    #expect(none.transition.order == .none)
    #expect(none.transition.betaC == nil)
    expectClose(try #require(none.states?.lambdaLearned), to: 0.9 / 1.32, relative: 1e-12)
    #expect(try result(depth: 1).coexistingMinima?.value == 1)
  }

  @Test("Without β only the transition points are given")
  func transitionPoints() throws {
    let result = try result(weightDecay: nil)
    let mode = try #require(result.modes.first)
    expectClose(try #require(mode.transition.betaC), to: 0.410549, absolute: 5e-7)
    #expect(mode.states == nil)
    #expect(result.coexistingMinima == nil)
  }

  @Test("Values that make no sense are refused")
  func refusals() {
    #expect(throws: InvalidInput.self) { try result([]) }
    #expect(throws: InvalidInput.self) { try result([0.9, 0]) }
    #expect(throws: InvalidInput.self) { try result([-1]) }
    #expect(throws: InvalidInput.self) { try result([.nan]) }
    #expect(throws: InvalidInput.self) { try result(depth: 0) }
    #expect(throws: InvalidInput.self) { try result(weightDecay: 0) }
    #expect(throws: InvalidInput.self) { try result(weightDecay: -0.1) }
  }
}

@Suite("Escape experiments")
struct EscapeExperimentTests {
  @Test(
    "The double well's simulated, exact and Kramers times agree, the last as ΔE/T grows",
    .tags(.statistical))
  func doubleWell() throws {
    // 3 SE of each mean, and 0.5 % for the time step; finds an error of 12 % at ΔE/T = 4. The levels are
    // cells of one seed. Not z = 5: three checks, and a false alarm of 0.3 % each only where the seed is
    // rotated.
    let kramers = try KramersOverdamped(
      barrierHeight: 0.25, minimumCurvature: 2, saddleCurvature: -1)
    var ratios = [Double]()
    for (barrier, runs) in [(2.0, 1500), (4, 600), (6, 200)] {
      let temperature = 0.25 / barrier
      let experiment = try EscapeExperiment(
        of: NamedEscape.doubleWell.escape(), under: OverdampedDynamics(temperature: temperature),
        runs: runs, seed: testSeed(7))
      let results = try experiment.findings().results
      #expect(results["events"]?.double == Double(runs))
      let exact = try #require(results["theory"]?["meanFirstPassageTime"]?.double)
      let time = try #require(results["meanFirstPassageTime"]?["value"]?.double)
      let variation = try #require(results["coefficientOfVariation"]?.double)
      expectAgreement(
        SampleMean(
          mean: time, standardError: variation * time / Double(runs).squareRoot(), count: runs),
        with: exact, z: 3, bias: 0.005 * exact, "τ at ΔE/T = \(barrier)")
      ratios.append(exact / exp(kramers.logMeanFirstPassageTime(temperature: temperature)))
    }
    let deviations = ratios.map { abs($0 - 1) }
    #expect(deviations[0] > deviations[1] && deviations[1] > deviations[2], "\(ratios)")
    #expect(deviations[2] < 0.15, "\(ratios)")
  }

  @Test("A gain under SGD is a bound with a reason")
  func gain() throws {
    let experiment = try EscapeExperiment(
      of: gaussianEscape(weightDecay: 0.25, from: 1, to: 2),
      under: SGDDynamics(try SGDSettings(learningRate: 0.06, batchSize: 8)), runs: 4, seed: 1,
      cap: 60)
    let findings = try experiment.findings()
    let results = findings.results
    #expect(results["events"] == 0)
    #expect(results["rate"]?["value"] == .null)
    #expect(results["meanFirstPassageTime"]?["upper"] == .null)
    let exposure = try #require(results["exposure"]?.double)
    expectClose(exposure, to: 240, relative: 1e-9)
    expectClose(
      try #require(results["rate"]?["upper"]?.double), to: -log(0.05) / exposure, relative: 1e-12)
    #expect(results["absorbing"]?["isAbsorbing"] == true)
    #expect(results["absorbing"]?["reason"]?.string?.contains("rank 1") == true)
    #expect(findings.notes.contains { $0.contains("no run escaped") })
  }

  // Beyond h = 2/β = 6.06 no state is stable; below, a run may leap into the unlearned one and stay.
  @Test("Diverged runs are no escapes")
  func divergence() throws {
    let experiment = try EscapeExperiment(
      of: gaussianEscape(), under: SGDDynamics(try SGDSettings(learningRate: 10, batchSize: 8)),
      runs: 6, seed: 1)
    let findings = try experiment.findings()
    #expect(findings.results["diverged"] == 6)
    #expect(findings.results["events"] == 0)
    #expect(findings.notes.contains { $0.contains("diverged") && $0.contains("smaller") })
  }

  // The curvature is 1.84, so hω is 3.5; theory without the criterion gives 4e26.
  @Test("Beyond stability no time is given, theory is invalid, and that is said before the runs")
  func unstable() throws {
    let log = ProgressLog()
    let findings = try EscapeExperiment(
      of: gaussianEscape(widths: [2, 6, 6, 2]),
      under: SGDDynamics(try SGDSettings(learningRate: 1.9, batchSize: 4096)), runs: 6, seed: 1
    ).findings(in: RunContext(progress: log))
    #expect(log.entries.first?.contains("is 3.5") == true)
    #expect(log.entries.first?.contains("diverge") == true)
    #expect(log.entries.dropFirst().first == "begin escape")
    #expect(findings.results["diverged"] == 6)
    for key in ["rate", "meanFirstPassageTime", "meanFirstPassageTimeSteps"] {
      #expect(findings.results[key]?["value"] == .null)
      #expect(findings.results[key]?["lower"] == .null)
      #expect(findings.results[key]?["upper"] == .null)
      #expect(findings.results[key]?["reason"]?.string?.contains("6 of 6 runs diverged") == true)
    }
    #expect(findings.results["medianFirstPassageTimeReason"]?.string?.contains("diverged") == true)
    let theory = try #require(findings.results["theory"])
    #expect(theory["validity"] == "invalid" && theory["insideInterval"] == false)
    #expect(theory["reasons"]?.array?.contains { $0.string?.contains("3.5") == true } == true)
    #expect(findings.failure?.contains("6 of 6 runs diverged") == true)
    #expect(findings.figures.isEmpty)
    #expect(!findings.notes.contains { $0.contains("no run escaped") })
    #expect(findings.summary.contains { $0.contains("6 diverged, 0 escaped") })
    let csv = findings.tables[0].csv()
    #expect(csv.contains("mean first-passage time τ,,,,t\n"))
    #expect(csv.contains("diverged,6.0,,,runs\n"))
  }

  @Test("A coarse time step of Langevin dynamics is graded, with the one that would do")
  func coarseTimeStep() throws {
    func notes(_ dynamics: any Dynamics) throws -> [String] {
      try EscapeExperiment(of: WellEscape.doubleWell, under: dynamics, runs: 2, seed: 1, cap: 2)
        .findings().notes.filter { $0.hasPrefix("the time step") }
    }
    func overdamped(_ step: Double?) throws -> [String] {
      try notes(OverdampedDynamics(temperature: 0.05, timeStep: step))
    }
    #expect(try overdamped(nil).isEmpty && overdamped(0.1).isEmpty)
    let coarse = try #require(try overdamped(0.2).first)
    #expect(
      coarse.hasPrefix("the time step 0.2 is marginal: dt times the largest curvature 2 is 0.4"))
    #expect(coarse.contains("at most 0.1"))
    #expect(try overdamped(0.5).first?.contains("is invalid") == true)
    #expect(try overdamped(1.5).first?.contains("diverge") == true)
    func underdamped(_ step: Double, friction: Double) throws -> [String] {
      try notes(UnderdampedDynamics(temperature: 0.05, friction: friction, timeStep: step))
    }
    #expect(try underdamped(0.2, friction: 1).isEmpty)
    #expect(try underdamped(0.6, friction: 0.1).first?.contains("is marginal") == true)
    #expect(try underdamped(0.1, friction: 50).first?.contains("times too fast") == true)
  }

  @Test("A batch of all the data has no noise, and that is said")
  func fullBatch() throws {
    let escape = try FeatureEscape(
      data: try digits(), widths: [40, 16, 16, 10], weightDecay: 0.2, from: 9, to: 8)
    let findings = try EscapeExperiment(
      of: escape, under: SGDDynamics(try SGDSettings(learningRate: 0.02, batchSize: 5000)), runs: 1,
      seed: 1, cap: 1
    ).findings()
    #expect(findings.notes.contains { $0.contains("full batch") })
    #expect(findings.results["events"] == 0)
  }

  @Test("Numbers that make no sense are refused")
  func refusals() throws {
    let escape = WellEscape.doubleWell
    let dynamics = try OverdampedDynamics(temperature: 0.1)
    #expect(throws: InvalidInput.self) {
      try EscapeExperiment(of: escape, under: dynamics, runs: 0, seed: 1)
    }
    for level in [0, 1, 1.5, -0.1, .nan] {
      #expect(throws: InvalidInput.self) {
        try EscapeExperiment(of: escape, under: dynamics, runs: 1, seed: 1, level: level)
      }
    }
    #expect(throws: InvalidInput.self) {
      try EscapeExperiment(of: escape, under: dynamics, runs: 1, seed: 1, threads: 0)
    }
    #expect(throws: InvalidInput.self) {
      try EscapeExperiment(of: escape, under: dynamics, runs: 1, seed: 1, cap: -1)
    }
    #expect(throws: InvalidInput.self) {
      try OverdampedDynamics(temperature: 0.1, timeStep: 0)
    }
  }

  @Test("Results do not depend on the number of threads, and do on the seed")
  func threads() throws {
    func document(threads: Int, seed: UInt64) throws -> String {
      let network = try EscapeExperiment(
        of: gaussianEscape(weightDecay: 0.345),
        under: SGDDynamics(try SGDSettings(learningRate: 0.1, batchSize: 4)), runs: 7, seed: seed,
        threads: threads
      ).findings()
      let landscape = try EscapeExperiment(
        of: NamedEscape.doubleWell.escape(), under: OverdampedDynamics(temperature: 0.125),
        runs: 13, seed: seed, threads: threads
      ).findings()
      return network.results.rendered() + network.tables.map { $0.csv() }.joined()
        + landscape.results.rendered() + landscape.tables.map { $0.csv() }.joined()
    }
    let one = try document(threads: 1, seed: 3)
    #expect(try document(threads: 2, seed: 3) == one)
    #expect(try document(threads: 3, seed: 3) == one)
    #expect(try document(threads: 1, seed: 4) != one)
  }
}

/// What is said, in order.
private final class ProgressLog: ProgressObserver {
  private let log = Mutex<[String]>([])
  var entries: [String] { log.withLock { $0 } }
  func note(_ sentence: String) { log.withLock { $0.append(sentence) } }
  func begin(_ stage: String, total: Int) { log.withLock { $0.append("begin \(stage)") } }
  func advance(isEvent: Bool) {}
  func end() {}
}

@Suite("Comparisons and studies")
struct ComparisonExperimentTests {
  @Test("A level whose runs diverge has no time, and the fit does without it")
  func divergence() throws {
    let log = ProgressLog()
    let findings = try ComparisonExperiment(
      escape: gaussianEscape(widths: [2, 4, 4, 2], weightDecay: 0.345),
      ladder: ladder([0.1, 0.08, 10]), runs: 6, seed: 1, timeStep: 0.05
    ).findings(in: RunContext(progress: log))
    #expect(log.entries.first?.contains("the learning rate 10 is too large") == true)
    let levels = try #require(findings.results["levels"]?.array)
    let last = try #require(levels.last)
    #expect(last["learningRate"]?.double == 10)
    #expect(last["sgd"]?["diverged"] == 6)
    #expect(last["sgd"]?["meanFirstPassageTime"]?["value"] == .null)
    #expect(last["sgd"]?["meanFirstPassageTime"]?["reason"]?.string?.contains("diverged") == true)
    #expect(last["theory"]?["validity"] == "invalid")
    #expect(
      last["theory"]?["reasons"]?.array?.contains { $0.string?.contains("diverge") == true } == true
    )
    #expect(levels[0]["theory"]?["validity"] == "invalid")
    // The other levels are the same cells of a shorter ladder.
    let alone = try ComparisonExperiment(
      escape: gaussianEscape(widths: [2, 4, 4, 2], weightDecay: 0.345), ladder: ladder(), runs: 6,
      seed: 1, timeStep: 0.05
    ).findings()
    for key in ["sgdSlope", "sgdLogPrefactor", "theorySlope", "goodnessOfFitPValue"] {
      #expect(
        findings.results["arrhenius"]?[key] == alone.results["arrhenius"]?[key], "\(key)")
    }
    #expect(findings.summary.contains { $0.contains("diverged at 1 of 3 levels") })
    #expect(findings.tables[0].csv().contains("sgdDiverged"))
    #expect(!alone.tables[0].csv().contains("sgdDiverged"))
    #expect(findings.failure == nil)
    let all = try ComparisonExperiment(
      escape: gaussianEscape(widths: [2, 4, 4, 2], weightDecay: 0.345), ladder: ladder([10, 20]),
      runs: 4, seed: 1, timeStep: 0.05
    ).findings()
    #expect(all.failure?.contains("8 of 8 runs of SGD diverged") == true)
    #expect(all.results["arrhenius"]?["slopeVerdict"] == "unresolved")
  }

  private func ladder(_ learningRates: [Double] = [0.1, 0.08], batchSize: Int = 4) throws
    -> [SGDSettings]
  {
    try learningRates.map { try SGDSettings(learningRate: $0, batchSize: batchSize) }
  }

  private func comparison(threads: Int? = nil) throws -> ComparisonExperiment {
    try ComparisonExperiment(
      escape: gaussianEscape(weightDecay: 0.345), ladder: ladder(), runs: 10, seed: 1,
      threads: threads, timeStep: 0.05)
  }

  @Test("A small comparison has every number of its contract, for any number of threads")
  func document() throws {
    let findings = try comparison(threads: 1).findings()
    let results = findings.results
    for key in ["feature", "eta", "from", "to", "clockStops", "noiseCoefficients"] {
      #expect(results[key] != nil, "\(key)")
    }
    let levels = try #require(results["levels"]?.array)
    #expect(levels.count == 2)
    // Weakest noise first, whatever the order of the ladder.
    #expect(levels.map { $0["learningRate"]?.double } == [0.08, 0.1])
    for level in levels {
      let times = ["stateDependentNoise", "finiteStep", "constantNoise"].map {
        level["theory"]?[$0]?.double ?? .nan
      }
      #expect(times.allSatisfy { $0 > 0 && $0.isFinite })
      expectClose(
        try #require(level["inverseNoise"]?.double),
        to: 4 / (try #require(level["learningRate"]?.double)), relative: 1e-12)
      for process in ["sgd", "lineSGD", "lineLangevin", "weightLangevin"] {
        let sample = try #require(level[process])
        let counts = try ["events", "censored"].map { try #require(sample[$0]?.double) }
        #expect(counts.reduce(0, +) == sample["runs"]?.double)
        for key in ["value", "lower", "upper", "level"] {
          #expect(sample["meanFirstPassageTime"]?[key] != nil)
        }
      }
    }
    let arrhenius = try #require(results["arrhenius"])
    for key in [
      "quasiPotentialBarrier", "barrierHeight", "theorySlope", "sgdSlope", "sgdLogPrefactor",
      "slopeVerdict", "levelsWithTheoryInsideInterval",
    ] {
      #expect(arrhenius[key] != nil, "\(key)")
    }
    #expect(
      ["agrees", "disagrees", "unresolved"].contains(
        try #require(arrhenius["slopeVerdict"]?.string)))
    #expect(
      findings.tables.map(\.name) == ["compare", "langevin", "passages", "ladder", "residuals"])
    #expect(findings.figures.map(\.name).contains("arrhenius"))
    #expect(!findings.summary.isEmpty)

    for threads in [2, 3] {
      let other = try comparison(threads: threads).findings()
      #expect(other.results == results)
      #expect(other.tables.map { $0.csv() } == findings.tables.map { $0.csv() })
      #expect(other.summary == findings.summary)
    }
  }

  @Test("Gains, full batches and ladders without a step are refused")
  func refusals() throws {
    func message(_ body: () throws -> Void) throws -> String {
      let error = #expect(throws: InvalidInput.self, performing: body)
      return try #require(error).description
    }
    let loss = try gaussianEscape()
    #expect(
      try message {
        _ = try ComparisonExperiment(
          escape: gaussianEscape(from: 1, to: 2), ladder: ladder(), runs: 10, seed: 1)
      }.contains("gain"))
    let digits = try FeatureEscape(
      data: digits(), widths: [40, 16, 16, 10], weightDecay: 0.2, from: 9, to: 8)
    #expect(
      try message {
        _ = try ComparisonExperiment(
          escape: digits, ladder: ladder(batchSize: 1797), runs: 10, seed: 1)
      }.contains("full batch"))
    for rates in [[], [0.1], [0.1, 0.1]] {
      #expect(
        try message {
          _ = try ComparisonExperiment(escape: loss, ladder: ladder(rates), runs: 10, seed: 1)
        }.contains("two or more different learning rates"))
    }
    #expect(
      try message {
        _ = try ComparisonExperiment(escape: loss, ladder: ladder(), runs: 0, seed: 1)
      }.contains("number of runs"))
    #expect(
      try message {
        _ = try ComparisonExperiment(escape: loss, ladder: ladder(), runs: 1, seed: 1, timeStep: 0)
      }.contains("time step"))
  }

  @Test("A study holds the phases and the escape")
  func study() throws {
    let data = NetworkData(online: try GaussianTeacher(singularValues: [0.9, 0.8]))
    let phases = try PhaseDiagramExperiment(
      data: data, widths: [2, 4, 4, 2], from: 0.3, to: 0.43, step: 0.01, barrierWeightDecay: 0.345,
      convergence: .init(learningRate: 0.2, gradientTolerance: 1e-7, maximumEpochs: 100_000),
      seed: 1)
    let escape = try FeatureEscape(
      data: data, widths: [2, 4, 4, 2], weightDecay: phases.barrierWeightDecay, from: 2, to: 1)
    let study = try StudyExperiment(
      phases: phases,
      comparison: ComparisonExperiment(
        escape: escape, ladder: ladder(), runs: 4, seed: 1, timeStep: 0.05))
    let findings = try study.findings()
    let features = try #require(findings.results["phases"]?["features"]?.array)
    #expect(features.count == 2)
    for feature in features { #expect(feature["agrees"] == true) }
    #expect(findings.results["escape"]?["levels"]?.array?.count == 2)
    #expect(
      findings.tables.map(\.name) == [
        "features", "sweep", "compare", "langevin", "passages", "ladder", "residuals",
      ])
    #expect(Set(findings.figures.map(\.name)).isSuperset(of: ["phase-diagram", "arrhenius"]))
    #expect(Set(findings.notes).count == findings.notes.count, "a note is given twice")
  }

  @Test("Sweeps that cannot be run are refused, however long they would be")
  func sweeps() throws {
    let data = NetworkData(online: try GaussianTeacher(singularValues: [0.9, 0.8]))
    func experiment(
      widths: [Int] = [2, 4, 4, 2], from: Double? = nil, to: Double? = nil, step: Double = 0.01
    ) throws {
      _ = try PhaseDiagramExperiment(
        data: data, widths: widths, from: from, to: to, step: step,
        convergence: .init(learningRate: 0.2, gradientTolerance: 1e-7, maximumEpochs: 1000),
        seed: 1)
    }
    try experiment()
    for step in [0, -0.1, .nan, 1e-7, 1e-300, .leastNonzeroMagnitude, 10] {
      #expect(throws: InvalidInput.self, "step \(step)") { try experiment(step: step) }
    }
    #expect(throws: InvalidInput.self) { try experiment(from: 0.4, to: 0.3) }
    #expect(throws: InvalidInput.self) { try experiment(from: -0.4) }
    #expect(throws: InvalidInput.self) { try experiment(from: 1e-300, to: 1e300) }
    #expect(throws: InvalidInput.self) { try experiment(widths: [2, 1, 4, 2]) }
    #expect(throws: InvalidInput.self) { try experiment(widths: [2, 2]) }
  }
}
