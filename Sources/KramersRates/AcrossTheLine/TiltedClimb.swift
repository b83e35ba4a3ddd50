import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The climb along a feature's balanced line under minibatch SGD, with mean μ and covariance Σ of the weights across the
/// line carried along: they follow late, and a climb selects the fluctuations that help it.
///
/// With the samples weighted by exp(−εφu), φ = Φ′(s), u the per-sample gradient along the line, and averages over them:
///
/// ```
/// K(φ) = ε⁻¹ ln⟨exp(−εφu)⟩ − φβs − φhE′E″/2 + μ·H_η + ½ tr[(Σ + μμᵀ) H_ηη] = 0,   ds/dt = K′(φ)
/// dΣ/dt = −MΣ − ΣMᵀ + εC + hHΣH,   M = H − εφ Cov(g, z) − ½Σ H_ηη
/// dμ/dt = −⟨g⟩ − ½∇tr[HΣ] + Σ H_η − (H − εφ Cov(g, z) − Σ H_ηη) μ
/// H_η = −φ⟨z⟩,   H_ηη = −φH′ + εφ² Cov(z, z)
/// ```
///
/// g and z = dg/ds are the per-sample gradient and its slope across the line. Of an endless supply of Gaussian pairs
/// features and their signs are symmetric, so that the blocks stay apart and μ = 0. Finite data couple all weights that
/// touch the feature: they are one block. In ½∇tr[HΣ] the other weights count too, with the Σ of a point held still
/// (``RestingBend``).
///
/// Derivation: the moments, at fixed s, of the stationary density of the chain of batches to leading order in ε at
/// fixed εφ, along the climb from the minimum under this noise down to its saddle.
struct TiltedClimb: Sendable {
  /// What batches are drawn from.
  enum Supply: Sendable {
    case gaussian(GaussianTeacher, feature: Int)
    /// With ½∇tr[HΣ] along the touching weights, per unit of h/B, Σ of all weights at a point held still.
    case samples(SampleProducts, bend: RestingBend)

    /// Steps of the climb, and passes over each: finite data take longer, and need no more.
    fileprivate var effort: (steps: Int, passes: Int) {
      switch self {
      case .gaussian: (48, 3)
      case .samples: (20, 2)
      }
    }
  }

  /// Φ′(s) at the points of `base`.
  let slopes: [Double]
  /// Points of the climb, ascending, and Φ′ there.
  let climb: [(arcLength: Double, slope: Double)]
  /// The least effective number of samples on the way, as a share of all; 1 for an endless supply.
  let effectiveShare: Double

  private let base: AdiabaticClimb

  /// - Parameter base: has a barrier.
  /// - Throws: `NumericalFailure` where the climb cannot be followed.
  init(_ base: AdiabaticClimb, from supply: Supply) throws {
    guard let trap = base.trap else {
      throw NumericalFailure("no barrier is left under this noise")
    }
    self.base = base
    let adiabatic = try CubicSpline(base.arcLengths, base.slopes)
    // The climb stands still at both ends.
    let margin = 0.02 * (trap.minimum - trap.saddle)
    let from = trap.minimum - 1.5 * margin
    let to = trap.saddle + margin
    let (steps, passes) = supply.effort
    let stride = (from - to) / Double(steps)
    var state = try Conditional(base, supply, at: from)
    var (phi, speed) = try state.solve(at: from, near: adiabatic(from))
    var found = [(from, phi)]
    var share = try state.effectiveShare(at: from, phi: phi)
    for i in 1...steps {
      let s = from - Double(i) * stride
      var next = state
      var nextPhi = phi * adiabatic(s) / adiabatic(s + stride)
      var nextSpeed = speed
      for _ in 0..<passes {
        next = try state.advanced(
          to: s + 0.5 * stride, in: stride / (0.5 * abs(speed + nextSpeed)),
          phi: 0.5 * (phi + nextPhi), guess: next)
        (nextPhi, nextSpeed) = try next.solve(at: s, near: nextPhi)
      }
      (state, phi, speed) = (next, nextPhi, nextSpeed)
      found.append((s, phi))
      share = min(share, try state.effectiveShare(at: s, phi: phi))
    }
    climb = found.reversed()
    effectiveShare = share
    let change = try CubicSpline(
      climb.map(\.arcLength), climb.map { $0.slope - adiabatic($0.arcLength) })
    slopes = zip(base.arcLengths, base.slopes).map { $1 + change($0) }
  }

