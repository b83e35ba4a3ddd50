import Escapes
import KramersRates
import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

@Suite struct MinimumActionDegenerateTests {
  let method: MinimumActionMethod

  init() throws { method = try MinimumActionMethod() }

  /// dx = v dt, dv = (f(x) − γv) dt + √(2εγ) dW: noise in v only. Φ = v²/2 + E(x).
  private func underdamped(
    friction: Double, force: @escaping @Sendable (Double) -> Double
  ) -> ClosureDriftDiffusion {
    ClosureDriftDiffusion(
      dimension: 2, drift: { [$0[1], force($0[0]) - friction * $0[1]] },
      diffusion: { _ in .diagonal([0, friction]) })
  }

  // From (0, 0) to (1, 0) in E = kx²/2: k/2. At finite δ the Lyapunov equation is solved by hand with
  // D̂ = diag(p, q): Σxv = −p, Σvv = (q + kp)/γ, Σxx = (Σvv + γp)/k.
  @Test func linearUnderdampedMotion() throws {
    let friction = 3.0
    let result = try method.regularisedLimit(
      of: underdamped(friction: friction, force: { -$0 }), from: [0, 0], to: [1, 0])
    for entry in result.sequence {
      let p = 0.5 * entry.regularisation * friction
      let q = friction + p
      let (xv, vv) = (-p, (q + p) / friction)
      let xx = vv + friction * p
      let exact = 0.5 * vv / (xx * vv - xv * xv)
      expectClose(entry.path.quasiPotentialBarrier, to: exact, relative: 2e-3)
    }
    expectClose(try #require(result.quasiPotentialBarrier), to: 0.5, relative: 5e-3)
  }

  // The friction leaves the barrier alone: ΔΦ = ΔE = 1/4.
  @Test func underdampedDoubleWell() throws {
    let result = try method.regularisedLimit(
      of: underdamped(friction: 4, force: { $0 - $0 * $0 * $0 }), from: [-1, 0], to: [0, 0])
    expectClose(try #require(result.quasiPotentialBarrier), to: 0.25, relative: 5e-3)
  }

  // The double well has no noise and nothing couples to it.
  @Test func missingNoiseIsAbsorbing() throws {
    let process = ClosureDriftDiffusion(
      dimension: 2, drift: { [$0[0] - $0[0] * $0[0] * $0[0], -$0[1]] },
      diffusion: { _ in .diagonal([0, 1]) })
    let result = try method.regularisedLimit(of: process, from: [-1, 0], to: [0, 0])
    #expect(result.limit == .absorbing(.noiseMissingAlongPath))
    #expect(result.quasiPotentialBarrier == .infinity)
    // 1/4 over the noise δ/2 that the regularisation adds.
    for entry in result.sequence {
      expectClose(
        entry.path.quasiPotentialBarrier, to: 0.5 / entry.regularisation, relative: 1e-3)
    }
  }

  // Learning a feature from zero weights: C_ss ∝ s⁴ there, and SGD stays for ever.
  @Test func unlearnedModeIsAbsorbing() throws {
    let mode = try DeepLinearMode(singularValue: 0.8, depth: 3, weightDecay: 0.33)
    let line = try BalancedLineEscape(mode: mode)
    let noise = ModeNoise.gaussian(singularValue: 0.8)
    let process = StochasticGradientDrift(mode) { s in
      Matrix(rows: 1, columns: 1, elements: [noise.covariance(of: mode, arcLength: s[0])])
    }
    let result = try method.regularisedLimit(of: process, from: [0], to: [line.saddle])
    #expect(result.limit == .absorbing(.noiseVanishesAtEnd))
    #expect(result.sequence.isEmpty && result.quasiPotentialBarrier == .infinity)
    #expect(throws: InvalidInput.self) {
      try method.path(of: process, from: [0], to: [line.saddle])
    }
  }

  // D̂ = |x| vanishes at the start, yet ∫ E′/D̂ = ∫ 1 converges.
  @Test func vanishingNoiseMayBeHarmless() throws {
    let process = ClosureDriftDiffusion(
      dimension: 1, drift: { [-$0[0]] },
      diffusion: { Matrix(rows: 1, columns: 1, elements: [abs($0[0])]) })
    let result = try method.regularisedLimit(of: process, from: [0], to: [0.7])
    expectClose(try #require(result.quasiPotentialBarrier), to: 0.7, relative: 1e-3)
  }

  @Test func noNoiseAtAllIsAbsorbing() throws {
    let process = ClosureDriftDiffusion(
      dimension: 1, drift: { [-$0[0]] }, diffusion: { _ in Matrix(rows: 1, columns: 1) })
    let result = try method.regularisedLimit(of: process, from: [0], to: [1])
    #expect(result.limit == .absorbing(.noiseMissingAlongPath))
  }

  @Test func regularNoiseHasTheSameLimit() throws {
    let result = try method.regularisedLimit(
      of: MaierStein(alpha: 10), from: [-1, 0], to: [0, 0])
    expectClose(try #require(result.quasiPotentialBarrier), to: 0.1700207, relative: 1e-4)
  }

  @Test func refusals() throws {
    let process = MaierStein(alpha: 1)
    let degenerate = ClosureDriftDiffusion(
      dimension: 2, drift: { [-$0[0], -$0[1]] }, diffusion: { _ in .diagonal([0, 1]) })
    func refusal<R>(_ body: () throws -> R) -> String? {
      do { _ = try body() } catch { return "\(error)" }
      return nil
    }
    #expect(
      refusal { try MinimumActionMethod(segments: 2) }
        == "number of segments must be at least 4, but is 2")
    #expect(
      refusal { try method.path(of: process, from: [-1], to: [0, 0]) }
        == "a point of the path must have 2 finite coordinates, but is [-1.0]")
    #expect(
      refusal { try method.path(of: process, from: [-1, 0], to: [-1, 0]) }
        == "neighbouring points of the path must differ, but two are [-1.0, 0.0]; give the path two distinct ends"
    )
    #expect(
      refusal { try method.path(of: degenerate, from: [0, 0], to: [1, 0]) }?.hasSuffix(
        "regularise degenerate noise") == true)
    #expect(
      refusal {
        try method.regularisedLimit(
          of: degenerate, from: [0, 0], to: [1, 0], regularisations: [1e-2, 1e-3, 1e-5])
      }
        == "the regularisations δ must decrease by a constant factor, but 0.001 is followed by 1e-05"
    )
    #expect(
      refusal { try method.passage(of: process, from: [-1, 0], into: [-0.5, 0]) }?.contains(
        "crosses 0 points of rest") == true)
    // From A over two saddles and the intermediate minimum of the Müller–Brown surface into B.
    #expect(
      refusal {
        try method.passage(
          of: GradientDrift(MullerBrown()), from: [-0.558223634633024, 1.441725841804669],
          into: [0.623499404930877, 0.028037758528686])
      }?.contains("crosses 3 points of rest") == true)
  }
}
