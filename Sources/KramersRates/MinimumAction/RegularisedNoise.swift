package import Escapes
package import NumericalMethods

/// A process whose degenerate noise has been given a small isotropic part:
///
/// ```
/// D̂_δ(x) = D̂(x) + δ·(tr D̂(x)/D)·I
/// ```
///
/// The isotropic part is relative to the noise there is: where D̂ vanishes altogether, so does D̂_δ.
package struct RegularisedNoise<Process: DriftDiffusion>: DriftDiffusion {
  package let process: Process
  /// δ, dimensionless.
  package let regularisation: Double

  /// - Throws: `InvalidInput` unless δ ≥ 0.
  package init(_ process: Process, regularisation: Double) throws {
    try Require.nonNegative("regularisation δ", regularisation)
    self.process = process
    self.regularisation = regularisation
  }

  package var dimension: Int { process.dimension }

  package func drift(at point: [Double]) -> [Double] { process.drift(at: point) }

  package func diffusion(at point: [Double]) -> Matrix {
    var matrix = process.diffusion(at: point)
    let shift = regularisation * trace(matrix) / Double(dimension)
    for i in 0..<dimension { matrix[i, i] += shift }
    return matrix
  }

  package func driftGradient(at point: [Double], momentum: [Double]) -> [Double] {
    process.driftGradient(at: point, momentum: momentum)
  }
}
