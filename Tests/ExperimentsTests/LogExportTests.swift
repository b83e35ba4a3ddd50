import Experiments
import Foundation
import TestSupport
import Testing
import TrainingLogs

@Suite("The same runs, logged by every program")
struct LogExportTests {
  static let training = SyntheticTraining(seed: 40)

  @Test("Each log gives the same verdict and the same passages", arguments: LogExport.all)
  func verdict(_ export: LogExport) throws {
    let training = Self.training
    let result = try withTemporaryDirectory { folder in
      try export.write(training, folder)
      return try DiagnosisExperiment(
        of: LoggedRuns(contentsOf: [folder.path], mapping: export.mapping),
        conditions: .init(
          reach: ReachCondition(export.metric, .atLeast, SyntheticTraining.threshold),
          fullBatch: Double(SyntheticTraining.fullBatch))
      ).result()
    }
    // With less to go by the verdict may be open, but not another.
    let isRight =
      result.verdict == .escape || !export.isComplete && result.verdict == .unresolved
    #expect(isRight, "\(result.sentence)")
    #expect(result.runs.count == training.runs.count)
    #expect(result.settings.map(\.inverseNoise) == [80, 160, 320, nil])
    let known = training.passages
    var found = [String: [SyntheticTraining.Passage]]()
    for run in result.runs {
      func step(_ t: Double) -> Int { Int((t / run.learningRate).rounded()) - export.shift }
      let passage = SyntheticTraining.Passage(
        after: step(run.passage.lower), by: run.passage.isEvent ? step(run.passage.upper) : nil)
      let batch = result.settings[run.setting].batchSize.map { Int($0) }
      found["\(run.learningRate) \(batch ?? SyntheticTraining.fullBatch)", default: []]
        .append(passage)
      if !export.isComplete {
        // What is left out makes an interval longer, by the records about it.
        #expect(passage.holds(try #require(known[run.name])), "\(run.name)")
      }
    }
    guard export.isComplete else { return }
    // Programs name runs in their own ways: passages are compared by setting, in their order.
    for (setting, runs) in Dictionary(
      grouping: training.runs, by: { "\($0.learningRate) \($0.batchSize)" })
    {
      func sorted(_ passages: [SyntheticTraining.Passage]) -> [SyntheticTraining.Passage] {
        passages.sorted { ($0.by ?? .max, $0.after) < ($1.by ?? .max, $1.after) }
      }
      #expect(
        sorted(found[setting] ?? []) == sorted(runs.compactMap { known[$0.name] }), "\(setting)")
    }
  }
}
