import Foundation
import Testing

@testable import reference_pages

@Suite("Reference pages")
struct ReferencePagesTests {
  @Test("The pages are what the declarations say; after a change run 'make reference'")
  func pages() throws {
    let package = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    for page in ReferencePages.pages {
      let url = package.appendingPathComponent(ReferencePages.folder)
        .appendingPathComponent(page.name + ".md")
      let committed = try String(contentsOf: url, encoding: .utf8)
      #expect(committed == page.markdown, "\(page.name).md is stale: run 'make reference'")
    }
  }

  @Test("A bar within a cell does not end it")
  func bars() {
    let table = MarkdownTable(headings: ["key", "meaning"], rows: [["`g`", "the residual |∇E|"]])
    #expect(
      table.markdown == """
        | key | meaning |
        | --- | --- |
        | `g` | the residual \\|∇E\\| |
        """)
  }
}
