import Landscapes
public import NetworkTraining
import Networks
import NumericalMethods
package import PhaseDiagrams
public import RunStores

/// The phases of a deep linear network on given data against weight decay, predicted and measured.
public struct PhaseDiagramExperiment: Experiment {
  package let data: NetworkData
  package let widths: [Int]
  /// Ascending.
  package let weightDecays: [Double]
  package let convergence: QuasiStaticSweep.Convergence
  package let seed: UInt64
  /// A β at which the table gives barriers; nil for a third of the way from β* to β_c of the weakest.
  package let barrierWeightDecay: Double

  /// - Parameters:
  ///   - from, to: the ends of the sweep; nil for half the smallest and just beyond the largest β_c.
  ///   - step: the grid step.
  public init(
    data: NetworkData, widths: [Int], from: Double? = nil, to: Double? = nil, step: Double = 0.005,
    barrierWeightDecay: Double? = nil, convergence: QuasiStaticSweep.Convergence, seed: UInt64
  ) throws {
    try Require.positive("step of the sweep", step)
    if let from { try Require.positive("start of the sweep β", from) }
    if let to { try Require.positive("end of the sweep β", to) }
    let etas = try data.singularValues()
    guard let strongest = etas.first, let weakest = etas.last else {
      throw InvalidInput(
        "inputs and targets are uncorrelated (Σyx = 0): there is no feature to learn")
    }
    guard widths.min()! >= etas.count else {
      throw InvalidInput(
        "the data offer \(etas.count) features, but the narrowest layer of \(hyphenated(widths)) has \(widths.min()!) units; use a width of at least \(etas.count)"
      )
    }
    guard data.moments.inputsAreWhite else {
      throw InvalidInput(
        "the predicted transitions need whitened inputs (Σxx = I); add --whiten")
    }
    let depth = widths.count - 1
    func spinodal(_ eta: Double) throws -> Double? {
      try DeepLinearMode(singularValue: eta, depth: depth, weightDecay: eta * 0.01)
        .spinodalWeightDecay
    }
    guard let lowest = try spinodal(weakest), let highest = try spinodal(strongest) else {
      throw InvalidInput("a network of depth 1 has no transition; use depth 2 or more")
    }
    let first = (from.map { $0 / step } ?? (0.5 * lowest / step)).rounded()
    let last = (to.map { $0 / step } ?? (highest / step + 2).rounded(.up)).rounded()
    guard last - first < 100_000 else {
      throw InvalidInput(
        "a sweep of \(sixDigits(last - first)) steps is too long; use a larger step than \(step)"
      )
    }
    if let from, let to, to <= from {
      throw InvalidInput(
        "a sweep goes up and down again, so it must end above its start, but it was asked for from \(from) to \(to)"
      )
    }
    guard last > first, first >= 1 || from != nil else {
      throw InvalidInput(
        "a sweep from \(from ?? 0.5 * lowest) to \(to ?? highest) in steps of \(step) has fewer than two points; use a smaller step"
      )
    }
    weightDecays = stride(from: max(first, 1), through: last, by: 1).map {
      // Whole multiples of the step, free of accumulated rounding.
      ($0 * step * 1e12).rounded() / 1e12
    }
    self.data = data
    self.widths = widths
    self.convergence = convergence
    self.seed = seed
    let mode = try DeepLinearMode(
      singularValue: weakest, depth: depth, weightDecay: weakest * 0.01)
    let below = mode.coexistenceWeightDecay ?? lowest
    self.barrierWeightDecay = try {
      guard let chosen = barrierWeightDecay else { return below + 0.375 * (lowest - below) }
      try Require.positive("weight decay β", chosen)
      return chosen
    }()
  }

