import DataFiles
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import PhaseDiagrams
import TestSupport
import Testing

@Suite struct PhaseDiagramTests {
  private func digits() throws -> DeepLinearNetwork {
    let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let raw = try DataTable(contentsOf: "/\(package)/Examples/data/digits.csv").dataset(
      targets: "64", oneHot: true)
    let data = try Preparation(fittedTo: raw, inputs: .whitened(rank: 40)).apply(to: raw.data)
    return try DeepLinearNetwork(
      widths: [40, 16, 16, 10], moments: SecondMoments(of: data), weightDecay: 0.12)
  }

  private func learnedStart(of network: DeepLinearNetwork, seed: UInt64) throws -> [Double] {
    var start = try LearnedStart(
      network: network, random: testStream(seed), convergence: .init())
    try start.finish()
    return start.point
  }

  private func grid(_ first: Int, _ last: Int, step: Double) -> [Double] {
    (first...last).map { (Double($0) * step * 1e12).rounded() / 1e12 }
  }

  @Test func digitsLoseEachFeatureAtItsSpinodal() throws {
    let network = try digits()
    let decays = grid(24, 96, step: 0.005)
    let convergence = try QuasiStaticSweep.Convergence()
    let start = try learnedStart(of: network, seed: 80)
    let diagram = try PhaseDiagram(
      network: network, start: start, weightDecays: decays, convergence: convergence)
    #expect(diagram.cappedSteps.isEmpty)
    #expect(diagram.transitions.count == 9)
    for transition in diagram.transitions {
      let spinodal = try #require(transition.spinodal)
      let lost = try #require(transition.lost)
      #expect(transition.agrees == true)
      #expect(transition.order == .first)
      #expect(abs(lost.last - spinodal) <= 0.005 && abs(lost.first - spinodal) <= 0.005)
      // Weight decay alone never brings a feature back.
      #expect(transition.regained == nil)
      #expect(try #require(transition.coexistence) < spinodal)
    }
    #expect(diagram.up.steps.map(\.weightDecay) == decays)
    #expect(diagram.down.steps.map(\.weightDecay) == decays.reversed())
    #expect(diagram.rank(diagram.up.steps[0]) == 9)
    #expect(diagram.down.steps.allSatisfy { diagram.rank($0) == 0 })
    // Features are lost one after another, never won back on the way up.
    let ranks = diagram.up.steps.map(diagram.rank)
    #expect(ranks == ranks.sorted(by: >))
  }

  @Test func twoLayersVanishContinuouslyAtTheSingularValue() throws {
    let network = try DeepLinearNetwork(
      widths: [2, 4, 2], moments: SecondMoments(singularValues: [0.9, 0.6]), weightDecay: 0.1)
    let decays = grid(10, 50, step: 0.02).map { $0 + 0.01 }
    let convergence = try QuasiStaticSweep.Convergence()
    let start = try learnedStart(of: network, seed: 81)
    let diagram = try PhaseDiagram(
      network: network, start: start, weightDecays: decays, convergence: convergence)
    #expect(diagram.cappedSteps.isEmpty)
    for (transition, eta) in zip(diagram.transitions, [0.9, 0.6]) {
      #expect(transition.order == .second)
      expectClose(try #require(transition.spinodal), to: eta, relative: 1e-12)
      let lost = try #require(transition.lost)
      #expect(lost.last < eta && lost.first > eta && transition.agrees == true)
    }
    for step in diagram.up.steps {
      for (found, eta) in zip(step.singularValues, [0.9, 0.6]) {
        expectClose(found, to: max(0, eta - step.weightDecay), absolute: 1e-5)
      }
    }
  }

  @Test func aCapOnEpochsIsReported() throws {
    let network = try DeepLinearNetwork(
      widths: [2, 4, 4, 2], moments: SecondMoments(singularValues: [0.9, 0.6]), weightDecay: 0.1)
    let diagram = try PhaseDiagram(
      network: network, start: network.minimum(learning: [0, 1]),
      weightDecays: [0.15, 0.2, 0.25], convergence: .init(maximumEpochs: 3))
    let capped = diagram.cappedSteps
    #expect(!capped.isEmpty)
    #expect(capped.allSatisfy { $0.epochs == 3 && $0.gradientNorm > 1e-8 })
    #expect(
      (diagram.up.steps + diagram.down.steps).filter { $0.gradientNorm > 1e-8 }.count
        == capped.count)
  }

