import Foundation
import TestSupport
import Testing

/// What the command prints, against what it once printed: `METASTABLE_WRITE_GOLDEN=1 make test FILTER=GoldenTests`
/// writes the golden files anew. CONTRIBUTING says when that is right.
@Suite(
  "Golden output", .tags(.slow), .unlessQuick,
  .disabled(if: Sanitizer.isPresent, "the lines take minutes"))
struct GoldenTests {
  private static let folder = repository.appendingPathComponent(
    "Tests/MetastableCommandTests/Golden")
  private static let isWriting =
    ProcessInfo.processInfo.environment["METASTABLE_WRITE_GOLDEN"] == "1"

  /// Whether this build has the arithmetic that made the golden files.
  private static func isFused() throws -> Bool {
    let version = try builtVersion.get()
    return version.contains("AVX2") || version.contains("AVX-512")
  }

  /// Compares with a golden file, or writes it.
  private func compare(
    _ text: String, with name: String, withoutFusing: GoldenComparison,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let file = Self.folder.appendingPathComponent(name + ".txt")
    let isFused = try Self.isFused()
    if Self.isWriting {
      try #require(isFused, "golden files are those of a build with fused multiply-add")
      try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      return
    }
    let expected = try #require(
      try? String(contentsOf: file, encoding: .utf8),
      "there is no golden file; write it with METASTABLE_WRITE_GOLDEN=1")
    let comparison = isFused ? GoldenComparison.numbers : withoutFusing
    if let difference = comparison.difference(expected: expected, actual: text) {
      Issue.record("\(name).txt, \(difference)", sourceLocation: sourceLocation)
    }
  }

  @Test("The command prints and writes what it did", arguments: GoldenCase.all)
  func output(_ item: GoldenCase) throws {
    let text = try Workshop.open { workshop in
      var text = ""
      for line in item.lines {
        text += "$ \(line)\n" + transcript(try workshop.run(line))
      }
      for folder in item.folders {
        let url = workshop.directory.appendingPathComponent(folder)
        let names = try contents(url)
        text += "$ ls \(folder)\n" + names.map { $0 + "\n" }.joined()
        for name in names where name.hasSuffix(".csv") {
          text += "$ cat \(folder)/\(name)\n"
          text += try TestSupport.text(url.appendingPathComponent(name))
        }
      }
      return GoldenComparison.masked(text, directory: workshop.directory)
    }
    try compare(text, with: item.name, withoutFusing: item.withoutFusing)
  }

  /// Standard output; then, where there is something to say, standard error and the exit code.
  private func transcript(_ run: CommandLineRun) -> String {
    var text = run.output
    if !run.errors.isEmpty { text += "(standard error) \(run.errors)" }
    if run.code != 0 { text += "(exit code) \(run.code)\n" }
    return text
  }

  @Test("Bad input is refused with the words that it was")
  func refusals() throws {
    var text = ""
    for input in BadInput.all + BadInput.others {
      try withTemporaryDirectory { directory in
        for (name, content) in input.files { try write(content, name, in: directory) }
        let run = try CommandLineRun(words(input.line), in: directory)
        text += "# \(input.name)\n$ metastable \(input.line)\n"
        text += GoldenComparison.masked(transcript(run), directory: directory)
      }
    }
    try compare(text, with: "refusals", withoutFusing: .roundedNumbers)
  }

  @Test("There is a case for each golden file, and there are not too many")
  func files() throws {
    let names = Set(GoldenCase.all.map(\.name) + ["refusals"])
    #expect(names.count == GoldenCase.all.count + 1, "two cases have one name")
    guard !Self.isWriting else { return }
    let files = try contents(Self.folder)
    #expect(Set(files) == Set(names.map { $0 + ".txt" }))
    let sizes = try files.map {
      try Data(contentsOf: Self.folder.appendingPathComponent($0)).count
    }
    #expect(sizes.reduce(0, +) < 1_600_000)
  }
}
