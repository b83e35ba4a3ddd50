public import DataFiles

/// What `train` finds: of one run, or of an ensemble.
public enum TrainingOutcome: Codable, Sendable, DescribedJSON {
  /// Its curve.
  case run(TrainingResult)
  /// When each came to its event.
  case ensemble(TrainingEnsembleResult)

  package static let keys: [KeyDescription] =
    TrainingResult.keys.also(only: "without `--runs`")
    + TrainingEnsembleResult.keys.also(only: "with `--runs`")

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .run(let result): try result.encode(to: encoder)
    case .ensemble(let result): try result.encode(to: encoder)
    }
  }

  private enum Key: String, CodingKey { case settings }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self =
      container.contains(.settings)
      ? .ensemble(try TrainingEnsembleResult(from: decoder))
      : .run(try TrainingResult(from: decoder))
  }
}

extension [KeyDescription] {
  /// The same keys, which are there only on one more condition.
  func also(only condition: String) -> [KeyDescription] {
    map {
      KeyDescription(
        $0.key, $0.unit, $0.meaning, form: $0.form, null: $0.null,
        only: $0.only.map { "\(condition), \($0)" } ?? condition)
    }
  }
}
