import EscapeStatistics
import Experiments
import Figures
import NumericalMethods

/// Name, estimate and interval of a number that not every row has.
private func numberColumns<Row>(
  _ key: String, _ meaning: String,
  _ number: @escaping @Sendable (Row) -> (name: String, value: Estimate)?
) -> [Column<Row>] {
  [
    .init(key, "number", "name of \(meaning)") { number($0)?.name },
    .init("\(key)Value", "value", "its estimate") { number($0)?.value.value },
    .init("\(key)Lower", "lower", "lower end of its interval") { number($0)?.value.lower },
    .init("\(key)Upper", "upper", "upper end of its interval") { number($0)?.value.upper },
  ]
}

/// Tables of laws, which several verbs have.
extension WaitingTimes {
  /// A law, and whose runs it was fitted to.
  struct Row {
    let group: String?
    let law: Law
  }

  static let columns: [Column<Row>] =
    [
      .init("law", "law", "law of the waiting times") { $0.law.law.rawValue },
      .init("weight", "weight", "Akaike's weight") { $0.law.weight },
      .init("deltaAIC", "ΔAIC", "AIC above that of the best") { $0.law.deltaAIC },
      .init("logLikelihood", "ln L", "maximum of the logarithmic likelihood") {
        $0.law.logLikelihood
      },
      .init("mean", "τ", "mean first-passage time if the law holds", unit: "unit t") {
        $0.law.meanFirstPassageTime.value
      },
      .init("meanLower", "lower", "lower end of its interval") {
        $0.law.meanFirstPassageTime.lower
      },
      .init("meanUpper", "upper", "upper end of its interval") {
        $0.law.meanFirstPassageTime.upper
      },
    ]
    + (0..<2).flatMap { i in
      numberColumns("parameter\(i + 1)", "a number that gives the law its form") { row in
        let parameters = row.law.parameters
        return parameters.indices.contains(i) ? (parameters[i].name, parameters[i].value) : nil
      }
    }

  /// The same where there are several groups.
  static let groupedColumns: [Column<Row>] =
    [.init("group", "group", "whose runs", only: "with several groups") { $0.group }] + columns
}

extension WaitingTimes {
  /// Survival, hazard and quantiles of one ensemble, beside the laws.
  func figures(
    of sample: EscapeSample, level: Double, title: String,
    theory: (name: String, meanTime: Double)? = nil
  ) -> [(name: String, figure: Figure)] {
    let best = comparison?.best
    var laws = [best].compactMap { $0 }
    if let exponential = comparison?.fits.first(where: { $0.family == .exponential }),
      best?.family != .exponential
    {
      laws.append(exponential)
    }
    let survival = SurvivalPlot(sample: sample, level: level, law: best)
    let regime = quasiStationary.flatMap { regime in
      regime.rate.value.map { (start: regime.start, rate: $0) }
    }
    let hazard = HazardPlot(sample: sample, level: level, laws: laws, regime: regime)
    return [
      ("survival", survival.figure(title: title, theory: theory)),
      ("hazard", hazard.figure(title: title)),
      (
        "quantiles",
        best.flatMap { QuantilePlot(sample: sample, level: level, law: $0).figure(title: title) }
      ),
    ].compactMap { name, figure in figure.map { (name, $0) } }
  }
}

/// Tables of laws over a ladder.
extension Ladder {
  static let columns: [Column<Law>] =
    [
      .init("law", "law", "how τ depends on the setting") { $0.law.rawValue },
      .init("weight", "weight", "Akaike's weight") { $0.weight },
      .init("deltaAIC", "ΔAIC", "AIC above that of the best") { $0.deltaAIC },
      .init("shape", "κ", "shape of the waiting times about each mean, 1 for exponential ones") {
        $0.shape.value
      },
    ]
    + (0..<3).flatMap { i in
      numberColumns("coefficient\(i + 1)", "a coefficient") { law in
        let coefficients = law.coefficients
        return coefficients.indices.contains(i)
          ? (coefficients[i].name, coefficients[i].value) : nil
      }
    }

  /// What a setting says beside a law.
  struct ResidualRow {
    let law: Law
    let residual: Residual
  }

  static let residualColumns: [Column<ResidualRow>] = [
    .init("law", "law", "how τ depends on the setting") { $0.law.law.rawValue },
    .init("inverseNoise", "x", "inverse noise") { $0.residual.inverseNoise },
    .init("weightDecay", "β", "weight decay") { $0.residual.weightDecay },
    .init("ratio", "τ/law", "τ of the setting by itself over τ of the law") {
      $0.residual.ratio.value
    },
    .init("ratioLower", "lower", "lower end of its interval") { $0.residual.ratio.lower },
    .init("ratioUpper", "upper", "upper end of its interval") { $0.residual.ratio.upper },
  ]

  static var tableDescriptions: [TableDescription] {
    [
      TableDescription("ladder", columns, only: "with passages at two settings or more"),
      TableDescription("residuals", residualColumns, only: "then"),
    ]
  }

  /// - Parameter isDetail: for files only.
  func tables(isDetail: Bool = false) -> [Table] {
    [
      Table(
        name: "ladder", title: "Laws over the settings, fitted to all runs", columns: Self.columns,
        rows: laws, isDetail: isDetail),
      Table(
        name: "residuals", title: "Each setting beside the laws", columns: Self.residualColumns,
        rows: laws.flatMap { law in law.residuals.map { ResidualRow(law: law, residual: $0) } },
        isDetail: true),
    ]
  }
}
