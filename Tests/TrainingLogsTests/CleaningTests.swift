import Foundation
import TestSupport
import Testing
import TrainingLogs

@Suite("Cleaning of logs")
struct CleaningTests {
  @Test("A resumed run repeats steps, of which the last one counts")
  func resumed() throws {
    let resumed = try runs("step,loss\n0,9\n10,8\n20,7\n30,6\n20,5\n30,4\n40,3\n")
    let curve = try #require(resumed.runs[0].curve("loss"))
    #expect(curve.steps == [0, 10, 20, 30, 40])
    #expect(curve.values == [9, 8, 5, 4, 3])
    #expect(curve.repeated == 2)
    #expect(resumed.notes.contains { $0.contains("2 repeated records") })
    // A metric that is not in every row need not come back to a step of its own.
    let sparse = try runs("step,loss,norm\n0,9,1\n10,8,\n20,7,1\n30,6,\n10,5,\n20,4,\n30,4,2\n")
    #expect(sparse.runs[0].curve("norm")?.steps == [0, 20, 30])
  }

  @Test("NaN marks divergence and is no value")
  func undefined() throws {
    let log = try runs("step,val_acc\n0,0.1\n1,nan\n2,0.995\n3,NaN\n").runs[0]
    #expect(log.curve("val_acc")?.values == [0.1, 0.995])
    #expect(log.curve("val_acc")?.undefinedSteps == [1, 3])
    let passages = try runs("step,val_acc\n0,0.1\n1,nan\n2,0.995\n3,NaN\n").passages(
      reaching: ReachCondition("val_acc", .atLeast, 0.99))
    #expect(passages.passages[0].outcome == .passed(after: 0, by: 2))
    let diverged = try runs("step,val_acc\n0,0.1\n1,0.2\n2,-inf\n").passages(
      reaching: ReachCondition("val_acc", .atLeast, 0.99))
    #expect(diverged.passages[0].outcome == .notYet(at: 1, diverged: true))
    #expect(diverged.sample.events == 0)
  }

