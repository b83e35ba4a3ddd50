import DataFiles
import Escapes
import Experiments
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import Reports
import RunStores
import Testing

/// One context for several experiments: each has its own runs, or is refused.
@Suite("Whose runs a store holds")
struct StoreIdentityTests {
  private func well(temperature: Double, seed: UInt64) throws -> EscapeExperiment {
    try EscapeExperiment(
      of: WellEscape.doubleWell,
      under: OverdampedDynamics(temperature: temperature, timeStep: 0.01), runs: 100, seed: seed,
      cap: 1000)
  }

  private func sgd(etas: [Double] = [0.9, 0.8], batchSize: Int = 4) throws -> EscapeExperiment {
    let data = NetworkData(
      online: try GaussianTeacher(singularValues: etas, inputs: nil, targets: nil))
    let escape = try FeatureEscape(
      data: data, widths: [2, 10, 10, 2], weightDecay: 0.345, from: 2, to: 1)
    return try EscapeExperiment(
      of: escape, under: SGDDynamics(SGDSettings(learningRate: 0.1, batchSize: batchSize)),
      runs: 8, seed: 1, cap: 100)
  }

  /// The numbers of an escape; nil where the context refuses it.
  private func results(_ experiment: EscapeExperiment, in context: RunContext) throws -> JSONValue?
  {
    do { return try experiment.findings(in: context).results } catch is InvalidInput { return nil }
  }

  /// Expects of each experiment after the first what it gives in a context of its own, or a refusal.
  private func expectOwnRuns(_ experiments: [EscapeExperiment]) throws {
    let shared = RunContext()
    for (i, experiment) in experiments.enumerated() {
      let alone = try #require(try results(experiment, in: RunContext()))
      let together = try results(experiment, in: shared)
      if i == 0 { #expect(together == alone) }
      // A refusal is right as well.
      guard let together else { continue }
      for key in ["meanFirstPassageTime", "exposure", "events"] {
        #expect(together[key] == alone[key], "experiment \(i + 1), \(key)")
      }
    }
  }

  @Test("Experiments in the double well")
  func doubleWell() throws {
    let experiments = try [
      well(temperature: 0.08, seed: 1), well(temperature: 0.08, seed: 2),
      well(temperature: 0.12, seed: 1),
    ]
    guard
      case .number(let time)? = try experiments[2].findings().results["meanFirstPassageTime"]?[
        "value"]
    else { return #expect(Bool(false), "no time") }
    // 44.5 by quadrature; 100 exponential times have a standard error of 10 %.
    #expect(abs(time / 44.5 - 1) < 0.5)
    try expectOwnRuns(experiments)
  }

  @Test("SGD that differs in its batch size")
  func batchSize() throws {
    try expectOwnRuns([sgd(), sgd(batchSize: 8)])
  }

  @Test("SGD that differs in its data")
  func data() throws {
    try expectOwnRuns([sgd(), sgd(etas: [0.9, 0.82])])
  }
}
