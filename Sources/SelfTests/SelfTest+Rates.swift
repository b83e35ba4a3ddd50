import Escapes
import Foundation
import KramersRates
import Landscapes
import NumericalMethods

extension SelfTest {
  /// Theories of rates against closed forms, and against each other where they must meet.
  static let rateProcedures: [Procedure] = [
    // From a reflecting wall at 0: (b² − x²)/2D.
    time("exact τ, free diffusion", expected: 0.3125) {
      OneDimensionalProblem(
        start: 0.5, reflecting: 0, absorbing: 1, slope: { _ in 0 }, diffusion: { _ in 1.2 })
    },
    // (b − x)/v − (D/v²)(e^{−vx/D} − e^{−vb/D}).
    time("exact τ, constant drift", expected: 1.75 / 2 - 0.175 * (exp(-5.0 / 7) - exp(-40.0 / 7))) {
      OneDimensionalProblem(
        start: 0.25, reflecting: 0, absorbing: 2, slope: { _ in -2 }, diffusion: { _ in 0.7 })
    },
    time("exact τ, harmonic well, by its series", expected: harmonicTime) {
      OneDimensionalProblem(
        start: 0, reflecting: -10 * (0.4 / 1.7).squareRoot(),
        absorbing: 2 * (0.4 / 1.7).squareRoot(), slope: { 1.7 * $0 }, diffusion: { _ in 0.4 })
    },
    Procedure(.rates, "exact τ, double-well, nested quadrature") { _ in
      Measurement(
        try doubleWell(0.1).meanFirstPassageTime(), expected: try nestedQuadrature(0.1),
        relative: 1e-8)
    },
    // ln(2π/√2) + ΔE/T.
    Procedure(.rates, "Kramers' ln τ, double-well, T = 0.05") { _ in
      Measurement(
        try KramersOverdamped(landscape: QuarticDoubleWell(), minimum: -1, saddle: 0)
          .logMeanFirstPassageTime(temperature: 0.05),
        expected: log(Double.pi * 2.0.squareRoot()) + 5, relative: 1e-12)
    },
    // 15/16 − 3/16 + 3/4.
    Procedure(.rates, "first correction c, double-well") { _ in
      Measurement(try correctedKramers().coefficient, expected: 1.5, tolerance: 1e-8)
    },
    // −V cos x: twice the 1/8V of the Bessel function I₀(V/T).
    Procedure(.rates, "first correction c, washboard with V = 2") { _ in
      let theory = try CorrectedKramers(
        landscape: PeriodicWashboard(amplitude: 2), minimum: 0, saddle: .pi)
      return Measurement(theory.coefficient, expected: 0.125, tolerance: 1e-6)
    },
    Procedure(.rates, "order in T of Kramers' error") { _ in
      let theory = try KramersOverdamped(landscape: QuarticDoubleWell(), minimum: -1, saddle: 0)
      return try order(1) { theory.logMeanFirstPassageTime(temperature: $0) }
    },
    Procedure(.rates, "order in T of the corrected Kramers' error") { _ in
      let theory = try correctedKramers()
      return try order(2) { theory.logMeanFirstPassageTime(temperature: $0) }
    },
    Procedure(.rates, "order in T of the corrected Langer's error") { _ in
      let theory = try WellChain([langer(stiffening: 0)], order: .firstCorrection)
      return try order(2) { theory.logMeanFirstPassageTime(temperature: $0) }
    },
    // Across the path the curvature is 3 in the well and 2 at the saddle.
    Procedure(.rates, "Langer over Kramers, √(2/3) from across") { _ in
      let kramers = try KramersOverdamped(landscape: QuarticDoubleWell(), minimum: -1, saddle: 0)
      let langer = try langer(stiffening: 1)
      return Measurement(
        exp(
          langer.logMeanFirstPassageTime(temperature: 0.05)
            - kramers.logMeanFirstPassageTime(temperature: 0.05)),
        expected: (2.0 / 3).squareRoot(), relative: 1e-9)
    },
    // 4/3: ∮|p| of p = |x|√(1 − x²/2).
    Procedure(.rates, "barrier action I, double-well") { _ in
      Measurement(
        try barrierAction(of: QuarticDoubleWell(), minimum: -1, saddle: 0), expected: 4.0 / 3,
        relative: 1e-9)
    },
    // ln A = −Σ erfc(√(nΔ)/2)/n.
    Procedure(.rates, "depopulation factor ln A at Δ = ½, by its series") { _ in
      let series = (1...2000).reduce(0.0) {
        $0 - erfc(0.5 * (0.5 * Double($1)).squareRoot()) / Double($1)
      }
      return Measurement(
        try DepopulationFactor(energyLoss: 0.5).logarithm, expected: series, relative: 1e-9)
    },
    // γτ of strong friction; relative error 1/γ².
    Procedure(.rates, "turnover at γ = 10⁴, ln τ − ln γ") { _ in
      Measurement(
        try turnover(1e4) - log(1e4), expected: log(Double.pi * 2.0.squareRoot()) + 12.5,
        tolerance: 2e-8)
    },
    // τ = (1/A)(2π/ω₀)e^{ΔE/T}; ln A = ln Δ + ζ(½)√(Δ/π) + O(Δ), Δ = γI/T, ζ(½) = −1.4603545088.
    Procedure(.rates, "turnover at γ = 10⁻⁸, ln τ") { _ in
      let loss = 1e-8 * (4.0 / 3) / 0.02
      let logFactor = log(loss) - 1.460_354_508_8 * (loss / .pi).squareRoot()
      return Measurement(
        try turnover(1e-8), expected: log(2 * Double.pi / 2.0.squareRoot()) + 12.5 - logFactor,
        tolerance: 2 * loss)
    },
    Procedure(.rates, "least action from minimum to saddle, double-well") { _ in
      let path = try MinimumActionMethod().path(
        of: GradientDrift(QuarticDoubleWell()), from: [-1], to: [0])
      return Measurement(path.quasiPotentialBarrier, expected: 0.25, relative: 1e-6)
    },
  ]

