#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The barrier of a process whose noise is degenerate, as the limit δ → 0 of D̂ + δ·(tr D̂/D)·I.
package struct RegularisedBarrier: Sendable {
  /// The barrier at one δ.
  package struct Entry: Sendable {
    /// δ.
    package let regularisation: Double
    package let path: MinimumActionPath
  }

  /// Why no noise, however long one waits, makes the passage.
  package enum AbsorbingReason: Sendable, Equatable {
    /// The barrier grows like 1/δ: every path to the end needs a direction in which there is no noise.
    case noiseMissingAlongPath
    /// D̂ vanishes at one end and the action does not converge as images come closer to it.
    case noiseVanishesAtEnd
  }

  package enum Limit: Sendable, Equatable {
    /// ΔΦ at δ → 0; by how much the extrapolation moved the last value, plus its discretisation error.
    case finite(Double, uncertainty: Double)
    /// ΔΦ = ∞: the start is absorbing as far as this end is concerned.
    case absorbing(AbsorbingReason)
    /// The sequence settles neither on a number nor on 1/δ; d ln|ΔS|/d ln δ of its last steps. Smaller δ
    /// may tell.
    case unresolved(exponent: Double)
  }

  /// From the largest δ to the smallest. Empty where the noise vanishes at an end or everywhere.
  package let sequence: [Entry]
  package let limit: Limit

  /// Whether every path of the sequence converged.
  package var converged: Bool { sequence.allSatisfy(\.path.converged) }

  /// ΔΦ: the extrapolated value, +∞ where the start is absorbing, nil where unresolved.
  package var quasiPotentialBarrier: Double? {
    switch limit {
    case .finite(let value, uncertainty: _): value
    case .absorbing: .infinity
    case .unresolved: nil
    }
  }

  /// The limit of barriers S at δ decreasing by a constant factor.
  ///
  /// With S = S₀ + cδ^p the increments shrink by a constant ratio r and S₀ is Aitken's
  /// S₃ + (S₃ − S₂)·r/(1 − r). For S ≈ c/δ they grow, and d ln|ΔS|/d ln δ → −1.
  static func limit(
    regularisations: [Double], barriers: [Double], discretisationError: Double
  ) -> Limit {
    let n = barriers.count
    let (s1, s2, s3) = (barriers[n - 3], barriers[n - 2], barriers[n - 1])
    let last = s3 - s2
    let before = s2 - s1
    guard abs(last) > 1e-7 * abs(s3) else {
      return .finite(s3, uncertainty: abs(last) + discretisationError)
    }
    guard abs(before) > 0 else { return .unresolved(exponent: -.infinity) }
    let ratio = last / before
    let exponent =
      log(abs(ratio)) / log(regularisations[n - 1] / regularisations[n - 2])
    if ratio > 0 && last > 0 && exponent < -0.7 { return .absorbing(.noiseMissingAlongPath) }
    guard abs(ratio) < 0.8 else { return .unresolved(exponent: exponent) }
    let correction = last * ratio / (1 - ratio)
    return .finite(s3 + correction, uncertainty: abs(correction) + discretisationError)
  }
}
