/// What a row comes to.
typealias PaperFinding = ReproductionResult.Row
typealias PaperQuantity = ReproductionResult.Quantity
typealias PaperCurve = ReproductionResult.Curve
typealias PaperPlace = ReproductionResult.Place

extension PaperRow {
  /// The row with what was found.
  func finding(
    _ verdict: ReproductionResult.Verdict, with nearest: String? = nil, literal: [PaperQuantity],
    nearest quantities: [PaperQuantity] = [], evidence: [String],
    passages: [ReproductionResult.Passages] = [],
    figure: ReproductionResult.Drawing? = nil
  ) -> PaperFinding {
    PaperFinding(
      row: rawValue, claim: claim, setting: setting, reported: reported, verdict: verdict,
      nearestProtocol: nearest, literal: literal, nearest: quantities, evidence: evidence,
      passages: passages, figure: figure)
  }
}
