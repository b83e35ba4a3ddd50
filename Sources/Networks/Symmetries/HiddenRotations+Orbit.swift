public import Landscapes
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

// The volume of an orbit.
//
// G = Π_l O(H_l) acts by isometries, so the map from G to the orbit stretches volumes by the same factor
// everywhere, and
//
//   Vol(orbit) = Vol(G)/Vol(Stab) · √pdet(Gram),   Gram_ab = ⟨displacement a, displacement b⟩.
//
// Gram refers to the generators E_ij − E_ji, so Vol(G) and Vol(Stab) are those of the metric in which
// these are orthonormal, ½ tr AᵀB (see ``OrthogonalGroup``). At a balanced point of rank r the stabiliser
// is Π_l O(H_l − r), which turns what the layer does not use, and Vol(G)/Vol(Stab) is a product of
// volumes of r-frames.
//
// Every stationary point with β > 0 is balanced, W_{l+1}ᵀW_{l+1} = W_l W_lᵀ: the loss gives
// W_{l+1}ᵀ∂_{l+1} = ∂_l W_lᵀ, and both sides of it are −β times those. So all layers share one set of
// singular values a_1, …, a_r, and Gram can be diagonalised by hand. Two used directions i < j meet in
// one generator per layer, with amplitudes α_l (α_0 = α_L = 0), which moves layer l by
//
//   (α_l a_j − α_{l−1} a_i)² + (α_l a_i − α_{l−1} a_j)²,
//
// a tridiagonal form with 2(a_i² + a_j²) on the diagonal and −2a_i a_j beside it, whose determinant is
// 2^{L−1} Σ_k a_i^{2k} a_j^{2(L−1−k)}. A used direction and an unused one give 2a_i² for each layer. The
// unit matrix at both ends, R_0 = R_L = 1, keeps this positive for a_i = a_j too.

extension HiddenRotations {
  /// The orbit of a balanced point whose layers have the nonzero singular values a_1, …, a_r: at any
  /// width, without a matrix.
  ///
  /// ```
  /// ln Vol = Σ_l ln Vol(O(H_l)/O(H_l − r)) + ½ ln pdet Gram
  /// pdet Gram = Π_{i<j} 2^{L−1} Σ_{k=0}^{L−1} a_i^{2k} a_j^{2(L−1−k)} · Π_i Π_l (2a_i²)^{H_l − r}
  /// ```
  ///
  /// The volume is that of the full orbit with all its components, because O(H) contains reflections:
  /// they must **not** be counted again in a sum over saddles or minima. For scalar layers (H = 1, L = 3)
  /// the orbit of a learned state is its 4 copies by signs, and the "volume" is 4.
  ///
  /// - Throws: `InvalidInput` unless every a > 0 and r is at most the narrowest hidden width.
  package func orbit(amplitudes a: [Double]) throws -> SymmetryOrbit {
    guard !a.isEmpty, !hiddenWidths.isEmpty else { return .point }
    let rank = a.count
    for value in a { try Require.positive("singular value of the layers", value) }
    let dimension = try zeroModeCount(rank: rank)
    let n = hiddenWidths.count
    var logGram = 0.0
    for i in 0..<rank {
      for width in hiddenWidths { logGram += Double(width - rank) * log(2 * a[i] * a[i]) }
      for j in 0..<i {
        let terms = (0...n).map { 2 * (Double($0) * log(a[i]) + Double(n - $0) * log(a[j])) }
        logGram += Double(n) * log(2.0) + logSumExp(terms)
      }
    }
    let logFrames = hiddenWidths.reduce(0) {
      $0 + OrthogonalGroup.logFrameVolume($1, frame: rank)
    }
    return SymmetryOrbit(
      dimension: dimension, logVolume: logFrames + 0.5 * logGram)
  }

  /// The orbit of a balanced point (every stationary point with β > 0 is one).
  ///
  /// - Throws: `InvalidInput` where the point is not balanced to the square of ``rankTolerance``.
  package func orbit(at point: [Double]) throws -> SymmetryOrbit {
    try orbit(amplitudes: balancedAmplitudes(at: point))
  }

  /// The same orbit with the eigenvalues of the numerical Gram matrix instead of their closed form: slower,
  /// a check of the algebra.
  ///
  /// - Throws: `InvalidInput` where the point is not balanced, or its rank and that of the Gram matrix
  ///   do not belong together.
  package func orbitFromGramMatrix(at point: [Double]) throws -> SymmetryOrbit {
    guard !hiddenWidths.isEmpty else { return .point }
    let rank = try balancedAmplitudes(at: point).count
    let gram = try gramEigenvalues(at: point)
    let expected = try zeroModeCount(rank: rank)
    guard gram.count == expected else {
      throw InvalidInput(
        "the hidden rotations move the point in \(gram.count) directions, but a state of rank \(rank) has \(expected); refine the stationary point"
      )
    }
    let logFrames = hiddenWidths.reduce(0) {
      $0 + OrthogonalGroup.logFrameVolume($1, frame: rank)
    }
    return SymmetryOrbit(
      dimension: gram.count, logVolume: logFrames + 0.5 * gram.reduce(0) { $0 + log($1) })
  }

  /// a_1, …, a_r, descending: the nonzero singular values that all layers share.
  ///
  /// - Throws: `InvalidInput` where W_{l+1}ᵀW_{l+1} ≠ W_l W_lᵀ for some layer, or the point is not finite.
  package func balancedAmplitudes(at point: [Double]) throws -> [Double] {
    try requireFinite(point)
    let layers = network.layers(of: point)
    let size = max(1, point.reduce(0) { max($0, abs($1)) })
    for (l, (lower, upper)) in zip(layers, layers.dropFirst()).enumerated() {
      let imbalance = upper.transposed * upper + (-1) * (lower * lower.transposed)
      let worst = imbalance.elements.reduce(0) { max($0, abs($1)) }
      guard worst <= Self.rankTolerance * Self.rankTolerance * size * size else {
        throw InvalidInput(
          "layers \(l + 1) and \(l + 2) are not balanced: W_{l+1}ᵀW_{l+1} and W_l W_lᵀ differ by \(worst); pass a refined stationary point with β > 0"
        )
      }
    }
    let values = try layers[0].singularValueDecomposition().values
    let floor = Self.rankTolerance * max(1, values.first ?? 0)
    return values.filter { $0 > floor }
  }
}

extension DeepLinearNetwork: SymmetricLandscape {
  /// The orbit under the rotations of the hidden layers; see `HiddenRotations`.
  public func orbit(at point: [Double]) throws -> SymmetryOrbit {
    try HiddenRotations(of: self).orbit(at: point)
  }
}
