import Escapes
import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

@testable import KramersRates

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct ExactnessTests {
  static func row(
    _ logTime: Double, _ exactness: Exactness?, _ validity: Validity = .valid,
    stop: String = "the product well"
  ) -> RatedPrediction {
    RatedPrediction(
      prediction: RatePrediction(
        theory: "\(logTime)", noise: .temperature(1), logMeanFirstPassageTime: logTime,
        clockStop: stop, logPrefactor: nil, apparentBarrier: nil, validity: validity),
      exactness: exactness)
  }

  static func verdict(_ judged: RatedPrediction, by rows: [RatedPrediction]) -> Validity.Verdict {
    judged.judged(by: rows + [judged]) { $0.clockStop == $1.clockStop }.validity.verdict
  }

  // 10 % and a factor 2 beyond what the reference allows for itself: nothing if it is exact.
  @Test func verdictsFollowTheDifference() {
    let exact = Self.row(10, .exact)
    let cases: [(Double, Validity.Verdict)] = [
      (10, .valid), (9.9, .valid), (10.1, .valid), (9.89, .marginal), (10.6, .marginal),
      (9.3, .invalid), (10.7, .invalid),
    ]
    for (time, expected) in cases {
      #expect(Self.verdict(Self.row(time, .harmonic), by: [exact]) == expected, "ln τ \(time)")
    }
    let corrected = Self.row(10, .corrected)
    #expect(Self.verdict(Self.row(9.8, .harmonic), by: [corrected]) == .valid)
    #expect(Self.verdict(Self.row(9.7, .harmonic), by: [corrected]) == .marginal)
    let doubtful = Self.row(10, .corrected, .marginal(.oneLine, "doubtful"))
    #expect(Self.verdict(Self.row(9.3, .harmonic), by: [doubtful]) == .valid)
    #expect(Self.verdict(Self.row(8.5, .harmonic), by: [doubtful]) == .invalid)
  }

  @Test func whatDoesNotJudge() {
    let wrong = Self.row(7, .harmonic)
    for row in [
      Self.row(10, .exact, stop: "the intermediate minimum"), Self.row(10, .harmonic),
      Self.row(10, .line), Self.row(10, nil), Self.row(.nan, .exact), Self.row(.infinity, .exact),
      Self.row(10, .exact, .invalid(.exponentOnly, "wrong")),
    ] {
      #expect(Self.verdict(wrong, by: [row]) == .valid)
    }
    #expect(Self.verdict(Self.row(7, nil), by: [Self.row(10, .exact)]) == .valid)
    // The most exact row that is not invalid decides; a verdict never gets better.
    let rows = [Self.row(7, .corrected), Self.row(10, .exact)]
    #expect(Self.verdict(wrong, by: rows) == .invalid)
    let doubted = Self.row(10, .harmonic, .invalid(.oneLine, "no"))
    #expect(Self.verdict(doubted, by: rows) == .invalid)
    let reasons = wrong.judged(by: rows) { _, _ in true }.validity.reasons
    #expect(reasons == ["10.0, which is more exact, gives 20.09 times this τ"])
  }

  // Quadrature along the line is exact for a line. Langer's formula has the modes across it, here a factor 430.
  @Test func theLineIsJudgedByAllModes() throws {
    let escape = try FeatureEscape(
      source: .online(GaussianTeacher(singularValues: [0.9], inputs: 4, targets: 3)),
      moments: SecondMoments(singularValues: [0.9], inputs: 4, targets: 3),
      widths: [4, 5, 5, 3], weightDecay: 0.24633, from: 1, to: 0)
    let rows = try RateTheories.predictions(of: escape, under: .white(temperature: 0.001))
    func row(_ name: String) throws -> RatePrediction {
      try #require(rows.first { $0.theory == name })
    }
    let langer = try row("Langer")
    expectClose(langer.logMeanFirstPassageTime, to: 115.17, absolute: 0.01)
    #expect(langer.validity.verdict == .marginal)
    for name in ["exact 1-D on the line", "Kramers on the line"] {
      let line = try row(name)
      expectClose(line.logMeanFirstPassageTime, to: 109.09, absolute: 0.02)
      #expect(line.validity.verdict == .invalid)
      #expect(
        line.validity.reasons.last?.hasPrefix("Langer, which is more exact, gives 43") == true)
    }
  }

  // Langer's clock stops in the intermediate minimum, that of the wells in series in the far one.
  @Test func passagesAreNotMixedUp() throws {
    let rows = try RateTheories.predictions(
      of: WellEscape.mullerBrown, under: .white(temperature: 15))
    #expect(rows.count > 2)
    for row in rows {
      #expect(
        row.validity.judgements.allSatisfy { $0.criterion != .agreement }, "\(row)")
    }
  }
}

