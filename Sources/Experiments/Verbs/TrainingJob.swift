public import RunStores

/// What `train` does: one run, or an ensemble.
public enum TrainingJob: Experiment {
  /// One run with its curve.
  case run(TrainingExperiment)
  /// Many runs, at each setting of a grid.
  case ensemble(TrainingEnsembleExperiment)

  public func result(in context: RunContext) throws -> TrainingOutcome {
    switch self {
    case .run(let experiment): .run(try experiment.result(in: context))
    case .ensemble(let experiment): .ensemble(try experiment.result(in: context))
    }
  }
}
