import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Weights across a balanced line that fluctuate together and with no others.
///
/// Derivation: with W_l = A + δ_l the end-to-end map changes by Σ_l A^{L−l} δ_l A^{l−1} at first order; its residual,
/// diagonal, meets the second order Σ_{l>m} A^{L−l} δ_l A^{l−m−1} δ_m A^{m−1}. A is diagonal: a for the lost feature
/// r, b for another one.
struct TransverseBlock: Sendable {
  /// The Hessian H of the loss.
  var hessian: Matrix
  /// dH/ds along the line, s = √L a.
  var slope: Matrix
  /// The per-sample gradient g is this matrix times products of a sample's inputs and targets.
  var gradient: Matrix
  /// dg/ds in the same products.
  var gradientSlope: Matrix
  /// The covariance of these products.
  let products: Matrix
  /// How many such blocks there are.
  let multiplicity: Double
  /// Columns on which H and g are given, in the weights; nil for the weights themselves.
  var basis: Matrix?
  /// The means of these products, where they are not zero.
  var means: [Double]?

  /// C, the covariance of g.
  var covariance: Matrix { gradient * products * gradient.transposed }
  /// Covariance of g with dg/ds.
  var covarianceWithSlope: Matrix { gradient * products * gradientSlope.transposed }
  /// Covariance of dg/ds.
  var covarianceOfSlope: Matrix { gradientSlope * products * gradientSlope.transposed }

  /// ⟨g⟩ and ⟨dg/ds⟩; nil where they are zero.
  var force: (mean: [Double], slope: [Double])? {
    means.map { (product(gradient, $0), product(gradientSlope, $0)) }
  }

  /// A covariance of the weights, on the block's own columns.
  func inward(_ sigma: Matrix) -> Matrix { basis.map { $0.transposed * sigma * $0 } ?? sigma }

  /// A covariance on the block's own columns, of the weights.
  func outward(_ sigma: Matrix) -> Matrix { basis.map { $0 * sigma * $0.transposed } ?? sigma }

  /// A vector of the weights, on the block's own columns, and back.
  func inward(_ vector: [Double]) -> [Double] {
    basis.map { product($0.transposed, vector) } ?? vector
  }
  func outward(_ vector: [Double]) -> [Double] { basis.map { product($0, vector) } ?? vector }

  /// The block on the columns of an orthonormal basis.
  func projected(on basis: Matrix) -> TransverseBlock {
    let back = basis.transposed
    var block = self
    block.basis = basis
    block.hessian = back * hessian * basis
    block.slope = back * slope * basis
    block.gradient = back * gradient
    block.gradientSlope = back * gradientSlope
    return block
  }
}

/// Where on the line, under which weights of the samples.
struct LinePoint {
  let depth: Int
  /// a = s/√L.
  let a: Double
  let weightDecay: Double
  let moments: ResidualMoments

  /// λ = a^L.
  var lambda: Double { power(a, depth).value }
  /// dλ/ds = √L a^{L−1}.
  var lever: Double { Double(depth).squareRoot() * power(a, depth - 1).value }
  /// da/ds.
  var scale: Double { 1 / Double(depth).squareRoot() }
}

/// aⁿ and its derivative in a; n ≥ 0.
private func power(_ a: Double, _ n: Int) -> (value: Double, slope: Double) {
  guard n > 0 else { return (1, 0) }
  let below = pow(a, Double(n - 1))
  return (below * a, Double(n) * below)
}

extension LinePoint {
  /// The point of a line at an arc length.
  init(_ line: BalancedLine, at s: Double, moments: ResidualMoments) {
    self.init(
      depth: line.mode.depth, a: s / Double(line.mode.depth).squareRoot(),
      weightDecay: line.mode.weightDecay, moments: moments)
  }

