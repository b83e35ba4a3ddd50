internal import CGSL

/// Lends a Swift closure to a GSL routine that wants a `gsl_function`.
///
/// A C function pointer cannot capture, so the closure travels in `params`. It must not throw.
func withGSLFunction<Result>(
  _ function: (Double) -> Double,
  _ body: (UnsafeMutablePointer<gsl_function>) throws -> Result
) rethrows -> Result {
  try withoutActuallyEscaping(function) { escaping in
    var context = escaping
    return try withUnsafeMutablePointer(to: &context) { pointer in
      var gsl = gsl_function(
        function: { x, parameters in
          parameters!.assumingMemoryBound(to: ((Double) -> Double).self).pointee(x)
        },
        params: pointer)
      return try body(&gsl)
    }
  }
}
