extension StudyResult: Tabulated {
  public static var tableDescriptions: [TableDescription] {
    PhaseDiagramResult.tableDescriptions + ComparisonResult.tableDescriptions
  }

  public var tables: [Table] { phases.tables + escape.tables }
}
