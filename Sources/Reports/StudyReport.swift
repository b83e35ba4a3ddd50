public import Experiments
package import Figures

extension StudyResult: Tabulated {
  package static var tableDescriptions: [TableDescription] {
    PhaseDiagramResult.tableDescriptions + ComparisonResult.tableDescriptions
  }

  package var tables: [Table] { phases.tables + escape.tables }

  package func figures() throws -> [(name: String, figure: Figure)] {
    try phases.figures() + escape.figures()
  }

  package var notes: [String] {
    var notes = phases.notes
    for note in escape.notes where !notes.contains(note) { notes.append(note) }
    return notes
  }

  package var missedGoal: String? { escape.missedGoal }

  package var summary: [String] { phases.summary + escape.summary }

  package var failure: String? { escape.failure }
}
