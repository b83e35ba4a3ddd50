public import Experiments
import Figures

extension StudyResult: Presentable {
  public static var tableDescriptions: [TableDescription] {
    PhaseDiagramResult.tableDescriptions + ComparisonResult.tableDescriptions
  }

  public var tables: [Table] { phases.tables + escape.tables }

  public func figures() throws -> [(name: String, figure: Figure)] {
    try phases.figures() + escape.figures()
  }

  public var notes: [String] {
    var notes = phases.notes
    for note in escape.notes where !notes.contains(note) { notes.append(note) }
    return notes
  }

  public var summary: [String] { phases.summary + escape.summary }
}
