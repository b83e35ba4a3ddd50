import NumericalMethods

/// How much of some vectors lies along which part of a spectrum, for an operator too large to diagonalise: Lanczos
/// quadrature.
///
/// ```
/// zᵀ f(A) z ≈ |z|² Σ_k τ_k² f(θ_k)
/// ```
///
/// where θ_k are the eigenvalues of the Lanczos matrix started at z and τ_k the first components of its eigenvectors.
/// With z_i = ±1 at random the mean over z is tr f(A), the density of states; with z drawn from a law of covariance C
/// it is tr f(A)C, the density of the noise C over the spectrum of A.
///
/// Errors: that of the vectors, from their spread; and that of the quadrature. For a smooth f it falls exponentially
/// with the steps; for a count of modes it is bounded by the weights next to the ends (``share(from:through:)``).
///
/// Source: S. Ubaru, J. Chen and Y. Saad, SIAM J. Matrix Anal. Appl. 38, 1075 (2017), doi:10.1137/16M1104974.
package struct SpectralDensity: Sendable {
  /// A point of the quadrature.
  package struct Node: Sendable, Equatable {
    /// θ_k.
    package let value: Double
    /// |z|²τ_k².
    package let weight: Double
  }

  /// Of each vector, by ascending value.
  package let vectors: [[Node]]

  /// - Parameters:
  ///   - steps: of the Lanczos process for each vector; fewer where it ends by itself.
  /// - Throws: `InvalidInput` without vectors or steps, and where the operator returns numbers that are not finite.
  package init(of linearMap: SymmetricOperator, along vectors: [[Double]], steps: Int) throws {
    try Require.atLeast(1, "number of vectors", vectors.count)
    try Require.atLeast(1, "number of Lanczos steps", steps)
    self.vectors = try vectors.map { vector in
      let square = inner(vector, vector)
      guard square > 0 else { return [] }
      var process = LanczosProcess(linearMap, start: vector)
      process.run(to: min(steps, linearMap.dimension))
      guard process.diagonal.allSatisfy(\.isFinite) else {
        throw InvalidInput("the operator returned numbers that are not finite")
      }
      let system = try process.eigensystem(steps: process.stepCount)
      return system.values.enumerated().map { k, value in
        Node(value: value, weight: square * system.vectors[0, k] * system.vectors[0, k])
      }
    }
  }

  /// Vectors of ±1, so that the mean is the trace.
  package static func signs(dimension: Int, count: Int, seed: UInt64) -> [[Double]] {
    (0..<count).map { signs(dimension: dimension, seed: seed, number: $0) }
  }

  /// One of them.
  static func signs(dimension: Int, seed: UInt64, number: Int) -> [Double] {
    let random = RandomSource(StreamKey(seed: seed, purpose: .probes, replica: number))
    return (0..<dimension).map { _ in random.integer(below: 2) == 0 ? -1 : 1 }
  }

  /// The mean of zᵀf(A)z, and its standard error from the spread between vectors; that is nil for one vector.
  package func mean(of f: (Double) -> Double) -> (value: Double, standardError: Double?) {
    let values = vectors.map { $0.reduce(0) { $0 + $1.weight * f($1.value) } }
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    guard values.count > 1 else { return (mean, nil) }
    let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (sum / (n - 1) / n).squareRoot())
  }

  /// How much of the vectors, as a mean over them, lies between two values, both included.
  ///
  /// The weights of a Gauss quadrature bound the distribution F(x) = |P(A ≤ x)z|² that they stand for (Chebyshev,
  /// Markov, Stieltjes):
  ///
  /// ```
  /// Σ_{θ_j < θ_k} w_j ≤ F(θ_k−) ≤ F(θ_k) ≤ Σ_{θ_j ≤ θ_k} w_j
  /// ```
  ///
  /// so that F at the ends is between sums over the nodes around them. The interval has these bounds, and two standard
  /// errors of the vectors on each side; the value is its middle before those.
  ///
  /// Source: G. Szegő, Orthogonal Polynomials (1939), section 3.41.
  package func share(
    from start: Double, through end: Double
  ) -> (value: Double, lower: Double, upper: Double) {
    let bounds = vectors.map { nodes -> (lower: Double, upper: Double) in
      func below(_ x: Double) -> (least: Double, most: Double) {
        let inside = nodes.filter { $0.value <= x }
        let outside = nodes.first { $0.value >= x }
        let sum = inside.reduce(0) { $0 + $1.weight }
        let isNode = inside.last?.value == outside?.value
        return (
          sum - (inside.last?.weight ?? 0), sum + (isNode ? 0 : outside?.weight ?? 0)
        )
      }
      let (from, to) = (below(start), below(end))
      return (max(0, to.least - from.most), to.most - from.least)
    }
    let n = Double(bounds.count)
    func summary(_ values: [Double]) -> (mean: Double, error: Double) {
      let mean = values.reduce(0, +) / n
      guard n > 1 else { return (mean, 0) }
      let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, (sum / (n - 1) / n).squareRoot())
    }
    let (lower, upper) = (summary(bounds.map(\.lower)), summary(bounds.map(\.upper)))
    return (
      (lower.mean + upper.mean) / 2, max(0, lower.mean - 2 * lower.error),
      upper.mean + 2 * upper.error
    )
  }

  /// All points, by ascending value, with the weights of a mean.
  package var nodes: [Node] {
    vectors.flatMap { $0 }.map {
      Node(value: $0.value, weight: $0.weight / Double(vectors.count))
    }.sorted { $0.value < $1.value }
  }
}
