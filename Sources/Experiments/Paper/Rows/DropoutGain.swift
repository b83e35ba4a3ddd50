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

/// Gaining the second feature under SGD with dropout: an upward escape of the paper's own network that noise of training
/// alone drives, with no temperature added from outside.
///
/// Minibatch noise vanishes on the weights of a feature that is missing. Masks do not commute with rotations among hidden
/// units, so where the feature that is there is spread over several units, they push the others off zero. They also punish
/// large hidden activities; so the weight decay is a lower one than the paper's.
struct DropoutGain: Sendable {
  /// p, of both hidden layers.
  private static let probability = 0.3
  private static let weightDecay = 0.08
  private static let batchSize = 4
  /// t at which runs are stopped.
  private static let cap = 40_000.0

  let setup: PaperSetup

  /// What it finds.
  struct Finding: Sendable {
    let quantities: [PaperQuantity]
    let evidence: [String]
    let passages: [ReproductionResult.Passages]
    let curve: PaperCurve
    /// Whether every run escaped, later with less noise, and none without dropout.
    let isActivated: Bool
  }

  /// From rank 1 to 2, on the population.
  private func escape(weightDecay: Double) throws -> FeatureEscape {
    let teacher = try GaussianTeacher(singularValues: setup.singularValues)
    return try FeatureEscape(
      source: .online(teacher), moments: teacher.moments, widths: setup.widths,
      weightDecay: weightDecay, from: 1, to: 2)
  }

  func finding(_ work: PaperWork) throws -> Finding {
    let escape = try escape(weightDecay: Self.weightDecay)
    let ratios = setup.isQuick ? [60.0, 80] : [80.0, 100, 120, 140]
    let runs = setup.isQuick ? 24 : 100
    let size = Double(Self.batchSize)
    func dynamics(_ ratio: Double, dropout: Bool) throws -> SGDDynamics {
      SGDDynamics(
        try SGDSettings(learningRate: size / ratio, batchSize: Self.batchSize),
        dropout: dropout ? [Self.probability] : [])
    }
    var (samples, places) = ([EscapeSample](), [PaperPlace]())
    var (quantities, passages) = ([PaperQuantity](), [ReproductionResult.Passages]())
    for (i, ratio) in ratios.enumerated() {
      try work.check()
      let sample = try work.sample(
        dynamics(ratio, dropout: true).ensemble(of: escape, cap: Self.cap), runs: runs, cell: 20 + i
      )
      let mean = sample.meanFirstPassageTime()
      samples.append(sample)
      places.append(PaperPlace(ratio, mean.value, lower: mean.lower, upper: mean.upper))
      passages.append(
        ReproductionResult.Passages(
          setting:
            "dropout \(sixDigits(Self.probability)), B = \(Self.batchSize), h = \(sixDigits(size / ratio))",
          inverseNoise: ratio, sample: sample))
      quantities.append(
        PaperQuantity("τ with dropout at B/h = \(sixDigits(ratio))", mean, unit: "t"))
      if let variation = sample.coefficientOfVariation {
        quantities.append(PaperQuantity("σ/τ of it", variation))
      }
    }
    // Without dropout, from the same spread start, for many times as long.
    let control = try work.sample(
      dynamics(ratios[0], dropout: false)
        .ensemble(of: escape.spreadOverUnits(), cap: 20 * (places[0].y ?? Self.cap)),
      runs: runs, cell: 30)
    // At the weight decay of the paper.
    let steep = try work.sample(
      dynamics(ratios[0], dropout: true)
        .ensemble(of: self.escape(weightDecay: setup.weightDecay), cap: 10 * (places[0].y ?? 100)),
      runs: runs, cell: 31)
    let fit = try ArrheniusFit(
      zip(ratios, samples).map { ArrheniusFit.Level(inverseNoise: $0, sample: $1) })
    let known = places.compactMap { place in place.y.map { (place.x, log($0)) } }
    let rSquared = rSquared(ofLineThrough: known)
    let slopes = zip(known, known.dropFirst()).map { ($1.1 - $0.1) / ($1.0 - $0.0) }
    let events = samples.reduce(0) { $0 + $1.events }
    let all = runs * ratios.count
    quantities += [
      PaperQuantity("slope of ln τ in B/h, with dropout", fit.slope),
      PaperQuantity("R², gain with dropout", rSquared),
      PaperQuantity("gains without dropout", Double(control.events)),
      PaperQuantity(
        "gains with dropout at β = \(sixDigits(setup.weightDecay))", Double(steep.events)),
    ]
    let variations = samples.compactMap(\.coefficientOfVariation)
    return Finding(
      quantities: quantities,
      evidence: [
        "upwards, at β = \(sixDigits(Self.weightDecay)) with dropout \(sixDigits(Self.probability)) on both hidden layers, \(events) of \(all) runs gain the feature: ln τ \(slopes.allSatisfy { $0 > 0 } ? "grows" : "does not grow throughout") with B/h (R² = \(brief(rSquared ?? .nan)), the slope from \(brief(slopes.first ?? .nan)) at the strongest noise to \(brief(slopes.last ?? .nan)) at the weakest), with σ/τ from \(brief(variations.min() ?? .nan)) to \(brief(variations.max() ?? .nan)); no theory here has its exponent",
        "from the same start \(control.events) of \(control.runs) runs gain it without dropout in twenty times as long, and \(steep.events) of \(steep.runs) with dropout at β = \(sixDigits(setup.weightDecay)) in ten times as long",
      ], passages: passages,
      curve: PaperCurve(
        "gain with dropout \(sixDigits(Self.probability)), β = \(sixDigits(Self.weightDecay)), B = \(Self.batchSize)",
        .points, places),
      isActivated: events == all && control.events == 0 && slopes.allSatisfy { $0 > 0 })
  }
}
