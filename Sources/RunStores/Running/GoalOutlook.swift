import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Whether the precision that was asked for can be reached, said before anything runs.
package struct GoalOutlook {
  /// What stands against it, and what it would take; nil where nothing does.
  package let warning: String?

  /// - Parameters:
  ///   - cap: the time at which a run is censored.
  ///   - theory: the mean time of an escape; nil where there is no theory.
  ///   - neverEscapes: why no run can escape; nil where one can.
  package init(
    _ extent: EnsembleExtent, level: Double, cap: Double, theory: Double?,
    neverEscapes: String? = nil
  ) {
    guard let goal = extent.eventGoal, let relativeError = extent.relativeError else {
      warning = nil
      return
    }
    let asked = "an interval within \(sixDigits(100 * relativeError)) % needs \(goal) escapes"
    if let neverEscapes {
      warning = "\(asked), but no run will escape: \(neverEscapes)"
    } else if extent.runs < goal {
      warning =
        "\(asked), but --max-runs allows \(extent.runs) runs: it cannot be reached; give --max-runs \(goal) or more, or --until-relative-error \(Self.reachable(events: extent.runs, level: level))"
    } else if let theory {
      let probability = -expm1(-cap / theory)
      let expected = Double(extent.runs) * probability
      guard expected + 3 * expected.squareRoot() < Double(goal) else {
        warning = nil
        return
      }
      let share = 1.25 * Double(goal) / Double(extent.runs)
      let longer =
        share < 1 ? "--cap \(twoDigits(-theory * log1p(-share))), or " : ""
      warning =
        "\(asked), but where τ = \(brief(theory)), as theory says, \(brief(expected)) of \(extent.runs) runs escape before their cap of \(sixDigits(cap)): it will not be reached; it takes \(longer)--max-runs \(brief((1.25 * Double(goal) / probability).rounded(.up)))"
    } else {
      warning = nil
    }
  }

  /// The precision that so many escapes have, in two digits rounded up; what is nearest where that is above 1.
  static func reachable(events: Int, level: Double) -> String {
    for hundredths in 1...100 {
      let error = Double(hundredths) / 100
      if EnsembleExtent.events(relativeError: error, level: level) <= events {
        return "\(error) or more"
      }
    }
    return "1, which takes \(EnsembleExtent.events(relativeError: 1, level: level)) runs"
  }
}