  @Test("What is ambiguous or no log is refused in one sentence")
  func refusals() throws {
    let seeds = "seed,step,val_acc\n1,0,0.1\n1,1,0.2\n2,0,0.1\n2,1,99\n"
    let cases: [(String?, [String])] = [
      (refusal("a,b\n1,2\n"), ["nothing that is called a step", "'a', 'b'", "--step-key"]),
      (refusal("step,b\n1,2\n", mapping: .init(stepKey: "it")), ["no 'it'", "--step-key"]),
      (refusal("step,b\n1,2\n", mapping: .init(runKey: "id")), ["no 'id'", "--run-key"]),
      (refusal("step,b\n1,2\n", mapping: .init(groupKey: "g")), ["no 'g'", "--group"]),
      (
        refusal("step,b\n1,2\n", mapping: .init(learningRate: .init("lr"))),
        ["no 'lr'", "--learning-rate 0.1"]
      ),
      (refusal("step,b\n1,2\n", mapping: .init(metrics: ["c"])), ["no metric 'c'", "'b'"]),
      (refusal("step,b\nx,2\n"), ["line 2", "'x'", "step"]),
      (refusal("step,b\n0,2\n3,2\n1,2\n4,1\n"), ["out of order", "line 4", "from 3 to 1"]),
      (refusal("step,b\n0,2\n3,2\n0,2\n3,1\n"), ["step 0", "another run", "--run-key"]),
      (refusal("step,b\n0,2\n0,2\n3,2\n3,1\n"), ["another run", "--run-key"]),
      (refusal(seeds, reaching: "val_acc >= 0.99"), ["seed 2", "99", "seed 1", "per cent"]),
      (refusal("epoch,acc\n1,50\n", reaching: "acc >= 0.9"), ["per cent", "0.9", "write 90"]),
      (refusal("epoch,acc\n1,0.5\n", reaching: "acc >= 90"), ["fraction", "90", "write 0.9"]),
      (refusal("", named: "e.csv"), ["e.csv is empty"]),
      (refusal("lr: 0.1\nseed: 1\n", named: "hparams.yaml"), ["settings of a run"]),
      (words { _ = try LoggedRuns(contentsOf: []) }, ["no log is named"]),
      (words { _ = try LoggedRuns(contentsOf: ["/none"]) }, ["cannot be read"]),
      (
        words { _ = try LoggedRuns(contentsOf: [fixture("wandb/grouped.csv")]) },
        ["mean over runs", "grouping"]
      ),
      (words { _ = try runs("step,b\n1,2\n").requireEnsemble() }, ["1 run", "--run-key"]),
      (refusal("Wall time,Step,Value\n1,-3,2\n"), ["line 2", "'-3'", "steps are numbers"]),
      (refusal("Wall time,Step,Value\n1,nan,2\n"), ["line 2", "steps are numbers"]),
      (refusal("Wall time,Step,Value\n1,3,2\n2,3,1\n3,0,1\n"), ["begins again at step 0"]),
      (
        refusal("Wall time,Step,Value\n1,3,2\n", mapping: .init(learningRate: .key("lr"))),
        ["no 'lr'", "--learning-rate 0.1"]
      ),
      (
        refusal("\"Step\",\"a - m\",\"a - m__MIN\",\"a - m__MAX\"\n\"-1\",\"1\",\"1\",\"1\"\n"),
        ["'-1'"]
      ),
      (refusal("PK\u{3}\u{4}nothing"), ["damaged"]),
    ]
    for (text, parts) in cases {
      let text = try #require(text)
      for part in parts { #expect(text.contains(part), "\(text)") }
      #expect(!text.contains("\n"))
    }
  }

  @Test("Event files and pickles are named, with what to do")
  func foreign() throws {
    let event: [UInt8] =
      [24, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0x1A, 13]
      + Array("brain.Event:2".utf8)
    for (bytes, parts) in [
      (event, ["TensorBoard", "export its scalars as CSV"]),
      ([0x80, 4, 0x95, 1, 0], ["pickle", "never read", "JSON lines"]),
      (Array(":W&B".utf8) + [0], ["Weights & Biases", "scan_history"]),
    ] {
      try withTemporaryDirectory { directory in
        let file = directory.appendingPathComponent("log.csv")
        try Data(bytes).write(to: file)
        // Alone, and as all that a folder holds.
        for path in [file.path, directory.path] {
          let text = try #require(words { _ = try LoggedRuns(contentsOf: [path]) })
          for part in parts { #expect(text.contains(part), "\(text)") }
        }
        // Beside a log it is left out with a note.
        try Data("step,loss\n0,1\n".utf8).write(to: directory.appendingPathComponent("a.csv"))
        let runs = try LoggedRuns(contentsOf: [directory.path])
        #expect(runs.runs.count == 1)
        #expect(runs.notes.contains { $0.hasPrefix("left out: log.csv is ") })
      }
    }
  }

  @Test("Per cent becomes a fraction where that is said")
  func percent() throws {
    let mapping = LogMapping(accuracyScale: .percent)
    let percent = try runs("epoch,valAcc,loss\n0,10,3\n1,99.5,2\n", mapping: mapping)
    expectClose(percent.runs[0].curve("valAcc")?.values[1] ?? 0, to: 0.995, relative: 1e-14)
    #expect(percent.runs[0].curve("loss")?.values == [3, 2])
    let fraction = try runs("epoch,valAcc\n0,0.1\n1,0.3\n2,0.995\n")
    let both = LoggedRuns(joining: percent, and: fraction)
    let passages = try both.passages(reaching: ReachCondition("valAcc", .atLeast, 0.99))
    #expect(passages.passages.map(\.gap) == [1, 1])
  }
}