  func logMeanFirstPassageTime() throws -> Double {
    try base.logMeanFirstPassageTime(slopes: slopes)
  }
}

extension TiltedClimb {
  /// Mean and covariance of every block at a point of the climb, in the weights.
  private struct Conditional {
    let base: AdiabaticClimb
    let supply: Supply
    var covariances: [Matrix]
    /// Empty where they are zero.
    var means: [[Double]] = []

    /// Those of a point held still.
    init(_ base: AdiabaticClimb, _ supply: Supply, at s: Double) throws {
      self.base = base
      self.supply = supply
      covariances = []
      let blocks = try blocks(at: s, phi: 0)
      do {
        covariances = try blocks.map {
          let state = try $0.stationaryCovariance(
            noiseScale: base.noiseScale, learningRate: base.learningRate)
          return $0.outward(state.covariance)
        }
      } catch let error as UnstableAcross {
        throw error.failure(singularValue: base.line.mode.singularValue(arcLength: s))
      }
      guard case .samples(_, let resting) = supply else { return }
      means = try blocks.map { block in
        let bend = resting(s).map { base.noiseScale * $0 }
        let modes = try block.hessian.symmetricEigensystem()
        let force = product(modes.vectors.transposed, block.inward(bend))
        return block.outward(
          product(modes.vectors, zip(force, modes.values).map { -$0 / $1 }))
      }
    }

    private func point(_ s: Double, _ moments: ResidualMoments? = nil) -> LinePoint {
      LinePoint(base.line, at: s, moments: moments ?? base.moments)
    }

    private func tilt(at s: Double, phi: Double) -> (c: Double, lambda: Double) {
      (base.noiseScale * phi * base.line.lever(s), base.line.mode.singularValue(arcLength: s))
    }

    func effectiveShare(at s: Double, phi: Double) throws -> Double {
      guard case .samples(let data, _) = supply else { return 1 }
      let (c, lambda) = tilt(at: s, phi: phi)
      return data.averages(tilt: c, lambda: lambda).effectiveShare
    }

    /// The blocks with samples weighted by exp(−εφu).
    func blocks(at s: Double, phi: Double) throws -> [TransverseBlock] {
      let (c, lambda) = tilt(at: s, phi: phi)
      switch supply {
      case .gaussian(let teacher, let feature):
        guard
          let moments = ResidualMoments(
            teacher: teacher, feature: feature, tilt: c, lambda: lambda)
        else {
          throw NumericalFailure(
            "the climb needs batches beyond what the samples can give at s = \(brief(s))")
        }
        return try point(s, moments).blocks(learned: base.learned)
      case .samples(let data, _):
        return [
          try data.block(
            at: point(s), learned: base.learned, averages: data.averages(tilt: c, lambda: lambda))
        ]
      }
    }

    /// H_ηη of a block.
    private func bend(_ block: TransverseBlock, _ phi: Double) -> Matrix {
      (-phi) * block.slope + (base.noiseScale * phi * phi) * block.covarianceOfSlope
    }

    /// K(φ).
    func condition(at s: Double, phi: Double) throws -> Double {
      let h = base.learningRate
      let line = base.line
      var across = 0.0
      for (i, block) in try blocks(at: s, phi: phi).enumerated() {
        let bend = bend(block, phi)
        across += 0.5 * block.multiplicity * trace(block.inward(covariances[i]), bend)
        if let force = block.force {
          let mean = block.inward(means[i])
          let (lift, curve) = (force.slope, product(bend, mean))
          across += mean.indices.reduce(0.0) {
            $0 + mean[$1] * (0.5 * curve[$1] - phi * lift[$1])
          }
        }
      }
      return base.alongTheLine(phi, at: s) - 0.5 * phi * h * line.slope(s) * line.curvature(s)
        + across
    }

