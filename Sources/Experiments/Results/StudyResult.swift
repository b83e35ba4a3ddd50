public import DataFiles

/// What `study` finds: the phases of a network and the lifetime of its weakest feature.
public struct StudyResult: Codable, Sendable, DescribedJSON {
  /// What `phase-diagram` finds.
  public let phases: PhaseDiagramResult
  /// What `compare` finds.
  public let escape: ComparisonResult

  package static let keys: [KeyDescription] = [
    .object("phases", PhaseDiagramResult.self, "the results of `phase-diagram`"),
    .object("escape", ComparisonResult.self, "the results of `compare`"),
  ]
}
