import Landscapes
import Networks
import NumericalMethods

/// The climb out of a basin of any network under minibatch SGD, with mean μ and covariance Σ of the weights across the path
/// carried along: they follow late, and a climb selects the fluctuations that help it.
///
/// In the coordinates θ = θ(s) + y of ``TiltedLook``, y in a frame across the path that is carried without a twist, with the
/// samples weighted by exp(−pu), p = εφ, φ = Φ′(s), and averages over them:
///
/// ```
/// K(φ) = −φE′(1 + hE″/2) + ε⁻¹ ln⟨exp(−p(u − ū))⟩ + pκ·Ct + μ·K_y + ½ tr[(Σ + μμᵀ) K_yy] = 0,   ds/dt = K′(φ)
/// dΣ/dt = −MΣ − ΣMᵀ + εC + hHΣH,   M = H − p Cov(g, z) − ½ΣK_yy
/// dμ/dt = −⟨g⟩ − (h/2)H∇E − ½∇tr[HΣ] − (ε/2)C_ss κ + ΣK_y − (H − p Cov(g, z) − ΣK_yy) μ
/// K_y = −φ⟨z⟩,   K_yy = −φ⟨∂²U⟩ + εφ² Cov(z, z)
/// ```
///
/// Derivation: the density e^{−V/ε} of the chain of batches obeys K(s, y, V_s, V_y) = 0 with the cumulants of
/// p·g(θ)/(1 − κ·y) + π·g(θ). Its second derivatives in y give Σ = ε/V_yy along dt = ds/K_p; its first ones the ridge
/// V_y = 0, dμ/dt = K_π + ΣK_y, to which the path need not be equal; and zero current in s at fixed p gives Φ′. The
/// curvature κ of the path enters by z, by ∂²U and by Itô's terms with ∇∇s = κtᵀ + tκᵀ and ∇∇y = −κttᵀ. On a straight line
/// that the drift keeps it is ``TiltedClimb``.
///
/// Modes that are softer than a cut, or fall, keep their place: the path does not follow them either.
struct CarriedClimb: Sendable {
  private let base: BasinClimb
  private let part: BasinClimb.Part
  private let learningRate: Double
  private let stations: [ClimbStation]
  /// The least effective number of samples on the way, as a share of all.
  let effectiveShare: Double

  /// With products of matrices of this size a time takes some ten seconds.
  private static let largestSpan = 200

  /// - Parameters:
  ///   - epsilon: ε = h/B, near which times will be asked for.
  ///   - cut: on curvatures across the path.
  /// - Throws: `NumericalFailure` where no barrier is left, or noise reaches too many directions.
  init(
    _ base: BasinClimb, in landscape: some NetworkLandscape, noiseScale epsilon: Double,
    learningRate h: Double, cut: Double, steps: Int = 24
  ) throws {
    part = .allCumulants(above: cut)
    guard let trap = base.trap(part, noiseScale: epsilon, learningRate: h) else {
      throw NumericalFailure.noBarrier
    }
    let slopes = try CubicSpline(
      base.places.map(\.arcLength), base.slopes(part, noiseScale: epsilon, learningRate: h))
    // The climb stands still at both ends.
    let margin = 0.02 * (trap.saddle - trap.minimum)
    let (from, to) = (trap.minimum + 1.5 * margin, trap.saddle - margin)
    let basis = try landscape.noisySpan(of: base.curve, from: from, to: to)
    guard basis.columns <= Self.largestSpan else {
      throw NumericalFailure(
        "noise reaches \(basis.columns) directions across the path, but their covariance is carried along in up to \(Self.largestSpan); see the row `noise across the valley`"
      )
    }
    let curve = base.curve
    let looks = parallelMap(count: steps + 1) { i -> Result<ClimbStation, any Error> in
      Result {
        let s = from + (to - from) * Double(i) / Double(steps)
        return try ClimbStation(
          landscape, at: curve(s), tilt: epsilon * slopes(s), basis: basis, learningRate: h,
          cut: cut)
      }
    }
    stations = try looks.map { try $0.get() }
    effectiveShare = stations.map(\.effectiveShare).min()!
    self.base = base
    learningRate = h
  }

  /// ln of the mean time from the minimum to the end of the path.
  ///
  /// - Parameter epsilon: near that of the stations.
  /// - Throws: `NumericalFailure` where the climb cannot be followed.
  func logMeanFirstPassageTime(noiseScale epsilon: Double) throws -> Double {
    let adiabatic = try CubicSpline(
      base.places.map(\.arcLength),
      base.slopes(part, noiseScale: epsilon, learningRate: learningRate))
    let lengths = stations.map(\.place.arcLength)
    let slopes = try climb(from: lengths.map { adiabatic($0) }, noiseScale: epsilon)
    let change = try CubicSpline(lengths, zip(lengths, slopes).map { $1 - adiabatic($0) })
    return try base.logMeanFirstPassageTime(
      part, noiseScale: epsilon, learningRate: learningRate, change: { change($0) })
  }

  /// Φ′ at every station.
  ///
  /// - Parameter guesses: about those.
  private func climb(from guesses: [Double], noiseScale epsilon: Double) throws -> [Double] {
    var state = ClimbState(restingAt: stations[0], noiseScale: epsilon)
    var (phi, speed) = try state.solve(at: stations[0], near: guesses[0], noiseScale: epsilon)
    var found = [phi]
    for i in 1..<stations.count {
      let (last, next) = (stations[i - 1], stations[i])
      let stride = next.place.arcLength - last.place.arcLength
      let carried = state.moved(from: last, to: next)
      state = carried
      var (newPhi, newSpeed) = (phi * guesses[i] / guesses[i - 1], speed)
      for _ in 0..<3 {
        let look = last.look(tilt: epsilon * phi).mixed(
          with: next.look(tilt: epsilon * newPhi), share: 0.5)
        state = carried.advanced(
          under: look, at: next, phi: 0.5 * (phi + newPhi), noiseScale: epsilon,
          learningRate: learningRate, in: stride / (0.5 * (speed + newSpeed)), guess: state)
        (newPhi, newSpeed) = try state.solve(at: next, near: newPhi, noiseScale: epsilon)
      }
      (phi, speed) = (newPhi, newSpeed)
      found.append(phi)
    }
    return found
  }
}
