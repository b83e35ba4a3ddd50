import Experiments
import Foundation
import NumericalMethods
import SelfTests

extension SelfTest.Outcome: Tabulated {
  static let columns: [Column<SelfTest.Check>] = [
    .init("group", "group", "what is checked") { $0.group.rawValue },
    .init("check", "check", "the check") { $0.name },
    .init("measured", "measured", "computed by this build") { $0.measured },
    .init("expected", "expected", "closed form, published value or independent method") {
      $0.expected
    },
    .init("deviation", "deviation", "|measured - expected|") { $0.deviation },
    .init("tolerance", "tolerance", "the largest deviation that passes") { $0.tolerance },
    .init("verdict", "verdict", "pass or FAIL") { $0.passes ? "pass" : "FAIL" },
  ]

  package static var tableDescriptions: [TableDescription] {
    [TableDescription("checks", columns)]
  }

  package var tables: [Table] {
    let seed = settings.map { ", seed \($0.seed)" } ?? ""
    return [
      Table(
        name: "checks", title: "Self-test\(seed) (\(instructionSet))", columns: Self.columns,
        rows: checks)
    ]
  }

  package var notes: [String] {
    checks.compactMap { check in
      check.reason.map { "\(check.group.rawValue), \(check.name): \($0)" }
    }
  }

  package var summary: [String] { [verdict, budget] }

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
    let bound = String(format: "%.0e", falseAlarmBound)
    return
      "\(comparisons) random numbers were compared, each within \(Int(SelfTest.standardScore)) standard errors and a stated bias: a right build fails on a new seed with a probability below \(bound). A row that fails on one seed and not on the next is such an accident or a rare error; one that fails on both is an error."
  }
}
