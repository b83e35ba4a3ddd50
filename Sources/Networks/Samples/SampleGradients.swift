package import Landscapes
public import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The per-sample gradients at one point, or at the nodes of a quadrature their means and their Gaussian spread:
///
/// ```
/// g = gₙ + Σₖ ξ_k s_{nk},   ξ ~ N(0, 1),   n with the probability wₙ
/// C = Cov g = Σ wₙ (gₙ − ḡ)(gₙ − ḡ)ᵀ + Σ wₙ s_{nk} s_{nk}ᵀ
/// ```
public struct SampleGradients: Sendable {
  /// wₙ, adding up to 1.
  public let shares: [Double]
  /// gₙ − ḡ, n × D.
  public let deviations: Matrix
  /// s_{nk}, row n·`spreadsPerSample` + k; no rows for finite data.
  public let spreads: Matrix
  /// How many s each sample has.
  public let spreadsPerSample: Int

  /// Memory for them is refused beyond this many numbers.
  static let largestCount = 1 << 27

  init(shares: [Double], gradients: Matrix, spreads: Matrix, spreadsPerSample: Int) {
    self.shares = shares
    self.spreads = spreads
    self.spreadsPerSample = spreadsPerSample
    var mean = [Double](repeating: 0, count: gradients.columns)
    for n in shares.indices {
      for i in mean.indices { mean[i] += shares[n] * gradients[n, i] }
    }
    var deviations = gradients
    for n in shares.indices { for i in mean.indices { deviations[n, i] -= mean[i] } }
    self.deviations = deviations
  }

  /// VᵀCV for the columns V of an orthonormal basis, D × m.
  public func covariance(on basis: Matrix) -> Matrix {
    let projected = deviations * basis
    var rows = projected
    for n in shares.indices {
      let root = shares[n].squareRoot()
      for j in 0..<basis.columns { rows[n, j] *= root }
    }
    var sum = rows.transposed * rows
    if spreads.rows > 0 {
      var rows = spreads * basis
      for n in 0..<rows.rows {
        let root = shares[n / spreadsPerSample].squareRoot()
        for j in 0..<basis.columns { rows[n, j] *= root }
      }
      sum = sum + rows.transposed * rows
    }
    return sum
  }

  /// C, as a map of vectors: v ↦ Σ wₙ gₙ (gₙ·v) + Σ wₙ s_{nk} (s_{nk}·v).
  package var covariance: SymmetricOperator {
    let n = deviations.columns
    return SymmetricOperator(dimension: n) { vector in
      var sum = [Double](repeating: 0, count: n)
      self.forEachRow { share, row in
        let slope = share * dot(row, vector, n)
        for i in 0..<n { sum[i] += slope * row[i] }
      }
      return sum
    }
  }

  /// tr C.
  package var trace: Double {
    var sum = 0.0
    let n = deviations.columns
    forEachRow { share, row in sum += share * dot(row, row, n) }
    return sum
  }

  /// Every deviation and spread with the probability of its sample.
  private func forEachRow(_ body: (_ share: Double, _ row: UnsafePointer<Double>) -> Void) {
    let n = deviations.columns
    deviations.elements.withUnsafeBufferPointer { rows in
      for (i, share) in shares.enumerated() { body(share, rows.baseAddress! + i * n) }
    }
    guard spreads.rows > 0 else { return }
    spreads.elements.withUnsafeBufferPointer { rows in
      for i in 0..<spreads.rows {
        body(shares[i / spreadsPerSample], rows.baseAddress! + i * n)
      }
    }
  }

  /// The slopes u = t·g of the samples.
  public func slopes(along direction: [Double]) -> SampleSlopes {
    let deviations = product(deviations, direction)
    let spread = product(spreads, direction)
    let variances = shares.indices.map { n in
      (0..<spreadsPerSample).reduce(0.0) { sum, k in
        let s = spread[n * spreadsPerSample + k]
        return sum + s * s
      }
    }
    return SampleSlopes(shares: shares, deviations: deviations, variances: variances)
  }
}

/// The per-sample slopes along one direction: uₙ − ū with probability wₙ, each with a Gaussian variance of its own.
public struct SampleSlopes: Sendable {
  let shares: [Double]
  let deviations: [Double]
  let variances: [Double]

  /// Var u.
  public var variance: Double {
    shares.indices.reduce(0) { $0 + shares[$1] * (deviations[$1] * deviations[$1] + variances[$1]) }
  }

  /// ln⟨exp(−c(u − ū))⟩.
  public func logMoment(_ c: Double) -> Double {
    logSumExp(
      shares.indices.map {
        log(shares[$0]) - c * deviations[$0] + 0.5 * c * c * variances[$0]
      })
  }
}
