import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The climb along a feature's balanced line under minibatch SGD on an endless supply of Gaussian pairs, with the
/// covariance Σ of the weights across the line carried along: it follows late, and a climb selects the fluctuations
/// that help it.
///
/// With the samples weighted by exp(−εφu), φ = Φ′(s), u the per-sample gradient along the line, and averages over them:
///
/// ```
/// K(φ) = ε⁻¹ ln⟨exp(−εφu)⟩ − φβs − φhE′E″/2 + ½ tr[Σ H_ηη] = 0,   ds/dt = K′(φ)
/// dΣ/dt = −MΣ − ΣMᵀ + εC + hHΣH,   M = H − εφ Cov(g, z) − ½Σ H_ηη,   H_ηη = −φH′ + εφ² Cov(z, z)
/// ```
///
/// g and z = dg/ds are the per-sample gradient and its slope across the line. Features and their signs are symmetric,
/// so that the blocks stay apart and the mean across the line stays zero.
///
/// Derivation: the moments, at fixed s, of the stationary density of the chain of batches to leading order in ε at
/// fixed εφ, along the climb from the minimum under this noise down to its saddle.
struct TiltedClimb: Sendable {
  /// Φ′(s) at the points of `base`.
  let slopes: [Double]
  /// Points of the climb, ascending, and Φ′ there.
  let climb: [(arcLength: Double, slope: Double)]

  private let base: AdiabaticClimb

  /// - Parameters:
  ///   - base: has a barrier.
  ///   - teacher: the supply.
  /// - Throws: `NumericalFailure` where the climb cannot be followed.
  init(_ base: AdiabaticClimb, teacher: GaussianTeacher, feature: Int, steps: Int = 48) throws {
    guard let trap = base.trap else {
      throw NumericalFailure("no barrier is left under this noise")
    }
    self.base = base
    let adiabatic = try CubicSpline(base.arcLengths, base.slopes)
    // The climb stands still at both ends.
    let margin = 0.02 * (trap.minimum - trap.saddle)
    let from = trap.minimum - 1.5 * margin
    let to = trap.saddle + margin
    let stride = (from - to) / Double(steps)
    var state = try Sigma(base, teacher: teacher, feature: feature, at: from)
    var phi = try state.solve(at: from, near: adiabatic(from))
    var found = [(from, phi)]
    for i in 1...steps {
      let s = from - Double(i) * stride
      var next = state
      var nextPhi = phi * adiabatic(s) / adiabatic(s + stride)
      for _ in 0..<3 {
        let middle = s + 0.5 * stride
        let meanPhi = 0.5 * (phi + nextPhi)
        next = try state.advanced(to: middle, by: stride, phi: meanPhi, guess: next)
        nextPhi = try next.solve(at: s, near: nextPhi)
      }
      (state, phi) = (next, nextPhi)
      found.append((s, phi))
    }
    climb = found.reversed()
    let change = try CubicSpline(
      climb.map(\.arcLength), climb.map { $0.slope - adiabatic($0.arcLength) })
    slopes = zip(base.arcLengths, base.slopes).map { $1 + change($0) }
  }

  func logMeanFirstPassageTime() throws -> Double {
    try base.logMeanFirstPassageTime(slopes: slopes)
  }
}

extension TiltedClimb {
  /// The covariance of every block at a point of the climb, in the weights.
  private struct Sigma {
    let base: AdiabaticClimb
    let teacher: GaussianTeacher
    let feature: Int
    var covariances: [Matrix]

    /// That of a point held still.
    init(_ base: AdiabaticClimb, teacher: GaussianTeacher, feature: Int, at s: Double) throws {
      self.base = base
      self.teacher = teacher
      self.feature = feature
      covariances = []
      covariances = try blocks(at: s, phi: 0).map {
        let state = try $0.stationaryCovariance(
          noiseScale: base.noiseScale, learningRate: base.learningRate)
        return $0.outward(state.covariance)
      }
    }

