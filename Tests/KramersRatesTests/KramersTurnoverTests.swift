import KramersRates
import Landscapes
import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct DepopulationFactorTests {
  // ln(1 − e^{−y}) = −Σ e^{−ny}/n, and (1/2π)∫ e^{−a(λ²+1/4)}/(λ²+1/4) dλ = erfc(√a/2):
  // ln A = −Σ erfc(√(nΔ)/2)/n.
  @Test(arguments: [0.05, 0.5, 2, 10, 60]) func seriesOfErrorFunctions(_ delta: Double) throws {
    var sum = 0.0
    for n in 1...20_000 { sum -= erfc(0.5 * (Double(n) * delta).squareRoot()) / Double(n) }
    let factor = try DepopulationFactor(energyLoss: delta)
    expectClose(factor.logarithm, to: sum, relative: 1e-9)
    // d/dΔ of the series, times Δ.
    var slope = 0.0
    for n in 1...20_000 {
      let a = Double(n) * delta
      slope += exp(-a / 4) * (a / .pi).squareRoot() / (2 * Double(n))
    }
    expectClose(factor.logarithmicDerivative, to: slope, relative: 1e-9)
  }

  // A = Δ·exp(ζ(½)√(Δ/π) + O(Δ)), ζ(½) = −1.4603545.
  @Test(arguments: [1e-8, 1e-6, 1e-4]) func smallLoss(_ delta: Double) throws {
    let factor = try DepopulationFactor(energyLoss: delta)
    expectClose(
      factor.logarithm - log(delta), to: -1.4603545 * (delta / .pi).squareRoot(),
      absolute: 2 * delta + 1e-9)
    expectClose(factor.logarithmicDerivative, to: 1, absolute: 0.5 * delta.squareRoot())
  }

  @Test func largeLoss() throws {
    expectClose(try DepopulationFactor(energyLoss: 50).value, to: 1, absolute: 1e-5)
    #expect(try DepopulationFactor(energyLoss: 1e4).value == 1)
    #expect(throws: InvalidInput("energy loss per orbit Δ must be positive and finite, but is 0.0"))
    { try DepopulationFactor(energyLoss: 0) }
  }
}

@Suite struct BarrierActionTests {
  // p = |x|√(1 − x²/2) up to x₁ = √2: I = 4/3. With a cubic well E = x²/2 − x³/3, p = (1 − x)√((1 + 2x)/3)
  // from −1/2: I = 6/5.
  @Test func closedForms() throws {
    let well = QuarticDoubleWell()
    expectClose(try barrierAction(of: well, minimum: -1, saddle: 0), to: 4.0 / 3, relative: 1e-9)
    expectClose(try barrierAction(of: well, minimum: 1, saddle: 0), to: 4.0 / 3, relative: 1e-9)
    let cubic = ClosureLandscape(
      dimension: 1, energy: { $0[0] * $0[0] * (0.5 - $0[0] / 3) },
      gradient: { $1[0] = $0[0] * (1 - $0[0]) })
    expectClose(try barrierAction(of: cubic, minimum: 0, saddle: 1), to: 1.2, relative: 1e-9)
  }

  @Test func openWellsAreRefused() {
    // A well below E = 0 next to a bump of height ½; on the far side E stays below it.
    let open = ClosureLandscape(
      dimension: 1, energy: { -exp(-$0[0] * $0[0]) + 0.5 * exp(-($0[0] - 4) * ($0[0] - 4)) },
      gradient: {
        $1[0] =
          2 * $0[0] * exp(-$0[0] * $0[0]) - ($0[0] - 4) * exp(-($0[0] - 4) * ($0[0] - 4))
      })
    #expect(
      throws: InvalidInput(
        "the well at 0.0 is open on the side away from the saddle at 4.0; energy diffusion needs a closed orbit"
      )
    ) { try barrierAction(of: open, minimum: 0, saddle: 4) }
    #expect(throws: InvalidInput.self) {
      try barrierAction(of: MullerBrown(), minimum: 0, saddle: 1)
    }
  }
}

@Suite struct KramersTurnoverTests {
  static let temperature = 0.02

  private func theory(
    _ friction: Double, _ regime: KramersTurnover.Regime = .interpolation, wells: Int = 1
  ) throws -> KramersTurnover {
    try KramersTurnover(
      landscape: QuarticDoubleWell(), minimum: -1, saddle: 0, productMinimum: wells == 2 ? 1 : nil,
      friction: friction, regime: regime)
  }

