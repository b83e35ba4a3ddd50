import DataFiles
import Figures
import Landscapes
import Networks
import NumericalMethods

/// The phases of every mode of a deep linear network, from its singular values alone.
public struct TheoryExperiment: Sendable {
  public let singularValues: [Double]
  public let depth: Int
  /// β; nil for the transition points alone.
  public let weightDecay: Double?

  /// - Throws: `InvalidInput` unless every η > 0, L ≥ 1 and β > 0.
  public init(singularValues: [Double], depth: Int, weightDecay: Double?) throws {
    try Require.atLeast(1, "number of singular values", singularValues.count)
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

  public func findings() throws -> Findings {
    let modes = try modes()
    var columns = [
      Table.Column("feature", "feature", "1 is the strongest given first"),
      Table.Column("eta", "η", "singular value of Σyx"),
      Table.Column("order", "transition", "none, second or first order"),
      Table.Column("lambdaC", "λ_c", "singular value at which the learned state vanishes"),
      Table.Column("betaC", "β_c", "weight decay at which the learned state vanishes"),
      Table.Column("lambdaStar", "λ*", "singular value at equal loss"),
      Table.Column("betaStar", "β*", "weight decay at equal loss"),
    ]
    if weightDecay != nil {
      columns += [
        Table.Column("lambdaSaddle", "λ_s", "singular value of the saddle"),
        Table.Column("lambdaLearned", "λ₊", "singular value of the learned minimum"),
        Table.Column("barrierUp", "ΔE_up", "barrier to learning, loss units"),
        Table.Column("barrierDown", "ΔE_down", "barrier to losing, loss units"),
        Table.Column("state", "learned state", "stable, metastable or absent"),
      ]
    }
    let setting =
      "depth \(depth)" + (weightDecay.map { ", β = \(Table.format($0))" } ?? "")
    var table = Table(
      name: "modes", title: "Modes of a deep linear network, \(setting)", columns: columns)
    var documents = [JSONValue]()
    var learnable = 0
    for (i, mode) in modes.enumerated() {
      let saddle = try mode.saddleSingularValue()
      let learned = try mode.learnedSingularValue()
      if learned != nil { learnable += 1 }
      var row: [Table.Cell] = [
        .integer(i + 1), .number(mode.singularValue), .text(mode.order.rawValue),
        .number(mode.spinodalSingularValue), .number(mode.spinodalWeightDecay),
        .number(mode.coexistenceSingularValue), .number(mode.coexistenceWeightDecay),
      ]
      var document: [(key: String, value: JSONValue)] = [
        ("eta", .number(mode.singularValue)), ("depth", .integer(depth)),
        ("order", .string(mode.order.rawValue)),
        ("lambdaC", .optional(mode.spinodalSingularValue)),
        ("betaC", .optional(mode.spinodalWeightDecay)),
        ("lambdaStar", .optional(mode.coexistenceSingularValue)),
        ("betaStar", .optional(mode.coexistenceWeightDecay)),
      ]
      if let weightDecay {
        let up = try mode.barrierUp()
        let down = try mode.barrierDown()
        row += [
          .number(saddle), .number(learned), .number(up), .number(down),
          .text(Self.stability(mode)),
        ]
        document += [
          ("beta", .number(weightDecay)), ("lambdaSaddle", .optional(saddle)),
          ("lambdaLearned", .optional(learned)), ("barrierUp", .optional(up)),
          ("barrierDown", .optional(down)), ("learnedState", .string(Self.stability(mode))),
          ("lambdaSaddleSmallBeta", .optional(mode.saddleSingularValueAtSmallWeightDecay)),
          ("barrierUpSmallBeta", .optional(mode.barrierUpAtSmallWeightDecay)),
        ]
      }
      if let reason = Self.reasonForGaps(mode, hasWeightDecay: weightDecay != nil) {
        document.append(("reason", .string(reason)))
      }
      table.append(row)
      documents.append(.object(document))
    }
    // On the balanced, aligned subspace each learnable mode is present or absent independently; for
    // L ≤ 2 its state is unique. In full weight space a state that holds a weaker feature without a
    // stronger one is a saddle: turning the learned direction towards the stronger feature lowers E, with
    // Hessian eigenvalue a^{L−2}(η − η′) < 0. Only the nested states (the r strongest) are minima.
    let coexisting = depth >= 3 ? pow(2, learnable) : 1
    let nested =
      depth >= 3
      ? 1
        + Set(try modes.filter { try $0.learnedSingularValue() != nil }.map(\.singularValue)).count
      : 1
    var results: [(key: String, value: JSONValue)] = [
      ("depth", .integer(depth)), ("beta", .optional(weightDecay)), ("modes", .array(documents)),
    ]
    var summary = [String]()
    if let weightDecay {
      results += [
        ("learnableFeatures", .integer(learnable)),
        (
          "coexistingMinima",
          coexisting < 9e15 ? .integer(Int(coexisting)) : .number(coexisting)
        ),
        ("weightSpaceMinima", .integer(nested)),
      ]
      switch depth {
      case 1:
        summary.append("A network of depth 1 is ridge regression: no transition, one minimum.")
      case 2:
        summary.append(
          "A network of depth 2 has continuous (second-order) transitions at β_c = η: one minimum up to symmetry at every β, \(learnable) of \(modes.count) features learned at β = \(Table.format(weightDecay))."
        )
      default:
        summary.append(
          "At β = \(Table.format(weightDecay)) \(learnable) of \(modes.count) features have a learned state, so \(Table.format(coexisting)) minima coexist in the aligned subspace (every subset of them). In full weight space a state that holds a weaker feature without a stronger one can turn towards the stronger one and is a saddle, so \(nested) of them are minima there: those that hold the strongest features only."
        )
      }
    }
    return Findings(
      results: .object(results), tables: [table], figures: try figures(), summary: summary)
  }

  /// The bifurcation diagram; none where nothing bifurcates.
  private func figures() throws -> [(name: String, figure: Figure)] {
    guard depth >= 2 else { return [] }
    return [
      (
        "bifurcation",
        try BifurcationPlot(singularValues: singularValues, depth: depth).figure(
          markedWeightDecay: weightDecay)
      )
    ]
  }

  private static func stability(_ mode: DeepLinearMode) -> String {
    guard mode.isLearnable else { return "absent" }
    guard mode.order == .first, let coexistence = mode.coexistenceWeightDecay else {
      return "stable"
    }
    return mode.weightDecay < coexistence ? "stable" : "metastable"
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

  private func pow(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { result, _ in result * base }
  }
}
