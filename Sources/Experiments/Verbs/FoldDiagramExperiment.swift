import NetworkTraining
public import Networks
import NumericalMethods
import PhaseDiagrams
public import RunStores

/// The losses and returns of features of a network without closed forms, against weight decay.
public struct FoldDiagramExperiment: Experiment {
  package let data: NetworkData
  package let architecture: NetworkArchitecture
  /// Ascending.
  package let weightDecays: [Double]
  package let step: Double
  package let seed: UInt64

  /// A loss is known to this share of a step.
  static let resolution = 1 / 32.0

  /// - Parameters:
  ///   - from: the first β; nil for a tenth of the smallest β_c of a linear network.
  ///   - to: the last β, where something is still learned there; nil for a fifth beyond the largest.
  ///   - step: the grid step.
  ///   - seed: of the random weights that descent begins with.
  /// - Throws: `InvalidInput` where the range holds fewer than two steps.
  public init(
    data: NetworkData, architecture: NetworkArchitecture, from: Double?, to: Double?, step: Double,
    seed: UInt64
  ) throws {
    try Require.positive("step of the sweep", step)
    let spinodals = try data.singularValues().compactMap {
      try DeepLinearMode(singularValue: $0, depth: architecture.depth, weightDecay: 0.01 * $0)
        .spinodalWeightDecay
    }
    guard let from = from ?? spinodals.min().map({ max(step, (0.1 * $0 / step).rounded() * step) }),
      let to = to ?? spinodals.max().map({ 1.2 * $0 })
    else {
      throw InvalidInput(
        "no range of the sweep follows from the data; give --beta-from and --beta-to")
    }
    try Require.positive("start of the sweep β", from)
    guard to > from, (to - from) / step < 10_000, (to - from) / step >= 1 else {
      throw InvalidInput(
        "a sweep from \(from) to \(to) in steps of \(step) has fewer than two or more than 10000 steps; choose another range or step"
      )
    }
    self.data = data
    self.architecture = architecture
    self.step = step
    self.seed = seed
    let count = Int(((to - from) / step).rounded(.up))
    weightDecays = (0...count).map { ((from + Double($0) * step) * 1e12).rounded() / 1e12 }
  }

  public func result(in context: RunContext) throws -> FoldDiagramResult {
    try sweep(
      NetworkBasins.landscape(
        data: data, architecture: architecture, weightDecay: weightDecays[0]), context)
  }

  private func sweep(
    _ landscape: some NetworkLandscape, _ context: RunContext
  ) throws -> FoldDiagramResult {
    context.progress.begin("sweep up and down", total: 2 * weightDecays.count)
    defer { context.progress.end() }
    let random = RandomSource(StreamKey(seed: seed, purpose: .initialisation))
    let weights = architecture.randomWeights(scale: 1.5, random: random)
    let start = try landscape.gentleDescent(from: weights, tolerance: 1e-6, maximumSteps: 50_000)
    let follows =
      architecture.activation != .relu
      && landscape.dimension <= BarrierExperiment.largestDenseDimension
    var stopped: String?
    let sweep: FoldSweep
    do {
      sweep = try FoldSweep(
        landscape, from: start.point, weightDecays: weightDecays,
        resolution: Self.resolution * step, follows: follows, seed: seed
      ) { _ in
        context.progress.advance(isEvent: false)
        stopped = context.stop.reason
        return stopped == nil
      }
    } catch let failure as NumericalFailure {
      guard let stopped else { throw failure }
      throw StoppedEarly(
        "the sweep was stopped because \(stopped); it is short and begins anew when it is run again"
      )
    }
    func steps(_ steps: [FoldSweep.Step]) -> [FoldDiagramResult.Step] {
      steps.map { step in
        FoldDiagramResult.Step(
          beta: step.weightDecay, rank: step.rank, learned: step.learned,
          gradientNorm: step.gradientNorm, lowestCurvature: step.lowestCurvature)
      }
    }
    return FoldDiagramResult(
      widths: architecture.widths, activation: architecture.activation.rawValue,
      losses: sweep.losses.map { loss in
        FoldDiagramResult.Loss(
          feature: loss.features[0], count: loss.features.count, learnedTo: loss.bracket.learnedTo,
          lostAt: loss.bracket.lostAt, before: loss.before, after: loss.after, fold: loss.fold,
          reason: loss.reason)
      },
      returns: sweep.returns.map { back in
        FoldDiagramResult.Return(
          feature: back.feature, absentTo: back.bracket.absentTo, backAt: back.bracket.backAt,
          lowestCurvature: back.lowestCurvature, lowerSpinodal: back.spinodal?.weightDecay,
          lowerSpinodalKind: back.spinodal?.kind.rawValue, reason: back.reason)
      }, up: steps(sweep.up), down: steps(sweep.down), notes: data.notes, data: data.description)
  }
}
