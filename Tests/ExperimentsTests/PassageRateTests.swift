import Escapes
import Experiments
import Foundation
import Networks
import NumericalMethods
import Reports
import RunStores
import TestSupport
import Testing

@Suite("Rates between two minima of a network")
struct PassageRateTests {
  private let loss: GaussianNetworkLoss
  private let basin: BasinEscape<GaussianNetworkLoss>

  init() throws {
    loss = try GaussianNetworkLoss(
      architecture: NetworkArchitecture(widths: [2, 2, 2, 2], activation: .tanh),
      teacher: GaussianTeacher(singularValues: [0.9, 0.8]), weightDecay: 0.205)
    basin = try #require(
      NetworkBasins.escape(
        data: NetworkData(online: loss.teacher), architecture: loss.architecture,
        weightDecay: 0.205, start: nil) as? BasinEscape<GaussianNetworkLoss>)
  }

  @Test("Where no theory covers an escape, that is said, not that the state is never left")
  func noTheory() throws {
    let gain = try NetworkPassage(loss, from: basin.product, to: basin.start).escape()
    let rate = try RateExperiment(
      of: gain, under: .minibatch(SGDSettings(learningRate: 0.05, batchSize: 4)))
    let result = try rate.result(in: RunContext())
    #expect(result.theories.isEmpty)
    #expect(result.notes.contains { $0.contains("which this escape is not") })
    #expect(result.summary.joined().contains("No theory of the rate covers this escape"))
    #expect(!result.summary.joined().contains("never left"))
  }

  // Where the feature is regained over four equivalent saddles, 64 runs of Langevin dynamics took 2524 [1755, 3939] at
  // T = 0.004 and 458 [344, 642] at 0.006; a saddle alone would make it four times as long.
  @Test("Langer's formula counts equivalent saddles", arguments: [0.004, 0.006])
  func copies(temperature: Double) throws {
    let gain = try NetworkPassage(loss, from: basin.product, to: basin.start).escape()
    let result = try RateExperiment(of: gain, under: .white(Temperature(temperature))).result(
      in: RunContext())
    let langer = try #require(result.theories.first { $0.theory == "Langer" })
    #expect(langer.notes.contains { $0.hasPrefix("4 equivalent saddles lead out") })
    // By hand, from the spectra.
    let pass = try gain.passes()[0]
    func logs(_ values: [Double]) -> Double { values.reduce(0) { $0 + log(abs($1)) } }
    let one =
      -log(-pass.saddle.eigenvalues[0] / (2 * Double.pi))
      + 0.5 * (logs(pass.saddle.eigenvalues) - logs(pass.from.eigenvalues))
      + pass.forwardBarrier / temperature
    expectClose(
      try #require(langer.logMeanFirstPassageTime), to: one - log(4), absolute: 1e-9)
  }
}
