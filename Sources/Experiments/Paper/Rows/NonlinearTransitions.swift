import NetworkTraining
import Networks
import NumericalMethods

/// Quasi-static sweeps of tanh and sigmoid networks: whether features are lost in jumps, and do not come back.
struct NonlinearTransitions: Sendable {
  /// An activation, and the weight decays of its sweep.
  private struct Case: Sendable {
    let activation: Activation
    let weightDecays: [Double]
  }

  private struct Sweep: Sendable {
    let up: [[Double]]
    let down: [[Double]]
  }

  func finding(_ work: PaperWork) throws -> PaperFinding {
    let count = work.setup.isQuick ? 6 : 17
    func range(_ low: Double, _ high: Double) -> [Double] {
      (0..<count).map { low + (high - low) * Double($0) / Double(count - 1) }
    }
    let cases = [
      Case(activation: .tanh, weightDecays: range(0.24, 0.44)),
      Case(activation: .sigmoid, weightDecays: range(0.03, 0.07)),
    ]
    let sweeps = try work.map(cases) { try sweep($0, work) }
    var (quantities, curves, evidence, jumps) = (
      [PaperQuantity](), [PaperCurve](), [String](), 0
    )
    for (each, sweep) in zip(cases, sweeps) {
      let name = each.activation.rawValue
      for r in 0..<2 {
        let drops = zip(sweep.up, sweep.up.dropFirst()).map { $0[r] - $1[r] }
        guard let largest = drops.max(), let i = drops.firstIndex(of: largest) else { continue }
        let (before, after) = (sweep.up[i][r], sweep.up[i + 1][r])
        // A jump: in a single step from a good part of what was there first to a tenth of it or less.
        let isJump = after < 0.1 * before && before > 0.3 * sweep.up[0][r]
        let returned = sweep.down.last![r] > 0.5 * sweep.up[0][r]
        if isJump { jumps += 1 }
        quantities += [
          PaperQuantity(
            "\(name), feature \(r + 1): largest fall at β", each.weightDecays[i + 1],
            lower: each.weightDecays[i], upper: each.weightDecays[i + 1]),
          PaperQuantity("\(name), feature \(r + 1): σ before", before),
          PaperQuantity("\(name), feature \(r + 1): σ after", after),
        ]
        evidence.append(
          "\(name), feature \(r + 1): σ falls from \(brief(before)) to \(brief(after)) between β = \(sixDigits(each.weightDecays[i])) and \(sixDigits(each.weightDecays[i + 1]))\(isJump ? ", a jump" : ""), and \(returned ? "returns" : "does not return") when β is lowered"
        )
        curves.append(
          PaperCurve(
            "\(name), feature \(r + 1), β over its largest", .points,
            zip(each.weightDecays, sweep.up).map {
              PaperPlace($0 / each.weightDecays.last!, $1[r])
            }))
      }
    }
    return PaperRow.nonlinear.finding(
      jumps == 4 ? .reproduced : .notReproduced, literal: quantities, evidence: evidence,
      figure: ReproductionResult.Drawing(
        title: "Singular values of ⟨ŷxᵀ⟩, β rising", x: "β over the largest of its sweep", y: "σ",
        curves: curves))
  }

  private func sweep(_ each: Case, _ work: PaperWork) throws -> Sweep {
    let setup = work.setup
    let data = try setup.problem(setup.seeds[0]).training
    let architecture = try NetworkArchitecture(widths: setup.widths, activation: each.activation)
    var point = architecture.randomWeights(
      scale: 1, random: RandomSource(StreamKey(seed: setup.seeds[0], purpose: .initialisation)))
    func settle(at weightDecay: Double) throws -> [Double] {
      try work.check()
      let loss = try NetworkLoss(
        architecture: architecture, data: data, weightDecay: weightDecay)
      point =
        loss.relax(
          from: point, learningRate: 0.4, gradientTolerance: 1e-6,
          maximumEpochs: setup.isQuick ? 2000 : 20_000
        ).point
      // σ of ⟨ŷxᵀ⟩.
      let outputs = loss.predictions(for: data.inputs, at: point)
      let map = (1 / Double(data.count)) * (outputs.transposed * data.inputs)
      return try map.singularValueDecomposition().values
    }
    // First without decay, so that all is learned.
    _ = try settle(at: 0.1 * each.weightDecays[0])
    let up = try each.weightDecays.map { try settle(at: $0) }
    let down = try each.weightDecays.reversed().map { try settle(at: $0) }
    return Sweep(up: up, down: down)
  }
}
