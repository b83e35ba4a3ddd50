import EscapeStatistics
import Escapes
import Experiments
import KramersRates
import Landscapes
import LangevinDynamics
import NumericalMethods
import TestSupport
import Testing

/// A landscape that the package does not know goes into every verb as a value.
@Suite("A user's own landscape")
struct OwnLandscapeTests {
  /// E = (x² − 1)²/4 + κy²/2: the quartic double well, and a mode that is the same everywhere.
  private func landscape(stiffness kappa: Double = 1) -> ClosureLandscape {
    ClosureLandscape(dimension: 2) { p in
      0.25 * (p[0] * p[0] - 1) * (p[0] * p[0] - 1) + 0.5 * kappa * p[1] * p[1]
    } gradient: { p, g in
      g[0] = p[0] * (p[0] * p[0] - 1)
      g[1] = kappa * p[1]
    }
  }

  private func escape(stiffness: Double = 1) throws -> WellEscape<ClosureLandscape, Coordinate> {
    try WellEscape(
      landscape(stiffness: stiffness), from: [-0.9, 0.1], to: [1.1, 0.1],
      reaching: .coordinate(0, above: 1), name: "two wells")
  }

  @Test("Its ends are relaxed, its barrier found, and a mode that does nothing changes no theory")
  func theories() throws {
    let escape = try escape()
    expectClose(escape.start[0], to: -1, absolute: 1e-9)
    let barrier = try BarrierExperiment(of: escape).result()
    expectClose(barrier.barrierForward, to: 0.25, absolute: 1e-9)
    #expect(barrier.states.map(\.index) == [0, 1, 0])
    let rate = try RateExperiment(of: escape, under: .white(temperature: 0.05)).result()
    let langer = try #require(rate.theories.first { $0.theory == "Langer" })
    // Kramers' formula of the quartic double well: 2π/√2 · e^{ΔE/T}.
    expectClose(
      try #require(langer.meanFirstPassageTime), to: 659.3816, relative: 1e-4)
    let corrected = try #require(rate.theories.first { $0.theory == "Langer, first correction" })
    // e^{(3/2)T} more.
    expectClose(
      try #require(corrected.logMeanFirstPassageTime)
        - (try #require(langer.logMeanFirstPassageTime)), to: 0.075, absolute: 1e-4)
  }

  @Test("Its escapes take the exact time of the double well", .tags(.statistical))
  func simulation() throws {
    let temperature = 0.08
    let result = try EscapeExperiment(
      of: escape(), under: OverdampedDynamics(temperature: temperature, timeStep: 0.01), runs: 400,
      seed: 3
    ).result()
    let exact = try #require(
      try WellEscape.doubleWell.exactMeanFirstPassageTime(temperature: temperature))
    let time = try #require(result.measured.meanFirstPassageTime.value)
    expectAgreement(
      SampleMean(mean: time, standardError: time / 20, count: 400), with: exact,
      bias: 0.02 * exact)
    #expect(result.theory?.name == "Langer, first correction")
  }

  @Test("Two landscapes of one name are not taken for each other")
  func fingerprints() throws {
    #expect(try escape().fingerprint == escape().fingerprint)
    #expect(try escape().fingerprint != escape(stiffness: 1.001).fingerprint)
  }

  @Test("What makes no escape is refused")
  func refusals() throws {
    let landscape = landscape()
    let target = TargetSet.coordinate(0, above: 1)
    #expect(
      words { _ = try WellEscape(landscape, from: [-1], to: [1, 0], reaching: target) }
        == "the start has 1 numbers, but the landscape has 2 parameters; give one number for each")
    #expect(
      words { _ = try WellEscape(landscape, from: [-1, 0], to: [-0.9, 0], reaching: target) }?
        .contains("relax to the same minimum") == true)
    #expect(
      words { _ = try WellEscape(landscape, from: [1, 0], to: [-1, 0], reaching: target) }?
        .contains("already above the threshold") == true)
    #expect(
      words {
        _ = try WellEscape(
          landscape, from: [-1, 0], to: [1, 0], reaching: .coordinate(0, above: 2))
      }?.contains("so the clock would not stop there") == true)
  }
}
