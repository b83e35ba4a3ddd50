internal import CGSL

/// The root of a continuous function inside a bracket, by Brent's method (`gsl_root_fsolver_brent`).
///
/// - Parameters:
///   - bracket: an interval at whose ends `function` has opposite signs (a zero at an end is returned).
///   - activity: what is being computed, for the error message.
/// - Returns: the crossing to a relative 1e-15, or the best of 200 iterations (a root at exactly zero has no
///   relative accuracy).
/// - Throws: ``GSLError`` where the signs agree.
package func root(
  of function: (Double) -> Double, in bracket: ClosedRange<Double>, while activity: String
) throws -> Double {
  if function(bracket.lowerBound) == 0 { return bracket.lowerBound }
  if function(bracket.upperBound) == 0 { return bracket.upperBound }
  GSLRuntime.prepare()
  return try withGSLFunction(function) { gsl in
    let solver = gsl_root_fsolver_alloc(cgsl_root_brent())!
    defer { gsl_root_fsolver_free(solver) }
    try check(
      gsl_root_fsolver_set(solver, gsl, bracket.lowerBound, bracket.upperBound),
      "gsl_root_fsolver_set", while: activity)
    for _ in 0..<200 {
      try check(gsl_root_fsolver_iterate(solver), "gsl_root_fsolver_iterate", while: activity)
      let lower = gsl_root_fsolver_x_lower(solver)
      let upper = gsl_root_fsolver_x_upper(solver)
      if gsl_root_test_interval(lower, upper, 0, 1e-15) == GSL_SUCCESS { break }
      if gsl_root_fsolver_root(solver) == lower && lower.nextUp >= upper { break }
    }
    return gsl_root_fsolver_root(solver)
  }
}
