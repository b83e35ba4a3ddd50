import Foundation
import NumericalMethods
import TestSupport
import Testing

@testable import EscapeStatistics

/// How often intervals at 95 % hold what is true: a thousand samples of each law, seen in several ways.
///
/// `METASTABLE_WRITE_COVERAGE=1` does all and writes the page of the documentation; otherwise some are checked.
@Suite struct CoverageTests {
  /// What is seen of each run.
  enum View: CaseIterable, CustomStringConvertible {
    case tenth, one, three, whole, half, rare, third, wide

    var runs: Int {
      switch self {
      case .tenth, .one, .three, .whole: 30
      case .half, .rare, .third, .wide: 100
      }
    }

    /// The share of runs that are seen to pass.
    private var share: Double {
      switch self {
      case .tenth: 0.1 / 30
      case .one: 1 / 30.0
      case .three: 0.1
      case .rare: 0.1
      case .half: 0.5
      case .whole, .third, .wide: 1
      }
    }

    /// Looks at every so many mean times; nil where times are known.
    private var step: Double? {
      switch self {
      case .third: 1 / 3.0
      case .wide: 1
      default: nil
      }
    }

    var description: String {
      switch self {
      case .tenth: "30 runs, 0.1 escapes expected"
      case .one: "30 runs, 1 escape expected"
      case .three: "30 runs, 3 escapes expected"
      case .whole: "30 runs, all escape"
      case .half: "100 runs, half of them stopped"
      case .rare: "100 runs, 90 % stopped"
      case .third: "100 runs, looked at every τ/3"
      case .wide: "100 runs, looked at every τ"
      }
    }

    func look(_ law: Law, _ random: borrowing RandomSource, quantile: (Double) -> Double)
      -> IntervalSample
    {
      let cap = share < 1 ? quantile(share) : .infinity
      return IntervalSample(
        (0..<runs).map { _ in
          let time = law.draw(random)
          if time > cap { return PassageInterval(lower: cap, upper: .infinity) }
          guard let step else { return PassageInterval(lower: time, upper: time) }
          let width = step * law.mean
          // From a moment of its own on.
          let first = random.uniform() * width
          if time <= first { return PassageInterval(lower: 0, upper: first) }
          let looks = ((time - first) / width).rounded(.up)
          return PassageInterval(lower: first + (looks - 1) * width, upper: first + looks * width)
        })
    }
  }

  /// A law, its family, and its quantiles.
  struct Truth: Sendable {
    let law: Law
    let family: WaitingTimeFamily
    let density: any WaitingTimeDensity

    /// By bisection of S, in the law's own unit.
    func quantile(_ probability: Double) -> Double {
      var (low, high) = (0.0, 1e3)
      for _ in 0..<200 {
        let middle = 0.5 * (low + high)
        if density.logSurvival(middle) > log1p(-probability) { low = middle } else { high = middle }
      }
      return high * law.mean
    }

    func survival(_ time: Double) -> Double { exp(density.logSurvival(time / law.mean)) }
  }

  static let truths = [
    Truth(law: .weibull(1), family: .exponential, density: ExponentialDensity(shape: [])),
    Truth(law: .weibull(0.7), family: .weibull, density: WeibullDensity(shape: [log(0.7)])),
    Truth(law: .weibull(1.5), family: .weibull, density: WeibullDensity(shape: [log(1.5)])),
    Truth(
      law: .mixture(5), family: .hyperexponential,
      density: HyperexponentialDensity(shape: [0, log(4)])),
  ]

  /// Of intervals that could be given, how many hold the truth.
  struct Count {
    var covered = 0
    var given = 0

    mutating func add(_ estimate: Estimate?, _ truth: Double) {
      guard let estimate, estimate.lower != nil || estimate.upper != nil else { return }
      given += 1
      if estimate.contains(truth) { covered += 1 }
    }

    func text(of trials: Int) -> String {
      guard given >= trials / 2 else { return "–" }
      let share = String(format: "%.1f", 100 * Double(covered) / Double(given))
      return given == trials ? share : "\(share) (of \(given))"
    }
  }

