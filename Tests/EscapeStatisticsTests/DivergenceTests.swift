import EscapeStatistics
import Foundation
import TestSupport
import Testing

@Suite("Runs that diverge")
struct DivergenceTests {
  private func sample(escaped: Int, diverged: Int) -> EscapeSample {
    EscapeSample(
      (0..<escaped).map { PassageTime(time: 1 + Double($0), outcome: .escaped) }
        + (0..<diverged).map { _ in PassageTime(time: 0.5, outcome: .diverged) })
  }

  @Test("Up to 1 % they are exposure without an event")
  func few() {
    let few = sample(escaped: 99, diverged: 1)
    #expect(!few.isSpoiltByDivergence)
    #expect(few.exponentialRate().value == 99 / few.exposure)
    #expect(few.exponentialityPValue != nil)
  }

  @Test("Beyond 1 % there is no number, and the reason says how many")
  func many() throws {
    let many = sample(escaped: 98, diverged: 2)
    #expect(many.isSpoiltByDivergence && !EscapeSample.isLost(diverged: 2, of: 100))
    for estimate in [
      many.rate(), many.meanFirstPassageTime(), many.meanFirstPassageTime().scaled(by: 3),
    ] {
      #expect(estimate.value == nil && estimate.lower == nil && estimate.upper == nil)
      #expect(estimate.reason?.contains("2 of 100 runs diverged") == true)
      #expect(!estimate.contains(1))
    }
    #expect(many.exponentialityPValue == nil && many.coefficientOfVariation == nil)
    let json = String(
      decoding: try JSONEncoder().encode(many.meanFirstPassageTime()), as: UTF8.self)
    #expect(json.contains("\"value\":null") && json.contains("\"upper\":null"))
    #expect(json.contains("diverged"))
    // No bound either where none escaped.
    let none = sample(escaped: 0, diverged: 5)
    #expect(none.rate().upper == nil && EscapeSample.isLost(diverged: 5, of: 5))
    #expect(none.rate().reason?.contains("5 of 5 runs diverged") == true)
  }

  @Test("An Arrhenius fit is that of the levels without them")
  func arrhenius() throws {
    let levels: [ArrheniusFit.Level] = [
      .init(inverseNoise: 100, events: 20, exposure: 400),
      .init(inverseNoise: 140, events: 20, exposure: 3000),
    ]
    let spoilt = ArrheniusFit.Level(
      inverseNoise: 60, sample: sample(escaped: 98, diverged: 2))
    let (without, with) = (try ArrheniusFit(levels), try ArrheniusFit(levels + [spoilt]))
    #expect(with.slope == without.slope && with.logPrefactor == without.logPrefactor)
    #expect(with.goodnessOfFitPValue == nil)
    #expect(throws: (any Error).self) { try ArrheniusFit([levels[0], spoilt]) }
  }
}
