import EscapeStatistics
import Escapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// τ over a grid of learning rates and batch sizes: whether it depends on B/h alone.
struct Control: Sendable {
  /// A time beside another one at the same B/h.
  private struct Comparison {
    let learningRate: Double
    /// Of the times.
    let ratio: Double
    /// |ln ratio| in standard errors.
    let score: Double

    /// nil where one of them has no interval.
    init?(learningRate: Double, _ time: Estimate, with other: Estimate) {
      func error(_ estimate: Estimate) -> Double? {
        guard let lower = estimate.lower, let upper = estimate.upper else { return nil }
        return log(upper / lower) / (2 * Distributions.normalQuantile(0.5 + estimate.level / 2))
      }
      guard let a = time.value, let b = other.value, let s = error(time), let t = error(other)
      else { return nil }
      self.learningRate = learningRate
      ratio = a / b
      score = abs(log(a / b)) / (s * s + t * t).squareRoot()
    }
  }

  func finding(_ work: PaperWork) throws -> PaperFinding {
    let setup = work.setup
    let teacher = try GaussianTeacher(singularValues: setup.singularValues)
    let escape = try FeatureEscape(
      source: .online(teacher), moments: teacher.moments, widths: setup.widths, weightDecay: 0.33,
      from: 2, to: 1)
    let batchSizes = setup.isQuick ? [4, 16] : [4, 8, 16, 32, 64]
    let ratios = setup.isQuick ? [120.0] : [100.0, 140, 180, 220]
    let runs = setup.isQuick ? 32 : 200
    var (quantities, curves) = ([PaperQuantity](), [PaperCurve]())
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
    // Against the smallest batch, and with it the smallest step, at the same B/h.
    var (collapsed, broken) = ([Comparison](), [Comparison]())
    for (i, batchSize) in batchSizes.enumerated().dropFirst() {
      for (j, ratio) in ratios.enumerated() {
        guard
          let found = Comparison(
            learningRate: Double(batchSize) / ratio, times[i][j], with: times[0][j])
        else { continue }
        if found.score > 3 { broken.append(found) } else { collapsed.append(found) }
      }
    }
    let least = broken.map(\.learningRate).min()
    let holds = collapsed.filter { $0.learningRate < least ?? .infinity }
    return PaperRow.control.finding(
      // Within three standard errors wherever steps are small against the relaxation.
      least ?? .infinity > 0.15 && !holds.isEmpty ? .reproduced : .notReproduced,
      literal: quantities,
      evidence: [
        "at the same B/h the times of \(holds.count) settings with h up to \(brief(holds.map(\.learningRate).max() ?? .nan)) are those of B = \(batchSizes[0]) within three standard errors, the worst at \(brief(holds.map(\.score).max() ?? .nan)): the delay is set by B/h, and grows exponentially with it",
        least.map { least in
          let worst = broken.max { $0.score < $1.score }!
          return
            "the collapse breaks from h = \(brief(least)) on: at h = \(brief(worst.learningRate)) the time is \(brief(worst.ratio)) of that (\(brief(worst.score)) standard errors), for steps are no longer small against the relaxation"
        } ?? "no setting tried here breaks the collapse",
        "this holds for losing a feature; gaining one has no time under minibatch noise",
      ],
      figure: ReproductionResult.Drawing(
        title: "Loss of the weaker feature, β = 0.33, at several batch sizes", x: "B/h",
        y: "mean first-passage time τ (t = steps × h)", logY: true, curves: curves))
  }
}
