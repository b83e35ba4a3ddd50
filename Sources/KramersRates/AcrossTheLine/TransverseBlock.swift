import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Weights across a balanced line that fluctuate together and with no others: the Hessian H, its derivative H′ = dH/ds
/// along the line, and the per-sample gradient covariance C.
///
/// Derivation: with W_l = A + δ_l the end-to-end map changes by Σ_l A^{L−l} δ_l A^{l−1} at first order; its residual,
/// diagonal, meets the second order Σ_{l>m} A^{L−l} δ_l A^{l−m−1} δ_m A^{m−1}.
struct TransverseBlock {
  /// H on the directions that are no hidden rotation.
  let hessian: Matrix
  /// dH/ds, s = √depth a.
  let slope: Matrix
  /// C.
  let covariance: Matrix

  /// Σ of stationary SGD at a point held still, with its first order in h: HΣ + ΣH − hHΣH = εC.
  ///
  /// - Throws: `NumericalFailure` where a direction is unstable, at rest or for this learning rate.
  /// - Returns: −½ tr[H′Σ], the force that the fluctuations exert along the line; and the softest curvature.
  func force(
    noiseScale: Double, learningRate h: Double
  ) throws -> (force: Double, softest: Double, stiffest: Double) {
    let modes = try hessian.symmetricEigensystem()
    let v = modes.vectors
    let c = v.transposed * covariance * v
    let d = v.transposed * slope * v
    let w = modes.values
    guard let softest = w.first, let stiffest = w.last, softest > 0, h * stiffest < 2 else {
      return (.nan, w.first ?? .nan, w.last ?? .nan)
    }
    var sum = 0.0
    for i in w.indices {
      for j in w.indices {
        sum += d[i, j] * noiseScale * c[i, j] / (w[i] + w[j] - h * w[i] * w[j])
      }
    }
    return (-0.5 * sum, softest, stiffest)
  }
}

/// aⁿ and its derivative in a, zero for n < 0.
private func power(_ a: Double, _ n: Int) -> (value: Double, slope: Double) {
  guard n > 0 else { return (n == 0 ? 1 : 0, 0) }
  let below = pow(a, Double(n - 1))
  return (below * a, Double(n) * below)
}

extension TransverseBlock {
  /// The weights that mix the lost feature r with a learned one q: (W_1…W_L)_{rq}, then (W_1…W_L)_{qr}; 2L of them, less
  /// the depth − 1 hidden rotations.
  ///
  /// With J_l = a^{L−l}b^{l−1} and K_l = b^{L−l}a^{l−1}: H = β + [[JJᵀ, X], [Xᵀ, KKᵀ]], where X couples layer l of
  /// rq to layer m of qr by ρ_r a^{L−l}b^{l−m−1}a^{m−1} for l > m and ρ_q b^{L−m}a^{m−l−1}b^{l−1} for l < m, ρ = λ − η;
  /// the per-sample gradient is (J e_r x_q, K e_q x_r).
  ///
  /// - Parameters:
  ///   - a: λ_r^{1/L}.
  ///   - b: λ_q^{1/L}.
  static func pair(
    depth: Int, lost a: Double, kept b: Double, moments: ResidualMoments,
    other: ResidualMoments.Pair,
    weightDecay: Double
  ) throws -> TransverseBlock {
    let lambda = pow(a, Double(depth))
    let kept = pow(b, Double(depth))
    let rest = lambda - moments.singularValue
    let restSlope = Double(depth) * pow(a, Double(depth - 1))
    let otherRest = kept - other.singularValue
    var hessian = Matrix(rows: 2 * depth, columns: 2 * depth)
    var slope = hessian
    var covariance = hessian
    let outward = (1...depth).map { l in
      let p = power(a, depth - l)
      let factor = pow(b, Double(l - 1))
      return (value: p.value * factor, slope: p.slope * factor)
    }
    let inward = (1...depth).map { l in
      let p = power(a, l - 1)
      let factor = pow(b, Double(depth - l))
      return (value: p.value * factor, slope: p.slope * factor)
    }
    let v = other.variances(lost: lambda, other: kept)
    for l in 0..<depth {
      for m in 0..<depth {
        hessian[l, m] = outward[l].value * outward[m].value
        slope[l, m] = outward[l].slope * outward[m].value + outward[l].value * outward[m].slope
        covariance[l, m] = v.lost * outward[l].value * outward[m].value
        hessian[depth + l, depth + m] = inward[l].value * inward[m].value
        slope[depth + l, depth + m] =
          inward[l].slope * inward[m].value + inward[l].value * inward[m].slope
        covariance[depth + l, depth + m] = v.other * inward[l].value * inward[m].value
        covariance[l, depth + m] = v.cross * outward[l].value * inward[m].value
        covariance[depth + m, l] = covariance[l, depth + m]
        guard l != m else { continue }
        // Layers count from 1 in the formulas, from 0 here.
        let p = l > m ? power(a, depth - 1 - l + m) : power(a, m - l - 1)
        let factor = l > m ? pow(b, Double(l - m - 1)) : pow(b, Double(depth - 1 - m + l))
        hessian[l, depth + m] = factor * p.value * (l > m ? rest : otherRest)
        slope[l, depth + m] =
          factor * (l > m ? p.slope * rest + p.value * restSlope : p.slope * otherRest)
        hessian[depth + m, l] = hessian[l, depth + m]
        slope[depth + m, l] = slope[l, depth + m]
      }
      hessian[l, l] += weightDecay
      hessian[depth + l, depth + l] += weightDecay
    }
    let basis = try acrossRotations(depth: depth, lost: a, kept: b)
    func projected(_ matrix: Matrix) -> Matrix { basis.transposed * matrix * basis }
    // H′ and C need no derivative of the basis: Σ has no part along the rotations.
    let scale = 1 / Double(depth).squareRoot()
    return TransverseBlock(
      hessian: projected(hessian), slope: scale * projected(slope),
      covariance: projected(covariance))
  }

