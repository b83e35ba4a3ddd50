internal import CGSL

/// Where a local minimisation ended, converged or not.
package struct MinimisationOutcome: Sendable {
  package let point: [Double]
  package let value: Double
  /// |∇f| at `point`.
  package let gradientNorm: Double
  package let iterations: Int
  package let converged: Bool
}

/// The minimum of a function of one variable inside a bracket (`gsl_min_fminimizer_brent`).
///
/// - Throws: ``GSLError`` where `guess` does not lie below both ends.
package func minimum(
  of function: (Double) -> Double, in bracket: ClosedRange<Double>, guess: Double,
  while activity: String
) throws -> Double {
  GSLRuntime.prepare()
  return try withGSLFunction(function) { gsl in
    let minimiser = gsl_min_fminimizer_alloc(cgsl_min_brent())!
    defer { gsl_min_fminimizer_free(minimiser) }
    try check(
      gsl_min_fminimizer_set(minimiser, gsl, guess, bracket.lowerBound, bracket.upperBound),
      "gsl_min_fminimizer_set", while: activity)
    for _ in 0..<200 {
      try check(
        gsl_min_fminimizer_iterate(minimiser), "gsl_min_fminimizer_iterate", while: activity)
      let lower = gsl_min_fminimizer_x_lower(minimiser)
      let upper = gsl_min_fminimizer_x_upper(minimiser)
      if gsl_min_test_interval(lower, upper, 1e-12, 1e-9) == GSL_SUCCESS { break }
    }
    return gsl_min_fminimizer_x_minimum(minimiser)
  }
}

