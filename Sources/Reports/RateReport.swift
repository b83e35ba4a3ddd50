public import Experiments
package import Figures
import KramersRates
import NumericalMethods

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

  static let climbColumns: [Column<Climb.Point>] = [
    .init("arcLength", "s", "arc length along the balanced line") { $0.arcLength },
    .init("singularValue", "λ", "singular value of the feature there") { $0.singularValue },
    .init("landscape", "−E′", "force of the landscape, ds/dt") { $0.landscape },
    .init("learned", "learned", "force by the noise shared with learned features, ds/dt") {
      $0.learned.reduce(0, +)
    },
    .init("unlearned", "unlearned", "the same of features that are not learned, ds/dt") {
      $0.unlearned.reduce(0, +)
    },
    .init(
      "featureless", "featureless", "the same of inputs and outputs without a feature, ds/dt"
    ) { $0.featureless },
    .init("left", "left", "what is left of the force, with the order in h, ds/dt") { $0.left },
    .init("potential", "Φ", "effective potential, zero at the minimum under this noise") {
      $0.potential
    },
  ]

  static func learnedColumns(_ count: Int) -> [Column<Climb.Point>] {
    (0..<count).map { q in
      Column(
        "learned\(q + 1)", "learned \(q + 1)",
        "the part of `learned` shared with feature \(q + 1), ds/dt"
      ) { $0.learned[q] }.numbered
    }
  }

  /// A row of `covariance.csv`.
  typealias NumberedMode = (number: Int, mode: Covariance.Mode)

  static let covarianceColumns: [Column<NumberedMode>] = [
    .init("mode", "mode", "eigenvector of the predicted covariance, largest variance first") {
      $0.number
    },
    .init("variance", "predicted", "variance of the weights along it, predicted") {
      $0.mode.variance
    },
    .init("measured", "measured", "the same of real SGD, mean over runs") {
      $0.mode.measured.value
    },
    .init("standardError", "± s.e.", "standard error of `measured`, from the spread between runs") {
      $0.mode.measured.standardError
    },
    .init("curvature", "curvature", "curvature of the loss along it") { $0.mode.curvature },
  ]

  package static var tableDescriptions: [TableDescription] {
    [
      TableDescription("rate", columns),
      TableDescription(
        "climb", climbColumns + learnedColumns(1), only: "for a loss under SGD"),
      TableDescription("covariance", covarianceColumns, only: "with `--covariance`"),
    ]
  }

  package var tables: [Table] {
    var columns = Self.columns
    if !theories.contains(where: { $0.meanFirstPassageTimeSteps != nil }) {
      columns = columns.without("steps")
    }
    if !theories.contains(where: { $0.meanFirstPassageTimeEpochs != nil }) {
      columns = columns.without("epochs")
    }
    return [Table(name: "rate", title: title, columns: columns, rows: theories)] + climbTable
      + covarianceTable
  }

  private var covarianceTable: [Table] {
    guard let covariance else { return [] }
    let modes = covariance.modes
    return [
      Table(
        name: "covariance", title: "Covariance of SGD about the minimum: \(title)",
        columns: Self.covarianceColumns, count: modes.count
      ) { ($0 + 1, modes[$0]) }
    ]
  }

  private var climbTable: [Table] {
    guard let climb, let first = climb.points.first else { return [] }
    let points = climb.points
    return [
      Table(
        name: "climb", title: "Forces along the balanced line: \(title)",
        columns: Self.climbColumns + Self.learnedColumns(first.learned.count), count: points.count
      ) { points[$0] }
    ]
  }

  package func figures() throws -> [(name: String, figure: Figure)] {
    var figures = [(name: String, figure: Figure)]()
    if let climb, !climb.points.isEmpty {
      let plot = ClimbPlot(climb: climb, title: title)
      figures += [("forces", plot.forces), ("potential", plot.potential)]
    }
    if let covariance {
      figures.append(("covariance", CovariancePlot(covariance: covariance, title: title).figure))
    }
    return figures
  }

  private var solutionSentence: [String] {
    guard let solution else { return [] }
    let sooner = solution.setting == "batch-size" ? "smaller" : "larger"
    return [
      "\(solution.setting) = \(sixDigits(solution.value)) keeps the feature for \(brief(solution.time)) \(solution.unit) on average, by \(solution.theory) (\(solution.validity)); a \(sooner) one loses it sooner."
    ]
  }

  private var covarianceSentence: [String] {
    guard let covariance else { return [] }
    guard !covariance.modes.isEmpty else {
      return ["No noise reaches the weights about the minimum: they do not move."]
    }
    func both(_ predicted: Double, _ measured: Covariance.Measured) -> String {
      "\(sixDigits(predicted)) predicted, \(sixDigits(measured.value)) ± \(brief(measured.standardError)) measured"
    }
    let lost =
      covariance.lost > 0
      ? " \(covariance.lost) more left the minimum and are not counted, which makes the spread a little too small."
      : ""
    return [
      "About the minimum the variances of the weights add up to \(both(covariance.trace, covariance.measuredTrace)), and the loss is higher than there by \(both(covariance.excessLoss, covariance.measuredExcessLoss)): \(covariance.runs) runs of t = \(brief(covariance.time)), one standard error."
        + lost
    ]
  }

  /// What the noise across the line does to a feature.
  private var climbSentence: [String] {
    guard let climb else { return [] }
    let critical =
      "no barrier is left from a noise of \(sixDigits(climb.criticalNoise)) on, and the feature cannot be kept there"
    guard let barrier = climb.barrier else {
      return [
        "Noise across the balanced line pushes the feature down harder than the landscape keeps it: \(critical)."
      ]
    }
    return [
      "Noise across the balanced line takes \(sixDigits((1000 * (1 - climb.forceLeft)).rounded() / 10)) % of the force that keeps the feature and leaves a barrier of \(sixDigits((1000 * barrier).rounded() / 1000)) (in ln τ); \(critical)."
    ]
  }

  package var summary: [String] {
    let doubts = theories.filter { !$0.reasons.isEmpty }.map {
      "\($0.theory) is \($0.validity): \($0.reasons.joined(separator: "; "))."
    }
    if theories.isEmpty {
      return [
        "No theory of the rate covers this escape under this noise; only runs tell its time (escape)."
      ]
    }
    if theories.allSatisfy({ $0.logMeanFirstPassageTime?.isInfinite ?? true }) {
      return ["The state is never left: no theory gives a rate."] + covarianceSentence + doubts
    }
    return solutionSentence + climbSentence + covarianceSentence
      + (doubts.isEmpty ? ["Every theory is inside its own validity."] : doubts)
  }
}
