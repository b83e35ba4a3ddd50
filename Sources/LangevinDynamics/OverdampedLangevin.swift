public import Landscapes
public import NumericalMethods

/// Overdamped Langevin dynamics at unit mobility (k_B = 1, Itô), by Euler and Maruyama:
///
/// ```
/// dθ = −∇E dt + √(2T) dW        θ ← θ − dt ∇E(θ) + √(2T dt) ξ
/// ```
///
/// Weak order 1; stationary density ∝ exp(−E/T) up to O(dt). T is a temperature in loss units. T = 0 is
/// gradient descent.
///
/// Source: P. E. Kloeden and E. Platen, Numerical Solution of Stochastic Differential Equations,
/// section 10.2.
public struct OverdampedLangevin<Landscape: EnergyLandscape>: LaneProcess {
  public let landscape: Landscape
  /// T, in loss units.
  public let temperature: Double
  public let timeStep: Double
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

  public var dimension: Int { landscape.dimension }
  public var scratchCount: Int { dimension + landscape.scratchCount }
  public var coordinateVariance: Double? { amplitude * amplitude }

  public func step(
    _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let count = landscape.dimension
    landscape.gradient(at: state, into: scratch, scratch: scratch + count)
    if amplitude == 0 {
      for i in 0..<count { state[i] -= timeStep * scratch[i] }
    } else {
      for i in 0..<count { state[i] += amplitude * random.normal() - timeStep * scratch[i] }
    }
  }
  public var laneScratchCount: Int { dimension + landscape.laneScratchCount }

  @inlinable @inline(__always)
  public func step<Vector: Lanes>(
    lanes state: UnsafeMutablePointer<Vector>, random: inout LaneRandom<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    let count = landscape.dimension
    landscape.gradient(lanes: state, into: scratch, scratch: scratch + count)
    let descent = Vector(repeating: -timeStep)
    let amplitude = Vector(repeating: amplitude)
    for i in 0..<count {
      let moved = scratch[i].multiplied(by: descent, adding: state[i])
      state[i] = random.normal().multiplied(by: amplitude, adding: moved)
    }
  }
}
