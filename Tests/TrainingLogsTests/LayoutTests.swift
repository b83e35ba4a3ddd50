import Foundation
import TestSupport
import Testing
import TrainingLogs

@Suite("Layouts of logs")
struct LayoutTests {
  struct Layout: Sendable, CustomTestStringConvertible {
    let files: [String]
    var metric = "val_acc"
    /// The records of the metric in each run.
    var records = [31, 31, 31]
    var learningRate: Double?
    var names: [String]?
    var testDescription: String { files.joined(separator: " ") }
  }

  static let layouts = [
    Layout(files: ["seeds.csv"], learningRate: 0.5, names: ["seed 1", "seed 2", "seed 3"]),
    Layout(files: ["long.csv"], names: ["run seed 1", "run seed 2", "run seed 3"]),
    Layout(files: ["tensorboard"], names: ["seed1", "seed2", "seed3"]),
    Layout(
      files: ["lightning"], learningRate: 0.5, names: ["version_0", "version_1", "version_2"]),
    Layout(
      files: ["wandb/chart.csv"], metric: "val - acc", records: [31, 16, 31],
      names: ["amber - sun-1", "quiet-moss-2", "late-tide-3"]),
    Layout(files: ["wandb/chart-epoch.csv"], metric: "val - acc", records: [31, 16, 31]),
    Layout(
      files: ["wandb/history-1.csv", "wandb/history-2.csv", "wandb/history-3.csv"],
      records: [16, 16, 16], names: ["history-1", "history-2", "history-3"]),
    Layout(
      files: ["huggingface"], metric: "eval_acc", learningRate: 0.5,
      names: ["seed1", "seed2", "seed3"]),
    Layout(files: ["log.jsonl"], learningRate: 0.5, names: ["seed 1", "seed 2", "seed 3"]),
  ]

  @Test("The same runs in every layout have the same passages", arguments: layouts)
  func passages(_ layout: Layout) throws {
    let runs = try LoggedRuns(contentsOf: layout.files.map(fixture))
    #expect(runs.runs.count == 3)
    if let names = layout.names { #expect(runs.runs.map(\.name) == names) }
    #expect(runs.runs.map { $0.curve(layout.metric)?.steps.count ?? 0 } == layout.records)
    for run in runs.runs { #expect(run.settings.learningRate == layout.learningRate) }
    let passages = try runs.passages(reaching: ReachCondition(layout.metric, .atLeast, 0.5))
    // Half of 1 is passed 2.7 steps before the middle of the sigmoid: at 202, 262 and 322.
    for (i, time) in [202.0, 262, 322].enumerated() {
      let gap = layout.records[i] == 31 ? 20.0 : 40
      #expect(
        passages.passages[i].outcome
          == .passed(after: (time / gap).rounded(.down) * gap, by: (time / gap).rounded(.up) * gap))
    }
    #expect(passages.sample.events == 3)
  }

  @Test("Files are recognised by content, not by name")
  func byContent() throws {
    for name in [
      "seeds.csv", "wandb/chart.csv", "log.jsonl", "lightning/version_0/metrics.csv",
      "huggingface/seed1/checkpoint-600/trainer_state.json",
    ] {
      let text = try text(URL(fileURLWithPath: fixture(name)))
      #expect(
        try runs(text, named: "x.dat").runs.count
          == (name.contains("/v") || name.contains("hug") ? 1 : 3))
    }
  }

  @Test("Settings of a run: constants of the log, the file beside it, or numbers from outside")
  func settings() throws {
    let lightning = try LoggedRuns(contentsOf: [fixture("lightning/version_1/metrics.csv")])
    let settings = lightning.runs[0].settings
    #expect(settings.learningRate == 0.5 && settings.batchSize == 32)
    #expect(settings.weightDecay == 0.001)
    #expect(settings.config.contains { $0.key == "name" && $0.value == "mod" })
    #expect(lightning.notes.contains { $0.contains("'betas' is no plain value") })

    let mapping = LogMapping(
      groupKey: "lr", learningRate: .init("lr"), batchSize: .init("16"), weightDecay: .value(0))
    let seeds = try LoggedRuns(contentsOf: [fixture("seeds.csv")], mapping: mapping)
    #expect(seeds.runs[2].settings.learningRate == 0.5)
    #expect(seeds.runs[2].settings.batchSize == 16)
    #expect(seeds.runs[2].settings.weightDecay == 0)
    #expect(seeds.runs[2].settings.group == "lr 0.5")
    #expect(
      try LoggedRuns(contentsOf: [fixture("log.jsonl")]).notes.contains {
        $0.contains("the learning rate is 'opt/lr'")
      })
  }

  @Test("Runs with seeds at several settings are told apart by both")
  func grids() throws {
    var text = "seed,lr,step,loss\n"
    for lr in [0.1, 0.2] {
      for seed in 1...2 { for step in 0..<5 { text += "\(seed),\(lr),\(step),1\n" } }
    }
    let grid = try runs(text)
    #expect(
      grid.runs.map(\.name) == [
        "seed 1, lr 0.1", "seed 2, lr 0.1", "seed 1, lr 0.2", "seed 2, lr 0.2",
      ])
    #expect(grid.runs.map(\.settings.learningRate) == [0.1, 0.1, 0.2, 0.2])
    #expect(grid.notes.contains { $0.contains("told apart by 'seed', 'lr'") })
    // A schedule is no setting.
    let schedule = try runs("step,lr,loss\n0,0.2,1\n1,0.1,1\n")
    #expect(schedule.runs[0].settings.learningRate == nil)
    #expect(schedule.runs[0].curve("lr")?.values == [0.2, 0.1])
  }

  @Test("Names from several files do not meet")
  func names() throws {
    let text = "seed,step,loss\n1,0,1\n1,1,1\n"
    try withTemporaryDirectory { directory in
      for name in ["a", "b"] {
        try Data(text.utf8).write(to: directory.appendingPathComponent(name + ".csv"))
      }
      let runs = try LoggedRuns(contentsOf: [directory.path])
      #expect(runs.runs.map(\.name) == ["a/seed 1", "b/seed 1"])
      // The same file twice is one.
      let file = directory.appendingPathComponent("a.csv").path
      #expect(try LoggedRuns(contentsOf: [file, file]).runs.count == 1)
    }
  }

  @Test("JSON as Python writes it")
  func json() throws {
    let text = #"""
      {"step": 0, "loss": NaN, "train": {"acc": 1e-1}, "note": "a\u00e4\"\n", "ok": true, "x": [1]}
      {"step": 1, "loss": -Infinity, "train": {"acc": .5}, "note": null}
      {"step": 2, "loss": 0.5, "tr
      """#
    let run = try runs(text, named: "log").runs[0]
    #expect(run.curve("train/acc")?.values == [0.1, 0.5])
    #expect(run.curve("loss")?.undefinedSteps == [0, 1])
    #expect(run.curve("loss")?.endsUndefined == true)
    #expect(try runs(text, named: "log").notes.contains { $0.contains("cut off") })
    #expect(
      try runs(#"[{"step": 1, "loss": 2}, {"step": 2, "loss": 1}]"#).runs[0].curves.count == 1)
    for broken in [
      "{\"step\": 1, \"loss\" 2}\n{}", "{\"a\": wrong}", "{\"a\": [1, 2}", "{", "[[[1]]]",
    ] {
      #expect(refusal(broken)?.isEmpty == false)
    }
    #expect(refusal(String(repeating: "[", count: 100_000))?.contains("nested") == true)
  }
}
