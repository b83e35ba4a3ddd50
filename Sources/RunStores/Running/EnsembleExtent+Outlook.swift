import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension EnsembleExtent {
  /// What stands against the precision that was asked for, and what it would take, before anything runs; nil where
  /// nothing does.
  ///
  /// - Parameters:
  ///   - level: of the interval.
  ///   - cap: the time at which a run is censored.
  ///   - theory: the mean time of an escape; nil where there is no theory.
  ///   - neverEscapes: why no run can escape; nil where one can.
  package func outlook(
    level: Double, cap: Double, theory: Double? = nil, neverEscapes: String? = nil
  ) -> String? {
    guard let goal = eventGoal, let relativeError else { return nil }
    let asked = "an interval within \(sixDigits(100 * relativeError)) % needs \(goal) escapes"
    if let neverEscapes { return "\(asked), but no run will escape: \(neverEscapes)" }
    guard runs >= goal else {
      return
        "\(asked), but --max-runs allows \(runs) runs: it cannot be reached; give --max-runs \(goal) or more, or --until-relative-error \(Self.reachable(events: runs, level: level))"
    }
    guard let theory else { return nil }
    let probability = -expm1(-cap / theory)
    let expected = Double(runs) * probability
    guard expected + 3 * expected.squareRoot() < Double(goal) else { return nil }
    let share = 1.25 * Double(goal) / Double(runs)
    let longer = share < 1 ? "--cap \(twoDigits(-theory * log1p(-share))), or " : ""
    return
      "\(asked), but where τ = \(brief(theory)), as theory says, \(brief(expected)) of \(runs) runs escape before their cap of \(sixDigits(cap)): it will not be reached; it takes \(longer)--max-runs \(brief((1.25 * Double(goal) / probability).rounded(.up)))"
  }

  /// The precision that so many escapes have, in two digits rounded up; what is nearest where that is above 1.
  static func reachable(events: Int, level: Double) -> String {
    let error = (100 * relativeError(events: events, level: level)).rounded(.up) / 100
    return error <= 1
      ? "\(error) or more"
      : "1, which takes \(Self.events(relativeError: 1, level: level)) runs"
  }
}
