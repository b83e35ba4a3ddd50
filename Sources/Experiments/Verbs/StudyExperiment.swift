import NumericalMethods
import RunStores

/// The main job: a network's phases on real data and the lifetime of its weakest feature, predicted and
/// measured.
public struct StudyExperiment: Sendable {
  public let phases: PhaseDiagramExperiment
  public let comparison: ComparisonExperiment

  public init(phases: PhaseDiagramExperiment, comparison: ComparisonExperiment) {
    self.phases = phases
    self.comparison = comparison
  }

  public func findings(in context: RunContext = RunContext()) throws -> Findings {
    // One sweep is enough for all shards.
    if let shard = context.shard, shard.index > 1 { return try comparison.findings(in: context) }
    let diagram = try phases.findings(in: context)
    let escape = try comparison.findings(in: context)
    var notes = diagram.notes
    for note in escape.notes where !notes.contains(note) { notes.append(note) }
    return Findings(
      results: ["phases": diagram.results, "escape": escape.results],
      tables: diagram.tables + escape.tables, figures: diagram.figures + escape.figures,
      notes: notes, summary: diagram.summary + escape.summary)
  }
}
