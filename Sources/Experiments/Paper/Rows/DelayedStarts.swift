import EscapeStatistics
import Escapes
import KramersRates
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods

/// Figure 1a, from random weights.
struct RandomStart: Sendable {
  private struct Run: Sendable {
    let rank: Int
    /// To the middle between the test losses of start and end, and to within a fiftieth of that of the end:
    /// nil where the end tests worse than the start.
    let passages: (middle: PassageTime, end: PassageTime)?
  }

  func finding(_ work: PaperWork) throws -> PaperFinding {
    let setup = work.setup
    let settings = try SGDSettings(
      learningRate: setup.learningRate, batchSize: setup.batchSize, sampling: .epochs)
    let epoch = settings.learningRate * Double(settings.stepsPerEpoch(of: setup.samples))
    let runs = try work.map(setup.seeds) { seed in
      let problem = try setup.problem(seed)
      let start = try problem.randomWeights()
      let end = try problem.descent(from: start, weightDecay: setup.weightDecay)
      let (before, after) = (problem.testLoss.energy(at: start), problem.testLoss.energy(at: end))
      func passage(_ level: Double) throws -> PassageTime {
        let found = try problem.passage(
          from: start, weightDecay: setup.weightDecay, settings,
          until: TargetSet(LossLevel(problem.testLoss), .below, level),
          epochs: setup.epochs
        ).passage
        return PassageTime(time: found.time / epoch, outcome: found.outcome)
      }
      return Run(
        rank: try problem.rank(at: end, threshold: setup.threshold),
        passages: 1.02 * after < before
          ? (try passage(0.5 * (before + after)), try passage(1.02 * after)) : nil)
    }
    let passages = runs.compactMap(\.passages)
    let (middle, end) = (EscapeSample(passages.map(\.middle)), EscapeSample(passages.map(\.end)))
    let ranks = (0...2).map { rank in runs.count { $0.rank == rank } }
    return PaperRow.randomStart.finding(
      middle.events == passages.count && middle.exposure / Double(passages.count) < 100
        ? .reproduced : .notReproduced,
      literal: [
        PaperQuantity("to the middle", middle.meanFirstPassageTime(), unit: "epochs"),
        PaperQuantity(
          "to within 2 % of the final test loss", end.meanFirstPassageTime(), unit: "epochs"),
        PaperQuantity("seeds that settle with both features", Double(ranks[2])),
        PaperQuantity("with one", Double(ranks[1])), PaperQuantity("with none", Double(ranks[0])),
      ],
      evidence: [
        "\(middle.events) of the \(passages.count) runs whose end tests better than their start pass the middle between the two within \(brief(passages.map(\.middle.time).max() ?? .nan)) epochs and come to within 2 % of the final test loss after \(brief(mean(passages.map(\.end.time)))) on the average: there is no plateau to escape from, it is a descent",
        "that is sooner than the ten epochs reported, and as soon: what start exactly was taken there is not said",
        "they settle with two features for \(ranks[2]) seeds, one for \(ranks[1]) and none for \(ranks[0]): the sample and the start decide which of the minima at β = 0.32 is found",
      ])
  }
}

/// A checkpoint trained at a higher weight decay, and what SGD makes of it at that of the paper.
struct Checkpoint: Sendable {
  let problem: PaperProblem
  let setup: PaperSetup
  let start: [Double]
  let rank: Int
  /// σ of the first feature that is missing.
  let residue: Double
  /// The test losses of the plateau and of the state with both features, at the β of the paper; nil where the sample
  /// cannot hold both there, or does not get better by it.
  let losses: (plateau: Double, end: Double)?

  init(_ problem: PaperProblem, weightDecay: Double, _ setup: PaperSetup) throws {
    self.problem = problem
    self.setup = setup
    let solution = try problem.solution()
    start = try problem.descent(from: solution, weightDecay: weightDecay)
    let values = try problem.singularValues(at: start)
    let rank = values.count { $0 > setup.threshold }
    self.rank = rank
    residue = values.indices.contains(rank) ? values[rank] : 0
    let plateau = try problem.descent(from: start, weightDecay: setup.weightDecay)
    let end = try problem.descent(from: solution, weightDecay: setup.weightDecay)
    let found = (problem.testLoss.energy(at: plateau), problem.testLoss.energy(at: end))
    let isThere = try problem.rank(at: end, threshold: setup.threshold) == 2
    losses = isThere && found.1 < found.0 ? found : nil
  }

