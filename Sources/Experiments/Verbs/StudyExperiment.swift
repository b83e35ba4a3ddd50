public import RunStores

/// The main job: a network's phases on real data and the lifetime of its weakest feature, predicted and
/// measured.
public struct StudyExperiment: Experiment {
  package let phases: PhaseDiagramExperiment
  package let comparison: ComparisonExperiment

  /// A sweep and a comparison of the same data.
  public init(phases: PhaseDiagramExperiment, comparison: ComparisonExperiment) {
    self.phases = phases
    self.comparison = comparison
  }

  public func result(in context: RunContext) throws -> StudyResult {
    // One sweep is enough for all shards: the others end within the comparison.
    if let shard = context.shard, shard.index > 1 { _ = try comparison.result(in: context) }
    return StudyResult(
      phases: try phases.result(in: context), escape: try comparison.result(in: context))
  }
}
