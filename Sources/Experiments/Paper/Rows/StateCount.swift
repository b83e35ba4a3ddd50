import NetworkTraining
import Networks
import NumericalMethods

/// How many minima there are: in all weights, and on the aligned lines alone.
struct StateCount: Sendable {
  private static let singularValues = [0.9, 0.86, 0.82, 0.78]
  private static let weightDecay = 0.3

  private struct Count: Sendable {
    let features: Int
    let aligned: Int
    let inAllWeights: Int
    let closedForm: Int
  }

  func finding(_ work: PaperWork) throws -> PaperFinding {
    let counts = try work.map(Array(1...4)) { try count(features: $0, isQuick: work.setup.isQuick) }
    let quantities = counts.reversed().flatMap { count in
      [
        PaperQuantity("minima for d = \(count.features), by descent", Double(count.inAllWeights)),
        PaperQuantity("the same in closed form", Double(count.closedForm)),
        PaperQuantity("on the aligned lines, by descent", Double(count.aligned)),
      ]
    }
    let nested = counts.allSatisfy {
      $0.inAllWeights == $0.features + 1 && $0.closedForm == $0.features + 1
    }
    let aligned = counts.allSatisfy { $0.aligned == 1 << $0.features }
    return PaperRow.stateCount.finding(
      nested ? .reproduced : .notReproduced, literal: quantities,
      evidence: [
        nested
          ? "in all weights d features have d + 1 minima, the state without features among them, and one of them has the lowest loss: d are metastable, as claimed. A feature is held only with every stronger one, since a state that holds a weaker one turns it into the stronger one without a barrier"
          : "in all weights the numbers of minima are \(counts.map { String($0.inAllWeights) }.joined(separator: ", "))",
        aligned
          ? "where the singular vectors are held fixed each feature is on or off by itself: 2^d minima"
          : "on the aligned lines the numbers of minima are \(counts.map { String($0.aligned) }.joined(separator: ", "))",
      ],
      figure: ReproductionResult.Drawing(
        title: "Minima against features, β = \(sixDigits(Self.weightDecay))", x: "features d",
        y: "minima", logY: true,
        curves: [
          PaperCurve(
            "all weights, by descent", .points,
            counts.map { PaperPlace(Double($0.features), Double($0.inAllWeights)) }),
          PaperCurve(
            "d + 1", .line, counts.map { PaperPlace(Double($0.features), Double($0.features + 1)) }),
          PaperCurve(
            "aligned lines, by descent", .points,
            counts.map { PaperPlace(Double($0.features), Double($0.aligned)) }),
          PaperCurve(
            "2^d", .dashes,
            counts.map { PaperPlace(Double($0.features), Double(1 << $0.features)) }),
        ]))
  }

  private func count(features: Int, isQuick: Bool) throws -> Count {
    let etas = Array(Self.singularValues.prefix(features))
    let moments = try GaussianTeacher(singularValues: etas).moments
    let network = try DeepLinearNetwork(
      widths: [features, 6, 6, features], moments: moments, weightDecay: Self.weightDecay)
    let random = RandomSource(StreamKey(seed: UInt64(features), purpose: .initialisation))
    // From beside every aligned state, in all weights: which of them hold, and where the others end.
    var ends = Set<String>()
    for set in 0..<(1 << features) {
      let learned = (0..<features).filter { set & (1 << $0) != 0 }
      for _ in 0..<(isQuick ? 2 : 10) {
        let start = try network.minimum(learning: learned).map { $0 + 0.02 * random.normal() }
        let end = network.relax(
          from: start, learningRate: 0.2, gradientTolerance: 1e-8, maximumEpochs: 200_000)
        ends.insert(
          try network.endToEndSingularValues(at: end.point).map { $0 > 0.1 ? "1" : "0" }.joined()
            + " \(Int((network.energy(at: end.point) * 1e6).rounded()))")
      }
    }
    // On the lines: each mode by itself, from random amplitudes.
    var alignedEnds = Set<String>()
    let modes = try network.modes()
    for _ in 0..<(40 << features) {
      alignedEnds.insert(
        modes.map { mode in
          var s = 1.8 * random.uniform()
          for _ in 0..<4000 { s -= 0.2 * mode.gradient(at: [s])[0] }
          return s > 0.5 ? "1" : "0"
        }.joined())
    }
    return Count(
      features: features, aligned: alignedEnds.count, inAllWeights: ends.count,
      closedForm: try network.stationaryStates().count(where: \.isMinimum))
  }
}
