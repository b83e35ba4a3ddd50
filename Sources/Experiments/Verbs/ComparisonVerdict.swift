import DataFiles
import EscapeStatistics
import Foundation
import NumericalMethods
import RunStores

/// What a comparison amounts to, in numbers and in words.
struct ComparisonVerdict {
  enum Judgement: String {
    /// The theory lies within the interval of the measurement.
    case agrees
    /// It lies outside.
    case disagrees
    /// Too few events to tell.
    case unresolved
  }

  /// ΔΦ̂: the leading-order slope, free of parameters.
  let quasiPotentialBarrier: Double
  /// The same with all cumulants of the gradient noise.
  let largeDeviationBarrier: Double
  /// ΔE of the loss, for the white-noise picture.
  let barrierHeight: Double
  /// ln τ of SGD against B/h; nil where fewer than two levels saw events.
  let sgdFit: ArrheniusFit?
  /// The slope that the exact 1-D theory gives over the same levels, weighted by the same events.
  let theorySlope: Double?
  /// τ_SGD/τ_theory at each level.
  let ratios: [Double]
  /// The same for SGD confined to the line; levels without an event give a bound only.
  let lineSGDRatios: [Double]
  /// Levels at which the theory lies within the interval, or above the bound, of SGD on the line.
  let lineSGDConsistent: Int
  let lineSGDEvents: Int
  /// C_ss/tr C at the minimum; nil for an endless supply.
  let noiseShare: Double?
  /// The same for Langevin on the line, and for Langevin in weight space.
  let lineRatios: [Double]
  let lineInside: Int
  let weightRatios: [Double]
  let entropicLoad: Double
  let levelCount: Int
  let slopeJudgement: Judgement
  /// Levels whose interval holds the theoretical τ.
  let timesInside: Int
  let confidence: Double

