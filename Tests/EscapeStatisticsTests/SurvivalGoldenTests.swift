import DataFiles
import Foundation
import NumericalMethods
import TestSupport
import Testing

@testable import EscapeStatistics

/// Estimates of censored lifetimes against R: `Golden/goldens.R` made data and values.
@Suite struct SurvivalGoldenTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Golden")

  /// Columns by name; "Inf" and "NA" as R writes them.
  private static func columns(_ name: String) throws -> [String: [Double]] {
    let lines = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      .split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    var columns = [String: [Double]]()
    for (i, key) in lines[0].enumerated() {
      columns[key] = lines.dropFirst().map {
        $0[i] == "Inf" ? .infinity : Double($0[i]) ?? .nan
      }
    }
    return columns
  }

  private static func passages() throws -> EscapeSample {
    let table = try columns("passages.csv")
    return EscapeSample(
      zip(table["time"]!, table["event"]!).map {
        PassageTime(time: $0, outcome: $1 == 1 ? .escaped : .censored)
      })
  }

  private static func intervals(_ name: String) throws -> [PassageInterval] {
    let table = try columns(name)
    return zip(table["lower"]!, table["upper"]!).map { PassageInterval(lower: $0, upper: $1) }
  }

  @Test func kaplanMeierWithItsBand() throws {
    let golden = try Self.columns("kaplan-meier.csv")
    let curve = SurvivalCurve(try Self.passages())
    #expect(curve.steps.map(\.time) == golden["time"]!)
    for (i, step) in curve.steps.enumerated() {
      expectClose(step.survival, to: golden["survival"]![i], relative: 1e-12, "S")
      expectClose(try #require(step.lower), to: golden["lower"]![i], relative: 1e-9, "its band")
      expectClose(try #require(step.upper), to: golden["upper"]![i], relative: 1e-9, "its band")
    }
  }

  @Test func restrictedMean() throws {
    let golden = try Self.columns("restricted-mean.csv")
    let mean = try #require(try Self.passages().restrictedMean(until: 100))
    expectClose(mean.value!, to: golden["mean"]![0], relative: 1e-9, "the restricted mean")
    let error = (mean.upper! - mean.lower!) / (2 * Distributions.normalQuantile(0.975))
    expectClose(error, to: golden["standardError"]![0], relative: 1e-9, "its error")
  }

  @Test func turnbull() throws {
    let golden = try Self.columns("turnbull.csv")
    let estimate = try TurnbullEstimate(IntervalSample(try Self.intervals("intervals.csv")))
    var determined = 0
    for (time, survival) in zip(golden["time"]!, golden["survival"]!) {
      guard let ours = estimate.survival(at: time) else { continue }
      determined += 1
      expectClose(ours, to: survival, absolute: 1e-6, "S(\(time))")
    }
    #expect(determined > 40)
  }

  // A step at which nothing is censored between is one of Kaplan and Meier.
  @Test func turnbullOfKnownTimesIsKaplanMeier() throws {
    let sample = try Self.passages()
    let estimate = try TurnbullEstimate(IntervalSample(sample))
    for step in SurvivalCurve(sample).steps {
      expectClose(
        try #require(estimate.survival(at: step.time)), to: step.survival, absolute: 1e-7, "S")
    }
  }

  private static func fit(_ name: String) throws -> (
    intercept: Double, slope: Double, second: Double, shape: Double, logLikelihood: Double
  ) {
    let lines = try String(contentsOf: folder.appending(path: "fits.csv"), encoding: .utf8)
      .split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    let line = try #require(lines.first { $0[0] == name })
    let numbers = line.dropFirst().map { Double($0) ?? .nan }
    return (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
  }

  // survreg: the scale of t is e^{intercept}, its mean Γ(1 + 1/κ) times as much.
  @Test func weibullAndExponentialLaws() throws {
    let sample = IntervalSample(try Self.passages())
    let intervals = IntervalSample(try Self.intervals("intervals.csv"))
    for (name, family, data) in [
      ("weibull", WaitingTimeFamily.weibull, sample), ("exponential", .exponential, sample),
      ("interval", .weibull, intervals),
    ] {
      let golden = try Self.fit(name)
      let fit = try LawFit(family, to: data, level: 0.95)
      expectClose(
        fit.mean.value!,
        to: exp(golden.intercept + Distributions.logGamma(1 + 1 / golden.shape)),
        relative: 1e-6, "the mean of \(name)")
      if family == .weibull {
        expectClose(
          fit.parameters[0].estimate.value!, to: golden.shape, relative: 1e-6, "the shape")
      }
      expectClose(fit.logLikelihood, to: golden.logLikelihood, relative: 1e-9, "ln L of \(name)")
    }
  }

  private static func rungs() throws -> [LadderRung] {
    let table = try columns("ladder.csv")
    let intervals = try intervals("ladder.csv")
    return Set(table["x"]!).sorted().map { x in
      LadderRung(
        inverseNoise: x,
        sample: IntervalSample(zip(table["x"]!, intervals).filter { $0.0 == x }.map(\.1)))
    }
  }

  @Test(arguments: [
    (LadderLaw.arrhenius, "arrhenius"), (.powerLaw, "power"), (.arrheniusWithPower, "both"),
    (.gradientFlow, "constant"),
  ]) func acceleratedLife(_ law: LadderLaw, _ name: String) throws {
    let golden = try Self.fit(name)
    let fit = try #require(try LadderFit(law, to: try Self.rungs()))
    let logMean = golden.intercept + Distributions.logGamma(1 + 1 / golden.shape)
    expectClose(fit.logLikelihood, to: golden.logLikelihood, relative: 1e-9, "ln L")
    expectClose(fit.shape.value!, to: golden.shape, relative: 1e-6, "the shape")
    expectClose(fit.coefficients[0].value!, to: logMean, relative: 1e-6, "ln τ₀")
    if fit.coefficients.count > 1 {
      expectClose(fit.coefficients[1].value!, to: golden.slope, relative: 1e-6, "the slope")
    }
    if fit.coefficients.count > 2 {
      expectClose(fit.coefficients[2].value!, to: golden.second, relative: 1e-6, "the power")
    }
  }

  @Test func profileOfTheSlope() throws {
    let golden = try Self.columns("slope.csv")
    let fit = try #require(try LadderFit(.arrhenius, to: try Self.rungs()))
    expectClose(fit.coefficients[1].lower!, to: golden["lower"]![0], relative: 1e-6, "its end")
    expectClose(fit.coefficients[1].upper!, to: golden["upper"]![0], relative: 1e-6, "its end")
  }
}
