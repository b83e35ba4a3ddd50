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
  /// The times of a batch size beside those of another one at the same B/h, all of them together.
  private struct Comparison {
    let batchSize: Int
    let largestLearningRate: Double
    /// Of the times, as a geometric mean.
    let ratio: Double
    /// |ln ratio| in standard errors.
    let score: Double

    /// nil where no pair has intervals.
    init?(
      batchSize: Int, largestLearningRate: Double, _ times: [Estimate], with others: [Estimate]
    ) {
      func error(_ estimate: Estimate) -> Double? {
        guard let lower = estimate.lower, let upper = estimate.upper else { return nil }
        return log(upper / lower) / (2 * Distributions.normalQuantile(0.5 + estimate.level / 2))
      }
      let pairs = zip(times, others).compactMap { time, other -> (log: Double, variance: Double)? in
        guard let a = time.value, let b = other.value, let s = error(time), let t = error(other)
        else { return nil }
        return (log(a / b), s * s + t * t)
      }
      guard !pairs.isEmpty else { return nil }
      let sum = pairs.reduce(0) { $0 + $1.log }
      self.batchSize = batchSize
      self.largestLearningRate = largestLearningRate
      ratio = exp(sum / Double(pairs.count))
      score = abs(sum) / pairs.reduce(0) { $0 + $1.variance }.squareRoot()
    }
  }

  private func list(_ found: [Comparison]) -> String {
    found.map { "\($0.batchSize)" }.joined(separator: ", ")
  }

  func finding(_ work: PaperWork) throws -> PaperFinding {
    let setup = work.setup
    let teacher = try GaussianTeacher(singularValues: setup.singularValues)
    let escape = try FeatureEscape(
      source: .online(teacher), moments: teacher.moments, widths: setup.widths, weightDecay: 0.33,
      from: 2, to: 1)
    let batchSizes = setup.isQuick ? [4, 16] : [4, 8, 16, 32, 64, 96]
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
    let found = zip(batchSizes, times).dropFirst().compactMap { batchSize, row in
      Comparison(
        batchSize: batchSize, largestLearningRate: Double(batchSize) / ratios[0], row,
        with: times[0])
    }
    let broken = found.filter { $0.score > 3 }
    let least = broken.first?.batchSize ?? .max
    let holds = found.filter { $0.batchSize < least }
    return PaperRow.control.finding(
      // Within three standard errors wherever steps are small against the relaxation.
      !holds.isEmpty && broken.allSatisfy { $0.largestLearningRate > 0.15 }
        ? .reproduced : .notReproduced,
      literal: quantities,
      evidence: [
        "at the same B/h the times of B = \(list(holds)) with h up to \(brief(holds.last?.largestLearningRate ?? .nan)) are those of B = \(batchSizes[0]) within three standard errors, the worst at \(brief(holds.map(\.score).max() ?? .nan)): the delay is set by B/h, and grows exponentially with it",
        broken.isEmpty
          ? "no batch size tried here breaks the collapse"
          : "the collapse breaks at B = \(list(broken)): "
            + broken.map {
              "with h up to \(brief($0.largestLearningRate)) the times are \(brief($0.ratio)) of those (\(brief($0.score)) standard errors)"
            }.joined(separator: ", ") + ", for steps are no longer small against the relaxation",
        "this holds for losing a feature; gaining one has no time under minibatch noise",
      ],
      figure: ReproductionResult.Drawing(
        title: "Loss of the weaker feature, β = 0.33, at several batch sizes", x: "B/h",
        y: "mean first-passage time τ (t = steps × h)", logY: true, curves: curves))
  }
}
