import Experiments
import NumericalMethods

extension EscapeResult.TimeStepExtrapolation {
  /// For the summary.
  var sentence: String {
    let steps =
      "From dt = \(sixDigits(coarse.timeStep)) and \(sixDigits(fine.timeStep)), with an error ∝ \(exponent == 1 ? "dt" : "√dt"),"
    let time = meanFirstPassageTime
    guard let value = time.value, let lower = time.lower, let upper = time.upper else {
      return "\(steps) no time at dt → 0 can be given: \(time.method)."
    }
    return
      "\(steps) τ = \(sixDigits(value)) [\(sixDigits(lower)), \(sixDigits(upper))] at dt → 0"
      + (relativeBias.map { "; at dt it is \(brief(100 * $0)) % off." } ?? ".")
  }
}
