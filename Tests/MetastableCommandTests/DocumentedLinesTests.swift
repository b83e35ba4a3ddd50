import Foundation
import TestSupport
import Testing

/// The lines of the README and of the library's articles run as they are written.
@Suite(
  "Documented lines", .tags(.slow), .unlessQuick,
  .disabled(if: Sanitizer.isPresent, "the lines take minutes"))
struct DocumentedLinesTests {
  /// README.md, and every article of the library's documentation where it has one.
  private static let documents: [String] = {
    let catalogue = "Sources/Metastable/Metastable.docc"
    let files = FileManager.default.enumerator(
      atPath: repository.appendingPathComponent(catalogue).path)
    let articles = (files?.allObjects ?? []).compactMap { $0 as? String }
      .filter { $0.hasSuffix(".md") }.sorted().map { "\(catalogue)/\($0)" }
    return ["README.md"] + articles
  }()

  private static func blocks(_ document: String) throws -> [DocumentedBlock] {
    DocumentedBlock.all(
      in: try text(repository.appendingPathComponent(document)), name: document)
  }

  /// The blocks of a document are run one after the other in one directory, as a reader would.
  @Test("Every line of a document runs as written", arguments: documents)
  func run(_ document: String) throws {
    try Workshop.open { workshop in
      for block in try Self.blocks(document) {
        let script = DocumentedBlock.script(block.lines, exitCodes: block.exitCodes)
        let run = try workshop.run(script)
        #expect(
          run.code == 0, "\(block.place): \(run.errors)\n\(block.lines.joined(separator: "\n"))")
      }
    }
  }

  @Test("Blocks are found in the README and in the articles")
  func found() throws {
    #expect(try Self.blocks("README.md").count >= 3)
    #expect(try Self.documents.flatMap(Self.blocks).count >= 30)
  }

  @Test("Blocks: joined lines, loops, announced exit codes, other languages, other programs")
  func blocks() {
    let text = """
      Text.

      <!-- exits 75, 65 -->

      ```
      git clone elsewhere
      metastable theory \\
        --eta 0.9
      for k in 1 2; do metastable theory --eta 0.$k; done
      ```

      ```swift
      metastable theory
      ```

      ```
      metastable: an error
      ```

      ```bash
      export PATH="$PWD:$PATH"
      .build/release/metastable theory > table
      ```
      """
    let blocks = DocumentedBlock.all(in: text, name: "a.md")
    #expect(blocks.map(\.place) == ["a.md:5", "a.md:20"])
    #expect(blocks.first?.exitCodes == [75, 65])
    #expect(
      blocks.first?.lines == [
        "metastable theory    --eta 0.9", "for k in 1 2; do metastable theory --eta 0.$k; done",
      ])
    #expect(blocks.last?.exitCodes == [])
    #expect(blocks.last?.lines.count == 2)
  }

  /// A block, the exit codes that it announces, and how it ends.
  private typealias Ending = (lines: [String], exitCodes: [Int], code: Int32)

  @Test("A block that fails is noticed, and one that announces its exit code is not")
  func failures() throws {
    let wrong = "metastable theory --etta 1"
    let endings: [Ending] = [
      ([wrong, "true"], [], 2), ([wrong + " | cat"], [], 2), ([wrong, "true"], [2], 0),
      ([wrong], [75, 2], 0), ([wrong, "true"], [75], 2),
      (["for k in 1 2; do metastable theory --eta 0.$k; done"], [], 0),
      ([".build/release/metastable --version >version; cat Examples/data/README.md"], [], 0),
    ]
    try Workshop.open { workshop in
      for ending in endings {
        let script = DocumentedBlock.script(ending.lines, exitCodes: ending.exitCodes)
        let run = try workshop.run(script)
        #expect(run.code == ending.code, "\(script)\n\(run.errors)")
      }
    }
  }
}
