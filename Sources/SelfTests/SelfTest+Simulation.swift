import EscapeStatistics
import Escapes
import Foundation
import KramersRates
import Landscapes
import LangevinDynamics
import NumericalMethods

extension SelfTest {
  /// Ensembles of passages against the exact one-dimensional time.
  static let simulationProcedures: [Procedure] = [
    Procedure(.simulation, "τ, double-well, T = 0.125, reference") {
      try Escape.doubleWell(0.125).time($0, runs: 20_000, engine: .reference, cell: 60)
    },
    Procedure(.simulation, "τ, double-well, T = 0.0625, double lanes") {
      try Escape.doubleWell(0.0625).time($0, runs: 40_000, engine: .standard, cell: 61)
    },
    Procedure(.simulation, "τ, double-well, T = 0.0625, single lanes") {
      try Escape.doubleWell(0.0625).time($0, runs: 40_000, engine: .vectorised(.single), cell: 62)
    },
    Procedure(.simulation, "τ, tilted-double-well, T = 0.1, double lanes") {
      try Escape.tilted().time($0, runs: 40_000, engine: .standard, cell: 63)
    },
    Procedure(.simulation, "τ, washboard with returns, T = 0.5, double lanes") {
      try Escape.washboard().time($0, runs: 40_000, engine: .standard, cell: 64)
    },
    Procedure(.simulation, "reference and lanes, scaled KS distance") { settings in
      let escape = try Escape.doubleWell(0.125)
      let samples = try [Engine.reference, .standard].enumerated().map {
        try escape.times(settings, runs: 4000, engine: $1, cell: 65 + $0)
      }
      return .statistic(
        KolmogorovDistance.scaled(samples[0], samples[1]), critical: KolmogorovDistance.critical)
    },
    // Exponential after some five relaxation times, in which the start is forgotten and the barrier is crossed:
    // that moves the distribution function by up to 5/τ.
    Procedure(.simulation, "exponential law, ΔE/T = 5, scaled KS distance") { settings in
      let escape = try Escape.doubleWell(0.05)
      let times = try escape.times(settings, runs: 4000, engine: .standard, cell: 67)
      let exact = try escape.exact()
      return .statistic(
        KolmogorovDistance.scaled(times) { -expm1(-$0 / exact) },
        critical: KolmogorovDistance.critical + KolmogorovDistance.factor(4000) * 5 / exact)
    },
  ]
}

/// A passage of overdamped Langevin dynamics on a line.
private struct Escape<Landscape: EnergyLandscape>: Sendable {
  let landscape: Landscape
  let temperature: Double
  let timeStep: Double
  let start: Double
  let target: Double
  /// The reflecting end, or the start less one period.
  let behind: Double
  let isPeriodic: Bool

  /// τ exactly; with `timeStep`, the leading effect of Euler and Maruyama's steps included.
  ///
  /// A step dt of the map is, to O(dt²), one of the process with E′ + (dt/2)(E′E″ − TE‴) and D = T(1 + dt E″).
  ///
  /// Source: K. C. Zygalakis, SIAM J. Sci. Comput. 33, 102 (2011), doi:10.1137/090762336.
  func exact(timeStep dt: Double = 0) throws -> Double {
    let landscape = landscape
    let temperature = temperature
    @Sendable func slope(_ x: Double) -> Double { landscape.gradient(at: [x])[0] }
    @Sendable func curvature(_ x: Double) -> Double {
      landscape.hessianVectorProduct(at: [x], along: [1])[0]
    }
    return try OneDimensionalProblem(
      start: start, reflecting: behind, absorbing: target, isPeriodic: isPeriodic,
      slope: { x in
        guard dt > 0 else { return slope(x) }
        let third = (curvature(x + 1e-4) - curvature(x - 1e-4)) / 2e-4
        return slope(x) + 0.5 * dt * (slope(x) * curvature(x) - temperature * third)
      },
      diffusion: { x in dt > 0 ? temperature * (1 + dt * curvature(x)) : temperature }
    ).meanFirstPassageTime()
  }

  /// The times of an ensemble in which every run escapes: the cap is 60 τ.
  func times(
    _ settings: SelfTest.Settings, runs: Int, engine: Engine, cell: Int
  ) throws -> [Double] {
    let passage = try FirstPassage(
      process: OverdampedLangevin(
        landscape: landscape, temperature: temperature, timeStep: timeStep),
      start: [start], target: TargetSet(Coordinate(0), .above, target), cap: 60 * exact())
    let sample = passage.ensemble(
      runs: runs, seed: settings.seed, cell: cell, threads: settings.threads, engine: engine)
    guard sample.events == runs else {
      throw InvalidInput("only \(sample.events) of \(runs) runs escaped within 60 mean times")
    }
    return sample.passages.map(\.time)
  }

  /// The mean time. Bias: one and a half times the leading effect of the time step.
  func time(
    _ settings: SelfTest.Settings, runs: Int, engine: Engine, cell: Int
  ) throws -> SelfTest.Measurement {
    let exact = try exact()
    return SelfTest.Measurement(
      RunningMean(try times(settings, runs: runs, engine: engine, cell: cell)), expected: exact,
      bias: 1.5 * abs(try self.exact(timeStep: timeStep) - exact))
  }
}

extension Escape<QuarticDoubleWell> {
  static func doubleWell(_ temperature: Double) throws -> Self {
    Self(
      landscape: QuarticDoubleWell(), temperature: temperature, timeStep: 0.01, start: -1,
      target: 1, behind: -4, isPeriodic: false)
  }

  /// Uphill, from the deeper well.
  static func tilted() throws -> Self {
    Self(
      landscape: QuarticDoubleWell(tilt: 0.1), temperature: 0.1, timeStep: 0.01, start: -1,
      target: 0.9, behind: -4, isPeriodic: false)
  }
}

extension Escape<PeriodicWashboard> {
  static func washboard() throws -> Self {
    let force = 0.3
    let start = asin(force)
    return Self(
      landscape: PeriodicWashboard(force: force), temperature: 0.5, timeStep: 0.01, start: start,
      target: start + 2 * .pi, behind: start - 2 * .pi, isPeriodic: true)
  }
}
