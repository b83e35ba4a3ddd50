import DataFiles
import Experiments
import Foundation
import LangevinDynamics
import NumericalMethods
import RunStores

extension SelfTest {
  /// Every row, and the verdict on the build.
  public struct Outcome: Sendable {
    public let settings: Settings
    public let checks: [Check]
    /// How long the suite took.
    public let seconds: Double

    public init(settings: Settings, checks: [Check], seconds: Double) {
      self.settings = settings
      self.checks = checks
      self.seconds = seconds
    }

    public var failed: Int { checks.count { !$0.passes } }

    /// 0 where every row passes, 70 (internal error) otherwise, or where there is none.
    public var exitCode: Int32 { failed == 0 && !checks.isEmpty ? 0 : 70 }

    /// How many random numbers the rows compare.
    public var comparisons: Int { checks.reduce(0) { $0 + $1.comparisons } }

    /// An upper bound on the probability that a right build fails on some seed: see ``SelfTest``.
    public var falseAlarmBound: Double {
      2 * 2 * Distributions.normalUpperTail(standardScore) * Double(comparisons)
    }

    /// The rows as a table, JSON and a verdict in words.
    public var findings: Findings {
      Findings(
        results: [
          "checks": .array(checks.map(\.json)), "failed": .integer(failed),
          "comparisons": .integer(comparisons), "falseAlarmBound": .number(falseAlarmBound),
          "seconds": .number(seconds),
        ],
        tables: [table],
        notes: checks.compactMap { check in
          check.reason.map { "\(check.group.rawValue), \(check.name): \($0)" }
        },
        summary: [verdict, budget])
    }

    private var verdict: String {
      let time =
        seconds < 9.5 ? String(format: "%.1f s", seconds) : String(format: "%.0f s", seconds)
      guard exitCode != 0 else {
        return "\(checks.count) of \(checks.count) checks pass on this machine (\(time))."
      }
      return
        "\(failed) of \(checks.count) checks FAIL on this machine (\(time)): do not trust its numbers."
    }

    private var budget: String {
      // Rounded up: a bound.
      let magnitude = pow(10, log10(falseAlarmBound).rounded(.down))
      let bound = String(
        format: "%.0e", (falseAlarmBound / magnitude).rounded(.up) * magnitude)
      return
        "\(comparisons) random numbers were compared, each within \(Int(standardScore)) standard errors and a stated bias: a right build fails on a new seed with a probability below \(bound). A row that fails on one seed and not on the next is such an accident or a rare error; one that fails on both is an error."
    }

    private var table: Table {
      var table = Table(
        name: "checks", title: "Self-test, seed \(settings.seed) (\(instructionSet))",
        columns: [
          .init("group", "group", "what is checked"),
          .init("check", "check", "the check"),
          .init("measured", "measured", "computed by this build"),
          .init("expected", "expected", "closed form, published value or independent method"),
          .init("deviation", "deviation", "|measured - expected|"),
          .init("tolerance", "tolerance", "the largest deviation that passes"),
          .init("verdict", "verdict", "pass or FAIL"),
        ])
      for check in checks {
        table.append([
          .text(check.group.rawValue), .text(check.name), .number(check.measured),
          .number(check.expected), .number(check.deviation), .number(check.tolerance),
          .text(check.passes ? "pass" : "FAIL"),
        ])
      }
      return table
    }
  }
}

extension SelfTest.Check {
  /// One element of `results.checks`.
  var json: JSONValue {
    var members: [(key: String, value: JSONValue)] = [
      ("group", .string(group.rawValue)), ("check", .string(name)),
      ("measured", .number(measured)), ("expected", .number(expected)),
      ("deviation", .number(deviation)), ("tolerance", .number(tolerance)),
      ("standardError", .optional(standardError)), ("comparisons", .integer(comparisons)),
      ("passes", .bool(passes)),
    ]
    if let reason { members.append(("reason", .string(reason))) }
    return .object(members)
  }
}
