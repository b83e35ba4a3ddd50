import Foundation
import Testing

@Suite("selftest")
struct SelfTestVerbTests {
  @Test("Every row passes, and the document holds the contract")
  func run() throws {
    let document = try CommandLineRun(["selftest", "--format", "json", "--quiet"]).document()
    document.expectContract(of: "selftest", seed: 1)
    let results = document["results"]
    #expect(results.number("failed") == 0)
    #expect((results.number("falseAlarmBound") ?? 1) < 1e-4)
    #expect((results.number("seconds") ?? 0) > 0)
    let checks = results.list("checks")
    #expect(checks.count > 50)
    for check in checks {
      #expect(check.text("group") != nil && check.text("check") != nil)
      let numbers = ["measured", "expected", "deviation", "tolerance"].map { check.number($0) }
      #expect(numbers.allSatisfy { $0 != nil })
      #expect(check.has("standardError") && check.number("comparisons") != nil)
      #expect(check.flag("passes") == true)
    }
    #expect(
      document.texts("summary").first?.hasPrefix(
        "\(checks.count) of \(checks.count) checks pass on this machine") == true)
  }

  @Test("No threads are refused; a word close to the verb is recognised")
  func badInput() throws {
    let run = try CommandLineRun(["selftest", "--threads", "0"])
    #expect(run.code == 65)
    #expect(run.errors == "metastable: number of threads must be at least 1, but is 0\n")
    let guess = try CommandLineRun(["self-test"])
    #expect(guess.code == 2)
    #expect(guess.errors.contains("did you mean 'selftest'?"))
  }
}