  struct Row {
    var rate = Count()
    var mean = Count()
    var median = Count()
    var restricted = Count()
    var events = 0
  }

  static func row(_ truth: Truth, _ view: View, trials: Int, seed: UInt64) throws -> Row {
    let random = testStream(seed)
    let median = truth.quantile(0.5)
    var row = Row()
    for _ in 0..<trials {
      let seen = view.look(truth.law, random, quantile: truth.quantile)
      row.events += seen.events
      if seen.isExact {
        let sample = seen.sample
        row.rate.add(sample.rate(), 1 / truth.law.mean)
        row.median.add(SurvivalCurve(sample).quantileEstimate(0.5), median)
        if let restricted = sample.restrictedMean(), let horizon = sample.lastTime {
          let area = try integrate(
            truth.survival, over: 0...horizon, relativeTolerance: 1e-8, while: "an area"
          ).value
          row.restricted.add(restricted, area)
        }
      }
      if seen.events >= LawComparison.fewestEvents {
        row.mean.add(try LawFit(truth.family, to: seen, level: 0.95).mean, truth.law.mean)
      }
    }
    return row
  }

  private static let trials = 1000

  // With no or few escapes the exact interval of an exponential law holds; bias: 5 %, since it is conservative where
  // runs are stopped.
  @Test(.tags(.statistical), arguments: [View.tenth, .one, .three, .whole])
  func fewEscapes(_ view: View) throws {
    let row = try Self.row(Self.truths[0], view, trials: 4 * Self.trials, seed: 770)
    let share = Double(row.rate.covered) / Double(row.rate.given)
    #expect(row.rate.given == 4 * Self.trials)
    #expect(
      share > 0.95 - 5 * (0.95 * 0.05 / Double(4 * Self.trials)).squareRoot(), "\(view): \(share)")
  }

  // Bias: 3 % for a hundred runs, of the square root of the shape that is fitted beside the mean.
  @Test(.tags(.statistical, .slow), arguments: [View.half, .third, .wide])
  func theMeanOfTheRightLaw(_ view: View) throws {
    for (i, truth) in Self.truths.dropLast().enumerated() {
      let row = try Self.row(truth, view, trials: Self.trials, seed: 780 + UInt64(i))
      expectAgreement(
        SampleMean(hits: row.mean.covered, of: row.mean.given, underProbability: 0.95),
        with: 0.95, bias: 0.03, "the coverage for \(truth.law), \(view)")
    }
  }

  @Test func writesThePage() throws {
    guard ProcessInfo.processInfo.environment["METASTABLE_WRITE_COVERAGE"] != nil else { return }
    var page = """
      # How often intervals hold

      Shares of 1000 samples, in per cent, whose interval at 95 % holds the true value, where one could be given.

      ## Overview

      Made by `METASTABLE_WRITE_COVERAGE=1 make test FILTER=CoverageTests`. The error of a share is 0.7. The rate is that of
      `escape`: exact where times are taken as exponential, else the mean of any law, or the rate of the tail, which is
      another number than 1/τ. The mean is that of the law that made the times, with its form fitted too. Median and
      restricted mean take no law for granted.

      | times | seen | escapes | rate | mean of the law | median | restricted mean |
      | --- | --- | ---: | ---: | ---: | ---: | ---: |

      """
    for (i, truth) in Self.truths.enumerated() {
      for (j, view) in View.allCases.enumerated() {
        let row = try Self.row(
          truth, view, trials: Self.trials, seed: 800 + UInt64(10 * i + j))
        let events = String(format: "%.2g", Double(row.events) / Double(Self.trials))
        let cells = [row.rate, row.mean, row.median, row.restricted].map {
          $0.text(of: Self.trials)
        }
        page += "| \(truth.law) | \(view) | \(events) | \(cells.joined(separator: " | ")) |\n"
      }
    }
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Metastable/Metastable.docc/Articles/Coverage.md")
    try Data(page.utf8).write(to: path.standardizedFileURL)
  }
}