  private static func time(
    _ name: String, expected: Double, _ problem: @escaping @Sendable () -> OneDimensionalProblem
  ) -> Procedure {
    Procedure(.rates, name) { _ in
      Measurement(try problem().meanFirstPassageTime(), expected: expected, relative: 1e-8)
    }
  }

  /// From 0 to a = 2 standard deviations of E = ½kx²: (1/2k) Σ (√2 a)ⁿ Γ(n/2)/n!, k = 1.7 (L. M. Ricciardi and
  /// S. Sato, J. Appl. Probab. 25, 43 (1988)).
  private static let harmonicTime: Double = {
    let sum = (1...200).reduce(0.0) { sum, n in
      let n = Double(n)
      return sum + exp(n * log(8.0.squareRoot()) + lgamma(n / 2) - lgamma(n + 1))
    }
    return sum / 3.4
  }()

  static func doubleWell(_ temperature: Double) -> OneDimensionalProblem {
    OneDimensionalProblem(
      start: -1, reflecting: -4, absorbing: 1, slope: { $0 * $0 * $0 - $0 },
      diffusion: { _ in temperature })
  }

  /// (1/T)∫₋₁¹ e^{E(y)/T} ∫ e^{−E(z)/T} dz dy by GSL's adaptive rule, twice.
  private static func nestedQuadrature(_ temperature: Double) throws -> Double {
    func exponent(_ x: Double) -> Double { x * x * (0.25 * x * x - 0.5) / temperature }
    var failure: (any Error)?
    let outer = try integrate(
      { y in
        do {
          let inner = try integrate(
            { exp(-exponent($0)) }, over: -4...y, relativeTolerance: 1e-11,
            while: "the inner integral of a passage time")
          return exp(exponent(y)) * inner.value
        } catch {
          failure = error
          return .nan
        }
      }, over: -1...1, relativeTolerance: 1e-10, while: "the outer integral of a passage time")
    if let failure { throw failure }
    return outer.value / temperature
  }

  private static func correctedKramers() throws -> CorrectedKramers {
    try CorrectedKramers(landscape: QuarticDoubleWell(), minimum: -1, saddle: 0)
  }

  /// log₂ of ln τ's error at T over that at T/2, T = 0.004; the next order adds some per cent.
  private static func order(
    _ expected: Double, of logTime: (Double) throws -> Double
  ) throws -> Measurement {
    func error(_ t: Double) throws -> Double {
      abs(try doubleWell(t).logMeanFirstPassageTime(tolerance: 1e-12) - logTime(t))
    }
    return Measurement(
      log2(try error(0.004) / error(0.002)), expected: expected, tolerance: 0.1)
  }

  /// Langer's formula for the quartic double well in x with E = ½(2 + s x²)y² + ¼y⁴ across.
  private static func langer(stiffening s: Double) throws -> LangerRate {
    let landscape = ClosureLandscape(
      dimension: 2,
      energy: { p in
        let (x2, y2) = (p[0] * p[0], p[1] * p[1])
        return x2 * (0.25 * x2 - 0.5) + 0.5 * (2 + s * x2) * y2 + 0.25 * y2 * y2
      },
      gradient: { p, g in
        let (x, y) = (p[0], p[1])
        g[0] = x * (x * x - 1) + s * x * y * y
        g[1] = (2 + s * x * x) * y + y * y * y
      })
    func state(_ x: Double) throws -> HarmonicState {
      try HarmonicState(landscape: landscape, point: [x, 0], differenceStep: 0.02)
    }
    return try LangerRate(minimum: state(-1), saddles: [LangerSaddle(state(0), distance: 1)])
  }

  /// ln τ out of one well of the double well at T = 0.02, friction γ, by the interpolation over all frictions.
  private static func turnover(_ friction: Double) throws -> Double {
    try KramersTurnover(
      landscape: QuarticDoubleWell(), minimum: -1, saddle: 0, friction: friction
    ).prediction(temperature: 0.02).logMeanFirstPassageTime
  }
}
