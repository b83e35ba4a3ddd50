import Metastable

extension Page {
  /// Every column of every table.
  static var csvReference: Page {
    Page(
      name: "CSVReference", title: "CSV reference",
      abstract: "The tables of a results folder and their columns.",
      overview: [
        "Every table of <doc:Output> is a CSV file that explains itself: it begins with `#` lines for the title, the version, the GSL version, the seed, the full configuration, and one line per column with meaning and unit. `--format csv` prints the first table without the `#` lines. These tables are made from what the sources say of each column (`make reference`).",
        "The symbol is the heading in a terminal. A column is always there unless it says *only* when. An empty cell is a value that does not exist. Where an estimate is empty and its lower end is not, the lower end is a one-sided bound. \"Loss units\" are those of ½‖y − f‖² per sample; t is steps × learning rate (Langevin: steps × dt).",
      ],
      sections: verbs.filter { !$0.isComposite }.map { verb in
        Section(
          heading: verb.name,
          table: MarkdownTable(
            headings: ["file", "column", "symbol", "unit", "meaning"],
            rows: verb.result.tableDescriptions.flatMap { table in
              table.columns.map { row($0, of: table) }
            }))
      })
  }

  private static func row(_ column: ColumnDescription, of table: TableDescription) -> [String] {
    let more = column.isNumbered ? ", …" : ""
    let only = column.only.map { " (only \($0))" } ?? ""
    return [
      "`\(table.name).csv`" + (table.only.map { " \($0)" } ?? ""), "`\(column.key)`" + more,
      column.symbol + more, column.unit ?? "–",
      column.meaning + only,
    ]
  }
}
