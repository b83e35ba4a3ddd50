import EscapeStatistics
import Experiments
import Foundation
import NumericalMethods

extension ComparisonVerdict {
  /// What a comparison amounts to, in words.
  ///
  /// - Parameter inverseNoise: B/h, or what it is with momentum.
  func sentences(feature: Int, inverseNoise: String) -> [String] {
    let leftOut = self.leftOut.joined(separator: " and ")
    let spoilt =
      levelCount < allLevels
      ? "SGD runs diverged at \(allLevels - levelCount) of \(allLevels) levels, which then count for nothing; use a smaller learning rate and batch at the same h/B."
      : nil
    guard let fit = sgdFit, let slope = fit.slope.value, let theorySlope, !ratios.isEmpty else {
      if let spoilt { return [spoilt] }
      return [
        "Too few SGD runs lost feature \(feature) to measure how its lifetime depends on the noise; run longer (--cap), more runs, or at larger h/B."
          + (leftOut.isEmpty
            ? "" : " The theory leaves out \(leftOut): its times are no guide here.")
      ]
    }
    let percent = { (x: Double) in String(format: "%+.0f %%", 100 * (x - 1)) }
    let range = { (values: [Double]) -> String in
      let low = values.min()!
      let high = values.max()!
      let (first, last) = (twoDigits(low), twoDigits(high))
      return first == last ? first : "\(first) to \(last)"
    }
    let interval = "[\(threeDigits(fit.slope.lower)), \(threeDigits(fit.slope.upper))]"
    var linear = ""
    if let p = fit.goodnessOfFitPValue {
      linear =
        p > 0.05
        ? " ln τ is linear in \(inverseNoise) within the errors (p = \(twoDigits(p)))."
        : " ln τ is not linear in \(inverseNoise) within the errors (p = \(twoDigits(p)))."
    }
    var sentences = [spoilt].compactMap { $0 }
    if let pooled = acrossRatio, let value = pooled.value {
      let scores = across.map(\.score)
      let valid = across.count(where: \.isValid)
      sentences.append(
        "Noise across the line: the theory that has it predicts real SGD without a fitted constant: measured over predicted lifetimes are \(range(across.map(\.ratio))) (\(twoDigits(scores.min()!)) to \(twoDigits(scores.max()!)) standard errors from 1), together \(threeDigits(value)) [\(threeDigits(pooled.lower)), \(threeDigits(pooled.upper))]; it lies inside the interval at \(across.count(where: \.isInside)) of \(across.count) levels, and is valid at \(valid) of \(allLevels)\(across.count < allLevels ? " (invalid, or without a barrier, at \(allLevels - across.count))" : "")."
      )
    } else {
      sentences.append(
        "Noise across the line: at none of these levels is there a barrier left that its theory could be trusted with; lower h/B or β."
      )
    }
    sentences.append(
      "Slope: real SGD loses feature \(feature) with d ln τ/d(\(inverseNoise)) = \(threeDigits(slope)) \(interval) at \(sixDigits(100 * confidence)) %.\(linear) The quasi-potential barrier, with no fitted constant, is \(threeDigits(quasiPotentialBarrier)) (measured slope \(percent(slope / quasiPotentialBarrier)) from it), and \(threeDigits(largeDeviationBarrier)) with all cumulants of the noise instead of its covariance; the exact one-dimensional theory has slope \(threeDigits(theorySlope)) over these noise levels, which \(slopeJudgement == .agrees ? "agrees: it lies inside" : "does not agree: it lies outside") the measured interval (\(percent(slope / theorySlope)))."
    )
    let absolute =
      timesInside == levelCount
      ? "agree with it at every level"
      : timesInside == 0
        ? "do not agree with it at any level"
        : "agree with it at \(timesInside) of \(levelCount) levels"
    var times =
      "Times: measured lifetimes are \(range(ratios)) of what the one-dimensional theory gives, and \(absolute). "
    times +=
      lineSGDLevels == 0
      ? "SGD confined to the balanced line diverged"
      : lineSGDRatios.isEmpty
        ? "SGD confined to the balanced line did not escape within its cap"
        : "SGD confined to the balanced line takes \(range(lineSGDRatios)) of the theoretical time"
          + (lineSGDRatios.count < lineSGDLevels
            ? " where it escaped (\(lineSGDRatios.count) of \(lineSGDLevels) levels)" : "")
    times +=
      lineSGDLevels == 0
      ? ""
      : lineSGDConsistent == lineSGDLevels
        ? ", consistent with the theory at every level within the errors of its \(lineSGDEvents) escapes"
        : ", consistent with the theory at \(lineSGDConsistent) of \(lineSGDLevels) levels (the theory \(leftOut.isEmpty ? "" : "leaves out \(leftOut), and it ")keeps only the covariance of the noise; its higher cumulants enter ln τ at the same order)"
    let share =
      noiseShare.map { " (along the line lies only \(twoDigits(100 * $0)) % of it)" } ?? ""
    if timesInside == levelCount {
      times += "."
    } else if leftOut.isEmpty {
      times +=
        ". What SGD in all weights adds is noise across the line\(share), which the theory leaves out."
    } else {
      times +=
        ". SGD on the line has the same momentum and sampling, so \(leftOut), which the theory leaves out, is in both; what SGD in all weights adds to that is noise across the line\(share)"
        + (acrossRatios.isEmpty
          ? "." : ": its lifetimes are \(range(acrossRatios)) of those on the line.")
    }
    sentences.append(times)
    if !lineRatios.isEmpty {
      sentences.append(
        "White noise: Langevin dynamics on the same line at the matched temperature gives \(range(lineRatios)) of its own exact passage time (\(lineInside) of \(lineLevels) inside the interval), so simulation and quadrature check each other."
          + (weightLevels == 0
            ? " In full weight space at that temperature it diverged."
            : weightRatios.isEmpty
              ? " In full weight space at that temperature no run escaped within three such times."
              : " In full weight space at that temperature it escapes in \(range(weightRatios)) of that time: T × D / ΔE is \(twoDigits(entropicLoad)) or more, and isotropic noise in all weights is not what SGD does.")
      )
    }
    return sentences
  }
}
