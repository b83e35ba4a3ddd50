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

extension KramersEquation {
  /// From the bottom of the left well of the quartic to that of the right one; the wall is 25 T (at T = 0.05)
  /// above the bottom.
  static func quartic(
    friction: Double, temperature: Double, cells: Int = 140, modes: Int = 32
  ) -> KramersEquation {
    KramersEquation(
      QuarticDoubleWell(), friction: friction, temperature: temperature, start: -1, wall: -1.8,
      target: 1, cells: cells, modes: modes)
  }
}

/// The numerical solution of the Klein–Kramers equation, before anything is compared with it.
@Suite struct KramersEquationTests {
  // ΔE/T = 5. The same with other grids and another number of modes, within the error that it states, and with
  // the wall 40 T above the bottom.
  @Test(arguments: [(0.1, 64), (1.0, 32), (10.0, 24)])
  func converges(_ friction: Double, _ modes: Int) {
    func solution(_ cells: Int, _ modes: Int) -> KramersEquation {
      .quartic(friction: friction, temperature: 0.05, cells: cells, modes: modes)
    }
    let fine = solution(140, modes)
    let coarse = solution(98, modes * 5 / 4)
    #expect(fine.errorEstimate < 1e-4 * fine.meanFirstPassageTime)
    expectClose(
      coarse.meanFirstPassageTime, to: fine.meanFirstPassageTime,
      absolute: fine.errorEstimate + coarse.errorEstimate, "τ on another grid")
    // Second order before it is extrapolated (the boundary layer at the target breaks the law later).
    let ratio = (fine.times[0] - fine.times[1]) / (fine.times[1] - fine.times[2])
    #expect(ratio > 1.5 && ratio < 4.5, "halving h divides the change by \(ratio)")
    let farther = KramersEquation(
      QuarticDoubleWell(), friction: friction, temperature: 0.05, start: -1, wall: -2, target: 1,
      cells: 150, modes: modes)
    expectClose(
      farther.meanFirstPassageTime, to: fine.meanFirstPassageTime,
      absolute: fine.errorEstimate + farther.errorEstimate, "τ with a farther wall")
  }

  // Strong friction. To first order in 1/γ² the position alone diffuses with D = (T/γ)(1 + E″/γ²) (G. Wilemski,
  // J. Stat. Phys. 14, 153 (1976)), and the target is as if it lay |ζ(½)|√T/γ = 1.46 √T/γ farther away,
  // because particles leave it with v < 0 only (T. W. Marshall and E. J. Watson, J. Phys. A 18, 3531 (1985)).
  // What is left is of order γ⁻⁴: 2e-3, 1.2e-4, 1e-5 at γ = 5, 10, 20, where the corrections are 3 %, 0.9 % and
  // 0.2 %. The shift alone is 1.1e-3, 6e-4, 3e-4.
  @Test(arguments: [5.0, 10, 20, 40, 100])
  func tendsToTheOverdampedTime(_ friction: Double) throws {
    let t = 0.05
    func time(curvature: Double, shift: Double) throws -> Double {
      @Sendable func mobility(_ x: Double) -> Double { 1 + curvature * (3 * x * x - 1) }
      return try friction
        * OneDimensionalProblem(
          start: -1, reflecting: -2.4, absorbing: 1 + shift,
          slope: { x in (x * x * x - x) * mobility(x) - t * 6 * curvature * x },
          diffusion: { x in t * mobility(x) }
        ).meanFirstPassageTime()
    }
    let equation = KramersEquation.quartic(friction: friction, temperature: t, modes: 24)
    let tau = equation.meanFirstPassageTime
    expectClose(
      tau,
      to: try time(
        curvature: 1 / (friction * friction), shift: 1.4603545088 * t.squareRoot() / friction),
      relative: 1.5 * pow(friction, -4) + 6e-6, "τ at strong friction")
    // Without them, γ times the overdamped time.
    expectClose(
      tau, to: try time(curvature: 0, shift: 0), relative: 1.4 / (friction * friction),
      "γ times the overdamped time")
  }

  // Mel'nikov and Meshkov's rate is that of high barriers. τ of theory over that of the equation:
  //
  //   ΔE/T       γ = 0.05   0.1     0.3     1       3       10
  //   5          1.182      1.100   0.978   0.941   0.916   0.905
  //   10         1.170      1.062   0.982   0.975   0.965   0.959
  //   20         1.083      1.009   0.990   0.988   0.983   0.981
  //
  // At moderate to strong friction the error is of order T/ΔE: each doubling of the barrier halves it, and
  // somewhat more.
  @Test(arguments: [0.1, 0.3, 1, 3, 10])
  func theoryOfTheTurnoverComesCloserWithTheBarrier(_ friction: Double) throws {
    let theory = try KramersTurnover(
      landscape: QuarticDoubleWell(), minimum: -1, saddle: 0, productMinimum: 1, friction: friction)
    let errors = try [0.05, 0.025, 0.0125].map { t in
      let equation = KramersEquation.quartic(friction: friction, temperature: t, modes: 48)
      let ln = try theory.prediction(temperature: t).logMeanFirstPassageTime
      return abs(expm1(ln - log(equation.meanFirstPassageTime)))
    }
    #expect(errors[0] > errors[1] && errors[1] > errors[2] && errors[2] < 0.02, "\(errors)")
    if friction >= 1 {
      for i in 0..<2 { expectClose(errors[i] / errors[i + 1], to: 2.25, absolute: 0.25) }
    }
    // Without energy diffusion the theory is wrong by far at weak friction.
    if friction == 0.1 {
      let spatial = try KramersTurnover(
        landscape: QuarticDoubleWell(), minimum: -1, saddle: 0, productMinimum: 1,
        friction: friction, regime: .spatialDiffusion)
      let full = try theory.prediction(temperature: 0.05).logMeanFirstPassageTime
      #expect(try full - spatial.prediction(temperature: 0.05).logMeanFirstPassageTime > 0.3)
    }
  }

  @Test func mirrors() {
    let left = KramersEquation(
      QuarticDoubleWell(tilt: 0.1), friction: 0.7, temperature: 0.1, start: -1, wall: -2, target: 1,
      cells: 90, modes: 16)
    let right = KramersEquation(
      QuarticDoubleWell(tilt: -0.1), friction: 0.7, temperature: 0.1, start: 1, wall: 2, target: -1,
      cells: 90, modes: 16)
    expectClose(
      left.meanFirstPassageTime, to: right.meanFirstPassageTime, relative: 1e-9, "τ mirrored")
  }
}
