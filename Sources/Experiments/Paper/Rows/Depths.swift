import EscapeStatistics
import Escapes
import KramersRates
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The lifetime of the weaker feature against depth, at the same β/β_c and at the same β.
struct Depths: Sendable {
  private static let depths = [3, 4, 5, 6]
  private static let batchSize = 8
  private static let share = 0.94

  private struct Level: Sendable {
    let depth: Int
    let weightDecay: Double
    let barrierUp: Double
    let barrierDown: Double
    /// At the B/h of the row; nil where no theory has a number.
    let theory: RatePrediction?
    let measured: Estimate?
  }

  func finding(_ work: PaperWork) throws -> PaperFinding {
    let setup = work.setup
    func spinodal(_ depth: Int) throws -> Double {
      try DeepLinearMode(singularValue: 0.8, depth: depth, weightDecay: 0.01).spinodalWeightDecay!
    }
    // The same β below the spinodal of all depths.
    let common = Self.share * (try Self.depths.map(spinodal).min()!)
    let learningRate = 0.05
    let matched = try Self.depths.enumerated().map {
      try level(
        $1, weightDecay: Self.share * spinodal($1), learningRate, runs: setup.isQuick ? 16 : 100,
        cell: $0, work)
    }
    let same = try Self.depths.enumerated().map {
      try level($1, weightDecay: common, learningRate, runs: 0, cell: 10 + $0, work)
    }
    var quantities = [
      PaperQuantity(
        "ΔE_up at L = 6 over L = 3, same β/β_c", matched.last!.barrierUp / matched[0].barrierUp)
    ]
    for level in matched {
      let name = "L = \(level.depth), β = \(sixDigits(level.weightDecay))"
      quantities += [
        PaperQuantity("ΔE_up, \(name)", level.barrierUp, unit: "loss"),
        PaperQuantity("ΔE_down, \(name)", level.barrierDown, unit: "loss"),
        PaperQuantity(
          "τ of the loss, theory, \(name)", level.theory?.meanFirstPassageTime, unit: "t"),
        level.measured.map { PaperQuantity("τ of the loss, SGD, \(name)", $0, unit: "t") }
          ?? PaperQuantity("τ of the loss, SGD, \(name)", nil, unit: "t"),
      ]
    }
    for level in same {
      let name = "L = \(level.depth), β = \(sixDigits(level.weightDecay))"
      quantities += [
        PaperQuantity("ΔE_up, \(name)", level.barrierUp, unit: "loss"),
        PaperQuantity("ln τ of the loss, theory, \(name)", level.theory?.logMeanFirstPassageTime),
      ]
    }
    func grows(_ values: [Double]) -> Bool { zip(values, values.dropFirst()).allSatisfy(<) }
    let (upMatched, upSame) = (
      grows(matched.map(\.barrierUp)), grows(same.map(\.barrierUp))
    )
    let times = matched.compactMap { $0.measured?.value }
    return PaperRow.depth.finding(
      upMatched && upSame ? .reproducedWith : .notReproduced,
      with: upMatched && upSame
        ? "the barrier: the delay itself does not exist under minibatch noise" : nil,
      literal: quantities,
      evidence: [
        "at the same β/β_c the barrier to learning \(upMatched ? "grows with depth" : "does not grow with depth: \(matched.map { brief($0.barrierUp) }.joined(separator: ", "))"), at the same β it \(upSame ? "grows" : "does not grow: \(same.map { brief($0.barrierUp) }.joined(separator: ", "))")",
        "the lifetime of the learned feature under SGD at the same β/β_c and B/h, which can be measured, \(grows(times) ? "grows with depth" : "does not grow with depth"): \(times.map(brief).joined(separator: ", "))",
        "learning itself does not happen under minibatch noise at any depth",
      ],
      figure: ReproductionResult.Drawing(
        title:
          "Loss of the weaker feature at β = \(Self.share) β_c, B/h = \(sixDigits(Double(Self.batchSize) / learningRate))",
        x: "depth L", y: "mean first-passage time τ (t = steps × h)", logY: true,
        curves: [
          PaperCurve(
            "theory with the noise across the line", .line,
            matched.map { PaperPlace(Double($0.depth), $0.theory?.meanFirstPassageTime) }),
          PaperCurve(
            "SGD in all weights", .points,
            matched.compactMap { level in
              level.measured.map {
                PaperPlace(Double(level.depth), $0.value, lower: $0.lower, upper: $0.upper)
              }
            }),
        ]))
  }

  private func level(
    _ depth: Int, weightDecay: Double, _ learningRate: Double, runs: Int, cell: Int,
    _ work: PaperWork
  ) throws -> Level {
    try work.check()
    let teacher = try GaussianTeacher(singularValues: work.setup.singularValues)
    let widths = [2] + [Int](repeating: 10, count: depth - 1) + [2]
    let escape = try FeatureEscape(
      source: .online(teacher), moments: teacher.moments, widths: widths, weightDecay: weightDecay,
      from: 2, to: 1)
    let settings = try SGDSettings(learningRate: learningRate, batchSize: Self.batchSize)
    let theory = try RateTheories.best(of: escape, under: .minibatch(settings))
    var measured: Estimate?
    if runs > 0 {
      let cap = min(30 * (theory?.meanFirstPassageTime ?? 1000), 30_000)
      measured = try work.sample(
        SGDDynamics(settings).ensemble(of: escape, cap: cap), runs: runs, cell: cell
      ).meanFirstPassageTime()
    }
    return Level(
      depth: depth, weightDecay: weightDecay, barrierUp: try escape.mode.barrierUp()!,
      barrierDown: try escape.mode.barrierDown()!, theory: theory, measured: measured)
  }
}
