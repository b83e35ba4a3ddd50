internal import CGSL

/// Gauss–Hermite quadrature of a standard normal: ⟨f(x)⟩ ≈ Σ wᵢ f(xᵢ), exact for polynomials of degree 2n − 1
/// (`gsl_integration_fixed`).
package struct NormalQuadrature: Sendable {
  /// xᵢ, ascending.
  package let nodes: [Double]
  /// wᵢ, adding up to 1.
  package let weights: [Double]

  /// - Parameter count: n.
  package init(count: Int) throws {
    try Require.atLeast(1, "the number of nodes", count)
    GSLRuntime.prepare()
    // The weight function e^{−x²/2}, whose integral is √(2π).
    guard
      let rule = gsl_integration_fixed_alloc(cgsl_integration_hermite(), count, 0, 0.5, 0, 0)
    else { throw NumericalFailure("no quadrature with \(count) nodes was found") }
    defer { gsl_integration_fixed_free(rule) }
    let places = gsl_integration_fixed_nodes(rule)!
    let shares = gsl_integration_fixed_weights(rule)!
    nodes = (0..<count).map { places[$0] }
    let sum = (0..<count).reduce(0) { $0 + shares[$1] }
    weights = (0..<count).map { shares[$0] / sum }
  }
}