    /// The blocks with samples weighted by exp(−εφu).
    func blocks(at s: Double, phi: Double) throws -> [TransverseBlock] {
      let mode = base.line.mode
      let lambda = mode.singularValue(arcLength: s)
      let lever = Double(mode.depth) * lambda / s
      guard
        let moments = ResidualMoments(
          teacher: teacher, feature: feature, tilt: base.noiseScale * phi * lever, lambda: lambda)
      else {
        throw NumericalFailure(
          "the climb needs batches beyond what the samples can give at s = \(brief(s))")
      }
      return try LinePoint(
        depth: mode.depth, a: s / Double(mode.depth).squareRoot(), weightDecay: mode.weightDecay,
        moments: moments
      ).blocks(learned: base.learned)
    }

    /// H_ηη of a block.
    private func bend(_ block: TransverseBlock, _ phi: Double) -> Matrix {
      (-phi) * block.slope + (base.noiseScale * phi * phi) * block.covarianceOfSlope
    }

    /// K(φ).
    func condition(at s: Double, phi: Double) throws -> Double {
      let h = base.learningRate
      let line = base.line
      let across = try zip(blocks(at: s, phi: phi), covariances).reduce(0) {
        $0 + 0.5 * $1.0.multiplicity * trace($1.0.inward($1.1), bend($1.0, phi))
      }
      return base.alongTheLine(phi, at: s) - 0.5 * phi * h * line.slope(s) * line.curvature(s)
        + across
    }

    /// The root of K other than zero.
    func solve(at s: Double, near guess: Double) throws -> Double {
      var (inner, outer) = (0.5 * guess, guess)
      var tries = 0
      while try condition(at: s, phi: inner) >= 0 {
        outer = inner
        inner *= 0.5
        tries += 1
        guard tries < 40 else {
          throw NumericalFailure("the climb stands still at s = \(brief(s))")
        }
      }
      while try condition(at: s, phi: outer) < 0 {
        inner = outer
        outer *= 1.25
        guard abs(outer) < 100 * abs(guess) else {
          throw NumericalFailure("nothing climbs past s = \(brief(s))")
        }
      }
      return try root(
        of: { (try? condition(at: s, phi: $0)) ?? .infinity },
        in: min(inner, outer)...max(inner, outer), while: "the effective slope at s = \(s)")
    }

    /// Σ after a stride along the line, with coefficients frozen in its middle.
    func advanced(to middle: Double, by stride: Double, phi: Double, guess: Sigma) throws -> Sigma {
      var mean = self
      mean.covariances = zip(covariances, guess.covariances).map { 0.5 * ($0 + $1) }
      let step = 1e-4 * abs(phi)
      let speed =
        try
        (mean.condition(at: middle, phi: phi + step)
        - mean.condition(at: middle, phi: phi - step)) / (2 * step)
      let time = stride / abs(speed)
      let epsilon = base.noiseScale
      var result = self
      result.covariances = try zip(blocks(at: middle, phi: phi), zip(covariances, mean.covariances))
        .map { block, sigma in
          let middle = block.inward(sigma.1)
          let rates =
            block.hessian + (-epsilon * phi) * block.covarianceWithSlope
            + (-0.5) * (middle * bend(block, phi))
          let source =
            epsilon * block.covariance
            + base.learningRate * (block.hessian * middle * block.hessian)
          return block.outward(
            evolved(block.inward(sigma.0), rates: rates, source: source, time: time))
        }
      return result
    }
  }
}

/// The solution of dΣ/dt = −MΣ − ΣMᵀ + Q after a time, by a series for a small part of it and doubling.
func evolved(_ sigma: Matrix, rates: Matrix, source: Matrix, time: Double) -> Matrix {
  let size = rates.elements.reduce(0) { max($0, abs($1)) } * Double(rates.rows) * time
  let doublings = size > 0.05 ? Int(log2(size / 0.05).rounded(.up)) : 0
  let part = time / pow(2, Double(doublings))
  var flow = Matrix.identity(rates.rows)
  var term = flow
  var gain = Matrix(rows: rates.rows, columns: rates.rows)
  var moment = source
  var factor = 1.0
  for k in 1...5 {
    factor *= part / Double(k)
    gain = gain + factor * moment
    moment = (-1) * (rates * moment + moment * rates.transposed)
    term = (-part / Double(k)) * (rates * term)
    flow = flow + term
  }
  for _ in 0..<doublings {
    gain = gain + flow * gain * flow.transposed
    flow = flow * flow
  }
  return flow * sigma * flow.transposed + gain
}
