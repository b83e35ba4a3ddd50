internal import CGSL

/// An integral and the bound on its error that the quadrature itself reports.
package struct Integral: Sendable {
  package let value: Double
  package let absoluteError: Double
}

/// Adaptive Gauss–Kronrod quadrature over a finite interval (`gsl_integration_qag`, 61 points).
///
/// Roundoff at the requested tolerance (`GSL_EROUND`) is not an error: the reported `absoluteError`
/// says what was reached.
package func integrate(
  _ function: (Double) -> Double, over interval: ClosedRange<Double>,
  relativeTolerance: Double = 1e-12, absoluteTolerance: Double = 0, while activity: String
) throws -> Integral {
  GSLRuntime.prepare()
  return try withGSLFunction(function) { gsl in
    let limit = 2000
    let workspace = gsl_integration_workspace_alloc(limit)!
    defer { gsl_integration_workspace_free(workspace) }
    var value = 0.0
    var error = 0.0
    let status = gsl_integration_qag(
      gsl, interval.lowerBound, interval.upperBound, absoluteTolerance, relativeTolerance, limit,
      Int32(GSL_INTEG_GAUSS61), workspace, &value, &error)
    if status != Int32(GSL_EROUND) {
      try check(status, "gsl_integration_qag", while: activity)
    }
    return Integral(value: value, absoluteError: error)
  }
}