    /// The root of K other than zero, that of K(φ)/φ, which is nearly a straight line; and K′ there.
    func solve(at s: Double, near guess: Double) throws -> (phi: Double, speed: Double) {
      func ratio(_ phi: Double) throws -> Double { try condition(at: s, phi: phi) / phi }
      var (a, b) = (guess, 1.01 * guess)
      var (f, g) = (try ratio(a), try ratio(b))
      for _ in 0..<12 {
        guard f != g else { break }
        let next = b - g * (b - a) / (g - f)
        // Beyond three times the last value it is no small step of a climb.
        guard next.isFinite, next * guess > 0, abs(next) < 3 * abs(b), abs(next) > abs(b) / 3
        else { break }
        if abs(next - b) < 1e-4 * abs(b) { return (next, next * (g - f) / (b - a)) }
        (a, f) = (b, g)
        (b, g) = (next, try ratio(next))
      }
      throw NumericalFailure("the climb cannot be followed past s = \(brief(s))")
    }

    /// Mean and covariance after the time of a stride along the line, with coefficients frozen in its middle.
    func advanced(
      to middle: Double, in time: Double, phi: Double, guess: Conditional
    ) throws -> Conditional {
      var mean = self
      mean.covariances = zip(covariances, guess.covariances).map { 0.5 * ($0 + $1) }
      mean.means = zip(means, guess.means).map { zip($0, $1).map { 0.5 * ($0 + $1) } }
      let epsilon = base.noiseScale
      var result = self
      for (i, block) in try blocks(at: middle, phi: phi).enumerated() {
        let sigma = block.inward(mean.covariances[i])
        let bend = bend(block, phi)
        let pull = block.hessian + (-epsilon * phi) * block.covarianceWithSlope
        let drag = sigma * bend
        let source =
          epsilon * block.covariance + base.learningRate * (block.hessian * sigma * block.hessian)
        result.covariances[i] = block.outward(
          evolved(
            block.inward(covariances[i]), rates: pull + (-0.5) * drag, source: source, time: time))
        guard case .samples(_, let resting) = supply, let force = block.force else { continue }
        let third = block.inward(resting(middle).map { epsilon * $0 })
        let lift = product(sigma, force.slope)
        let push = zip(zip(force.mean, third), lift).map { -$0.0 - $0.1 - phi * $1 }
        result.means[i] = block.outward(
          evolved(block.inward(means[i]), rates: pull + (-1) * drag, force: push, time: time))
      }
      return result
    }
  }
}

/// ½∇tr[HΣ] along the weights that touch a feature, per unit of h/B, at every point of its line: a spline through
/// some.
struct RestingBend: Sendable {
  private let splines: [CubicSpline]

  /// - Parameter count: of points between saddle and minimum, where it is smooth.
  init(
    _ data: SampleProducts, line: BalancedLine, moments: ResidualMoments, learned: [Double],
    learningRate: Double, count: Int = 6
  ) throws {
    let points = (0..<count).map {
      line.saddle + (line.minimum - line.saddle) * Double($0) / Double(count - 1)
    }
    let bends = try points.map {
      try data.restingBend(
        at: LinePoint(line, at: $0, moments: moments), learned: learned, learningRate: learningRate)
    }
    splines = try bends[0].indices.map { i in try CubicSpline(points, bends.map { $0[i] }) }
  }

  func callAsFunction(_ s: Double) -> [Double] { splines.map { $0(s) } }
}

/// The parts of a time over which a flow is a short series, as a power of two.
private func doublings(_ rates: Matrix, _ time: Double) -> Int {
  let size =
    (0..<rates.rows).map { rates.row($0).reduce(0) { $0 + abs($1) } }.max()! * time
  return size > 0.05 ? Int(log2(size / 0.05).rounded(.up)) : 0
}

/// The solution of dμ/dt = −Nμ + f after a time.
func evolved(
  _ mean: [Double], rates: Matrix, force: [Double], time: Double
) -> [Double] {
  let doublings = doublings(rates, time)
  let part = time / pow(2, Double(doublings))
  var flow = Matrix.identity(rates.rows)
  var term = flow
  // ∫ exp(−Nt) dt.
  var gain = part * flow
  for k in 1...5 {
    term = (-part / Double(k)) * (rates * term)
    flow = flow + term
    gain = gain + (part / Double(k + 1)) * term
  }
  for _ in 0..<doublings {
    gain = gain + flow * gain
    flow = flow * flow
  }
  return zip(product(flow, mean), product(gain, force)).map { $0 + $1 }
}

/// The solution of dΣ/dt = −MΣ − ΣMᵀ + Q after a time, by a series for a small part of it and doubling.
func evolved(_ sigma: Matrix, rates: Matrix, source: Matrix, time: Double) -> Matrix {
  let doublings = doublings(rates, time)
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
