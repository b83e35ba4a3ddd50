public import DataFiles
public import NetworkTraining
package import Networks

/// What `train` finds: how a training run went, and its curve.
public struct TrainingResult: Codable, Sendable, DescribedJSON {
  /// How it ended, and its size.
  public let run: Run
  /// The state at the end; nil where nothing was recorded.
  public let end: End?
  /// About 200 records, evenly spaced.
  public let curve: [TrainingRecord]
  /// What was asked for; not part of the document.
  package internal(set) var plan: Plan? = nil

  package static let keys: [KeyDescription] =
    Run.keys + End.keys.only("where something was recorded")
    + [.objects("curve", TrainingRecord.self, "about 200 times")]
}

extension TrainingResult {
  /// How a run ended, and its size.
  public struct Run: Codable, Sendable, DescribedJSON {
    /// How it ended.
    public let outcome: Outcome
    /// The step at which the loss became non-finite; nil where it did not.
    public let divergedAtStep: Int?
    /// Weights, and biases where there are any.
    public let parameters: Int
    /// ⌊N/B⌋.
    public let stepsPerEpoch: Int

    package static let keys: [KeyDescription] = [
      .init("outcome", "text", "`finished`, `diverged` or `unfinished`"),
      .init(
        "divergedAtStep", "steps", "where the loss was no longer finite",
        null: "the run did not diverge"),
      .init("parameters", "–", "count of weights, and biases where there are any"),
      .init("stepsPerEpoch", "–", "count"),
    ]
  }

  /// How a run can end.
  public enum Outcome: String, Codable, Sendable {
    /// It went to its end.
    case finished
    /// The loss became non-finite.
    case diverged
    /// It can go on.
    case unfinished
  }

  /// The last record.
  public struct End: Codable, Sendable, DescribedJSON {
    /// SGD steps.
    public let steps: Int
    /// t = steps × h.
    public let time: Double
    /// Mean loss per sample, without penalty.
    public let trainLoss: Double
    /// The training loss with penalty.
    public let energy: Double
    /// nil without held-out data.
    public let testLoss: Double?
    /// nil without classes.
    public let trainAccuracy: Double?
    /// nil without classes or held-out data.
    public let testAccuracy: Double?
    /// σ_r of the end-to-end map; empty for a nonlinear network.
    public let singularValues: [Double]

    package static let keys: [KeyDescription] =
      [.init("steps", "–", "count")] + TrainingRecord.measuredKeys
  }

  /// What was asked for.
  package struct Plan: Sendable {
    /// The data in a phrase.
    package let data: String
    /// What was dropped or changed in the data, and what is to be known of the batches.
    package let notes: [String]
    /// Units of each layer, inputs and outputs included.
    package let widths: [Int]
    /// h.
    package let learningRate: Double
    /// θ at the end, layer by layer; nil where it is not kept.
    package let weights: [NetworkCheckpoint.Tensor]?
  }
}

// A result is one object: how the run went and its end stand side by side.
extension TrainingResult {
  private enum Key: String, CodingKey { case steps, curve }

  public func encode(to encoder: any Encoder) throws {
    try run.encode(to: encoder)
    try end?.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(curve, forKey: .curve)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    run = try Run(from: decoder)
    end = container.contains(.steps) ? try End(from: decoder) : nil
    curve = try container.decode([TrainingRecord].self, forKey: .curve)
  }
}

extension TrainingRecord: DescribedJSON {
  package static let keys: [KeyDescription] =
    [
      .init("step", "–", "SGD steps"),
      .init("epoch", "–", "passes over the data"),
    ] + measuredKeys

  fileprivate static let measuredKeys: [KeyDescription] = [
    .init("time", "t", "steps × h"),
    .init("trainLoss", "loss", "without penalty"),
    .init("energy", "loss", "the train loss with penalty"),
    .init("testLoss", "loss", "held-out", null: "no held-out data"),
    .init(
      "trainAccuracy", "fraction", "largest output where the largest target is",
      null: "no classes (`--one-hot`)"),
    .init(
      "testAccuracy", "fraction", "the same on held-out data",
      null: "no classes or no held-out data"
    ),
    .list("singularValues", "–", "of the end-to-end map; empty for a nonlinear network"),
  ]
}