  init(
    levels: [ComparisonExperiment.Level], quasiPotentialBarrier: Double,
    largeDeviationBarrier: Double, barrierHeight: Double,
    dimension: Int, noiseShare: Double?, level: Double
  ) throws {
    self.noiseShare = noiseShare
    lineSGDRatios = levels.compactMap { level in
      level.lineSGD.meanFirstPassageTime().value.map { $0 / level.stateDependent }
    }
    lineSGDEvents = levels.reduce(0) { $0 + $1.lineSGD.events }
    lineSGDConsistent =
      levels.filter {
        $0.lineSGD.meanFirstPassageTime(level: level).contains($0.stateDependent)
      }.count
    self.quasiPotentialBarrier = quasiPotentialBarrier
    self.largeDeviationBarrier = largeDeviationBarrier
    self.barrierHeight = barrierHeight
    confidence = level
    levelCount = levels.count
    sgdFit = try Self.fit(
      levels.map { .init(inverseNoise: $0.inverseNoise, sample: $0.sgd) }, level: level)
    // The exact theory is not quite a straight line either, so it is fitted like the data: as many
    // events at each level, with the exposure that theory gives them.
    let expected = levels.filter { $0.sgd.events > 0 }.map {
      ArrheniusFit.Level(
        inverseNoise: $0.inverseNoise, events: $0.sgd.events,
        exposure: Double($0.sgd.events) * $0.stateDependent)
    }
    theorySlope = try Self.fit(expected, level: level)?.slope.value
    ratios = levels.compactMap { level in
      level.sgd.meanFirstPassageTime().value.map { $0 / level.stateDependent }
    }
    timesInside =
      levels.filter {
        $0.sgd.events > 0 && $0.sgd.meanFirstPassageTime(level: level).contains($0.stateDependent)
      }.count
    lineRatios = levels.compactMap { level in
      level.lineLangevin.meanFirstPassageTime().value.map { $0 / level.constantNoise }
    }
    lineInside =
      levels.filter {
        $0.lineLangevin.events > 0
          && $0.lineLangevin.meanFirstPassageTime(level: level).contains($0.constantNoise)
      }.count
    weightRatios = levels.compactMap { level in
      level.weightLangevin.meanFirstPassageTime().value.map { $0 / level.constantNoise }
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

  var document: JSONValue {
    var members: [(key: String, value: JSONValue)] = [
      ("quasiPotentialBarrier", .number(quasiPotentialBarrier)),
      ("largeDeviationBarrier", .number(largeDeviationBarrier)),
      ("barrierHeight", .number(barrierHeight)),
      ("theorySlope", .optional(theorySlope)),
      ("sgdSlope", sgdFit?.slope.json() ?? ["value": .null, "reason": "too few events"]),
      (
        "sgdLogPrefactor",
        sgdFit?.logPrefactor.json() ?? ["value": .null, "reason": "too few events"]
      ),
      ("goodnessOfFitPValue", .optional(sgdFit?.goodnessOfFitPValue)),
    ]
    if let slope = sgdFit?.slope.value {
      members.append(("slopeOverQuasiPotential", .number(slope / quasiPotentialBarrier)))
    }
    members += [
      ("slopeVerdict", .string(slopeJudgement.rawValue)),
      ("levelsWithTheoryInsideInterval", .integer(timesInside)),
      ("levelsWithTheoryConsistentOnLine", .integer(lineSGDConsistent)),
      ("noiseShareAlongLine", .optional(noiseShare)),
    ]
    return .object(members)
  }

  func sentences(feature: Int) -> [String] {
    guard let fit = sgdFit, let slope = fit.slope.value, let theorySlope, !ratios.isEmpty else {
      return [
        "Too few SGD runs lost feature \(feature) to measure how its lifetime depends on the noise; run longer (--cap), more runs, or at larger h/B."
      ]
    }
    let percent = { (x: Double) in String(format: "%+.0f %%", 100 * (x - 1)) }
    let range = { (values: [Double]) -> String in
      let low = values.min()!
      let high = values.max()!
      let (first, last) = (Table.format2(low), Table.format2(high))
      return first == last ? first : "\(first) to \(last)"
    }
    let interval = "[\(Table.format3(fit.slope.lower)), \(Table.format3(fit.slope.upper))]"
    var linear = ""
    if let p = fit.goodnessOfFitPValue {
      linear =
        p > 0.05
        ? " ln τ is linear in B/h within the errors (p = \(Table.format2(p)))."
        : " ln τ is not linear in B/h within the errors (p = \(Table.format2(p)))."
    }
    var sentences = [
      "Slope: real SGD loses feature \(feature) with d ln τ/d(B/h) = \(Table.format3(slope)) \(interval) at \(Table.format(100 * confidence)) %.\(linear) The quasi-potential barrier, with no fitted constant, is \(Table.format3(quasiPotentialBarrier)) (measured slope \(percent(slope / quasiPotentialBarrier)) from it), and \(Table.format3(largeDeviationBarrier)) with all cumulants of the noise instead of its covariance; the exact one-dimensional theory has slope \(Table.format3(theorySlope)) over these noise levels, which \(slopeJudgement == .agrees ? "agrees: it lies inside" : "does not agree: it lies outside") the measured interval (\(percent(slope / theorySlope)))."
    ]
    let absolute =
      timesInside == levelCount
      ? "agree with it at every level"
      : timesInside == 0
        ? "do not agree with it at any level"
        : "agree with it at \(timesInside) of \(levelCount) levels"
    var times =
      "Times: measured lifetimes are \(range(ratios)) of what the one-dimensional theory gives, and \(absolute). "
    times +=
      lineSGDRatios.isEmpty
      ? "SGD confined to the balanced line did not escape within its cap"
      : "SGD confined to the balanced line takes \(range(lineSGDRatios)) of the theoretical time"
        + (lineSGDRatios.count < levelCount
          ? " where it escaped (\(lineSGDRatios.count) of \(levelCount) levels)" : "")
    times +=
      lineSGDConsistent == levelCount
      ? ", consistent with the theory at every level within the errors of its \(lineSGDEvents) escapes"
      : ", consistent with the theory at \(lineSGDConsistent) of \(levelCount) levels (the theory keeps only the covariance of the noise; its higher cumulants enter ln τ at the same order)"
    times +=
      timesInside == levelCount
      ? "."
      : ". What SGD in all weights adds is noise across the line"
        + (noiseShare.map {
          " (along the line lies only \(Table.format2(100 * $0)) % of it)"
        } ?? "") + ", which the theory leaves out."
    sentences.append(times)
    if !lineRatios.isEmpty {
      sentences.append(
        "White noise: Langevin dynamics on the same line at the matched temperature gives \(range(lineRatios)) of its own exact passage time (\(lineInside) of \(levelCount) inside the interval), so simulation and quadrature check each other."
          + (weightRatios.isEmpty
            ? " In full weight space at that temperature no run escaped within three such times."
            : " In full weight space at that temperature it escapes in \(range(weightRatios)) of that time: T × D / ΔE is \(Table.format2(entropicLoad)) or more, and isotropic noise in all weights is not what SGD does.")
      )
    }
    return sentences
  }
}

extension Table {
  /// Two significant digits.
  static func format2(_ number: Double) -> String {
    abs(number) >= 100 ? String(format: "%.0f", number) : String(format: "%.2g", number)
  }

  /// Three significant digits, or "open".
  static func format3(_ number: Double?) -> String {
    number.map { String(format: "%.3g", $0) } ?? "open"
  }
}
