package import Escapes
import Landscapes
package import Networks
package import NumericalMethods

/// The covariance Σ of SGD's weights while it stays about a minimum: what averaging of weights, SGLD and Laplace
/// approximations ask for.
///
/// ```
/// HΣ + ΣH − hHΣH = (h/B) C
/// ```
///
/// H and C (D × D) are the Hessian and the covariance of a sample's gradient at the minimum. On H's eigenvectors, of
/// curvatures ω, Σ_ab = (h/B) C_ab/(ω_a + ω_b − hω_aω_b). Directions without curvature are rotations of hidden units;
/// they have no noise either, and are left out. Idle hidden units stay at zero exactly, so they are left out before.
///
/// With momentum μ, ε = h/B(1 − μ), and each pair has the exact covariance of its chain of steps,
///
/// ```
/// Σ_ab = ε C_ab / (ω_a + ω_b + h[μ(ω_a + ω_b)² − (1 + μ)²ω_aω_b]/((1 − μ)²(1 + μ)))
/// ```
///
/// Derivation: stationary second moments of v ← μv + ωx + ξ, x ← x − hv for two modes with ⟨ξ_aξ_b⟩ = C_ab/B.
///
/// Validity: to first order in h/B; independent batches.
///
/// Source: S. Mandt, M. Hoffman and D. Blei, J. Mach. Learn. Res. 18 (134), 1 (2017), eq. (11), with the term in h that a
/// finite step adds.
package struct StationaryCovariance: Sendable {
  /// An eigenvector of Σ.
  package struct Mode: Sendable {
    /// Its eigenvalue.
    package let variance: Double
    /// vᵀHv.
    package let curvature: Double
    /// v, of unit length, in the weights of ``StationaryCovariance/escape``.
    package let direction: [Double]
  }

  /// The escape without idle hidden units, from the minimum.
  package let escape: FeatureEscape
  /// Largest variance first.
  package let modes: [Mode]
  /// Directions without noise.
  package let stillCount: Int
  /// The least and the largest curvature of directions that move.
  package let curvatures: ClosedRange<Double>
  /// ½ tr[HΣ]: how much higher the loss is on average than at the minimum.
  package let excessLoss: Double
  /// Σ, D × D.
  package let matrix: Matrix

  /// tr Σ.
  package var trace: Double { modes.reduce(0) { $0 + $1.variance } }

  /// What a dense Hessian can be made of within seconds.
  private static let mostWeights = 1200

  /// - Parameters:
  ///   - escape: from the minimum where Σ is taken.
  ///   - settings: of SGD.
  /// - Throws: `InvalidInput` where batches are not independent, or there are too many weights; `NumericalFailure` where
  ///   SGD is not stable about the minimum.
  package init(of escape: FeatureEscape, settings: SGDSettings) throws {
    guard settings.sampling == .withReplacement else {
      throw InvalidInput(
        "over an epoch the noise of batches sums to zero, and the covariance that is computed knows only independent ones; sample with replacement"
      )
    }
    let escape = try escape.withoutIdleUnits()
    self.escape = escape
    let network = escape.network
    let minimum = escape.start
    guard network.dimension <= Self.mostWeights else {
      throw InvalidInput(
        "the covariance of \(network.dimension) weights is beyond what is computed whole (\(Self.mostWeights)); reduce the inputs, for example by --pca"
      )
    }
    let (h, mu) = (settings.learningRate, settings.momentum)
    let hessian = try network.hessian(at: minimum).symmetricEigensystem()
    let noise =
      2
      * (try LinearNetworkDiffusion(network: network, source: escape.source).diffusion(at: minimum))
    let projected = hessian.vectors.transposed * noise * hessian.vectors
    let most = (hessian.values.map(abs).max() ?? 0)
    let moving = hessian.values.indices.filter { abs(hessian.values[$0]) > 1e-8 * most }
    guard let softest = moving.map({ hessian.values[$0] }).min(),
      let stiffest = moving.map({ hessian.values[$0] }).max(), softest > 0,
      h * stiffest < 2 * (1 + mu)
    else {
      throw NumericalFailure(
        "SGD is not stable about this state: its curvatures go from \(brief(hessian.values.min() ?? 0)) to \(brief(most)), and h is \(brief(h)); the state must be a minimum, and h below \(brief(2 * (1 + mu) / most))"
      )
    }
    curvatures = softest...stiffest
    var sigma = Matrix(rows: network.dimension, columns: network.dimension)
    for a in moving {
      for b in moving {
        let (one, other) = (hessian.values[a], hessian.values[b])
        let sum = one + other
        let ofStep =
          h * (mu * sum * sum - (1 + mu) * (1 + mu) * one * other)
          / ((1 - mu) * (1 - mu) * (1 + mu))
        sigma[a, b] = settings.noiseScale * projected[a, b] / (sum + ofStep)
      }
    }
    excessLoss = moving.reduce(0) { $0 + 0.5 * hessian.values[$1] * sigma[$1, $1] }
    let matrix = hessian.vectors * sigma * hessian.vectors.transposed
    self.matrix = matrix
    let system = try matrix.symmetricEigensystem()
    let largest = system.values.max() ?? 0
    let order = system.values.indices.filter { system.values[$0] > 1e-10 * largest }
      .sorted { system.values[$0] > system.values[$1] }
    modes = order.map { k in
      let v = system.vectors.column(k)
      let pulled = network.hessianVectorProduct(at: minimum, along: v)
      return Mode(
        variance: system.values[k], curvature: zip(v, pulled).reduce(0) { $0 + $1.0 * $1.1 },
        direction: v)
    }
    stillCount = network.dimension - modes.count
  }
}
