import Experiments
import Foundation
import TestSupport
import Testing
import TrainingLogs

/// Logs of which no mechanism can be told: one sentence each, with what to do.
@Suite("What diagnose refuses")
struct DiagnosisRefusalTests {
  /// What is said of a log that is diagnosed.
  private func words(
    _ text: String, reach: String? = "acc >= 0.9", metric: String? = nil,
    mapping: LogMapping = LogMapping(), fullBatch: Double? = nil
  ) throws -> String? {
    try withTemporaryDirectory { folder in
      let file = folder.appendingPathComponent("log.csv")
      try Data(text.utf8).write(to: file)
      return TestSupport.words {
        _ = try DiagnosisExperiment(
          of: LoggedRuns(contentsOf: [file.path], mapping: mapping),
          conditions: .init(
            reach: reach.map { try ReachCondition(parsing: $0) }, metric: metric,
            fullBatch: fullBatch)
        ).result()
      }
    }
  }

  /// Two runs that pass between steps 10 and 20, with some settings.
  private func passing(_ header: String, _ settings: String, low: Double = 0.1) -> String {
    "seed,step,acc,\(header)\n"
      + [1, 2].flatMap { seed in
        [(0, low), (10, low), (20, 0.95)].map { "\(seed),\($0.0),\($0.1),\(settings)\n" }
      }.joined()
  }

  @Test("Each in one sentence with the remedy")
  func refusals() throws {
    let settings = ("lr,batch_size", "0.1,16")
    let good = passing(settings.0, settings.1)
    let means =
      "step," + (1...6).map { "run\($0)" }.joined(separator: ",")
      + "\n0,1,1,1,1,1,1\n1,2,2,2,2,2,2\n"
    let cases: [(String?, [String])] = [
      (try words(good, reach: "val_acc >= 0.9"), ["no", "metric 'val_acc'", "'acc'"]),
      (try words(good, reach: nil, metric: "loss"), ["metric 'loss'", "'acc'"]),
      (try words(good, reach: nil), ["no run has a transition", "what is to be reached"]),
      (
        try words(passing("lr,batch_size", "0.1,16", low: 0.93)),
        ["no run tells", "at the first record", "set the threshold further"]
      ),
      (try words("step,acc\n0,0.1\n10,0.95\n"), ["1 run", "spread over seeds", "--run-key"]),
      (try words(means, reach: "run1 > 1.5"), ["1 run", "'run1'", "where each column is a run"]),
      (try words(passing("lr", "0.1")), ["run 'seed 1'", "batch size", "--batch-size"]),
      (
        try words(passing("batch_size", "16")),
        ["run 'seed 1'", "learning rate", "--learning-rate"]
      ),
      (try words(passing("lr,batch_size", "0,16")), ["learning rate", "positive", "0"]),
      (try words(passing("lr,batch_size", "0.1,-1")), ["batch size", "positive", "-1"]),
      (
        try words(passing("lr,batch_size,weight_decay", "0.1,16,-0.5")),
        ["weight decay", "negative", "-0.5", "--weight-decay"]
      ),
      (
        try words(passing("lr,batch_size", "1e308,16")), ["no number", "1e+308", "--learning-rate"]
      ),
      (try words(good, fullBatch: -3), ["full batch", "-3"]),
      (
        try words(passing("lr,batch_size", "0.1,16") + "3,0,10,0.1,16\n3,5,99,0.1,16\n"),
        ["per cent", "seed 3", "one unit"]
      ),
      (
        try words(
          "seed,epoch,acc,lr,batch_size\n1,0,0.1,1,1\n1,5,0.1,1,1\n1,3,0.1,1,1\n2,0,0.1,1,1\n"),
        ["out of order", "from 5 to 3", "sort"]
      ),
    ]
    for (text, parts) in cases {
      let text = try #require(text)
      for part in parts { #expect(text.contains(part), "\(text)") }
      #expect(!text.contains("\n") && text.count < 500, "\(text)")
    }
    #expect(try words(good) == nil)
  }
}
