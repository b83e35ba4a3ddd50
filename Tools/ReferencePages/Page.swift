import Metastable

/// A page of the documentation that is made of tables.
struct Page {
  /// The file without its ending.
  let name: String
  let title: String
  /// One sentence under the title.
  let abstract: String
  /// Paragraphs before the first section.
  let overview: [String]
  let sections: [Section]

  struct Section {
    let heading: String
    var text: String? = nil
    let table: MarkdownTable
  }

  /// What is in the file.
  var markdown: String {
    func paragraph(_ text: String) -> String { wrapped(text, width: 115) }
    var blocks = ["# \(title)", abstract, "## Overview"] + overview.map(paragraph)
    for section in sections {
      blocks.append("## \(section.heading)")
      if let text = section.text { blocks.append(paragraph(text)) }
      blocks.append(section.table.markdown)
    }
    return blocks.joined(separator: "\n\n") + "\n"
  }
}

/// A table of texts.
struct MarkdownTable {
  let headings: [String]
  let rows: [[String]]

  var markdown: String {
    ([headings, headings.map { _ in "---" }] + rows).map(line).joined(separator: "\n")
  }

  private func line(_ cells: [String]) -> String {
    "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
  }
}
