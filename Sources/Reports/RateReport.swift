public import Experiments
import KramersRates

extension RateResult: Tabulated {
  static let columns: [Column<Theory>] = [
    .init("theory", "theory", "name of the theory") { $0.theory },
    .init("logTau", "ln τ", "logarithm of the mean first-passage time in t") {
      $0.logMeanFirstPassageTime
    },
    .init("tau", "τ", "mean first-passage time", unit: "t") { $0.meanFirstPassageTime },
    .init("steps", "steps", "τ in SGD steps", only: "under SGD") { $0.meanFirstPassageTimeSteps },
    .init("epochs", "epochs", "τ in passes over the data", only: "under SGD on finite data") {
      $0.meanFirstPassageTimeEpochs
    },
    .init(
      "slope", "slope",
      "d ln τ/d(1/T), or d ln τ/d(B/h), with momentum d ln τ/d(B(1 − μ)/h), for SGD's own noise"
    ) { $0.slope },
    .init("logPrefactor", "ln τ₀", "ln τ less barrier over noise") { $0.logPrefactor },
    .init("clockStops", "clock stops at", "where the clock stops") { $0.clockStops },
    .init("validity", "validity", "valid, marginal or invalid") { $0.validity.description },
  ]

  package static var tableDescriptions: [TableDescription] { [TableDescription("rate", columns)] }

  package var tables: [Table] {
    var columns = Self.columns
    if !theories.contains(where: { $0.meanFirstPassageTimeSteps != nil }) {
      columns = columns.without("steps")
    }
    if !theories.contains(where: { $0.meanFirstPassageTimeEpochs != nil }) {
      columns = columns.without("epochs")
    }
    return [Table(name: "rate", title: title, columns: columns, rows: theories)]
  }

  package var summary: [String] {
    let doubts = theories.filter { !$0.reasons.isEmpty }.map {
      "\($0.theory) is \($0.validity): \($0.reasons.joined(separator: "; "))."
    }
    if theories.allSatisfy({ $0.logMeanFirstPassageTime?.isInfinite ?? true }) {
      return ["The state is never left: no theory gives a rate."] + doubts
    }
    return doubts.isEmpty ? ["Every theory is inside its own validity."] : doubts
  }
}