  /// An orthonormal basis, 2L × (depth + 1), of the directions that no rotation between r and q in a hidden layer moves in.
  /// The rotation behind layer l turns (W_l)_{rq} by b, (W_l)_{qr} by −a, (W_{l+1})_{rq} by −a, (W_{l+1})_{qr} by b.
  private static func acrossRotations(depth: Int, lost a: Double, kept b: Double) throws -> Matrix {
    var rotations = Matrix(rows: 2 * depth, columns: depth - 1)
    for l in 0..<(depth - 1) {
      rotations[l, l] = b
      rotations[depth + l, l] = -a
      rotations[l + 1, l] = -a
      rotations[depth + l + 1, l] = b
    }
    let modes = try (rotations * rotations.transposed).symmetricEigensystem()
    var basis = Matrix(rows: 2 * depth, columns: depth + 1)
    for i in 0..<(2 * depth) { for j in 0...depth { basis[i, j] = modes.vectors[i, j] } }
    return basis
  }

  /// The weights by which a feature q that is not learned meets the lost one, (W_1)_{rq} and (W_L)_{qr}:
  /// H = [[β + a^{2L−2}, −a^{L−2}η_q], [·, β + a^{2L−2}]], per-sample gradient a^{L−1}(e_r x_q, −y_q x_r).
  static func unlearned(
    depth: Int, lost a: Double, moments: ResidualMoments, other: ResidualMoments.Pair,
    weightDecay: Double
  ) -> TransverseBlock {
    let lambda = pow(a, Double(depth))
    let stiffness = power(a, 2 * depth - 2)
    let coupling = power(a, depth - 2)
    let eta = other.singularValue
    let v = other.variances(lost: lambda, other: 0)
    func symmetric(_ diagonal: (Double, Double), _ off: Double) -> Matrix {
      Matrix(rows: 2, columns: 2, elements: [diagonal.0, off, off, diagonal.1])
    }
    let own = weightDecay + stiffness.value
    return TransverseBlock(
      hessian: symmetric((own, own), -eta * coupling.value),
      slope: (1 / Double(depth).squareRoot())
        * symmetric((stiffness.slope, stiffness.slope), -eta * coupling.slope),
      covariance: stiffness.value * symmetric((v.lost, v.other), v.cross))
  }

  /// All weights to inputs and from outputs without a feature, (W_1)_{rk} and (W_L)_{jr}. They have one curvature,
  /// β + a^{2L−2}, so their variances add up to those of one direction.
  static func featureless(
    depth: Int, lost a: Double, moments: ResidualMoments, weightDecay: Double
  ) -> TransverseBlock {
    let stiffness = power(a, 2 * depth - 2)
    func single(_ x: Double) -> Matrix { Matrix(rows: 1, columns: 1, elements: [x]) }
    return TransverseBlock(
      hessian: single(weightDecay + stiffness.value),
      slope: single(stiffness.slope / Double(depth).squareRoot()),
      covariance: single(
        stiffness.value
          * (moments.inputVariance(lost: pow(a, Double(depth))) + moments.featurelessOutputs)))
  }
}
