import Landscapes
import Networks
import NumericalMethods
public import RunStores

/// The phases of every mode of a deep linear network, from its singular values alone.
public struct TheoryExperiment: Experiment {
  package let singularValues: [Double]
  package let depth: Int
  /// β; nil for the transition points alone.
  package let weightDecay: Double?

  /// - Throws: `InvalidInput` unless every η > 0, 1 ≤ L ≤ 1000 and β > 0.
  public init(singularValues: [Double], depth: Int, weightDecay: Double?) throws {
    try Require.atLeast(1, "number of singular values", singularValues.count)
    try Require.atMost(1000, "depth", depth)
    self.singularValues = singularValues
    self.depth = depth
    self.weightDecay = weightDecay
    for mode in try modes() { _ = try mode.learnedSingularValue() }
  }

  private func modes() throws -> [DeepLinearMode] {
    try singularValues.map {
      // β is needed for states and barriers only; any value gives the transition points.
      try DeepLinearMode(singularValue: $0, depth: depth, weightDecay: weightDecay ?? $0 * 0.01)
    }
  }

  public func result(in context: RunContext) throws -> TheoryResult {
    let modes = try modes()
    let found = try modes.map { mode in
      TheoryResult.Mode(
        transition: TheoryResult.Transition(mode),
        states: try weightDecay.map { _ in try TheoryResult.States(mode) },
        reason: Self.reasonForGaps(mode, hasWeightDecay: weightDecay != nil))
    }
    guard weightDecay != nil else {
      return TheoryResult(depth: depth, beta: nil, modes: found)
    }
    let learnable = try modes.filter { try $0.learnedSingularValue() != nil }
    // On the balanced, aligned subspace each learnable mode is present or absent independently; for
    // L ≤ 2 its state is unique. In full weight space a state that holds a weaker feature without a
    // stronger one is a saddle: turning the learned direction towards the stronger feature lowers E, with
    // Hessian eigenvalue a^{L−2}(η − η′) < 0. Only the nested states (the r strongest) are minima.
    let coexisting = depth >= 3 ? learnable.reduce(1.0) { count, _ in 2 * count } : 1
    let nested = depth >= 3 ? 1 + Set(learnable.map(\.singularValue)).count : 1
    return TheoryResult(
      depth: depth, beta: weightDecay, modes: found, learnableFeatures: learnable.count,
      coexistingMinima: TheoryResult.WholeNumber(value: coexisting), weightSpaceMinima: nested)
  }

  private static func reasonForGaps(_ mode: DeepLinearMode, hasWeightDecay: Bool) -> String? {
    switch mode.order {
    case .none: return "depth 1 has no transition and no saddle"
    case .second:
      return "a second-order transition has no saddle and no barrier"
        + (mode.isLearnable ? "" : ", and beta is at or above betaC: no learned state")
    case .first:
      return hasWeightDecay && !mode.isLearnable
        ? "beta is at or above betaC: no learned state and no saddle" : nil
    }
  }
}

extension TheoryResult.Transition {
  fileprivate init(_ mode: DeepLinearMode) {
    eta = mode.singularValue
    depth = mode.depth
    order = mode.order
    lambdaC = mode.spinodalSingularValue
    betaC = mode.spinodalWeightDecay
    lambdaStar = mode.coexistenceSingularValue
    betaStar = mode.coexistenceWeightDecay
  }
}

extension TheoryResult.States {
  fileprivate init(_ mode: DeepLinearMode) throws {
    beta = mode.weightDecay
    lambdaSaddle = try mode.saddleSingularValue()
    lambdaLearned = try mode.learnedSingularValue()
    barrierUp = try mode.barrierUp()
    barrierDown = try mode.barrierDown()
    learnedState = TheoryResult.Stability(mode)
    lambdaSaddleSmallBeta = mode.saddleSingularValueAtSmallWeightDecay
    barrierUpSmallBeta = mode.barrierUpAtSmallWeightDecay
  }
}

extension TheoryResult.Stability {
  fileprivate init(_ mode: DeepLinearMode) {
    guard mode.isLearnable else {
      self = .absent
      return
    }
    guard mode.order == .first, let coexistence = mode.coexistenceWeightDecay else {
      self = .stable
      return
    }
    self = mode.weightDecay < coexistence ? .stable : .metastable
  }
}
