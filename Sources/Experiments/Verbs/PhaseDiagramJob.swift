public import RunStores

/// What `phase-diagram` does: along β, or over two parameters.
public enum PhaseDiagramJob: Experiment {
  /// Two sweeps in β.
  case line(PhaseDiagramExperiment)
  /// A plane of two parameters.
  case plane(PhasePlaneExperiment)

  public func result(in context: RunContext) throws -> PhaseDiagramOutcome {
    switch self {
    case .line(let experiment): .line(try experiment.result(in: context))
    case .plane(let experiment): .plane(try experiment.result(in: context))
    }
  }
}
