public import Experiments

extension TrainingOutcome: TabulatedChoice {
  package static var tableDescriptions: [TableDescription] {
    TrainingResult.tableDescriptions.map { $0.only("without --runs") }
      + TrainingEnsembleResult.tableDescriptions.map { $0.only("with --runs") }
  }

  package var content: any Tabulated {
    switch self {
    case .run(let result): result
    case .ensemble(let result): result
    }
  }
}
