package import DataFiles
public import Experiments
package import Figures

extension PhaseDiagramOutcome: Tabulated {
  package static var tableDescriptions: [TableDescription] {
    PhaseDiagramResult.tableDescriptions.map { $0.only("without --x") }
      + PhasePlaneResult.tableDescriptions.map { $0.only("with --x") }
  }

  private var content: any Tabulated {
    switch self {
    case .line(let result): result
    case .plane(let result): result
    }
  }

  package var tables: [Table] { content.tables }
  package var archives: [(name: String, arrays: [NumericArray])] { content.archives }
  package var notes: [String] { content.notes }
  package var summary: [String] { content.summary }
  package func figures() throws -> [(name: String, figure: Figure)] { try content.figures() }
}
