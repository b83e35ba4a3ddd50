import EscapeStatistics
import Foundation
import NumericalMethods

extension SelfTest {
  /// How often intervals hold what they should, over synthetic exponential times with mean 1.
  static let intervalProcedures: [Procedure] = [
    Procedure(.intervals, "coverage of 95 % rates, 20 escapes") { settings in
      .init(share: rates(settings, runs: 20, cell: 80), of: trials, expected: 0.95)
    },
    // The interval of censored runs is conservative: what counts is the shortfall below its level.
    Procedure(.intervals, "shortfall of coverage, 20 runs, cap ½τ") { settings in
      let coverage =
        Double(rates(settings, runs: 20, cap: 0.5, cell: 81)) / Double(trials)
      return Measurement(
        max(0, 0.95 - coverage), standardError: (0.95 * 0.05 / Double(trials)).squareRoot(),
        expected: 0)
    },
    // Laplace's statistic of 100 times is normal to O(1/100).
    Procedure(.intervals, "share of exponential samples with p < 0.05") { settings in
      let random = settings.stream(82)
      let hits = (0..<4000).count { _ in
        (sample(100, cap: .infinity, random).exponentialityPValue ?? 0) < 0.05
      }
      return .init(share: hits, of: 4000, expected: 0.05)
    },
    // Profile likelihood of 3 × 100 times is χ² to O(1/300), coverage 0.95 to 0.001.
    Procedure(.intervals, "coverage of 95 % Arrhenius slopes") { try slopes($0) },
  ]

  private static let trials = 10_000

  private static func sample(
    _ runs: Int, mean: Double = 1, cap: Double, _ random: borrowing RandomSource
  ) -> EscapeSample {
    var passages = [PassageTime]()
    for _ in 0..<runs {
      let time = random.exponential(mean: mean)
      passages.append(
        time < cap
          ? PassageTime(time: time, outcome: .escaped) : PassageTime(time: cap, outcome: .censored))
    }
    return EscapeSample(passages)
  }

  /// In how many samples the interval holds the rate 1.
  private static func rates(
    _ settings: Settings, runs: Int, cap: Double = .infinity, cell: Int
  ) -> Int {
    let random = settings.stream(cell)
    return (0..<trials).count { _ in sample(runs, cap: cap, random).exponentialRate().contains(1) }
  }

  /// ln τ = x/4 at x = 8, 12 and 16.
  private static func slopes(_ settings: Settings) throws -> Measurement {
    let random = settings.stream(83)
    var hits = 0
    let count = 2000
    for _ in 0..<count {
      var levels = [ArrheniusFit.Level]()
      for x in [8.0, 12, 16] {
        let sample = sample(100, mean: exp(0.25 * x), cap: .infinity, random)
        levels.append(
          ArrheniusFit.Level(inverseNoise: x, events: sample.events, exposure: sample.exposure))
      }
      if try ArrheniusFit(levels).slope.contains(0.25) { hits += 1 }
    }
    return .init(share: hits, of: count, expected: 0.95, bias: 0.001)
  }
}
