import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension OneDimensionalProblem {
  /// ln of the exact mean first-passage time from x₀ to b:
  ///
  /// ```
  /// τ = ∫_{x₀}^{b} dy e^{Φ(y)} ∫_{r}^{y} dz e^{−Φ(z)}/D(z),   Φ(x) = ∫ E′/D
  /// ```
  ///
  /// All integrands are kept as logarithms, so neither e^{Φ} nor e^{−Φ} overflows however high the
  /// barrier. The interval is divided into cells on which Φ, the inner and the outer integral advance
  /// together by 8-point Gauss–Legendre quadrature; the number of cells is doubled until ln τ settles.
  ///
  /// Where the problem is periodic behind the start, the inner integral runs from −∞ instead of r: each period
  /// further back repeats ∫_r^{x₀} with the factor q = e^{−ΔΦ}, ΔΦ = Φ(r) − Φ(x₀), so
  /// ∫_{−∞}^{x₀} = ∫_r^{x₀}/(1 − q). For ΔΦ ≤ 0 the mean is infinite: the process drifts away from b, or
  /// wanders without bound.
  ///
  /// - Parameter tolerance: the change in ln τ on doubling at which the result is taken.
  /// - Throws: `NumericalFailure` where it does not settle (a diffusion that vanishes inside, say).
  ///
  /// Source: C. W. Gardiner, Handbook of Stochastic Methods, 3rd ed., Eq. 5.2.160 with A = −E′, B = 2D.
  package func logMeanFirstPassageTime(tolerance: Double = 1e-9) throws -> Double {
    var previous = Double.nan
    var cells = 64
    while cells <= 1 << 17 {
      let value = logMeanFirstPassageTime(cells: cells)
      if value == .infinity { return value }
      if abs(value - previous) <= tolerance * max(1, abs(value)) { return value }
      previous = value
      cells *= 2
    }
    throw NumericalFailure(
      "the exact passage-time integral from \(start) to \(absorbing) did not settle; check that the diffusion is positive between them"
    )
  }

  /// τ; infinite where it exceeds the range of a double.
  package func meanFirstPassageTime() throws -> Double { exp(try logMeanFirstPassageTime()) }

  /// Gauss–Legendre nodes and weights on [0, 1], eight points.
  private static let rule: [(node: Double, weight: Double)] = {
    let half: [(Double, Double)] = [
      (0.183434642495649804939476142360, 0.362683783378361982965150449277),
      (0.525532409916328985817739049189, 0.313706645877887287337962201987),
      (0.796666477413626739591553936476, 0.222381034453374470544355994426),
      (0.960289856497536231683560868569, 0.101228536290376259152531354310),
    ]
    return
      (half.map { (0.5 - 0.5 * $0.0, 0.5 * $0.1) }
      + half.map { (0.5 + 0.5 * $0.0, 0.5 * $0.1) }).sorted { $0.0 < $1.0 }
  }()

  /// Integrates from 0 to θ_i of each interpolated cell: `partial[i][j]` is the weight of node j in
  /// ∫₀^{node i}, exact for polynomials of degree 7.
  private static let partialWeights: [[Double]] = {
    let nodes = rule.map(\.node)
    return nodes.map { upper in
      nodes.indices.map { j in
        // ∫₀^{upper} of the Lagrange polynomial of node j, itself by the rule on [0, upper].
        rule.reduce(0) { sum, point in
          let x = upper * point.node
          var value = 1.0
          for k in nodes.indices where k != j { value *= (x - nodes[k]) / (nodes[j] - nodes[k]) }
          return sum + upper * point.weight * value
        }
      }
    }
  }()

  private func logMeanFirstPassageTime(cells: Int) -> Double {
    // Orient so that the process moves from `reflecting` towards `absorbing` with positive width.
    let sign: Double = absorbing > reflecting ? 1 : -1
    let rule = Self.rule
    var logInner = -Double.infinity  // ln ∫_r^y e^{−Φ}/D
    var logOuter = -Double.infinity  // ln ∫_{x₀}^y e^{Φ} inner
    var potential = 0.0  // Φ at the left end of the cell

    func advance(from left: Double, to right: Double, cells: Int, isPastStart: Bool) {
      guard left != right else { return }
      let width = (right - left) / Double(cells)
      let length = abs(width)
      for cell in 0..<cells {
        let origin = left + Double(cell) * width
        let points = rule.map { origin + $0.node * width }
        let diffusions = points.map(diffusion)
        let forces = zip(points, diffusions).map { slope($0) / $1 * sign }
        // Φ at the nodes and at the right end, relative to Φ at the left end.
        let local = Self.partialWeights.map { weights in
          length * zip(weights, forces).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let total = length * zip(rule, forces).reduce(0) { $0 + $1.0.weight * $1.1 }
        // e^{−Φ}/D at the nodes, scaled by the largest.
        let logs = zip(local, diffusions).map { -(potential + $0) - log($1) }
        let largest = logs.max()!
        let scaled = logs.map { exp($0 - largest) }
        if isPastStart {
          var terms = [Double]()
          for (i, point) in rule.enumerated() {
            let within =
              length * zip(Self.partialWeights[i], scaled).reduce(0) { $0 + $1.0 * $1.1 }
            let inner = logAddExp(
              logInner, within > 0 ? log(within) + largest : -.infinity)
            terms.append(potential + local[i] + inner + log(point.weight * length))
          }
          logOuter = logAddExp(logOuter, logSumExp(terms))
        }
        let increment = length * zip(rule, scaled).reduce(0) { $0 + $1.0.weight * $1.1 }
        logInner = logAddExp(logInner, log(increment) + largest)
        potential += total
      }
    }

    advance(from: reflecting, to: start, cells: cells, isPastStart: false)
    if isPeriodic {
      // Φ is 0 at r; a drop within roundoff of the integral of |Φ′| is none.
      guard potential < -1e-12 * Double(cells).squareRoot() else { return .infinity }
      logInner -= log(-expm1(potential))
    }
    advance(from: start, to: absorbing, cells: cells, isPastStart: true)
    return logOuter
  }
}
