import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The two stationary states of a mode of depth L ≥ 3 and the barrier between them, to the last digits however
/// close β is to β_c, where states, energies and β/β_c differ by less than they can be rounded to.
///
/// ```
/// λ = λ_c eˣ,   ε = 1 − β/β_c,   m = 1 − 2/L
/// E′(λ) = (λ_c/m)[p(x) − ε e^{−mx}],   p(x) = m(eˣ − 1 − x) + (e^{−mx} − 1 + mx) ≥ 0
/// ΔE_down = (λ_c²/m)[ε(e^{(1−m)x} − 1)/(1−m) − P(x)], at x_+ less at x_s,
/// P(x) = ∫₀ˣ p(t)eᵗ dt = (m/2)φ(2x) − (1+m)φ(x) + φ((1−m)x)/(1−m),   φ(z) = e^z − 1 − z − z²/2
/// ```
///
/// The terms of E′ have one sign each and those of ΔE are of the size of ΔE, which vanishes as ε^{3/2}. L-th
/// powers make β/β_c rational, (β/β_c)^L = (β(2L−2)²/(L(L−2)η²))^L λ_c², so that ε comes from integer powers in
/// double the precision.
struct ModeFold {
  private let spinodal: Double
  /// ln β/β_c.
  private let logRatio: Double
  /// ε.
  let distance: Double
  private let m: Double

  init(singularValue eta: Double, depth: Int, weightDecay beta: Double, spinodal: Double) {
    let l = Double(depth)
    m = 1 - 2 / l
    self.spinodal = spinodal
    logRatio = log(beta) - (1 + m) * log(spinodal) + log(m)
    guard abs(logRatio) < 0.5 else {
      distance = -expm1(logRatio)
      return
    }
    let wide = DoubleDouble(eta)
    let width = DoubleDouble(2 * l - 2)
    let root = DoubleDouble(beta) / wide * (width * width / DoubleDouble(l * (l - 2))) / wide
    let critical = wide * (DoubleDouble(l - 2) / width)
    let defect = DoubleDouble(1) - root.power(depth) * critical * critical
    distance = -expm1(log1p(-defect.high) / l)
  }

  /// x_+ > 0 of the learned state, at most ln(η/λ_c).
  func learned(while activity: String) throws -> Double {
    let top = log1p(1 / m)
    return min(
      top,
      try root(
        of: { p($0) - distance * exp(-m * $0) }, in: 0...(top + 1), while: activity))
  }

  /// x_s < 0 of the saddle, from β/β_c = e^{mx}(1 + m − m eˣ): between e^{mx} and (1+m)e^{mx}.
  func saddle(while activity: String) throws -> Double {
    let bracket = ((logRatio - log1p(m)) / m - 1e-3)...min(0, logRatio / m)
    guard distance < 0.3 else {
      return try root(
        of: { (1 + m - m * exp($0)) * exp(m * $0 - logRatio) - 1 }, in: bracket, while: activity)
    }
    return try root(
      of: { p($0) * exp(m * $0) - distance }, in: bracket.lowerBound...0, while: activity)
  }

  /// ΔE_down between two states that are close together, x_+ − x_s ≤ 1.
  func barrier(learned: Double, saddle: Double) -> Double {
    let lift = distance * (expm1((1 - m) * learned) - expm1((1 - m) * saddle)) / (1 - m)
    return spinodal * spinodal / m * (lift - (integral(learned) - integral(saddle)))
  }

  private func p(_ x: Double) -> Double {
    m * exponentialRemainder(x, 2) + exponentialRemainder(-m * x, 2)
  }

  /// P.
  private func integral(_ x: Double) -> Double {
    0.5 * m * exponentialRemainder(2 * x, 3) - (1 + m) * exponentialRemainder(x, 3)
      + exponentialRemainder((1 - m) * x, 3) / (1 - m)
  }
}

/// e^z less the first `order` (2 or 3) terms of its series, without cancellation.
private func exponentialRemainder(_ z: Double, _ order: Int) -> Double {
  guard abs(z) < 0.5 else { return expm1(z) - z - (order == 3 ? 0.5 * z * z : 0) }
  var term = order == 3 ? z * z * z / 6 : 0.5 * z * z
  var sum = 0.0
  var n = Double(order)
  while sum + term != sum {
    sum += term
    n += 1
    term *= z / n
  }
  return sum
}
