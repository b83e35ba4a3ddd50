package import Experiments
package import Figures
import Networks
import NumericalMethods

extension FoldDiagramResult: Tabulated {
  static let lossColumns: [Column<Loss>] = [
    .init("feature", "feature", "1 is the strongest") { $0.feature },
    .init("count", "at once", "how many features go at once") { $0.count },
    .init("learnedTo", "learned to", "last weight decay with the feature") { $0.learnedTo },
    .init("lostAt", "lost at", "first weight decay without it") { $0.lostAt },
    .init("fold", "fold", "β_c by continuation round the fold") { $0.fold },
    .init("before", "σ before", "its σ of ⟨f xᵀ⟩ at the last weight decay with it") { $0.before },
    .init("after", "σ after", "the same at the first weight decay without it") { $0.after },
  ]

  static let returnColumns: [Column<Return>] = [
    .init("feature", "feature", "1 is the strongest") { $0.feature },
    .init("absentTo", "absent to", "last weight decay without it, downwards") { $0.absentTo },
    .init("backAt", "back at", "first weight decay with it again") { $0.backAt },
    .init("lowestCurvature", "lowest ω", "lowest curvature before it comes back") {
      $0.lowestCurvature
    },
    .init(
      "lowerSpinodal", "lower spinodal",
      "weight decay at which the state without it ends or loses stability"
    ) { $0.lowerSpinodal },
    .init(
      "lowerSpinodalKind", "kind", "fold, where it ends, or bifurcation, where it loses stability"
    ) { $0.lowerSpinodalKind },
  ]

  static func sweepColumns(features: Int) -> [Column<SweepRow<Step>>] {
    [
      .init("direction", "direction", "up or down") { $0.direction },
      .init("beta", "β", "weight decay") { $0.step.beta },
      .init("rank", "rank", "features with σ > 0.02") { $0.step.rank },
      .init("gradientNorm", "|∇E|", "gradient norm at the end of the step") {
        $0.step.gradientNorm
      },
      .init("lowestCurvature", "lowest ω", "lowest eigenvalue of the Hessian") {
        $0.step.lowestCurvature
      },
    ] + singularValueColumns(features) { $0.step.learned }
  }

  package static var tableDescriptions: [TableDescription] {
    [
      TableDescription("losses", lossColumns), TableDescription("returns", returnColumns),
      TableDescription("states", sweepColumns(features: 1)),
    ]
  }

  package var tables: [Table] {
    let rows = SweepRow.rows(up: up, down: down)
    let network = "\(activation) \(hyphenated(widths))"
    return [
      Table(
        name: "losses", title: "Features of \(data) lost by \(network)",
        columns: Self.lossColumns, rows: losses),
      Table(
        name: "returns", title: "Features that come back", columns: Self.returnColumns,
        rows: returns, isDetail: returns.isEmpty),
      Table(
        name: "states", title: "Quasi-static sweep",
        columns: Self.sweepColumns(features: up.first?.learned.count ?? 0), rows: rows,
        isDetail: true),
    ]
  }

  package func figures() throws -> [(name: String, figure: Figure)] {
    guard let features = up.first?.learned.count, up.count > 1 else { return [] }
    func points(_ steps: [Step], _ feature: Int) -> [Point] {
      steps.map { Point(x: $0.beta, y: $0.learned[feature]) }
    }
    let series = (0..<features).flatMap { feature in
      [
        Series(
          feature == 0 ? "β rising" : "", points: points(up, feature), style: .line,
          colour: Palette.blue),
        Series(
          feature == 0 ? "β falling" : "", points: points(down, feature), style: .points,
          colour: Palette.vermillion, marker: .circle),
      ]
    }
    let folds = losses.compactMap { loss in
      loss.fold.map { Point(x: $0, y: loss.before) }
    }
    let figure = Figure(
      title: "\(activation) \(hyphenated(widths))", xAxis: Axis("weight decay β"),
      yAxis: Axis("σ_r of ⟨f xᵀ⟩"),
      series: series + [
        Series("folds", points: folds, style: .points, colour: Palette.black, marker: .diamond)
      ], legend: .outside)
    return [("folds", figure)]
  }

  package var summary: [String] {
    let found = losses.filter { $0.fold != nil }
    let close = found.filter { loss in
      abs(0.5 * (loss.learnedTo + loss.lostAt) - loss.fold!) <= 1e-3
    }
    var sentences = [
      losses.isEmpty
        ? "Nothing is lost on the way up; raise --beta-to."
        : "On the way up there \(losses.count == 1 ? "is one jump" : "are \(losses.count) jumps")"
          + (found.isEmpty
            ? "."
            : ", \(close.count) of \(found.count) with a fold that was followed within 0.001 of it.")
    ]
    sentences.append(
      returns.isEmpty
        ? "Nothing comes back on the way down: the hysteresis is complete."
        : "On the way down \(returns.count) feature\(returns.count == 1 ? " comes" : "s come") back."
    )
    sentences += spinodals
    let parts = losses.filter { $0.after > LearnedFeature.smallest }
    if !parts.isEmpty {
      sentences.append(
        "Of feature \(parts.map { "\($0.feature)" }.joined(separator: ", ")) only a part is lost in a jump."
      )
    }
    let reasons = losses.compactMap { loss in
      loss.reason.map { "Of feature \(loss.feature) no fold was followed: \($0)." }
    }
    return sentences + reasons
  }

  /// Where the states that features come back to end, which those that come back at once share.
  private var spinodals: [String] {
    var groups = [[Return]]()
    for back in returns {
      if groups.last?.first?.absentTo == back.absentTo {
        groups[groups.count - 1].append(back)
      } else {
        groups.append([back])
      }
    }
    func names(_ group: [Return]) -> String {
      "feature\(group.count == 1 ? "" : "s") \(group.map { "\($0.feature)" }.joined(separator: ", "))"
    }
    let found = groups.compactMap { group in
      guard let beta = group[0].lowerSpinodal, let kind = group[0].lowerSpinodalKind else {
        return String?.none
      }
      return "without \(names(group)) at β = \(sixDigits(beta)) (a \(kind))"
    }
    let reasons = groups.compactMap { group in
      group[0].reason.map { "Of \(names(group)) no lower spinodal was found: \($0)." }
    }
    let limits =
      found.isEmpty
      ? []
      : ["The states that they leave have their lower spinodal: \(found.joined(separator: "; "))."]
    return limits + reasons
  }
}