  /// Sweeps, and returns the diagram itself.
  package func diagram(in context: RunContext = RunContext()) throws -> PhaseDiagram {
    let network = try DeepLinearNetwork(
      widths: widths, moments: data.moments, weightDecay: weightDecays[0])
    let cells = ["sweep start", "sweep up", "sweep down"].map {
      StoreCell(name: $0, kind: .curve, identity: identity)
    }
    for cell in cells { _ = try context.cell(cell) }
    context.progress.begin("sweep up and down", total: 2 * weightDecays.count)
    defer { context.progress.end() }
    var start = try LearnedStart(
      network: network, random: RandomSource(StreamKey(seed: seed, purpose: .initialisation)),
      convergence: convergence)
    try context.curve(of: &start, cell: cells[0], keepsLastState: true) { _ in "before the sweep" }
    func sweep(_ cell: StoreCell, from start: [Double], _ weightDecays: [Double]) throws
      -> QuasiStaticSweep
    {
      var sweep = QuasiStaticSweep(
        network: network, start: start, weightDecays: weightDecays, convergence: convergence,
        testMoments: data.test.map { SecondMoments(of: $0) })
      // The last state stays: the way down starts from it.
      try context.curve(of: &sweep, cell: cell, keepsLastState: true) {
        "after \($0) of \(weightDecays.count) steps of the \(cell.name)"
      }
      return sweep
    }
    let up = try sweep(cells[1], from: start.point, weightDecays)
    let down = try sweep(cells[2], from: up.point, weightDecays.reversed())
    guard !up.steps.isEmpty else {
      throw InvalidInput("the sweep has not come to its first weight decay yet; let it run on")
    }
    return try PhaseDiagram(network: network, weightDecays: weightDecays, up: up, down: down)
  }

  /// Every value that decides the numbers of the sweeps.
  private var identity: [String: String] {
    var fingerprint = Fingerprint()
    fingerprint.add("\(widths)")
    for moments in [data.moments] + (data.test.map { [SecondMoments(of: $0)] } ?? []) {
      fingerprint.add(moments.inputs.elements)
      fingerprint.add(moments.cross.elements)
      fingerprint.add(moments.targetSquare)
    }
    fingerprint.add(weightDecays)
    return [
      "problem": fingerprint.text, "learningRate": "\(convergence.learningRate)",
      "gradientTolerance": "\(convergence.gradientTolerance)",
      "maximumEpochs": "\(convergence.maximumEpochs)", "seed": "\(seed)",
    ]
  }

  public func result(in context: RunContext) throws -> PhaseDiagramResult {
    let diagram = try diagram(in: context)
    return PhaseDiagramResult(
      depth: widths.count - 1, widths: widths, barrierBeta: barrierWeightDecay,
      features: try diagram.transitions.enumerated().map { try feature($0 + 1, $1) },
      up: steps(diagram.up, of: diagram), down: steps(diagram.down, of: diagram),
      plan: PhaseDiagramResult.Plan(
        data: data.description, notes: data.notes, weightDecays: weightDecays,
        maximumEpochs: convergence.maximumEpochs))
  }

  private func feature(
    _ number: Int, _ transition: PhaseDiagram.Transition
  ) throws -> PhaseDiagramResult.Feature {
    let mode = try DeepLinearMode(
      singularValue: transition.singularValue, depth: widths.count - 1,
      weightDecay: barrierWeightDecay)
    let lost = transition.lost
    return PhaseDiagramResult.Feature(
      feature: number, eta: transition.singularValue, order: transition.order,
      betaStar: transition.coexistence, betaC: transition.spinodal,
      measured: PhaseDiagramResult.Measured(
        learnedTo: lost?.last, lostAt: lost?.first,
        reason: lost == nil ? "not lost within the sweep" : nil),
      agrees: transition.agrees, regainedAt: transition.regained,
      barrierUp: try mode.barrierUp(), barrierDown: try mode.barrierDown(),
      threshold: transition.threshold)
  }

  private func steps(
    _ sweep: QuasiStaticSweep, of diagram: PhaseDiagram
  ) -> [PhaseDiagramResult.Step] {
    sweep.steps.map { step in
      PhaseDiagramResult.Step(
        beta: step.weightDecay, rank: diagram.rank(step),
        singularValues: Array(step.singularValues.prefix(diagram.transitions.count)),
        trainLoss: step.trainLoss, testLoss: step.testLoss, gradientNorm: step.gradientNorm,
        epochs: step.epochs, converged: step.ending == .converged)
    }
  }
}
