package import DataFiles
public import Experiments
package import Figures

extension TrainingOutcome: Tabulated {
  package static var tableDescriptions: [TableDescription] {
    TrainingResult.tableDescriptions.map { $0.only("without --runs") }
      + TrainingEnsembleResult.tableDescriptions.map { $0.only("with --runs") }
  }

  private var content: any Tabulated {
    switch self {
    case .run(let result): result
    case .ensemble(let result): result
    }
  }

  package var tables: [Table] { content.tables }
  package var archives: [(name: String, arrays: [NumericArray])] { content.archives }
  package var notes: [String] { content.notes }
  package var summary: [String] { content.summary }
  package var failure: String? { content.failure }
  package func figures() throws -> [(name: String, figure: Figure)] { try content.figures() }
}
