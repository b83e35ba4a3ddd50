import Foundation
import TestSupport

/// Training runs that leave a trap by noise, as a script would have logged them: three learning rates, of which 20 runs
/// each wait the longer the smaller it is, and eight runs of the full batch that stay.
struct SyntheticTraining {
  struct Record {
    let step: Int
    let loss: Double
    let accuracy: Double
  }

  struct Run {
    let seed: Int
    let learningRate: Double
    let batchSize: Int
    let records: [Record]

    /// As a sweep would call it.
    var name: String { "lr\(learningRate)-b\(batchSize)-s\(seed)" }
  }

  static let batchSize = 16
  static let fullBatch = 512
  /// A record each so many steps.
  static let every = 50
  /// What counts as passed.
  static let threshold = 0.9

  let runs: [Run]

  init(seed: UInt64) {
    let random = testStream(seed)
    func run(_ number: Int, _ h: Double, _ batch: Int, until end: Double) -> Run {
      // ln τ grows by 3 over the three strengths of noise.
      let wait = 20 * exp(Double(batch) / h / 80 - 1)
      let passage = batch == Self.fullBatch ? .infinity : 15 + random.exponential(mean: wait)
      let last = min(end, 1.1 * passage + 20)
      let records = stride(from: 0, through: Int(last / h), by: Self.every).map { step in
        let late = (Double(step) * h - passage) / 2
        let share = 1 / (1 + exp(-max(-40, min(40, late))))
        return Record(
          step: step, loss: 2.2 - 2 * share + 0.02 * random.normal(),
          accuracy: 0.1 + 0.88 * share + 0.005 * random.normal())
      }
      return Run(seed: number, learningRate: h, batchSize: batch, records: records)
    }
    runs =
      [0.05, 0.1, 0.2].flatMap { h in
        (1...20).map { run($0, h, Self.batchSize, until: 800) }
      } + (1...8).map { run($0, 0.1, Self.fullBatch, until: 1500) }
  }

  /// Where one run passed, in steps: after the first, at the second or before; nil for a run that ends before.
  struct Passage: Equatable {
    let after: Int
    let by: Int?

    /// Whether all that is known of a passage agrees with what another knows better.
    func holds(_ other: Passage) -> Bool {
      after <= other.after && (by ?? .max) >= (other.by ?? .max) && (by == nil) == (other.by == nil)
    }
  }

  /// The passages of the records themselves, by the names of the runs.
  var passages: [String: Passage] {
    Dictionary(
      uniqueKeysWithValues: runs.map { run in
        let first = run.records.firstIndex { $0.accuracy >= Self.threshold }
        let last = first.map { run.records[$0 - 1] } ?? run.records[run.records.count - 1]
        return (run.name, Passage(after: last.step, by: first.map { run.records[$0].step }))
      })
  }
}
