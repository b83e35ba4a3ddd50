public import Escapes
public import NumericalMethods

/// Any `DriftDiffusion` by the stochastic scheme of Heun, in Stratonovich's reading or in Itô's:
///
/// ```
/// dX = b(X) dt + √(2ε) σ(X) ∘ dW      a = √(2ε dt)
///
/// K₁ = dt b(X) + a σ(X)(ξ − S)
/// K₂ = dt b(X + K₁) + a σ(X + K₁)(ξ + S)
/// X ← X + ½(K₁ + K₂)
/// ```
///
/// S = 0 is Heun's scheme: σ is averaged over both ends of the step, so it converges to Stratonovich's equation, which is
/// Itô's with the drift b + ε Σₖ (σₖ·∇)σₖ, σₖ the columns of σ. (On average ½a² Σₖₗ ⟨ξₖξₗ⟩(σₗ·∇)σₖ = dt ε Σₖ (σₖ·∇)σₖ
/// comes from σ(X + K₁) − σ(X).) To solve Itô's equation by it that drift would have to be taken off b, which needs ∇σ.
/// With signs Sₖ = ±1, independent and equally likely, ⟨(ξₖ + Sₖ)(ξₗ − Sₗ)⟩ = 0 and it comes out by itself: `calculus` Itô,
/// which is how `DriftDiffusion` is meant. For one noise the term is ½a²(ξ² − 1)σσ′, ``Milstein``'s.
///
/// Additive noise, D̂ = I: both are one, S = 0, strong order 1, weak and stationary order 2. In a harmonic well of curvature
/// ω, with x = ω dt, ⟨X²⟩ = (T/ω)(1 − x/2)²/(1 − x + x²/2 − x³/8); stable for x < 2. In the quartic double well ln τ is off
/// by less than 0.003 at ΔE/T = 2…10 and dt = 0.1, where Euler–Maruyama is off by 0.030 to 0.039. Passages between two steps are seen
/// (a Brownian bridge), to leading order in dt, since the drift within a step is not constant.
///
/// Else: strong order 1 for one noise or noises that commute, else ½; weak order 1; no bridge.
///
/// A step takes b and σ twice. ε = 0 is Heun's method for b, of order 2, and draws nothing on the reference engine. It
/// runs on the vectorised engine where the description is a `LaneDriftDiffusion`.
///
/// Source: W. Rümelin, SIAM J. Numer. Anal. 19, 604 (1982), doi:10.1137/0719041; with signs, A. J. Roberts,
/// arXiv:1210.0933; orders with additive noise, P. E. Kloeden and E. Platen, Numerical Solution of Stochastic Differential
/// Equations, section 15.1.
public struct StochasticHeun<Process: DriftDiffusion>: IntegratedProcess {
  /// Drift and diffusion.
  public let process: Process
  /// ε: the temperature, or h/B.
  public let noiseScale: Double
  /// dt.
  public let timeStep: Double
  /// How σ dW is read: Itô's or Stratonovich's equation is solved.
  public let calculus: IntegrationScheme.Calculus
  /// √(2ε dt).
  @usableFromInline let amplitude: Double
  /// Whether S ≠ 0.
  @usableFromInline let drawsSigns: Bool

  /// - Parameter calculus: where the noise is additive, either means both.
  /// - Throws: `InvalidInput` unless ε ≥ 0 and dt > 0, or where noise that depends on the state is to be read in
  ///   either way.
  public init(
    _ process: Process, noiseScale: Double, timeStep: Double,
    calculus: IntegrationScheme.Calculus
  ) throws {
    try Require.nonNegative("noise ε", noiseScale)
    try Require.positive("time step dt", timeStep)
    guard calculus != .either || process.hasUnitDiffusion else {
      throw InvalidInput(
        "the noise depends on the state, so Itô's and Stratonovich's equations differ; name one of them"
      )
    }
    self.process = process
    self.noiseScale = noiseScale
    self.timeStep = timeStep
    self.calculus = process.hasUnitDiffusion ? .either : calculus
    amplitude = (2 * noiseScale * timeStep).squareRoot()
    drawsSigns = self.calculus == .ito && amplitude > 0
  }

  public var scheme: IntegrationScheme {
    process.hasUnitDiffusion
      ? .additiveHeun
      : IntegrationScheme(
        IntegrationScheme.additiveHeun.name, calculus,
        strongOrder: process.normalCount == 1 ? 1 : 0.5,
        weakOrder: 1, stationaryOrder: nil, driftsPerStep: 2)
  }

  public var dimension: Int { process.dimension }
  /// Two sets of normals and X at the start of the step.
  public var scratchCount: Int { 2 * process.normalCount + dimension + process.scratchCount }
  public var coordinateVariance: Double? {
    process.hasUnitDiffusion ? amplitude * amplitude : nil
  }

  @inlinable
  public func step(
    _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let (count, noises) = (process.dimension, process.normalCount)
    let (first, second, start) = (scratch, scratch + noises, scratch + 2 * noises)
    if amplitude == 0 {
      first.update(repeating: 0, count: noises)
    } else {
      random.fillNormals(first, noises)
    }
    for k in 0..<noises {
      let sign = drawsSigns ? (random.uniform() < 0.5 ? -1.0 : 1) : 0
      second[k] = first[k] + sign
      first[k] -= sign
    }
    for i in 0..<count { start[i] = state[i] }
    process.advance(
      state, timeStep: timeStep, amplitude: amplitude, normals: first, scratch: start + count)
    process.advance(
      state, timeStep: timeStep, amplitude: amplitude, normals: second, scratch: start + count)
    // X + K₁ + K₂, half-way back to X.
    for i in 0..<count { state[i] = 0.5 * (start[i] + state[i]) }
  }
}

extension StochasticHeun: LaneProcess where Process: LaneDriftDiffusion {
  public var laneScratchCount: Int {
    2 * process.normalCount + dimension + process.laneScratchCount
  }

  @inlinable @inline(__always)
  public func step<Vector: Lanes>(
    lanes state: UnsafeMutablePointer<Vector>, random: inout LaneRandom<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    let (count, noises) = (process.dimension, process.normalCount)
    let (first, second, start) = (scratch, scratch + noises, scratch + 2 * noises)
    for k in 0..<noises {
      let normal = amplitude == 0 ? .zero : random.normal()
      if drawsSigns {
        // ±1, or 0 in a draw of exactly ½.
        let side = random.uniform() - Vector(repeating: 0.5)
        let size = side.maximum(.zero - side).maximum(Vector(repeating: 1e-30))
        let sign = side / size
        first[k] = normal - sign
        second[k] = normal + sign
      } else {
        first[k] = normal
        second[k] = normal
      }
    }
    for i in 0..<count { start[i] = state[i] }
    process.advance(
      lanes: state, timeStep: timeStep, amplitude: amplitude, normals: first,
      scratch: start + count)
    process.advance(
      lanes: state, timeStep: timeStep, amplitude: amplitude, normals: second,
      scratch: start + count)
    let half = Vector(repeating: 0.5)
    for i in 0..<count { state[i] = half * (start[i] + state[i]) }
  }
}
