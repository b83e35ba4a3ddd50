import Foundation
import Metastable

extension Page {
  /// Every criterion by which a rate is judged.
  static var validityCriteria: Page {
    Page(
      name: "ValidityCriteria", title: "Validity criteria",
      abstract: "What a rate is judged by, with the limits and the reasons for them.",
      overview: [
        "Each criterion is a number that must be small: *valid* up to the first limit, *marginal* up to the second, *invalid* beyond. Criteria without a number stand for what a theory leaves out. The worst verdict counts; <doc:Validity> says what the verdicts mean. The table is made from what the sources declare (`make reference`).",
        "Valid stands for a leading relative error of τ of at most some 10 %, marginal for an error up to a factor 2.",
      ],
      sections: [
        Section(
          heading: "Criteria",
          table: MarkdownTable(
            headings: ["criterion", "quantity", "valid up to", "marginal up to", "why"],
            rows: Criterion.all.map { criterion in
              [
                criterion.name, criterion.quantity, limit(criterion.limits?.valid),
                limit(criterion.limits?.marginal), criterion.why,
              ]
            }))
      ])
  }

  private static func limit(_ value: Double?) -> String {
    guard let value else { return "–" }
    return value.isFinite ? String(format: "%.3g", value) : "any"
  }
}
