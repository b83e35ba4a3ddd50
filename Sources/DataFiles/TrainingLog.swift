/// Training logs among CSV files, by the names of their columns.
package enum TrainingLog {
  /// What log a table with these columns is, or nil.
  package static func name(columns: [String]) -> String? {
    let names = columns.map { $0.lowercased() }
    if names == ["wall time", "step", "value"] { return "TensorBoard" }
    if names.contains(where: { name in
      name.hasSuffix("__min") && names.contains(String(name.dropLast(5)) + "__max")
    }) {
      return "Weights & Biases"
    }
    if names.contains("_step"), names.contains("_runtime") || names.contains("_timestamp") {
      return "Weights & Biases"
    }
    guard names.contains(where: steps.contains), columns.contains(where: isMetric) else {
      return nil
    }
    return names.contains("epoch") && names.contains("step")
      ? "a training run, such as Lightning writes" : "a training run"
  }

  private static let steps: Set = [
    "step", "steps", "_step", "global_step", "train/global_step", "trainer/global_step", "iter",
    "iteration", "iterations", "epoch", "epochs",
  ]
  private static let metrics: Set = ["loss", "losses", "acc", "accuracy", "perplexity", "ppl"]
  private static let parts: Set = [
    "train", "training", "val", "valid", "validation", "test", "eval", "epoch", "step", "mean",
    "batch", "best",
  ]

  /// Such as `val_acc`, `train/loss` or `trainLoss`, but neither `weight_loss` nor `acc_x`.
  private static func isMetric(_ name: String) -> Bool {
    let spaced = name.replacing(/([a-z])([A-Z])/) { "\($0.1) \($0.2)" }
    let words = spaced.split { !$0.isLetter }.map { $0.lowercased() }
    return words.contains(where: metrics.contains)
      && words.allSatisfy { metrics.contains($0) || parts.contains($0) }
  }
}
