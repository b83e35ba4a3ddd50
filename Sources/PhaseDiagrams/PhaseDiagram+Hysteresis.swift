extension PhaseDiagram {
  /// ∫ (rank on the way up − rank on the way down) dβ over the sweep, by the trapezoidal rule: the area of the
  /// hysteresis loop; nil where a sweep is not complete, or a step did not converge.
  package var hysteresisArea: Double? {
    guard cappedSteps.isEmpty, up.hasEnded, down.hasEnded else { return nil }
    let difference = zip(up.steps, down.steps.reversed()).map {
      (beta: $0.weightDecay, rank: Double(rank($0) - rank($1)))
    }
    return zip(difference, difference.dropFirst()).reduce(0) {
      $0 + 0.5 * ($1.0.rank + $1.1.rank) * ($1.1.beta - $1.0.beta)
    }
  }
}
