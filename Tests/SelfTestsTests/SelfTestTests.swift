import DataFiles
import Experiments
import Foundation
import NumericalMethods
import Reports
import SelfTests
import TestSupport
import Testing

@Suite("Self-test", .tags(.slow), .unlessQuick)
struct SelfTestTests {
  struct Failure: Error, CustomStringConvertible {
    let description = "no such number"
  }

  private func outcome(
    _ body: @escaping @Sendable (SelfTest.Settings) throws -> SelfTest.Measurement
  ) throws -> SelfTest.Outcome {
    let right = SelfTest.Procedure(.solvers, "one is one") { _ in
      .init(1, expected: 1, tolerance: 0)
    }
    return try SelfTest(procedures: [
      right, SelfTest.Procedure(.solvers, "the row in question", body: body), right,
    ]).outcome()
  }

  private func expectPasses(_ outcome: SelfTest.Outcome) {
    for check in outcome.checks where !check.passes {
      Issue.record(
        "seed \(outcome.settings?.seed ?? 0), \(check.group.rawValue), \(check.name): \(check.measured ?? .nan), expected \(check.expected ?? .nan) ± \(check.tolerance ?? .nan) \(check.reason ?? "")"
      )
    }
    #expect(outcome.exitCode == 0)
  }

  @Test("Every row passes on the default seed and on another, within the budget of false alarms")
  func passes() throws {
    for seed in [1, testSeed(510)] {
      let outcome = try SelfTest(seed: seed).outcome()
      expectPasses(outcome)
      #expect(outcome.checks.count == SelfTest.allProcedures.count)
      #expect(outcome.comparisons > 20)
      #expect(outcome.falseAlarmBound < SelfTest.falseAlarmBudget)
    }
  }

  @Test("The largest seed has neighbours too")
  func largestSeed() throws {
    let procedures = SelfTest.allProcedures.filter { $0.group == .generators }
    expectPasses(try SelfTest(seed: .max, procedures: procedures).outcome())
  }

  @Test("Groups are all there, names differ")
  func names() {
    let procedures = SelfTest.allProcedures
    #expect(Set(procedures.map(\.group)) == Set(SelfTest.Group.allCases))
    #expect(Set(procedures.map { $0.group.rawValue + $0.name }).count == procedures.count)
  }

  @Test("A wrong expected value is a row that fails, not the others")
  func wrongValue() throws {
    let outcome = try outcome { _ in .init(2.0.squareRoot(), expected: 1.41421, tolerance: 1e-9) }
    #expect(outcome.checks.map(\.passes) == [true, false, true])
    #expect(outcome.failed == 1)
    #expect(outcome.exitCode == 70)
    #expect(outcome.summary[0].hasPrefix("1 of 3 checks FAIL on this machine"))
    #expect(outcome.tables[0].csv().contains(",FAIL\n"))
  }

  @Test("A random number may be off by 5 standard errors and the bias, not by more")
  func randomNumber() throws {
    for (value, passes) in [(1.059, true), (0.941, true), (1.061, false), (0.939, false)] {
      let outcome = try outcome { _ in
        .init(value, standardError: 0.01, expected: 1, bias: 0.01)
      }
      #expect(outcome.checks[1].passes == passes)
      #expect(outcome.checks[1].standardError == 0.01)
      #expect(outcome.comparisons == 1)
    }
  }

  @Test("An error is a row that fails, with its reason")
  func thrownError() throws {
    let outcome = try outcome { _ in throw Failure() }
    #expect(outcome.checks.map(\.passes) == [true, false, true])
    #expect(outcome.checks[1].reason == "no such number")
    #expect(outcome.exitCode == 70)
    #expect(outcome.notes == ["solvers, the row in question: no such number"])
  }

  @Test("What is not a number fails, wherever it stands")
  func notANumber() throws {
    let measurements: [SelfTest.Measurement] = [
      .init(.nan, expected: 1, tolerance: 1), .init(1, expected: .nan, tolerance: 1),
      .init(1, expected: 1, tolerance: .nan), .init(.infinity, expected: .infinity, tolerance: 1),
      .init(1, expected: 2, tolerance: .infinity),
      .init(1, standardError: .nan, expected: 1),
    ]
    for measurement in measurements {
      let outcome = try outcome { _ in measurement }
      #expect(outcome.checks.map(\.passes) == [true, false, true])
      #expect(outcome.exitCode == 70)
    }
  }

  @Test("No row is no success")
  func noRow() throws {
    #expect(try SelfTest(procedures: []).outcome().exitCode == 70)
    #expect(throws: InvalidInput.self) { try SelfTest(threads: 0) }
  }

  @Test("JSON holds every row, null where there is no number")
  func json() throws {
    let outcome = try outcome { _ in throw Failure() }
    let document = try outcome.findings().results
    #expect(document["failed"] == 1)
    guard case .array(let rows) = document["checks"] else {
      Issue.record("there are no rows")
      return
    }
    #expect(rows.count == 3)
    #expect(rows[0]["deviation"] == .number(0) && rows[0]["passes"] == true)
    #expect(rows[1]["measured"] == .null && rows[1]["passes"] == false)
    #expect(rows[1]["reason"] == "no such number" && rows[0]["reason"] == nil)
    expectDeclared(SelfTest.Outcome.keys, in: [document])

    let copy = try JSONDecoder().decode(
      SelfTest.Outcome.self, from: Data(document.rendered().utf8))
    #expect(try JSONValue(encoding: copy) == document)
    #expect(copy.checks.map(\.passes) == outcome.checks.map(\.passes))
    #expect(copy.exitCode == 70 && copy.notes == outcome.notes)
  }
}