  /// The weights that mix r with a learned feature q: (W_1…W_L)_{rq}, then (W_1…W_L)_{qr}; 2L of them.
  ///
  /// With J_l = a^{L−l}b^{l−1} and K_l = b^{L−l}a^{l−1}: H = β + [[⟨x_q²⟩JJᵀ, X], [Xᵀ, ⟨x_r²⟩KKᵀ]], where X couples
  /// layer l of rq to layer m of qr by ⟨e_r x_r⟩a^{L−l}b^{l−m−1}a^{m−1} for l > m and ⟨e_q x_q⟩b^{L−m}a^{m−l−1}b^{l−1}
  /// for l < m. The per-sample gradient is (J e_r x_q, K e_q x_r).
  ///
  /// - Parameter b: λ_q^{1/L}.
  func pair(_ other: ResidualMoments.Other, kept b: Double) -> TransverseBlock {
    let n = depth
    let kept = pow(b, Double(n))
    let rest = lambda * moments.own.xx - moments.own.xy
    let restSlope = lever * moments.own.xx
    let otherRest = kept - other.singularValue
    var block = TransverseBlock(
      hessian: Matrix(rows: 2 * n, columns: 2 * n), slope: Matrix(rows: 2 * n, columns: 2 * n),
      gradient: Matrix(rows: 2 * n, columns: 3), gradientSlope: Matrix(rows: 2 * n, columns: 3),
      products: other.products, multiplicity: 1)
    // Layers count from 1 in the formulas, from 0 here. Derivatives are in s.
    func factor(_ up: Int, _ across: Int) -> (value: Double, slope: Double) {
      let p = power(a, up)
      let constant = pow(b, Double(across))
      return (p.value * constant, p.slope * constant * scale)
    }
    let outward = (0..<n).map { factor(n - 1 - $0, $0) }
    let inward = (0..<n).map { factor($0, n - 1 - $0) }
    for l in 0..<n {
      // e_r x_q = λ(x_r x_q) − y_r x_q, with dλ/ds = √L a^{L−1}; e_q x_r = λ_q(x_r x_q) − y_q x_r.
      block.gradient[l, 0] = outward[l].value * lambda
      block.gradient[l, 1] = -outward[l].value
      block.gradientSlope[l, 0] = outward[l].slope * lambda + outward[l].value * lever
      block.gradientSlope[l, 1] = -outward[l].slope
      block.gradient[n + l, 0] = inward[l].value * kept
      block.gradient[n + l, 2] = -inward[l].value
      block.gradientSlope[n + l, 0] = inward[l].slope * kept
      block.gradientSlope[n + l, 2] = -inward[l].slope
      for m in 0..<n {
        block.hessian[l, m] = outward[l].value * outward[m].value
        block.slope[l, m] =
          outward[l].slope * outward[m].value + outward[l].value * outward[m].slope
        block.hessian[n + l, n + m] = moments.own.xx * inward[l].value * inward[m].value
        block.slope[n + l, n + m] =
          moments.own.xx * (inward[l].slope * inward[m].value + inward[l].value * inward[m].slope)
        guard l != m else { continue }
        let p = l > m ? factor(n - 1 - l + m, l - m - 1) : factor(m - l - 1, n - 1 - m + l)
        let coupling = p.value * (l > m ? rest : otherRest)
        let couplingSlope = l > m ? p.slope * rest + p.value * restSlope : p.slope * otherRest
        block.hessian[l, n + m] = coupling
        block.hessian[n + m, l] = coupling
        block.slope[l, n + m] = couplingSlope
        block.slope[n + m, l] = couplingSlope
      }
      block.hessian[l, l] += weightDecay
      block.hessian[n + l, n + l] += weightDecay
    }
    return block
  }

  /// An orthonormal basis, 2L × (L + 1), of the directions of ``pair(_:kept:)`` that no rotation between r and q in a
  /// hidden layer moves in: those have neither curvature nor noise. The rotation behind layer l turns (W_l)_{rq} by
  /// b, (W_l)_{qr} by −a, (W_{l+1})_{rq} by −a and (W_{l+1})_{qr} by b.
  func basisAcrossRotations(kept b: Double) throws -> Matrix {
    let n = depth
    var rotations = Matrix(rows: 2 * n, columns: n - 1)
    for l in 0..<(n - 1) {
      rotations[l, l] = b
      rotations[n + l, l] = -a
      rotations[l + 1, l] = -a
      rotations[n + l + 1, l] = b
    }
    let modes = try (rotations * rotations.transposed).symmetricEigensystem()
    var basis = Matrix(rows: 2 * n, columns: n + 1)
    for i in 0..<(2 * n) { for j in 0...n { basis[i, j] = modes.vectors[i, j] } }
    return basis
  }

  /// The weights by which a feature q that is not learned meets r, (W_1)_{rq} and (W_L)_{qr}:
  /// H = β + [[a^{2L−2}⟨x_q²⟩, −a^{L−2}η_q], [·, a^{2L−2}⟨x_r²⟩]], per-sample gradient a^{L−1}(e_r x_q, −y_q x_r).
  func unlearned(_ other: ResidualMoments.Other) -> TransverseBlock {
    let stiffness = power(a, 2 * depth - 2)
    let coupling = power(a, depth - 2)
    let lift = power(a, depth - 1)
    let (eta, xx) = (other.singularValue, moments.own.xx)
    func symmetric(_ first: Double, _ second: Double, _ off: Double) -> Matrix {
      Matrix(rows: 2, columns: 2, elements: [first, off, off, second])
    }
    return TransverseBlock(
      hessian: symmetric(
        weightDecay + stiffness.value, weightDecay + xx * stiffness.value, -eta * coupling.value),
      slope: scale * symmetric(stiffness.slope, xx * stiffness.slope, -eta * coupling.slope),
      gradient: Matrix(
        rows: 2, columns: 3, elements: [lift.value * lambda, -lift.value, 0, 0, 0, -lift.value]),
      gradientSlope: Matrix(
        rows: 2, columns: 3,
        elements: [
          scale * lift.slope * lambda + lift.value * lever, -scale * lift.slope, 0, 0, 0,
          -scale * lift.slope,
        ]),
      products: other.products, multiplicity: 1)
  }

