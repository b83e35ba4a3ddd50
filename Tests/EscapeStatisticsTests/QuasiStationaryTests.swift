import NumericalMethods
import TestSupport
import Testing

@testable import EscapeStatistics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct QuasiStationaryTests {
  /// Two stages: the fast one of rate 1/lag first, then rate 1. S ≈ e^{−(t − ℓ)} with ℓ = −ln(1 − lag).
  private static func stages(_ lag: Double) -> Law {
    Law(description: "stages 1 and \(lag)", mean: 1 + lag) {
      $0.exponential(mean: 1) + $0.exponential(mean: lag)
    }
  }

  private func check(_ law: Law, rate: Double, lag: Double?, seed: UInt64) throws {
    let trials = 1000
    let random = testStream(seed)
    var (covered, lagCovered, count, late) = (0, 0, 0, 0)
    for _ in 0..<trials {
      let sample = law.sample(300, random)
      guard let regime = QuasiStationaryRegime(sample) else { continue }
      count += 1
      if regime.rate.contains(rate) { covered += 1 }
      guard let lag, let found = regime.lag else { continue }
      late += 1
      if found.contains(lag) { lagCovered += 1 }
    }
    #expect(count > 900, "\(law): \(count)")
    // The start is chosen by the data, and a change that is too small to see remains: some 3 %.
    expectAgreement(
      SampleMean(hits: covered, of: count, underProbability: 0.95), with: 0.95, bias: 0.04,
      "the coverage of the rate for \(law), of which \(late) have a lag")
    if lag != nil {
      #expect(late > 800)
      expectAgreement(
        SampleMean(hits: lagCovered, of: late, underProbability: 0.95), with: 0.95, bias: 0.06,
        "the coverage of the lag for \(law)")
    }
  }

  @Test(.tags(.statistical)) func exponentialTimes() throws {
    try check(.weibull(1), rate: 1, lag: nil, seed: 740)
  }

  @Test(.tags(.statistical)) func twoStages() throws {
    try check(Self.stages(0.2), rate: 1, lag: -log(1 - 0.2), seed: 741)
  }

  @Test(.tags(.statistical)) func aHardLag() throws {
    try check(.lag(0.5), rate: 1, lag: 0.5, seed: 742)
  }

  // A mixture in which a tenth leaves at once: S ≈ 0.9e^{−t}, ℓ = ln 0.9.
  @Test(.tags(.statistical)) func someLeaveAtOnce() throws {
    let law = Law(description: "a tenth at once", mean: 0.9 + 0.1 * 0.02) {
      $0.exponential(mean: $0.uniform() < 0.1 ? 0.02 : 1)
    }
    try check(law, rate: 1, lag: log(0.9), seed: 743)
  }

  // A hazard that never levels off: seen in most samples of 1000.
  @Test(.tags(.statistical)) func noRegime() {
    let random = testStream(744)
    var found = 0
    for _ in 0..<50 where QuasiStationaryRegime(Law.weibull(3).sample(1000, random)) != nil {
      found += 1
    }
    #expect(found < 25)
  }

  @Test func tooFew() {
    #expect(QuasiStationaryRegime(EscapeSample([])) == nil)
    let nine = (1...9).map { PassageTime(time: Double($0), outcome: .escaped) }
    #expect(QuasiStationaryRegime(EscapeSample(nine)) == nil)
  }
}
