internal import CGSL

/// A natural cubic spline through given points (`gsl_interp_cspline`).
package final class CubicSpline: @unchecked Sendable {
  // Evaluation without an accelerator writes nothing: any thread may ask.
  private let spline: UnsafeMutablePointer<gsl_spline>
  package let domain: ClosedRange<Double>

  /// - Parameters:
  ///   - x: at least three, ascending.
  ///   - y: as many.
  package init(_ x: [Double], _ y: [Double]) throws {
    precondition(x.count == y.count && x.count >= 3)
    GSLRuntime.prepare()
    spline = gsl_spline_alloc(cgsl_interp_cspline(), x.count)!
    domain = x[0]...x[x.count - 1]
    try check(gsl_spline_init(spline, x, y, x.count), "gsl_spline_init", while: "a cubic spline")
  }

  deinit { gsl_spline_free(spline) }

  /// The value at x; beyond the ends, that at the end.
  package func callAsFunction(_ x: Double) -> Double {
    gsl_spline_eval(spline, min(max(x, domain.lowerBound), domain.upperBound), nil)
  }
}