/// Holds the closure that GSL's multidimensional minimiser calls.
private struct MultidimensionalContext {
  let dimension: Int
  /// Writes ∇f(x) and returns f(x).
  let function: (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Double
}

/// A local minimum by the BFGS method (`gsl_multimin_fdfminimizer_vector_bfgs2`).
///
/// - Parameters:
///   - function: writes ∇f(x) into its second argument and returns f(x).
///   - gradientTolerance: stop where |∇f| is at most this.
/// - Returns: the last point; `converged` says whether the tolerance was met. Stalling in roundoff
///   (`GSL_ENOPROG`) is an outcome, not an error. GSL's line search takes a gain in f below 2.2e-16, in
///   absolute terms, for roundoff: |∇f| stalls near 1.5e-8·√(curvature). Newton's method goes further.
package func minimise(
  dimension: Int, from start: [Double], gradientTolerance: Double, maximumIterations: Int = 2000,
  while activity: String,
  _ function: (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Double
) throws -> MinimisationOutcome {
  precondition(start.count == dimension)
  GSLRuntime.prepare()
  return try withoutActuallyEscaping(function) { escaping in
    var context = MultidimensionalContext(dimension: dimension, function: escaping)
    return try withUnsafeMutablePointer(to: &context) { pointer in
      var gsl = gsl_multimin_function_fdf()
      gsl.n = dimension
      gsl.params = UnsafeMutableRawPointer(pointer)
      gsl.f = { x, parameters in
        let context = parameters!.assumingMemoryBound(to: MultidimensionalContext.self).pointee
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: context.dimension) {
          context.function(x!.pointee.data, $0.baseAddress!)
        }
      }
      gsl.df = { x, parameters, gradient in
        let context = parameters!.assumingMemoryBound(to: MultidimensionalContext.self).pointee
        _ = context.function(x!.pointee.data, gradient!.pointee.data)
      }
      gsl.fdf = { x, parameters, value, gradient in
        let context = parameters!.assumingMemoryBound(to: MultidimensionalContext.self).pointee
        value!.pointee = context.function(x!.pointee.data, gradient!.pointee.data)
      }
      let minimiser = gsl_multimin_fdfminimizer_alloc(cgsl_multimin_bfgs2(), dimension)!
      let initial = gsl_vector_alloc(dimension)!
      defer {
        gsl_multimin_fdfminimizer_free(minimiser)
        gsl_vector_free(initial)
      }
      for i in 0..<dimension { gsl_vector_set(initial, i, start[i]) }
      // The minimiser keeps the pointer to `gsl` and reads it in every iteration: it must outlive them.
      let (iterations, norm) = try withUnsafeMutablePointer(to: &gsl) { function in
        try check(
          gsl_multimin_fdfminimizer_set(minimiser, function, initial, 0.01, 0.1),
          "gsl_multimin_fdfminimizer_set", while: activity)
        var iterations = 0
        var norm = gsl_blas_dnrm2(minimiser.pointee.gradient)
        while norm > gradientTolerance && iterations < maximumIterations {
          let status = gsl_multimin_fdfminimizer_iterate(minimiser)
          iterations += 1
          norm = gsl_blas_dnrm2(minimiser.pointee.gradient)
          if status == Int32(GSL_ENOPROG) { break }
          try check(status, "gsl_multimin_fdfminimizer_iterate", while: activity)
        }
        return (iterations, norm)
      }
      return MinimisationOutcome(
        point: (0..<dimension).map { gsl_vector_get(minimiser.pointee.x, $0) },
        value: minimiser.pointee.f, gradientNorm: norm, iterations: iterations,
        converged: norm <= gradientTolerance)
    }
  }
}

/// A local minimum without derivatives, by the simplex of Nelder and Mead (`gsl_multimin_fminimizer_nmsimplex2`).
///
/// - Parameters:
///   - step: size of the first simplex along each axis.
///   - tolerance: mean distance of its corners from their centre at which it stops.
///   - function: may be infinite outside of where it is defined, but not at `start`.
/// - Returns: the best point seen; `gradientNorm` is NaN.
package func minimiseBySimplex(
  from start: [Double], step: Double, tolerance: Double, maximumIterations: Int = 500,
  while activity: String, _ function: (UnsafePointer<Double>) -> Double
) throws -> MinimisationOutcome {
  GSLRuntime.prepare()
  return try withoutActuallyEscaping(function) { escaping in
    var context = MultidimensionalContext(dimension: start.count) { x, _ in
      let value = escaping(x)
      // GSL takes no infinities.
      return value.isFinite ? value : 1e300
    }
    return try withUnsafeMutablePointer(to: &context) { pointer in
      var gsl = gsl_multimin_function()
      gsl.n = start.count
      gsl.params = UnsafeMutableRawPointer(pointer)
      gsl.f = { x, parameters in
        let context = parameters!.assumingMemoryBound(to: MultidimensionalContext.self).pointee
        return context.function(x!.pointee.data, x!.pointee.data)
      }
      let minimiser = gsl_multimin_fminimizer_alloc(cgsl_multimin_simplex(), start.count)!
      let initial = gsl_vector_alloc(start.count)!
      let steps = gsl_vector_alloc(start.count)!
      defer {
        gsl_multimin_fminimizer_free(minimiser)
        gsl_vector_free(initial)
        gsl_vector_free(steps)
      }
      for i in start.indices { gsl_vector_set(initial, i, start[i]) }
      gsl_vector_set_all(steps, step)
      let (iterations, converged) = try withUnsafeMutablePointer(to: &gsl) { function in
        try check(
          gsl_multimin_fminimizer_set(minimiser, function, initial, steps),
          "gsl_multimin_fminimizer_set", while: activity)
        var iterations = 0
        while iterations < maximumIterations {
          iterations += 1
          if gsl_multimin_fminimizer_iterate(minimiser) != GSL_SUCCESS { break }
          if gsl_multimin_fminimizer_size(minimiser) < tolerance { return (iterations, true) }
        }
        return (iterations, false)
      }
      return MinimisationOutcome(
        point: start.indices.map { gsl_vector_get(minimiser.pointee.x, $0) },
        value: minimiser.pointee.fval, gradientNorm: .nan, iterations: iterations,
        converged: converged)
    }
  }
}
