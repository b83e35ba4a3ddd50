public import Experiments
package import Figures
import Networks
import NumericalMethods

extension TheoryResult: Tabulated {
  struct Row {
    let feature: Int
    let mode: Mode
  }

  static let columns: [Column<Row>] = [
    .init("feature", "feature", "1 is the strongest given first") { $0.feature },
    .init("eta", "η", "singular value of Σyx") { $0.mode.transition.eta },
    .init("order", "transition", "none, second or first order") {
      $0.mode.transition.order.rawValue
    },
    .init("lambdaC", "λ_c", "singular value at which the learned state vanishes") {
      $0.mode.transition.lambdaC
    },
    .init("betaC", "β_c", "weight decay at which the learned state vanishes") {
      $0.mode.transition.betaC
    },
    .init("lambdaStar", "λ*", "singular value at equal loss") { $0.mode.transition.lambdaStar },
    .init("betaStar", "β*", "weight decay at equal loss") { $0.mode.transition.betaStar },
  ]

  static let stateColumns: [Column<Row>] = [
    .init("lambdaSaddle", "λ_s", "singular value of the saddle", only: "with `--beta`") {
      $0.mode.states?.lambdaSaddle
    },
    .init("lambdaLearned", "λ₊", "singular value of the learned minimum", only: "with `--beta`") {
      $0.mode.states?.lambdaLearned
    },
    .init("barrierUp", "ΔE_up", "barrier to learning", unit: "loss units", only: "with `--beta`") {
      $0.mode.states?.barrierUp
    },
    .init("barrierDown", "ΔE_down", "barrier to losing", unit: "loss units", only: "with `--beta`")
    { $0.mode.states?.barrierDown },
    .init("state", "learned state", "stable, metastable or absent", only: "with `--beta`") {
      $0.mode.states?.learnedState.rawValue
    },
  ]

  package static var tableDescriptions: [TableDescription] {
    [TableDescription("modes", columns + stateColumns)]
  }

  package var tables: [Table] {
    let setting = "depth \(depth)" + (beta.map { ", β = \(sixDigits($0))" } ?? "")
    return [
      Table(
        name: "modes", title: "Modes of a deep linear network, \(setting)",
        columns: Self.columns + (beta == nil ? [] : Self.stateColumns),
        rows: modes.enumerated().map { Row(feature: $0 + 1, mode: $1) })
    ]
  }

  /// The bifurcation diagram; none where nothing bifurcates.
  package func figures() throws -> [(name: String, figure: Figure)] {
    guard depth >= 2 else { return [] }
    let plot = BifurcationPlot(singularValues: modes.map(\.transition.eta), depth: depth)
    return [("bifurcation", try plot.figure(markedWeightDecay: beta))]
  }

  package var summary: [String] {
    guard let beta, let learnableFeatures, let coexistingMinima, let weightSpaceMinima else {
      return []
    }
    switch depth {
    case 1:
      return ["A network of depth 1 is ridge regression: no transition, one minimum."]
    case 2:
      return [
        "A network of depth 2 has continuous (second-order) transitions at β_c = η: one minimum up to symmetry at every β, \(learnableFeatures) of \(modes.count) features learned at β = \(sixDigits(beta))."
      ]
    default:
      return [
        "At β = \(sixDigits(beta)) \(learnableFeatures) of \(modes.count) features have a learned state, so \(sixDigits(coexistingMinima.value)) minima coexist in the aligned subspace (every subset of them). In full weight space a state that holds a weaker feature without a stronger one can turn towards the stronger one and is a saddle, so \(weightSpaceMinima) of them are minima there: those that hold the strongest features only."
      ]
    }
  }
}
