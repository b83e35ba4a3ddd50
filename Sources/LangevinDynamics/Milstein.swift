public import Escapes
public import NumericalMethods

/// A `DriftDiffusion` of one coordinate and one noise, simulated (Itô) by the scheme of Milstein:
///
/// ```
/// dX = b(X) dt + √(2ε) σ(X) dW        a = √(2ε dt)
///
/// X ← X + dt b(X) + a σ(X) ξ + ½a² σ(X)σ′(X)(ξ² − 1)
/// ```
///
/// Without derivatives: a σσ′ is taken as σ(Y) − σ(X) at Y = X + dt b(X) + a σ(X), which changes no order. A step takes b
/// and σ four times, as a description has no σ of its own but a step.
///
/// Strong order 1, where ``EulerMaruyama`` has ½; weak order 1, as that. Additive noise makes the last term zero, and a
/// Brownian bridge then sees passages between two steps; elsewhere they are counted at the end of a step, late by O(√dt).
///
/// One coordinate only: several noises that do not commute would need their iterated integrals, which no sum of
/// normals has.
///
/// It runs on the vectorised engine where the description is a `LaneDriftDiffusion`.
///
/// Source: G. N. Milstein, Theory Probab. Appl. 19, 557 (1975), doi:10.1137/1119062; without derivatives, P. E. Kloeden and
/// E. Platen, Numerical Solution of Stochastic Differential Equations, section 11.1.
public struct Milstein<Process: DriftDiffusion>: IntegratedProcess {
  /// Drift and diffusion.
  public let process: Process
  /// ε: the temperature, or h/B.
  public let noiseScale: Double
  /// dt.
  public let timeStep: Double
  /// √(2ε dt).
  @usableFromInline let amplitude: Double

  /// - Throws: `InvalidInput` unless there is one coordinate with one noise, ε ≥ 0 and dt > 0.
  public init(_ process: Process, noiseScale: Double, timeStep: Double) throws {
    guard process.dimension == 1, process.normalCount == 1 else {
      throw InvalidInput(
        "Milstein's scheme is for one coordinate with one noise, but there are \(process.dimension) coordinates and \(process.normalCount) noises; use EulerMaruyama or StochasticHeun"
      )
    }
    try Require.nonNegative("noise ε", noiseScale)
    try Require.positive("time step dt", timeStep)
    self.process = process
    self.noiseScale = noiseScale
    self.timeStep = timeStep
    amplitude = (2 * noiseScale * timeStep).squareRoot()
  }

  public var scheme: IntegrationScheme {
    IntegrationScheme(
      "Milstein", process.hasUnitDiffusion ? .either : .ito, strongOrder: 1, weakOrder: 1,
      stationaryOrder: process.hasUnitDiffusion ? 1 : nil, driftsPerStep: 4)
  }

  public var dimension: Int { 1 }
  public var scratchCount: Int { 2 + process.scratchCount }
  public var coordinateVariance: Double? {
    process.hasUnitDiffusion ? amplitude * amplitude : nil
  }

  @inlinable
  public func step(
    _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let (normal, point) = (scratch, scratch + 1)
    // x + dt b(x) + a σ(x) ξ.
    func moved(_ x: Double, _ xi: Double) -> Double {
      normal.pointee = xi
      point.pointee = x
      process.advance(
        point, timeStep: timeStep, amplitude: amplitude, normals: normal, scratch: point + 1)
      return point.pointee
    }
    let still = moved(state[0], 0)
    guard amplitude > 0 else {
      state[0] = still
      return
    }
    let support = moved(state[0], 1)
    let here = support - still
    let there = moved(support, 1) - moved(support, 0)
    let xi = random.normal()
    state[0] = still + here * xi + 0.5 * (there - here) * (xi * xi - 1)
  }
}

extension Milstein: LaneProcess where Process: LaneDriftDiffusion {
  public var laneScratchCount: Int { 2 + process.laneScratchCount }

  @inlinable @inline(__always)
  public func step<Vector: Lanes>(
    lanes state: UnsafeMutablePointer<Vector>, random: inout LaneRandom<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    let (normal, point) = (scratch, scratch + 1)
    let one = Vector(repeating: 1)
    func moved(_ x: Vector, _ xi: Vector) -> Vector {
      normal.pointee = xi
      point.pointee = x
      process.advance(
        lanes: point, timeStep: timeStep, amplitude: amplitude, normals: normal,
        scratch: point + 1)
      return point.pointee
    }
    let still = moved(state[0], .zero)
    let support = moved(state[0], one)
    let here = support - still
    let there = moved(support, one) - moved(support, .zero)
    let xi = random.normal()
    let correction = Vector(repeating: 0.5) * (there - here) * (xi * xi - one)
    state[0] = xi.multiplied(by: here, adding: still) + correction
  }
}
