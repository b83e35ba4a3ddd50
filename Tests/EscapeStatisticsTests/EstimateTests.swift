import EscapeStatistics
import Foundation
import Testing

@Suite("Estimates as documents")
struct EstimateTests {
  private func readBack(_ estimate: Estimate) throws -> Estimate {
    try JSONDecoder().decode(Estimate.self, from: JSONEncoder().encode(estimate))
  }

  @Test("Numbers and reasons read back; counts are not in the document", arguments: [0, 1, 10])
  func roundTrip(_ events: Int) throws {
    let rate = EscapeSample.rate(events: events, exposure: 7, censored: 2)
    let copy = try readBack(rate)
    #expect(copy.value == rate.value && copy.lower == rate.lower && copy.upper == rate.upper)
    #expect(copy.level == rate.level && copy.reason == rate.reason)
    #expect((copy.reason == nil) == (events > 0))
    #expect(copy.events == nil && copy.censored == nil)
    #expect(try readBack(copy) == copy)
  }

  @Test("In another unit every number is")
  func scaling() {
    let time = EscapeSample.rate(events: 3, exposure: 7, censored: 2).reciprocal
    let steps = time.scaled(by: 100)
    #expect(steps.value == time.value! * 100 && steps.lower == time.lower! * 100)
    #expect(steps.upper == time.upper! * 100 && steps.level == time.level)
    #expect(steps.events == 3 && steps.censored == 2)
    let bound = EscapeSample.rate(events: 0, exposure: 7, censored: 2).scaled(by: 2)
    #expect(bound.value == nil && bound.reason == "no event was seen: a one-sided bound")
  }
}
