public import Escapes
public import NumericalMethods

/// Any `DriftDiffusion`, simulated (Itô) by Euler and Maruyama:
///
/// ```
/// dX = b(X) dt + √(2ε) σ(X) dW        X ← X + dt b(X) + √(2ε dt) σ(X) ξ
/// ```
///
/// b and σ are taken at the old X. Weak order 1 where b and σ are smooth and grow at most linearly; where they grow
/// faster a step that is too large runs away, which counts as diverged. ε = 0 is Euler's method for b, and
/// draws nothing. For `GradientDrift` the steps are those of ``OverdampedLangevin``, to the bit.
///
/// Where D̂ = I, passages between two steps are seen (a Brownian bridge); elsewhere they are counted at the end
/// of a step, late by O(√dt).
///
/// It runs on the vectorised engine where the description is a `LaneDriftDiffusion`.
///
/// Source: P. E. Kloeden and E. Platen, Numerical Solution of Stochastic Differential Equations,
/// sections 10.2 and 14.1.
public struct EulerMaruyama<Process: DriftDiffusion>: StochasticProcess {
  /// Drift and diffusion.
  public let process: Process
  /// ε: the temperature, or h/B.
  public let noiseScale: Double
  /// dt.
  public let timeStep: Double
  /// √(2ε dt).
  @usableFromInline let amplitude: Double

  /// - Throws: `InvalidInput` unless ε ≥ 0 and dt > 0.
  public init(_ process: Process, noiseScale: Double, timeStep: Double) throws {
    try Require.nonNegative("noise ε", noiseScale)
    try Require.positive("time step dt", timeStep)
    self.process = process
    self.noiseScale = noiseScale
    self.timeStep = timeStep
    amplitude = (2 * noiseScale * timeStep).squareRoot()
  }

  public var dimension: Int { process.dimension }
  public var scratchCount: Int { process.normalCount + process.scratchCount }
  public var coordinateVariance: Double? {
    process.hasUnitDiffusion ? amplitude * amplitude : nil
  }

  @inlinable
  public func step(
    _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let count = process.normalCount
    if amplitude == 0 {
      scratch.update(repeating: 0, count: count)
    } else {
      random.fillNormals(scratch, count)
    }
    process.advance(
      state, timeStep: timeStep, amplitude: amplitude, normals: scratch,
      scratch: scratch + count)
  }
}

extension EulerMaruyama: LaneProcess where Process: LaneDriftDiffusion {
  public var laneScratchCount: Int { process.normalCount + process.laneScratchCount }

  @inlinable @inline(__always)
  public func step<Vector: Lanes>(
    lanes state: UnsafeMutablePointer<Vector>, random: inout LaneRandom<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    let count = process.normalCount
    for i in 0..<count { scratch[i] = amplitude == 0 ? .zero : random.normal() }
    process.advance(
      lanes: state, timeStep: timeStep, amplitude: amplitude, normals: scratch,
      scratch: scratch + count)
  }
}
