package import EscapeStatistics
import Foundation
import KramersRates
import NumericalMethods
import RunStores

/// What a comparison amounts to, in numbers and in words.
package struct ComparisonVerdict: Sendable {
  /// ΔΦ̂: the leading-order slope, free of parameters.
  package let quasiPotentialBarrier: Double
  /// The same with all cumulants of the gradient noise.
  package let largeDeviationBarrier: Double
  /// ΔE of the loss, for the white-noise picture.
  package let barrierHeight: Double
  /// ln τ of SGD against B/h; nil where fewer than two levels saw events.
  package let sgdFit: ArrheniusFit?
  /// The slope that the exact 1-D theory gives over the same levels, weighted by the same events.
  package let theorySlope: Double?
  /// τ_SGD/τ_theory at each level.
  package let ratios: [Double]
  /// The same for SGD confined to the line; levels without an event give a bound only.
  package let lineSGDRatios: [Double]
  /// Levels at which the theory lies within the interval, or above the bound, of SGD on the line.
  package let lineSGDConsistent: Int
  package let lineSGDEvents: Int
  /// τ of SGD in all weights over that of SGD on the line, which has the same momentum and sampling: what noise
  /// across the line does, and nothing else.
  package let acrossRatios: [Double]
  /// What the theory leaves out of SGD's momentum and sampling at one level or more, where it matters, in words.
  package let leftOut: [String]
  /// C_ss/tr C at the minimum; nil for an endless supply.
  package let noiseShare: Double?
  /// The same for Langevin on the line, and for Langevin in weight space.
  package let lineRatios: [Double]
  package let lineInside: Int
  package let weightRatios: [Double]
  package let entropicLoad: Double
  /// Levels in all, and those of them where so few runs diverged that there is a time: of SGD, SGD on the line, and
  /// Langevin on the line and in all weights.
  package let allLevels: Int
  package let levelCount: Int
  package let lineSGDLevels: Int
  package let lineLevels: Int
  package let weightLevels: Int
  package let slopeJudgement: ComparisonResult.Judgement
  /// Real SGD against the theory of the noise across the line, at the levels where that is not invalid.
  package let across: [AcrossLevel]

  /// One level: τ of SGD over the theory's, and by how many standard errors of ln τ it is off.
  package struct AcrossLevel: Sendable {
    package let ratio: Double
    package let events: Int
    package let isValid: Bool
    package let isInside: Bool
    package var score: Double { log(ratio) * Double(events).squareRoot() }
  }

  /// Their ratios together, each weighted by its escapes.
  package var acrossRatio: Estimate? {
    let events = across.reduce(0) { $0 + $1.events }
    guard events > 0 else { return nil }
    let mean = across.reduce(0) { $0 + Double($1.events) * log($1.ratio) } / Double(events)
    let reach =
      Distributions.normalQuantile(0.5 + confidence / 2) / Double(events).squareRoot()
    return Estimate(
      value: exp(mean), lower: exp(mean - reach), upper: exp(mean + reach), level: confidence,
      method: "ratios of all levels, each weighted by its escapes; normal interval of ln",
      events: events, censored: 0)
  }
  /// Levels whose interval holds the theoretical τ.
  package let timesInside: Int
  package let confidence: Double

  init(
    levels: [ComparisonExperiment.Level], quasiPotentialBarrier: Double,
    largeDeviationBarrier: Double, barrierHeight: Double,
    dimension: Int, noiseShare: Double?, level: Double
  ) throws {
    self.noiseShare = noiseShare
    lineSGDRatios = levels.compactMap { level in
      level.lineSGD.meanFirstPassageTime.value.map { $0 / level.stateDependent }
    }
    lineSGDEvents = levels.reduce(0) {
      $0 + ($1.lineSGD.isSpoiltByDivergence ? 0 : $1.lineSGD.events)
    }
    lineSGDConsistent =
      levels.filter {
        $0.lineSGD.meanFirstPassageTime.contains($0.stateDependent)
      }.count
    acrossRatios = levels.compactMap { level in
      guard let time = level.sgd.meanFirstPassageTime.value,
        let onLine = level.lineSGD.meanFirstPassageTime.value
      else { return nil }
      return time / onLine
    }
    let doubts = levels.flatMap(\.doubt.judgements).filter { $0.verdict > .valid }
    leftOut = [
      (Criterion.inertia, "the inertia of momentum"), (Criterion.epochs, "sampling by epochs"),
    ].filter { criterion, _ in doubts.contains { $0.criterion == criterion } }.map { $0.1 }
    self.quasiPotentialBarrier = quasiPotentialBarrier
    self.largeDeviationBarrier = largeDeviationBarrier
    self.barrierHeight = barrierHeight
    confidence = level
    allLevels = levels.count
    levelCount = levels.count { !$0.sgd.isSpoiltByDivergence }
    lineSGDLevels = levels.count { !$0.lineSGD.isSpoiltByDivergence }
    lineLevels = levels.count { !$0.lineLangevin.isSpoiltByDivergence }
    weightLevels = levels.count { !$0.weightLangevin.isSpoiltByDivergence }
    across = levels.compactMap { level in
      guard let theory = level.across, theory.validity.verdict < .invalid,
        let time = level.sgd.meanFirstPassageTime.value, level.sgd.events > 0
      else { return nil }
      return AcrossLevel(
        ratio: time / theory.meanFirstPassageTime, events: level.sgd.events,
        isValid: theory.validity.verdict == .valid,
        isInside: level.sgd.meanFirstPassageTime.contains(theory.meanFirstPassageTime))
    }
    let measured = levels.map {
      ArrheniusFit.Level(inverseNoise: $0.inverseNoise, sample: $0.sgd.sample)
    }
    sgdFit = try Self.fit(measured, level: level)
    // The exact theory is not quite a straight line either, so it is fitted like the data: as many
    // events at each level, with the exposure that theory gives them.
    let expected = zip(measured, levels).filter { $0.0.events > 0 }.map {
      $0.0.replacingMeanTime($0.1.stateDependent)
    }
    theorySlope = try Self.fit(expected, level: level)?.slope.value
    ratios = levels.compactMap { level in
      level.sgd.meanFirstPassageTime.value.map { $0 / level.stateDependent }
    }
    timesInside =
      levels.filter {
        $0.sgd.events > 0 && $0.sgd.meanFirstPassageTime.contains($0.stateDependent)
      }.count
    lineRatios = levels.compactMap { level in
      level.lineLangevin.meanFirstPassageTime.value.map { $0 / level.constantNoise }
    }
    lineInside =
      levels.filter {
        $0.lineLangevin.events > 0
          && $0.lineLangevin.meanFirstPassageTime.contains($0.constantNoise)
      }.count
    weightRatios = levels.compactMap { level in
      level.weightLangevin.meanFirstPassageTime.value.map { $0 / level.constantNoise }
    }
    entropicLoad = levels[0].matchedTemperature * Double(dimension) / barrierHeight
    if let fit = sgdFit, let theorySlope {
      slopeJudgement = fit.slope.contains(theorySlope) ? .agrees : .disagrees
    } else {
      slopeJudgement = .unresolved
    }
  }

  /// nil where fewer than two levels saw events.
  private static func fit(_ levels: [ArrheniusFit.Level], level: Double) throws -> ArrheniusFit? {
    do { return try ArrheniusFit(levels, level: level) } catch is InvalidInput { return nil }
  }

  var result: ComparisonResult.Arrhenius {
    ComparisonResult.Arrhenius(
      quasiPotentialBarrier: quasiPotentialBarrier, largeDeviationBarrier: largeDeviationBarrier,
      barrierHeight: barrierHeight, theorySlope: theorySlope,
      sgdSlope: sgdFit.map { .estimate($0.slope) } ?? .missing(reason: "too few events"),
      sgdLogPrefactor: sgdFit.map { .estimate($0.logPrefactor) }
        ?? .missing(reason: "too few events"), goodnessOfFitPValue: sgdFit?.goodnessOfFitPValue,
      slopeOverQuasiPotential: sgdFit?.slope.value.map { $0 / quasiPotentialBarrier },
      slopeVerdict: slopeJudgement, levelsWithTheoryInsideInterval: timesInside,
      levelsWithTheoryConsistentOnLine: lineSGDConsistent, noiseShareAlongLine: noiseShare,
      acrossRatio: acrossRatio, acrossLevels: acrossRatio.map { _ in across.count })
  }
}
