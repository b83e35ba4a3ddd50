public import RunStores

/// What `phase-diagram` does: along β, or over two parameters.
public enum PhaseDiagramJob: Experiment {
  /// Two sweeps in β.
  case line(PhaseDiagramExperiment)
  /// Two sweeps in β of a network without closed forms.
  case folds(FoldDiagramExperiment)
  /// A plane of two parameters.
  case plane(PhasePlaneExperiment)

  public func result(in context: RunContext) throws -> PhaseDiagramOutcome {
    switch self {
    case .line(let experiment): .line(try experiment.result(in: context))
    case .folds(let experiment): .folds(try experiment.result(in: context))
    case .plane(let experiment): .plane(try experiment.result(in: context))
    }
  }
}
