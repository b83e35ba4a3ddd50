public import DataFiles

/// What `phase-diagram` finds: along β, or over two parameters.
public enum PhaseDiagramOutcome: Codable, Sendable, DescribedJSON {
  /// Two sweeps in β.
  case line(PhaseDiagramResult)
  /// Two sweeps in β of a network without closed forms.
  case folds(FoldDiagramResult)
  /// A plane of two parameters.
  case plane(PhasePlaneResult)

  package static let keys: [KeyDescription] =
    PhaseDiagramResult.keys.also(only: "without `--x`, of linear networks")
    + FoldDiagramResult.keys.also(only: "with `--activation` or `--biases`")
    + PhasePlaneResult.keys.also(only: "with `--x`")

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .line(let result): try result.encode(to: encoder)
    case .folds(let result): try result.encode(to: encoder)
    case .plane(let result): try result.encode(to: encoder)
    }
  }

  private enum Key: String, CodingKey { case cells, losses }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self =
      container.contains(.cells)
      ? .plane(try PhasePlaneResult(from: decoder))
      : container.contains(.losses)
        ? .folds(try FoldDiagramResult(from: decoder))
        : .line(try PhaseDiagramResult(from: decoder))
  }
}
