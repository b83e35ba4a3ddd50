import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// ln Π′|ω| over the modes with |ω| above a cut-off, for a Hessian too large to diagonalise: stochastic
/// Lanczos quadrature.
///
/// ```
/// ln Π′|ω| = tr f(A),   f(ω) = ln|ω| for |ω| > cut-off, else 0
/// tr f(A) = ⟨zᵀ f(A) z⟩ ≈ ⟨n Σ_k τ_k² f(θ_k)⟩,   z_i = ±1 at random
/// ```
///
/// where θ_k are the eigenvalues of the Lanczos matrix started at z and τ_k the first components of its
/// eigenvectors. Two errors remain. That of the probes is ``standardError``. That of the quadrature is
/// at most of the order of ``quadratureShift``, the change on halving the Lanczos steps; it is zero where
/// the process ends by itself, as it does for the few distinct eigenvalues of a balanced state.
///
/// Validity: the cut-off must lie in a gap of the spectrum, above the zero modes and below the rest, and
/// enough steps must be taken for the quadrature to see the gap.
///
/// Where a symmetry tells the number n₀ of zero modes, say so: how much of a probe lies along the zero
/// modes scatters, and how many modes the probe therefore sees, N_i = zᵀ1[|A| > cut-off]z, has the known
/// mean n − n₀. As a control variate (value = mean L_i − b(mean N_i − n + n₀), b the regression
/// coefficient of L_i = zᵀf(A)z on N_i) it takes that scatter out.
///
/// Source: S. Ubaru, J. Chen and Y. Saad, SIAM J. Matrix Anal. Appl. 38, 1075 (2017),
/// doi:10.1137/16M1104974.
package struct LogDeterminant: Sendable {
  package let value: Double
  /// Of ``value``, from the spread between probes.
  package let standardError: Double
  /// |change of value| when the quadrature uses half the Lanczos steps.
  package let quadratureShift: Double
  /// Estimated number of modes above the cut-off, from the same probes without use of n₀.
  package let modeCount: Double
  /// Of ``modeCount``.
  package let modeCountStandardError: Double
  /// Number of probes.
  package let probes: Int
  /// The most Lanczos steps that a probe took; fewer than asked for where the process ended by itself.
  package let lanczosSteps: Int
  package let cutoff: Double

  /// - Parameters:
  ///   - cutoff: |ω| up to which a mode is left out.
  ///   - zeroModes: n₀, the exact number of modes left out, where known.
  ///   - probes: at least 3.
  ///   - lanczosSteps: at most this many for each probe, and never more than n.
  ///   - seed: of the probes; probe i has its own stream, so more probes do not change the first ones.
  /// - Throws: `InvalidInput` for parameters out of range, for n₀ of all n modes or more, and for an
  ///   operator that returns numbers that are not finite.
  package init(
    of linearMap: SymmetricOperator, cutoff: Double, zeroModes: Int? = nil, probes: Int = 16,
    lanczosSteps: Int = 100, seed: UInt64
  ) throws {
    try Require.positive("cut-off", cutoff)
    try Require.atLeast(3, "number of probes", probes)
    try Require.atLeast(2, "number of Lanczos steps", lanczosSteps)
    let n = linearMap.dimension
    if let zeroModes {
      try Require.atLeast(0, "number of zero modes", zeroModes)
      guard zeroModes < n else {
        throw InvalidInput(
          "\(zeroModes) zero modes of \(n) leave none for a determinant; it is 1 by convention")
      }
    }

    var full = [Quadrature]()
    var half = [Quadrature]()
    var mostSteps = 0
    for probe in 0..<probes {
      var process = LanczosProcess(
        linearMap, start: SpectralDensity.signs(dimension: n, seed: seed, number: probe))
      process.run(to: min(lanczosSteps, n))
      guard process.diagonal.allSatisfy(\.isFinite) else {
        throw InvalidInput("the operator returned numbers that are not finite")
      }
      let m = process.stepCount
      mostSteps = max(mostSteps, m)
      full.append(try Quadrature(process, steps: m, cutoff: cutoff))
      half.append(
        process.isComplete ? full[probe] : try Quadrature(process, steps: m / 2, cutoff: cutoff))
    }

    let result = Self.average(full, dimension: n, zeroModes: zeroModes)
    value = result.value
    standardError = result.standardError
    quadratureShift = abs(
      result.value - Self.average(half, dimension: n, zeroModes: zeroModes).value)
    let counts = full.map(\.count)
    modeCount = counts.reduce(0, +) / Double(probes)
    modeCountStandardError = Self.standardError(counts)
    self.probes = probes
    self.lanczosSteps = mostSteps
    self.cutoff = cutoff
  }

  /// zᵀf(A)z and zᵀ1[|A| > cut-off]z of one probe.
  private struct Quadrature {
    var logarithm = 0.0
    var count = 0.0

    init(_ process: LanczosProcess, steps: Int, cutoff: Double) throws {
      let system = try process.eigensystem(steps: steps)
      let n = Double(process.linearMap.dimension)
      for (k, theta) in system.values.enumerated() where abs(theta) > cutoff {
        let weight = n * system.vectors[0, k] * system.vectors[0, k]
        logarithm += weight * log(abs(theta))
        count += weight
      }
    }
  }

  private static func average(
    _ quadratures: [Quadrature], dimension: Int, zeroModes: Int?
  ) -> (value: Double, standardError: Double) {
    let probes = Double(quadratures.count)
    let logarithm = quadratures.reduce(0) { $0 + $1.logarithm } / probes
    let count = quadratures.reduce(0) { $0 + $1.count } / probes
    let variance = quadratures.reduce(0) { $0 + ($1.count - count) * ($1.count - count) }
    // Without zero modes every probe sees all n modes, up to roundoff.
    guard let zeroModes, variance > 1e-20 * count * count else {
      return (logarithm, standardError(quadratures.map(\.logarithm)))
    }
    let slope =
      quadratures.reduce(0) { $0 + ($1.count - count) * ($1.logarithm - logarithm) } / variance
    let residuals = quadratures.map { $0.logarithm - slope * $0.count }
    // The slope costs one more degree of freedom than the mean.
    return (
      logarithm - slope * (count - Double(dimension - zeroModes)),
      standardError(residuals) * ((probes - 1) / (probes - 2)).squareRoot()
    )
  }

  private static func standardError(_ values: [Double]) -> Double {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (sum / (n - 1) / n).squareRoot()
  }
}