@Suite struct FrictionRowsTests {
  static func rows(
    _ escape: some Escape = WellEscape.doubleWell, temperature: Double = 0.05, friction: Double
  ) throws -> [RatePrediction] {
    try RateTheories.predictions(
      of: escape, under: .inertial(temperature: temperature, friction: friction))
  }

  // By the backward Klein–Kramers equation (``KramersEquation``) at T = 0.05; γ = 0.2 also by simulation, 889 ± 16.
  static let exact: [(friction: Double, time: Double)] = [
    (0.1, 1071.76), (0.2, 886), (1, 1134.80), (10, 7359.69),
  ]

  @Test func rowsAreOfTheDynamicsAskedFor() throws {
    for (friction, exact) in Self.exact {
      let rows = try Self.rows(friction: friction)
      #expect(
        rows.map(\.theory) == [
          "exact 1-D, overdamped limit", "Kramers, spatial diffusion", "Kramers, energy diffusion",
          "Kramers turnover (Mel'nikov–Meshkov)",
        ])
      for row in rows {
        let error = abs(row.meanFirstPassageTime / exact - 1)
        switch row.validity.verdict {
        case .valid: #expect(error < 0.1, "γ = \(friction): \(row)")
        case .marginal: #expect(error < 0.5, "γ = \(friction): \(row)")
        case .invalid: break
        }
      }
      #expect((rows[0].validity.verdict == .valid) == (friction == 10))
      #expect(rows[3].validity.verdict < .invalid)
    }
    // 10.0 % off at γ = 0.1, where particles come back before they settle.
    #expect(try Self.rows(friction: 0.1)[3].validity.verdict == .marginal)
    #expect(try Self.rows(friction: 1)[3].validity.verdict == .valid)
  }

  @Test func theOverdampedLimitIsReached() throws {
    let white = try #require(
      try ExactOneDimensional().prediction(
        of: WellEscape.doubleWell, under: .white(temperature: 0.05)))
    let limit = try Self.rows(friction: 40)[0]
    expectClose(
      limit.logMeanFirstPassageTime, to: white.logMeanFirstPassageTime + log(40), absolute: 1e-12)
    #expect(limit.apparentBarrier == white.apparentBarrier)
    let best = try #require(
      try RateTheories.best(
        of: WellEscape.doubleWell, under: .inertial(temperature: 0.05, friction: 40)))
    #expect(best == limit)
    let weak = try #require(
      try RateTheories.best(
        of: WellEscape.doubleWell, under: .inertial(temperature: 0.05, friction: 0.2)))
    #expect(weak.theory == "Kramers turnover (Mel'nikov–Meshkov)")
  }

  // Each barrier of a row of wells by itself; a particle that has passed one does not come back.
  @Test(arguments: [1e-7, 0.1, 0.5]) func washboard(_ force: Double) throws {
    let escape = try WellEscape.washboard(force: force)
    for friction in [0.2, 1, 20] {
      let rows = try Self.rows(escape, temperature: 0.2, friction: friction)
      #expect(rows.count == 4)
      #expect(rows.allSatisfy { $0.logMeanFirstPassageTime.isFinite })
      // The net step is in the limit alone, and single hops are doubted for it where hops back are frequent.
      #expect((rows[0].validity.verdict < .invalid) == (friction >= 1))
      #expect(force > 0.05 || rows.dropFirst().allSatisfy { $0.validity.verdict == .invalid })
      let hop = try #require(
        try KramersOnALine().prediction(of: escape, under: .white(temperature: 0.2)))
      if friction == 20 {
        expectClose(
          rows[1].logMeanFirstPassageTime, to: hop.logMeanFirstPassageTime + log(20),
          absolute: 0.01)
      }
    }
    // ∮ p dx of a level row of wells, E = −cos x from −π to π: 2∫√(2(1 + cos x)) = 16.
    let saddle = Double.pi - (try escape.passes()[0].from.point[0])
    let action = try barrierAction(
      of: escape.landscape, minimum: escape.start[0], saddle: saddle,
      wall: saddle - 2 * Double.pi)
    #expect(force > 1e-6 ? action < 16 : abs(action - 16) < 1e-4)
  }

  // By the backward Klein–Kramers equation over two periods, on 480 cells with 36 modes.
  @Test(arguments: [(0.2, 35_679.4), (1, 51_979.3)])
  func turnoverOfTheWashboard(_ friction: Double, _ exact: Double) throws {
    let rows = try Self.rows(
      WellEscape.washboard(force: 0.1), temperature: 0.2, friction: friction)
    #expect(rows[3].validity.verdict == .valid)
    expectClose(rows[3].meanFirstPassageTime, to: exact, relative: 0.1)
  }

  @Test func aLevelWashboardNeverAdvances() throws {
    let rows = try Self.rows(
      WellEscape.washboard(force: 0), temperature: 0.2, friction: 0.5)
    #expect(rows.map(\.theory) == ["exact 1-D, overdamped limit"])
    #expect(rows[0].logMeanFirstPassageTime == .infinity)
  }
}