  private func logTime(
    _ friction: Double, _ regime: KramersTurnover.Regime = .interpolation, wells: Int = 1
  ) throws -> Double {
    try theory(friction, regime, wells: wells).prediction(temperature: Self.temperature)
      .logMeanFirstPassageTime
  }

  @Test(arguments: [1, 2]) func meetsBothLimits(_ wells: Int) throws {
    // Δ = γ·(4/3)/T = 7e-5: A/Δ = 1 − 0.824√Δ = 0.993.
    let weak = 1e-6
    expectClose(
      try logTime(weak, wells: wells), to: try logTime(weak, .energyDiffusion, wells: wells),
      absolute: 0.01)
    for strong in [1.0, 10, 100] {
      expectClose(
        try logTime(strong, wells: wells),
        to: try logTime(strong, .spatialDiffusion, wells: wells), absolute: 0.01)
    }
  }

  // Two equal wells share the particles above the barrier: half the rate of a single well.
  @Test func aSecondWellHalvesTheWeakRate() throws {
    expectClose(
      try logTime(1e-4, .energyDiffusion, wells: 2) - logTime(1e-4, .energyDiffusion),
      to: log(2), absolute: 1e-12)
  }

  @Test func textbookPrefactors() throws {
    // k = (γI/T)(ω₀/2π)e^{−ΔE/T}, I = 4/3, ω₀ = √2.
    let t = Self.temperature
    expectClose(
      try logTime(1e-3, .energyDiffusion),
      to: -log(1e-3 * 4 / 3 / t * 2.0.squareRoot() / (2 * .pi)) + 0.25 / t, absolute: 1e-8)
    // √(γ²/4 + 1) − γ/2 at γ = 3/2 is 1/2.
    expectClose(
      try logTime(1.5, .spatialDiffusion),
      to: -log(0.5 * 2.0.squareRoot() / (2 * .pi)) + 0.25 / t, absolute: 1e-12)
  }

  // t = γs: τ/γ tends to Kramers' overdamped time, with relative error ω_b²/γ².
  @Test func overdampedLimit() throws {
    let overdamped = try KramersOverdamped(landscape: QuarticDoubleWell(), minimum: -1, saddle: 0)
      .logMeanFirstPassageTime(temperature: Self.temperature)
    for friction in [20.0, 40, 1e4] {
      let error = try expm1(logTime(friction) - log(friction) - overdamped)
      expectClose(
        error, to: 1 / (friction * friction), relative: 0.01, absolute: 1e-11)
    }
  }

  @Test(arguments: [1, 2]) func turnoverHasOneMaximum(_ wells: Int) throws {
    let frictions = (0...60).map { pow(10, -4 + 0.1 * Double($0)) }
    let rates = try frictions.map { -(try logTime($0, wells: wells)) }
    let best = try #require(rates.indices.max { rates[$0] < rates[$1] })
    #expect(best > 0 && best < rates.count - 1)
    #expect((0..<best).allSatisfy { rates[$0] < rates[$0 + 1] })
    #expect((best..<(rates.count - 1)).allSatisfy { rates[$0] > rates[$0 + 1] })
    // Between the limits everywhere, and below transition-state theory.
    for (friction, rate) in zip(frictions, rates) {
      #expect(try rate < -logTime(friction, .energyDiffusion, wells: wells))
      #expect(try rate < -logTime(friction, .spatialDiffusion, wells: wells) + 1e-12)
    }
  }

  @Test(arguments: KramersTurnover.Regime.allCases, [1, 2])
  func slopeIsTheDerivative(_ regime: KramersTurnover.Regime, _ wells: Int) throws {
    let theory = try theory(0.02, regime, wells: wells)
    let inverse = 1 / Self.temperature
    func logTime(_ x: Double) throws -> Double {
      try theory.prediction(temperature: 1 / x).logMeanFirstPassageTime
    }
    let difference = (try logTime(inverse + 0.01) - logTime(inverse - 0.01)) / 0.02
    expectClose(
      try #require(try theory.prediction(temperature: Self.temperature).apparentBarrier),
      to: difference, relative: 1e-7)
  }

