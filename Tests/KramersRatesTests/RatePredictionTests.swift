import Landscapes
import NumericalMethods
import TestSupport
import Testing

@testable import KramersRates

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct ValidityTests {
  @Test func theWorstVerdictCounts() {
    let all = Validity.all([
      .valid, .marginal(.oneLine, "one"), .invalid(.exponentOnly, "two"),
      .marginal(.matchedNoise, "three"),
    ])
    #expect(all.verdict == .invalid)
    #expect(all.reasons == ["one", "two", "three"])
    #expect("\(all)" == "invalid: one; two; three")
    #expect(Validity.all([.valid, .valid]) == .valid)
    #expect(Validity.all([]) == .valid)
    #expect("\(Validity.valid)" == "valid")
  }

  struct Case: Sendable {
    let name: String
    let verdicts: [Validity.Verdict]
    let criteria: [Validity]
  }

  @Test(arguments: [
    Case(
      name: "barrier", verdicts: [.valid, .marginal, .invalid],
      criteria: [4, 3.9, 1.9].map { Validity.barrier($0, temperature: 1) }),
    Case(
      name: "entropy", verdicts: [.valid, .marginal, .invalid],
      criteria: [1, 6, 8].map {
        Validity.entropy(modes: $0, barrierHeight: 1, temperature: 0.1)
      }),
    Case(
      name: "returns", verdicts: [.valid, .marginal, .invalid, .invalid],
      criteria: [0.1, 0.11, 0.51, .infinity].map { Validity.returns(excess: $0) }),
    Case(
      name: "product well", verdicts: [.valid, .marginal, .marginal],
      criteria: [1.1, 0.9, 0.01].map { Validity.productWell(depth: $0, temperature: 1) }),
    Case(
      name: "harmonic", verdicts: [.valid, .valid, .marginal, .invalid],
      criteria: [0.0, 0.05, 0.1, 0.4].map {
        Validity.harmonic(FirstCorrection(well: $0, saddle: 0), temperature: 1)
      }),
    Case(
      name: "index", verdicts: [.invalid, .valid, .invalid],
      criteria: [0, 1, 2].map { Validity.index($0) }),
    Case(
      name: "force", verdicts: [.valid, .marginal, .invalid],
      criteria: [0.01, 0.04, 0.1].map {
        Validity.residualForce($0, curvature: -2, temperature: 0.01)
      }),
    Case(
      name: "width", verdicts: [.valid, .marginal, .invalid],
      criteria: [0.09, 0.29, 0.31].map {
        Validity.barrierWidth(unstableCurvature: -4, distance: 0.5, temperature: $0)
      }),
    Case(
      name: "time scales", verdicts: [.valid, .marginal, .invalid],
      criteria: [60.0, 10, 4].map {
        Validity.timeScales(logTime: log($0), relaxationRate: 2)
      }),
    Case(
      name: "gap", verdicts: [.valid, .marginal, .invalid],
      criteria: [1e-3, -0.05, 0.2].map {
        Validity.zeroModeGap(largestZero: $0, smallestNonZero: -1)
      }),
    Case(
      name: "not a number", verdicts: [.invalid],
      criteria: [Validity.barrier(.nan, temperature: 1)]),
  ])
  func thresholds(_ test: Case) {
    #expect(test.criteria.map(\.verdict) == test.verdicts, "\(test.name)")
    // Every verdict but "valid" says why.
    #expect(test.criteria.allSatisfy { $0.reasons.isEmpty == ($0.verdict == .valid) })
  }

  // The thresholds of ΔE/T stand for the error of Kramers' formula in the quartic double well;
  // the numbers are the exact time by trapezoidal sums of 20 000 intervals.
  @Test(arguments: [(4.0, 0.1421), (2.0, 0.24995)])
  func barrierThresholdsAreErrors(_ ratio: Double, _ expected: Double) throws {
    let kramers = try KramersOverdamped(
      barrierHeight: 0.25, minimumCurvature: 2, saddleCurvature: -1)
    let t = 0.25 / ratio
    let exact = try doubleWell(temperature: t).logMeanFirstPassageTime()
    let error = expm1(exact - kramers.logMeanFirstPassageTime(temperature: t))
    expectClose(error, to: expected, absolute: 1e-4)
  }
}

@Suite struct RatePredictionTests {
  @Test func rowOfATheory() throws {
    let kramers = try KramersOverdamped(
      barrierHeight: 0.25, minimumCurvature: 2, saddleCurvature: -1)
    let prediction = try kramers.prediction(temperature: 0.05)
    #expect(
      prediction.row == [
        "Kramers, overdamped", "the product well", "6.491", "659.4", "0.25", "1.491", "valid",
      ])
    #expect(RatePrediction.columns.count == prediction.row.count)
    #expect(
      "\(prediction)"
        == "Kramers, overdamped at T = 0.05: clock stops at the product well, ln τ 6.491, τ 659.4, slope 0.25, ln τ₀ 1.491; valid"
    )
    // Beyond a double.
    #expect(try kramers.prediction(temperature: 0.0001).row[3] == "10^1086")
    #expect(throws: InvalidInput.self) { try kramers.prediction(temperature: -1) }
  }

  @Test func absorbingStatesAreNeverLeft() {
    let prediction = RatePrediction.absorbing(
      theory: "SGD", noise: .noiseScale(0.01), clockStop: "the learned state",
      reason: "every per-sample gradient of the mode vanishes")
    #expect(prediction.meanFirstPassageTime == .infinity)
    #expect(
      prediction.row == ["SGD", "the learned state", "∞", "∞", "–", "–", "valid"])
    #expect("\(prediction)".hasSuffix("valid; every per-sample gradient of the mode vanishes"))
  }

  @Test func theoriesFormATable() throws {
    let well = QuarticDoubleWell()
    let theories: [any ThermalRate] = [
      try KramersOverdamped(landscape: well, minimum: -1, saddle: 0),
      try CorrectedKramers(landscape: well, minimum: -1, saddle: 0),
      try KramersTurnover(landscape: well, minimum: -1, saddle: 0, friction: 50),
      try LangerRate(
        minimum: HarmonicState(landscape: well, point: [-1], differenceStep: 0.02),
        saddles: [LangerSaddle(HarmonicState(landscape: well, point: [0], differenceStep: 0.02))]),
    ]
    let rows = try theories.map { try $0.prediction(temperature: 0.03).row }
    #expect(Set(rows.map { $0[0] }).count == theories.count)
    #expect(rows.allSatisfy { $0.last == "valid" })
  }
}