  /// One run.
  struct Attempt: Sendable {
    /// Of the middle between the test losses, as the paper has it.
    let passage: PassageTime
    /// Whether a feature was gained by then.
    let gained: Bool
    var censored: PassageTime { PassageTime(time: passage.time, outcome: .censored) }
  }

  /// SGD until the test loss is halfway down; nil where there is nothing to come to.
  func attempt(_ settings: SGDSettings, epochs: Int, replica: Int = 0) throws -> Attempt? {
    guard let losses else { return nil }
    let middle = 0.5 * (losses.plateau + losses.end)
    guard problem.testLoss.energy(at: start) > middle else { return nil }
    let found = try problem.passage(
      from: start, weightDecay: setup.weightDecay, settings,
      until: TargetSet(LossLevel(problem.testLoss), .below, middle),
      epochs: epochs, replica: replica)
    let isThere = try problem.rank(at: found.point, threshold: setup.threshold) > rank
    return Attempt(
      passage: found.passage, gained: found.passage.outcome == .escaped && isThere)
  }
}

/// Figure 1a, from checkpoints of rank 1 and 0.
struct DelayedStart: Sendable {
  let row: PaperRow
  /// Of the checkpoint.
  let rank: Int
  let weightDecay: Double

  func finding(_ work: PaperWork) throws -> PaperFinding {
    let setup = work.setup
    let settings = try SGDSettings(
      learningRate: setup.learningRate, batchSize: setup.batchSize, sampling: .epochs)
    let epoch = settings.learningRate * Double(settings.stepsPerEpoch(of: setup.samples))
    let runs = try work.map(setup.seeds) { seed in
      let checkpoint = try Checkpoint(setup.problem(seed), weightDecay: weightDecay, setup)
      return (
        rank: checkpoint.rank, residue: checkpoint.residue,
        attempt: checkpoint.rank == rank
          ? try checkpoint.attempt(settings, epochs: setup.epochs) : nil
      )
    }
    let right = runs.filter { $0.rank == rank }
    let attempts = right.compactMap(\.attempt)
    let sample = EscapeSample(
      attempts.map {
        PassageTime(time: $0.passage.time / epoch, outcome: $0.gained ? .escaped : .censored)
      })
    let gained = sample.events
    let touched = attempts.count { $0.passage.outcome == .escaped && !$0.gained }
    let nearest = try ThermalGain(from: rank, setup: setup).finding(work)
    var evidence = [
      "\(right.count) of \(runs.count) checkpoints have rank \(rank), and hold at most \(brief(right.map(\.residue).max() ?? 0)) of a feature that is missing; \(attempts.count) of these samples can hold both features at β = \(sixDigits(setup.weightDecay)) and test better with them",
      "\(gained) of \(attempts.count) gained a feature under minibatch noise within \(setup.epochs) epochs",
    ]
    if touched > 0 {
      evidence.append(
        "in \(touched) the test loss touched the middle without a feature more: fluctuations of what is there already"
      )
    }
    if gained == 0 {
      evidence.append(
        "the gradient of every single sample vanishes on the weights of a feature that is exactly missing, and what is left of it decays as e^{−βt}: the state is absorbing under minibatch noise at any h and B, so its lifetime is not that of an escape"
      )
    }
    return row.finding(
      gained == 0 ? .reproducedWith : .reproduced, with: gained == 0 ? nearest.name : nil,
      literal: [
        PaperQuantity("escapes of \(attempts.count)", Double(gained)),
        PaperQuantity("escape rate", sample.exponentialRate(), unit: "per epoch"),
        PaperQuantity("runs whose test loss touched the middle", Double(touched)),
      ], nearest: nearest.quantities, evidence: evidence + nearest.evidence,
      passages: nearest.passages, figure: nearest.figure)
  }
}
