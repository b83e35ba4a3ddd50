internal import CGSL

private struct FlowContext {
  /// Writes dx/dt at (t, x).
  let derivative: (Double, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
}

/// Integrates dx/dt = f(t, x) with adaptive Prince–Dormand 8(9) steps (`gsl_odeiv2_step_rk8pd`).
///
/// - Parameters:
///   - x: the state at `interval.lowerBound`; on return the state at the end.
///   - observe: called after every accepted step with the time and the state; return `false` to stop.
/// - Returns: the time reached.
@discardableResult
package func integrateFlow(
  _ x: inout [Double], over interval: ClosedRange<Double>, relativeTolerance: Double = 1e-10,
  absoluteTolerance: Double = 1e-12, maximumSteps: Int = 1_000_000, while activity: String,
  observe: (Double, UnsafePointer<Double>) -> Bool = { _, _ in true },
  derivative: (Double, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
) throws -> Double {
  GSLRuntime.prepare()
  let dimension = x.count
  return try withoutActuallyEscaping(derivative) { escaping in
    var context = FlowContext(derivative: escaping)
    return try withUnsafeMutablePointer(to: &context) { pointer in
      var system = gsl_odeiv2_system()
      system.dimension = dimension
      system.params = UnsafeMutableRawPointer(pointer)
      system.function = { t, x, derivative, parameters in
        parameters!.assumingMemoryBound(to: FlowContext.self).pointee.derivative(
          t, x!, derivative!)
        return Int32(GSL_SUCCESS)
      }
      let step = gsl_odeiv2_step_alloc(cgsl_step_rk8pd(), dimension)!
      let control = gsl_odeiv2_control_y_new(absoluteTolerance, relativeTolerance)!
      let evolution = gsl_odeiv2_evolve_alloc(dimension)!
      defer {
        gsl_odeiv2_step_free(step)
        gsl_odeiv2_control_free(control)
        gsl_odeiv2_evolve_free(evolution)
      }
      var time = interval.lowerBound
      var stepSize = 1e-3 * (interval.upperBound - interval.lowerBound)
      var steps = 0
      while time < interval.upperBound {
        guard steps < maximumSteps else {
          throw GSLError(
            code: Int32(GSL_EMAXITER), routine: "gsl_odeiv2_evolve_apply",
            activity: activity)
        }
        try check(
          gsl_odeiv2_evolve_apply(
            evolution, control, step, &system, &time, interval.upperBound, &stepSize, &x),
          "gsl_odeiv2_evolve_apply", while: activity)
        steps += 1
        // GSL accepts a step whose error estimate is not a number.
        guard x.allSatisfy(\.isFinite) else {
          throw GSLError(
            code: Int32(GSL_EBADFUNC), routine: "gsl_odeiv2_evolve_apply", activity: activity)
        }
        if !observe(time, x) { break }
      }
      return time
    }
  }
}
