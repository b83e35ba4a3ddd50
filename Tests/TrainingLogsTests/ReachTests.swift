import EscapeStatistics
import TestSupport
import Testing
import TrainingLogs

@Suite("First passages of logs")
struct ReachTests {
  @Test(
    "Conditions",
    arguments: [
      ("val_acc >= 0.99", "val_acc", ReachCondition.Comparison.atLeast, 0.99),
      ("val/loss<1e-3", "val/loss", .below, 1e-3), ("a b <= -2", "a b", .atMost, -2),
      ("x > 3", "x", .above, 3),
    ])
  func parsing(
    _ text: String, _ metric: String, _ comparison: ReachCondition.Comparison, _ threshold: Double
  ) throws {
    #expect(
      try ReachCondition(parsing: text) == ReachCondition(metric, comparison, threshold))
  }

  @Test("No conditions", arguments: ["val_acc", ">= 1", "a >= b", "a >= 99%", "a = 1", ""])
  func refused(_ text: String) throws {
    let text = try #require(words { _ = try ReachCondition(parsing: text) })
    #expect(text.contains("is no condition") && text.contains("'val_acc >= 0.99'"))
  }

  @Test("A float32 meets the threshold that it was rounded from, and no other")
  func float32() {
    for threshold in [0.9, 0.95, 0.97, 0.99, 0.999, 99.9] {
      let written = Double(Float(threshold))
      #expect(ReachCondition("a", .atLeast, threshold).holds(written))
      #expect(ReachCondition("a", .atMost, threshold).holds(written))
      #expect(!ReachCondition("a", .above, threshold).holds(written))
      #expect(!ReachCondition("a", .below, threshold).holds(written))
      #expect(!ReachCondition("a", .atLeast, threshold).holds(threshold * (1 - 1e-5)))
    }
  }

  @Test("A passage lies between records; the end of a log censors it")
  func passages() throws {
    let log = try runs(
      "run,step,loss\na,0,1\na,10,0.5\na,30,0.05\na,40,1\nb,0,1\nb,10,0.9\nc,5,0.01\nc,6,1\n")
    let passages = try log.passages(reaching: ReachCondition("loss", .below, 0.1))
    #expect(
      passages.passages.map(\.outcome) == [
        .passed(after: 10, by: 30), .notYet(at: 10, diverged: false), .beyondFromStart(at: 5),
      ])
    #expect(
      passages.sample.intervals == [
        PassageInterval(lower: 10, upper: 30), PassageInterval(lower: 10, upper: .infinity),
      ])
    #expect(passages.notes.contains { $0.contains("'run c' meets loss < 0.1 at the first record") })
    #expect(passages.notes.contains { $0.contains("20 steps apart, 67 % of the median passage") })
    #expect(passages.relativeGap == 20.0 / 30)
  }

  @Test("Buckets leave open where a threshold was passed")
  func buckets() throws {
    let runs = try LoggedRuns(contentsOf: [fixture("wandb/buckets.csv")])
    #expect(runs.notes.contains { $0.contains("means over buckets") })
    // The largest value exceeds 0.99 in the bucket of step 200, whose mean is 0.5.
    #expect(
      try runs.passages(reaching: ReachCondition("val_acc", .atLeast, 0.99)).passages[0].outcome
        == .passed(after: 100, by: 300))
    #expect(
      try runs.passages(reaching: ReachCondition("val_acc", .atLeast, 0.15)).passages[0].outcome
        == .passed(after: 0, by: 100))
  }
}