  @Test func aFeatureOutsideTheSweepHasNoVerdict() throws {
    let network = try DeepLinearNetwork(
      widths: [2, 4, 4, 2], moments: SecondMoments(singularValues: [0.9, 0.6]), weightDecay: 0.1)
    // β_c = 0.4105 and 0.2391.
    let diagram = try PhaseDiagram(
      network: network, start: network.minimum(learning: [0, 1]),
      weightDecays: grid(20, 30, step: 0.01), convergence: .init())
    #expect(diagram.transitions[0].lost == nil && diagram.transitions[0].agrees == nil)
    #expect(diagram.transitions[0].regained == nil)
    let lost = try #require(diagram.transitions[1].lost)
    #expect(lost.last == 0.23 && lost.first == 0.24)
    // Started without the second feature, it was never there to lose.
    let single = try PhaseDiagram(
      network: network, start: network.minimum(learning: [0]),
      weightDecays: grid(20, 30, step: 0.01), convergence: .init())
    #expect(single.transitions[1].lost == nil && single.transitions[1].regained == nil)
    #expect(single.up.steps.allSatisfy { single.rank($0) == 1 })
  }

  @Test(arguments: [[], [0.2], [0.2, 0.1], [0.2, 0.2]])
  func weightDecaysMustAscend(_ decays: [Double]) throws {
    let network = try DeepLinearNetwork(
      widths: [2, 4, 4, 2], moments: SecondMoments(singularValues: [0.9, 0.6]), weightDecay: 0.1)
    #expect(
      throws: InvalidInput("a sweep needs two or more weight decays in ascending order")
    ) {
      try PhaseDiagram(
        network: network, start: network.minimum(learning: [0]), weightDecays: decays,
        convergence: .init())
    }
  }

  @Test func learnedStartHasEveryFeature() throws {
    let network = try DeepLinearNetwork(
      widths: [2, 4, 4, 2], moments: SecondMoments(singularValues: [0.9, 0.6]), weightDecay: 0.1)
    let start = try learnedStart(of: network, seed: 82)
    for (found, eta) in zip(try network.endToEndSingularValues(at: start), [0.9, 0.6]) {
      expectClose(found, to: eta, absolute: 1e-3)
    }
    #expect(
      throws: InvalidInput(
        "gradient descent diverged from the random start with learning rate 100.0; use a smaller one"
      )
    ) {
      var start = try LearnedStart(
        network: network, random: testStream(82), convergence: .init(learningRate: 100))
      try start.finish()
    }
  }

  @Test func aStartThatWasLeftGoesOnToTheSamePoint() throws {
    let network = try DeepLinearNetwork(
      widths: [2, 4, 4, 2], moments: SecondMoments(singularValues: [0.9, 0.6]), weightDecay: 0.1)
    func make() throws -> LearnedStart {
      try LearnedStart(
        network: network, random: testStream(83), convergence: .init(learningRate: 0.01))
    }
    var whole = try make()
    try whole.finish()
    var start = try make()
    var count = 0
    while !start.hasEnded {
      try start.advance()
      count += 1
      guard !start.hasEnded else { break }
      let here = start.snapshot
      start = try make()
      start.restore(here, records: [])
      #expect(start.snapshot == here)
    }
    #expect(count > 1)
    #expect(start.point == whole.point && start.snapshot == whole.snapshot)
    // Where it ended it is converged at once.
    let end = start.snapshot
    start.restore(end, records: [])
    try start.finish()
    #expect(start.snapshot == end)
  }
}
