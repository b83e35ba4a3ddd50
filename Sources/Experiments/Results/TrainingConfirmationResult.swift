public import DataFiles
public import EscapeStatistics
import NumericalMethods

extension TrainingEnsembleResult {
  /// What a verdict says would end the delay, tried at one setting.
  public struct Confirmation: Codable, Sendable, DescribedJSON {
    /// In words.
    public let change: String
    /// τ before.
    public let before: Estimate
    /// The setting that was changed, and how its runs went.
    public let setting: Setting
    /// τ after over τ before that the evidence says; nil where it says none.
    public let predictedRatio: Double?
    /// The same as measured; nil where one of both is not known.
    public let measuredRatio: Double?
    /// Whether it went as the verdict says, beyond the intervals.
    public let holds: Bool
    /// In a sentence.
    public let sentence: String

    package static let keys: [KeyDescription] = [
      .init("change", "text", "in words"),
      .estimate("before", "t", "τ before"),
      .object("setting", Setting.self, "the setting that was changed, and how its runs went"),
      .init(
        "predictedRatio", "–", "τ after over τ before, by the evidence", null: "it says none"),
      .init("measuredRatio", "–", "as measured", null: "one of both is not known"),
      .init("holds", "bool", "it went as the verdict says, beyond the intervals"),
      .init("sentence", "text", "in words"),
    ]
  }
}

extension TrainingEnsembleResult.Confirmation {
  init(
    _ remedy: TrainingRemedy, before: TrainingEnsembleResult.Setting,
    after: TrainingEnsembleResult.Setting
  ) {
    let (old, new) = (before.meanFirstPassageTime, after.meanFirstPassageTime)
    let ratio = old.value.flatMap { old in new.value.map { $0 / old } }
    let holds: Bool
    let what: String
    if !remedy.shortens {
      // Both intervals have a time in common.
      holds =
        ratio != nil && (new.lower ?? 0) <= (old.upper ?? .infinity)
        && (old.lower ?? 0) <= (new.upper ?? .infinity)
      what = holds ? "t stays within the intervals, as the verdict says" : "t does not stay"
    } else if before.events == 0 {
      holds = after.events > 0
      what =
        holds
        ? "\(after.events) of \(after.runs) runs leave where none did, as the verdict says"
        : "none of \(after.runs) runs leaves"
    } else {
      holds = (new.upper ?? .infinity) < (old.lower ?? 0)
      what =
        holds ? "the time is shorter, as the verdict says" : "the time is not seen to be shorter"
    }
    var sentence = "Tried: \(remedy.change). "
    if let oldValue = old.value, let newValue = new.value {
      sentence += "τ goes from \(brief(oldValue)) to \(brief(newValue)): "
    }
    sentence += what
    if let predicted = remedy.predictedRatio, let ratio {
      sentence +=
        " (by a factor of \(brief(ratio)), of \(brief(predicted)) by what was measured before)"
    }
    self.init(
      change: remedy.change, before: old, setting: after, predictedRatio: remedy.predictedRatio,
      measuredRatio: ratio, holds: holds, sentence: sentence + ".")
  }
}