  /// The weight (W_1)_{rk} to an input without a feature.
  func featurelessInput() -> TransverseBlock {
    let stiffness = power(a, 2 * depth - 2)
    let lift = power(a, depth - 1)
    return TransverseBlock(
      hessian: single(weightDecay + stiffness.value), slope: single(scale * stiffness.slope),
      gradient: Matrix(rows: 1, columns: 2, elements: [lift.value * lambda, -lift.value]),
      gradientSlope: Matrix(
        rows: 1, columns: 2,
        elements: [scale * lift.slope * lambda + lift.value * lever, -scale * lift.slope]),
      products: moments.inputProducts, multiplicity: Double(moments.featurelessInputs))
  }

  /// The weight (W_L)_{jr} from an output without a feature.
  func featurelessOutput() -> TransverseBlock {
    let stiffness = power(a, 2 * depth - 2)
    let lift = power(a, depth - 1)
    return TransverseBlock(
      hessian: single(weightDecay + moments.own.xx * stiffness.value),
      slope: single(moments.own.xx * scale * stiffness.slope),
      gradient: single(-lift.value), gradientSlope: single(-scale * lift.slope),
      products: single(moments.outputProduct), multiplicity: Double(moments.featurelessOutputs))
  }

  /// Every block that feels the lost feature move, in the order of ``AdiabaticClimb/parts``.
  ///
  /// - Parameter learned: λ^{1/L} of the features that stay learned, strongest first.
  func blocks(learned: [Double]) throws -> [TransverseBlock] {
    var blocks = [TransverseBlock]()
    for (i, other) in moments.others.enumerated() {
      if i < learned.count {
        let basis = try basisAcrossRotations(kept: learned[i])
        // H′ and g need no derivative of the basis: the fluctuations have no part along the rotations.
        blocks.append(pair(other, kept: learned[i]).projected(on: basis))
      } else {
        blocks.append(unlearned(other))
      }
    }
    return blocks + [featurelessInput(), featurelessOutput()]
  }
}

private func single(_ x: Double) -> Matrix { Matrix(rows: 1, columns: 1, elements: [x]) }

// MARK: - The stationary state of a point held still

/// Weights across the line that do not stay where they are.
struct UnstableAcross: Error {
  let softest: Double
  let stiffest: Double

  /// The same in words, with where it is.
  func failure(singularValue lambda: Double) -> NumericalFailure {
    NumericalFailure(
      softest <= 0
        ? "at λ = \(brief(lambda)) on the way the weights across the balanced line are unstable (curvature \(brief(softest))): they turn to another feature there, so the line is not the way down"
        : "at λ = \(brief(lambda)) on the way h times the largest curvature across the balanced line, \(brief(stiffest)), is 2 or more, so SGD is unstable; use a smaller learning rate"
    )
  }
}

extension TransverseBlock {
  /// Σ of stationary SGD at a point held still, HΣ + ΣH − hHΣH = εC.
  ///
  /// - Throws: ``UnstableAcross`` where a direction is unstable, at rest or for this learning rate.
  func stationaryCovariance(
    noiseScale: Double, learningRate h: Double
  ) throws -> (covariance: Matrix, stiffest: Double) {
    let modes = try hessian.symmetricEigensystem()
    let w = modes.values
    let (softest, stiffest) = (w[0], w[w.count - 1])
    guard softest > 0, h * stiffest < 2 else {
      throw UnstableAcross(softest: softest, stiffest: stiffest)
    }
    let v = modes.vectors
    var sigma = v.transposed * covariance * v
    for i in w.indices {
      for j in w.indices { sigma[i, j] *= noiseScale / (w[i] + w[j] - h * w[i] * w[j]) }
    }
    return (v * sigma * v.transposed, stiffest)
  }
}

/// tr[AB] of two symmetric matrices.
func trace(_ a: Matrix, _ b: Matrix) -> Double {
  zip(a.elements, b.elements).reduce(0) { $0 + $1.0 * $1.1 }
}
