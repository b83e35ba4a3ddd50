import NumericalMethods

extension DiscreteTime {
  /// The error of ln τ that is expected of the steps: what is known to leading order, and a scale of the next one.
  ///
  /// ```
  /// overdamped   |Δ ln τ to first order| + u²,    u = dt ω/2
  /// BAOAB        (γdt/2)coth(γdt/2) − 1 + u,      u = dt²ω/4
  /// ```
  ///
  /// The second term of the first line is between 0.5 and 1.4 u² for Euler–Maruyama and at most 0.3 u² for the others in
  /// the quartic double well at ΔE/T = 2…10, growing with ΔE/T (exact times of the chains). Of passages that are seen late it
  /// says nothing. nil for SGD, whose steps are the process itself.
  package var expectedError: Double? {
    switch scheme {
    case .heavyBall: nil
    case .eulerMaruyama, .leimkuhlerMatthews, .heun: abs(logTimeShift ?? 0) + share * share
    case .baoab: clockRate! - 1 + share
    }
  }

  /// The same scheme with the largest step, to two digits, whose expected error is at most `goal` and which meets every
  /// criterion.
  ///
  /// - Throws: `InvalidInput` unless 0 < goal < 1, or where no step has an error.
  package func meeting(error goal: Double) throws -> DiscreteTime {
    try Require.fraction("time-step error", goal)
    guard curvature > 0, expectedError != nil else {
      throw InvalidInput(
        "a step cannot be chosen by its error here: that needs Langevin dynamics and a curved minimum; give the time step itself"
      )
    }
    var (low, high) = (0.0, with(step: 1).longestValidStep)
    guard with(step: high).expectedError! > goal else { return with(step: high) }
    // The error rises with the step.
    for _ in 0..<60 {
      let middle = 0.5 * (low + high)
      if with(step: middle).expectedError! > goal { high = middle } else { low = middle }
    }
    return with(step: Self.twoDigits(low))
  }
}
