import NumericalMethods

/// The lowest and the highest eigenvalues of an operator, by the Lanczos process.
///
/// Each comes with its residual, which bounds its error: for a unit vector v
///
/// ```
/// |ω − θ| ≤ ‖Av − θv‖   for some eigenvalue ω of A
/// ```
///
/// Validity: an eigenvalue that A has several times is listed **once**, with one of its vectors; count
/// zero modes by ``HessianSpectrum``, `HiddenRotations` or ``LogDeterminant`` instead. A start vector
/// that happens to be orthogonal to an eigenvector would miss it; a random one is not.
package struct ExtremeEigenvalues: Sendable {
  /// One eigenvalue, its unit vector, and how well they fit.
  package struct Mode: Sendable {
    /// θ ≈ ω.
    package let value: Double
    /// v, |v| = 1.
    package let vector: [Double]
    /// ‖Av − θv‖.
    package let residual: Double
  }

  /// The lowest distinct eigenvalues, ascending.
  package let lowest: [Mode]
  /// The highest distinct eigenvalues, descending.
  package let highest: [Mode]
  /// max |ω|, of one eigenvalue or more at each end.
  package var largestMagnitude: Double {
    max(abs(highest.first?.value ?? 0), abs(lowest.first?.value ?? 0))
  }
  /// Steps of the Lanczos process, one product with A each.
  package let steps: Int
  /// Whether every residual is within the tolerance.
  package let converged: Bool

  /// - Parameters:
  ///   - lowest: how many of the lowest eigenvalues; fewer come back where A has fewer distinct ones.
  ///   - highest: how many of the highest.
  ///   - tolerance: of the residuals, relative to the largest |ω|.
  ///   - maximumSteps: the process stops there, with ``converged`` false, or at n.
  ///   - seed: of the random start vector.
  /// - Throws: `InvalidInput` for counts below zero, a tolerance outside (0, 1), or an operator that
  ///   returns numbers that are not finite.
  package init(
    of linearMap: SymmetricOperator, lowest: Int = 1, highest: Int = 1, tolerance: Double = 1e-8,
    maximumSteps: Int = 300, seed: UInt64
  ) throws {
    try Require.atLeast(0, "number of lowest eigenvalues", lowest)
    try Require.atLeast(0, "number of highest eigenvalues", highest)
    try Require.fraction("tolerance of the residuals", tolerance)
    try Require.atLeast(1, "largest number of Lanczos steps", maximumSteps)
    let random = RandomSource(StreamKey(seed: seed, purpose: .probes))
    var process = LanczosProcess(
      linearMap, start: (0..<linearMap.dimension).map { _ in random.normal() })

    // Look after 20 steps, then whenever the basis has grown by a quarter. The cheap bound b_m|s_m| of
    // each residual decides when to stop; the true residuals are what is reported.
    var target = min(maximumSteps, max(20, 2 * (lowest + highest)))
    while true {
      process.run(to: target)
      let m = process.stepCount
      guard process.diagonal.allSatisfy(\.isFinite) else {
        throw InvalidInput("the operator returned numbers that are not finite")
      }
      let system = try process.eigensystem(steps: m)
      let size = max(abs(system.values[0]), abs(system.values[m - 1]))
      let low = Array(0..<min(lowest, m))
      let high = Array((0..<m).suffix(highest).reversed())
      let coupling = process.isComplete ? 0 : process.offDiagonal[m - 1]
      let bounded = (low + high).allSatisfy {
        coupling * abs(system.vectors[m - 1, $0]) <= 0.5 * tolerance * size
      }
      if bounded || process.isComplete || m >= maximumSteps {
        func mode(_ index: Int) -> Mode {
          let raw = process.combination(system.vectors.column(index))
          let length = norm(raw)
          let vector = raw.map { $0 / length }
          let value = system.values[index]
          let residual = norm(zip(linearMap(vector), vector).map { $0 - value * $1 })
          return Mode(value: value, vector: vector, residual: residual)
        }
        self.lowest = low.map(mode)
        self.highest = high.map(mode)
        steps = m
        converged = (self.lowest + self.highest).allSatisfy { $0.residual <= tolerance * size }
        return
      }
      target = min(maximumSteps, m + max(5, m / 4))
    }
  }
}
