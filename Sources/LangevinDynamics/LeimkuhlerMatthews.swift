public import Landscapes
public import NumericalMethods

/// Overdamped Langevin dynamics at unit mobility (k_B = 1), by the scheme of Leimkuhler and Matthews:
///
/// ```
/// dθ = −∇E dt + √(2T) dW
///
/// X_{n+1} = X_n − dt ∇E(X_n) + √(2T dt) ½(R_n + R_{n+1})
/// ```
///
/// R_n standard normals, each of which enters two steps. With Z_n = X_n − ½√(2T dt) R_n it is a Markov chain with noise
/// of its own in every step, and that is how it is run here:
///
/// ```
/// X = Z + ½√(2T dt) R,      Z ← Z + √(2T dt) R − dt ∇E(X)
/// ```
///
/// The gradient is taken half-way of the noise. X is the mid-point of the path from Z to the next Z, and Z is the state:
/// chains in X and in Z have the same relaxation times, but the increments of Z are white, so a Brownian bridge from Z to
/// the next Z sees the passages between them. It is exact for the path Z + √(2T) W(t) − t∇E(X), as it is for
/// ``OverdampedLangevin``.
///
/// Additive noise, so Itô and Stratonovich agree. Strong order 1, weak order 1. The stationary law of X is exp(−E/T) up to
/// O(dt²); a point of it is Z + ½√(2T dt) ξ with a fresh normal ξ. In a harmonic well of curvature ω ⟨X²⟩ = T/ω is exact,
/// and ⟨Z²⟩ = (T/ω)(1 − ω dt/2). Stable for ω dt < 2. T = 0 is gradient descent.
///
/// The lifetime of a well is not of second order: with the stationary law, only the rate of the unstable mode at the
/// saddle is off, by ln(1 + |ω₋|dt) for |ω₋|dt, so that
///
/// ```
/// Δ ln τ = ½|ω₋|dt + O(dt²)
/// ```
///
/// from that one mode, where Euler–Maruyama has (dt/4)(Σ|ω_saddle| − Σω_minimum) from all of them: worse on a line, better
/// with many directions.
///
/// Source: B. Leimkuhler and C. Matthews, Appl. Math. Res. Express 2013, 34 (2013), doi:10.1093/amrx/abs010; in Z,
/// G. Vilmart, SIAM J. Sci. Comput. 37, A201 (2015), doi:10.1137/140974328.
public struct LeimkuhlerMatthews<Landscape: EnergyLandscape>: LaneProcess, IntegratedProcess {
  public let landscape: Landscape
  /// T, in loss units.
  public let temperature: Double
  public let timeStep: Double
  /// √(2T dt).
  @usableFromInline let amplitude: Double

  /// - Throws: `InvalidInput` unless T ≥ 0 and dt > 0.
  public init(landscape: Landscape, temperature: Double, timeStep: Double) throws {
    try Require.nonNegative("temperature T", temperature)
    try Require.positive("time step dt", timeStep)
    self.landscape = landscape
    self.temperature = temperature
    self.timeStep = timeStep
    amplitude = (2 * temperature * timeStep).squareRoot()
  }

  public var scheme: IntegrationScheme { .leimkuhlerMatthews }

  public var dimension: Int { landscape.dimension }
  /// X and the gradient there.
  public var scratchCount: Int { 2 * dimension + landscape.scratchCount }
  public var laneScratchCount: Int { 2 * dimension + landscape.laneScratchCount }
  public var coordinateVariance: Double? { amplitude * amplitude }

  public func step(
    _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let count = landscape.dimension
    let middle = scratch
    let gradient = scratch + count
    for i in 0..<count {
      middle[i] = amplitude == 0 ? state[i] : state[i] + 0.5 * amplitude * random.normal()
    }
    landscape.gradient(at: middle, into: gradient, scratch: gradient + count)
    // Z + 2(X − Z), less the descent.
    for i in 0..<count { state[i] = 2 * middle[i] - state[i] - timeStep * gradient[i] }
  }

  @inlinable @inline(__always)
  public func step<Vector: Lanes>(
    lanes state: UnsafeMutablePointer<Vector>, random: inout LaneRandom<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    let count = landscape.dimension
    let middle = scratch
    let gradient = scratch + count
    let half = Vector(repeating: 0.5 * amplitude)
    for i in 0..<count { middle[i] = random.normal().multiplied(by: half, adding: state[i]) }
    landscape.gradient(lanes: middle, into: gradient, scratch: gradient + count)
    let descent = Vector(repeating: -timeStep)
    for i in 0..<count {
      let mirrored = middle[i] + (middle[i] - state[i])
      state[i] = gradient[i].multiplied(by: descent, adding: mirrored)
    }
  }
}