  @Test func validityNamesTheWrongRegime() throws {
    func verdict(_ friction: Double, _ regime: KramersTurnover.Regime) throws -> Validity.Verdict {
      try theory(friction, regime).prediction(temperature: Self.temperature).validity.verdict
    }
    #expect(try verdict(1e-5, .energyDiffusion) == .valid)
    #expect(try verdict(1e-5, .spatialDiffusion) == .invalid)
    #expect(try verdict(1, .energyDiffusion) == .invalid)
    #expect(try verdict(1, .spatialDiffusion) == .valid)
    #expect(try verdict(0.02, .interpolation) == .valid)
  }
}

@Suite struct HeavyBallTests {
  // At fixed friction the error falls as √h.
  @Test(arguments: [0.2, 1.0]) func followsTheDampedOscillator(_ friction: Double) throws {
    let stiffness = 1.7
    let frequency = (stiffness - friction * friction / 4).squareRoot()
    func error(_ h: Double) throws -> Double {
      let ball = try HeavyBall(
        learningRate: h, momentum: 1 - friction * h.squareRoot())
      expectClose(ball.friction, to: friction, relative: 1e-10)
      var x = 1.0
      var v = 0.0
      var worst = 0.0
      for step in 1...Int(12 / ball.timePerStep) {
        v = ball.momentum * v + stiffness * x
        x -= h * v
        let t = Double(step) * ball.timePerStep
        let exact =
          exp(-friction * t / 2)
          * (cos(frequency * t) + friction / (2 * frequency) * sin(frequency * t))
        worst = max(worst, abs(x - exact))
      }
      return worst
    }
    let coarse = try error(1e-4)
    let fine = try error(2.5e-5)
    #expect(coarse < 0.02)
    expectClose(coarse / fine, to: 2, absolute: 0.1)
  }

  // Roots of z² − (1 + μ − hω²)z + μ: decay −½ ln μ and angle per step.
  @Test func decayAndFrequencyToLeadingOrder() throws {
    for momentum in [0.99, 0.999] {
      let ball = try HeavyBall(learningRate: 1e-4, momentum: momentum)
      let decay = -0.5 * log(momentum) / ball.timePerStep
      expectClose(decay, to: ball.friction / 2, relative: 0.51 * (1 - momentum) + 1e-6)
      let stiffness = 4.0
      let angle = acos((1 + momentum - 1e-4 * stiffness) / (2 * momentum.squareRoot()))
      let expected = (stiffness - ball.friction * ball.friction / 4).squareRoot()
      expectClose(angle / ball.timePerStep, to: expected, relative: 2 * (1 - momentum))
    }
  }

  @Test func slowMotionIsOverdamped() throws {
    let ball = try HeavyBall(learningRate: 1e-3, momentum: 0.9)
    var x = 1.0
    var v = 0.0
    for _ in 1...1000 {
      v = 0.9 * v + 0.1 * x
      x -= 1e-3 * v
    }
    expectClose(x, to: exp(-0.1 * 1000 * ball.overdampedTimePerStep), relative: 0.01)
    expectClose(
      ball.overdampedTimePerStep, to: ball.timePerStep / ball.friction, relative: 1e-12)
  }

  // Stationary variance of the recursion with additive noise: ω⟨x²⟩ → T as hω → 0.
  @Test func temperatureIsTheEquipartition() throws {
    let (h, momentum, stiffness, variance) = (1e-3, 0.9, 0.5, 2.0)
    let ball = try HeavyBall(learningRate: h, momentum: momentum)
    // AR(2): x_{k+1} = a x_k − μ x_{k−1} − hξ has the variance h²σ²(1 + μ)/((1 − μ)((1 + μ)² − a²)).
    let a = 1 + momentum - h * stiffness
    let exact =
      h * h * variance * (1 + momentum)
      / ((1 - momentum) * ((1 + momentum) * (1 + momentum) - a * a))
    expectClose(
      ball.temperature(gradientVariance: variance), to: stiffness * exact, relative: 1e-3)
  }

  @Test func refusals() {
    #expect(
      throws: InvalidInput(
        "momentum μ must be at least 0 and below 1, but is 1.0; at 1 there is no friction")
    ) { try HeavyBall(learningRate: 0.1, momentum: 1) }
    #expect(throws: InvalidInput.self) { try HeavyBall(learningRate: 0, momentum: 0.5) }
  }
}
