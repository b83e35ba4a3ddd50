import DataFiles
import EscapeStatistics
import Escapes
import Experiments
import Foundation
import KramersRates
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import Reports
import RunStores
import TestSupport
import Testing

/// x, without a word of being a coordinate: passages between steps stay unseen.
private struct Unseen: OrderParameter {
  func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double { point[0] }
}

/// `escape --integrator`, `--time-step-error` and `--extrapolate`.
@Suite("Time steps of an escape")
struct TimeStepTests {
  private func extrapolated(_ findings: Findings) throws -> EscapeResult.TimeStepExtrapolation {
    let data = Data(findings.results.rendered().utf8)
    return try #require(
      try JSONDecoder().decode(EscapeResult.self, from: data).timeStepExtrapolation)
  }

  // Threshold 0.1 beyond the saddle, dt = 0.04: τ is late by 10 %, which IntegratorEscapeTests measures with more runs.
  @Test("Where passages between steps are not seen the error is ∝ √dt", .tags(.statistical))
  func squareRoot() throws {
    let escape = try WellEscape(
      QuarticDoubleWell(), from: [-1], to: [1], reaching: TargetSet(Unseen(), .above, 0.1),
      timeStep: 0.04)
    let exact = try OneDimensionalProblem(
      start: -1, reflecting: -4, absorbing: 0.1, slope: { $0 * $0 * $0 - $0 },
      diffusion: { _ in 0.125 }
    ).meanFirstPassageTime()
    let findings = try EscapeExperiment(
      of: escape, under: OverdampedDynamics(temperature: 0.125), runs: 6000, seed: testSeed(480)
    ).extrapolatingTimeStep().findings()
    let found = try extrapolated(findings)
    #expect(found.exponent == 0.5 && found.coarse.timeStep == 0.04 && found.fine.timeStep == 0.01)
    let (coarse, fine) = (found.coarse.meanFirstPassageTime, found.fine.meanFirstPassageTime)
    let limit = found.meanFirstPassageTime
    let (c, f, x) = try (
      #require(coarse.value), #require(fine.value), #require(limit.value)
    )
    expectClose(x, to: 2 * f - c, relative: 1e-12)
    expectClose(try #require(found.relativeBias), to: c / x - 1, absolute: 1e-12)
    // √(4·s²(f) + s²(c)), nearly symmetric here.
    let width = try #require(limit.upper) - #require(limit.lower)
    let (wide, narrow) = try (
      #require(coarse.upper) - #require(coarse.lower), #require(fine.upper) - #require(fine.lower)
    )
    expectClose(width, to: (4 * narrow * narrow + wide * wide).squareRoot(), relative: 0.02)
    #expect(try #require(coarse.lower) > exact)
    expectAgreement(limit, with: exact, bias: 0.02 * exact, "τ at dt → 0")
    #expect(findings.summary.contains { $0.contains("∝ √dt") && $0.contains("at dt → 0") })
    #expect(findings.tables[0].csv().contains("τ at dt → 0"))
  }

  @Test(
    "Else it is ∝ dt; the first ensemble keeps its numbers, and the second has streams of its own")
  func linear() throws {
    func experiment(_ dynamics: any Dynamics) throws -> EscapeExperiment {
      try EscapeExperiment(of: WellEscape.doubleWell, under: dynamics, runs: 50, seed: 3)
    }
    for dynamics: any Dynamics in try [
      OverdampedDynamics(temperature: 0.2, timeStep: 0.04),
      OverdampedDynamics(temperature: 0.2, timeStep: 0.04, integrator: .leimkuhlerMatthews),
      OverdampedDynamics(temperature: 0.2, timeStep: 0.04, integrator: .heun),
      UnderdampedDynamics(temperature: 0.2, friction: 1, timeStep: 0.04),
    ] {
      let alone = try experiment(dynamics).findings()
      let both = try experiment(dynamics).extrapolatingTimeStep().findings()
      for key in ["meanFirstPassageTime", "exposure", "rate"] {
        #expect(both.results[key] == alone.results[key])
      }
      #expect(alone.results["timeStepExtrapolation"] == nil)
      let found = try extrapolated(both)
      let (c, f, x) = try (
        #require(found.coarse.meanFirstPassageTime.value),
        #require(found.fine.meanFirstPassageTime.value),
        #require(found.meanFirstPassageTime.value)
      )
      #expect(found.exponent == 1 && found.fine.timeStep == 0.01)
      expectClose(x, to: (4 * f - c) / 3, relative: 1e-12)
      // A smaller step alone, on the streams of the first ensemble, is another sample.
      let fine = try #require(try dynamics.with(timeStep: 0.01))
      #expect(
        try found.fine.meanFirstPassageTime.value
          != experiment(fine).findings().results["meanFirstPassageTime"]?["value"]?.double)
    }
  }

  @Test(
    "Both ensembles are kept, go on to the same bits, and are added to a store without the second")
  func store() throws {
    func experiment(threads: Int, runs: Int = 300) throws -> EscapeExperiment {
      try EscapeExperiment(
        of: WellEscape.doubleWell,
        under: OverdampedDynamics(
          temperature: 0.08, timeStep: 0.02, integrator: .leimkuhlerMatthews), runs: runs, seed: 4,
        threads: threads)
    }
    let whole = try experiment(threads: 1).extrapolatingTimeStep().findings().results
    for threads in [2, 3] {
      #expect(
        try experiment(threads: threads).extrapolatingTimeStep().findings().results == whole)
    }
    // With fewer runs, without the second ensemble, and on.
    let context = RunContext()
    _ = try experiment(threads: 2, runs: 100).findings(in: context)
    _ = try experiment(threads: 2, runs: 70).extrapolatingTimeStep().findings(in: context)
    #expect(
      try experiment(threads: 2).extrapolatingTimeStep().findings(in: context).results == whole)
    // Stopped again and again.
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "metastable-step-\(UUID().uuidString)"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let key = StoredExperiment(command: "escape", seed: 4)
    var stops = 0
    while stops < 200 {
      let folder = try ResultFolder(path: path, mayReplace: false)
      let context = RunContext(
        // The first at once, each later than the one before: whatever the machine, some stop on the way and one ends.
        stop: StopSignal(after: 0.004 * Double(stops)), checkpointInterval: 0.002,
        store: { try folder.openStore(for: key, configuration: "") })
      defer {
        context.openedStore?.close()
        folder.release()
      }
      do {
        let found = try experiment(threads: 2).extrapolatingTimeStep().findings(in: context)
        #expect(found.results == whole)
        break
      } catch is StoppedEarly { stops += 1 }
    }
    #expect(stops > 0 && stops < 200)
  }

  @Test("Stores from before there was a choice go on")
  func oldStores() throws {
    let old = try StoredExperiment(
      command: "escape", resolved: ["temperature": 0.1, "method": "brute-force"], seed: 1)
    func now(_ integrator: String) throws -> StoredExperiment {
      try StoredExperiment(
        command: "escape",
        resolved: [
          "temperature": 0.1, "method": "brute-force", "integrator": .string(integrator),
          "time-step-error": .null, "extrapolate": true,
        ], seed: 1)
    }
    #expect(old.difference(from: try now("euler-maruyama"), name: "a", otherName: "b") == nil)
    #expect(
      old.difference(from: try now("heun"), name: "a", otherName: "b")?.contains("integrator")
        == true)
    #expect(try OverdampedDynamics(temperature: 0.1).identity["integrator"] == nil)
    #expect(
      try OverdampedDynamics(temperature: 0.1, integrator: .heun).identity["integrator"] == "heun")
  }

  @Test("The step is chosen by the error that is asked for, and said")
  func choice() throws {
    func result(_ integrator: OverdampedIntegrator, _ error: Double) throws -> Findings {
      try EscapeExperiment(
        of: WellEscape.doubleWell,
        under: OverdampedDynamics(temperature: 0.2, integrator: integrator), runs: 4, seed: 1
      ).choosingTimeStep(error: error).findings()
    }
    // dt/4 + dt², ½dt + dt² and dt² at ω = 2, to two digits below.
    for (integrator, step) in zip(OverdampedIntegrator.allCases, [0.035, 0.019, 0.1]) {
      let findings = try result(integrator, 0.01)
      expectClose(
        try #require(findings.results["timeStep"]?.double), to: step, relative: 1e-9)
      let choice = findings.results["timeStepChoice"]
      #expect(choice?["goal"]?.double == 0.01)
      #expect(try #require(choice?["expectedError"]?.double) <= 0.01 * (1 + 1e-9))
      expectClose(try #require(choice?["largestCurvature"]?.double), to: 2, relative: 1e-6)
      #expect((findings.results["integrator"] == nil) == (integrator == .eulerMaruyama))
    }
    // Never beyond what is valid.
    #expect(try result(.heun, 0.5).results["timeStep"]?.double == 0.1)
  }

  @Test("Steps that are the process itself are neither chosen nor extrapolated")
  func refusals() throws {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8])
    let escape = try FeatureEscape(
      source: .online(teacher), moments: teacher.moments, widths: [2, 3, 3, 2],
      weightDecay: 0.345, from: 2, to: 1)
    for dynamics: any Dynamics in try [
      SGDDynamics(SGDSettings(learningRate: 0.1, batchSize: 4)),
      SurrogateDynamics(SGDSettings(learningRate: 0.1, batchSize: 4)),
    ] {
      let experiment = try EscapeExperiment(of: escape, under: dynamics, runs: 2, seed: 1)
      for refused in [
        words { _ = try experiment.extrapolatingTimeStep() },
        words { _ = try experiment.choosingTimeStep(error: 0.01) },
      ] {
        #expect(refused?.contains("that of the process itself") == true)
      }
    }
    let thermal = try EscapeExperiment(
      of: WellEscape.doubleWell, under: OverdampedDynamics(temperature: 0.1), runs: 2, seed: 1)
    for error in [0, 1, -0.1, .nan] {
      #expect(throws: InvalidInput.self) { try thermal.choosingTimeStep(error: error) }
    }
    let split = try thermal.by(.splitting(SplittingSettings(paths: 10), replicates: 2))
    #expect(
      words { _ = try split.extrapolatingTimeStep().findings() }?.contains("splitting has no")
        == true)
  }
}

extension JSONValue {
  fileprivate var double: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }
}
