public import Experiments

extension PhaseDiagramOutcome: TabulatedChoice {
  package static var tableDescriptions: [TableDescription] {
    PhaseDiagramResult.tableDescriptions.map { $0.only("without --x, of linear networks") }
      + FoldDiagramResult.tableDescriptions.map { $0.only("with --activation or --biases") }
      + PhasePlaneResult.tableDescriptions.map { $0.only("with --x") }
  }

  package var content: any Tabulated {
    switch self {
    case .line(let result): result
    case .folds(let result): result
    case .plane(let result): result
    }
  }
}
