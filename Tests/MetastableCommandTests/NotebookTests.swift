import DataFiles
import Experiments
import Foundation
import TestSupport
import Testing

private let package = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// A Python that can run notebooks: METASTABLE_PYTHON, or else `python3`; nil where it lacks a package.
private let python: URL? = {
  let name = ProcessInfo.processInfo.environment["METASTABLE_PYTHON"] ?? "python3"
  let check = "import nbclient, ipykernel, pandas, matplotlib, sys; print(sys.executable)"
  guard
    let run = try? CommandLineRun(
      executable: URL(fileURLWithPath: "/usr/bin/env"), [name, "-c", check]), run.code == 0
  else { return nil }
  return URL(fileURLWithPath: run.output.trimmingCharacters(in: .whitespacesAndNewlines))
}()

@Suite("Tables for notebooks")
struct NotebookTests {
  let folder = package.appendingPathComponent("notebooks-data")

  /// The rows of an exported table, by column.
  private func rows(_ name: String) throws -> [[String: String]] {
    let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(cells)
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
  }

  /// The cells of a line; quotes hold commas together.
  private func cells(_ line: Substring) -> [String] {
    var (cells, isQuoted) = ([""], false)
    for character in line {
      if character == "\"" {
        isQuoted.toggle()
      } else if character == ",", !isQuoted {
        cells.append("")
      } else {
        cells[cells.count - 1].append(character)
      }
    }
    return cells
  }

  @Test("Every file has its columns and its provenance, is as it was written, and all are small")
  func files() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    var bytes = 0
    for name in names {
      bytes += try Data(contentsOf: folder.appendingPathComponent(name)).count
    }
    #expect(bytes < 10_000_000)
    let columns = [
      "verdicts.csv": ["row", "reported", "literal", "nearest", "verdict"],
      "quantities.csv": ["row", "protocol", "quantity", "value", "lower", "upper", "unit"],
      "curves.csv": ["row", "curve", "x", "y", "lower", "upper"],
      "lines.csv": ["line", "kind", "feature", "logTime", "x", "y"],
      "passages.csv": ["row", "setting", "inverseNoise", "time", "escaped"],
    ]
    for (name, wanted) in columns {
      let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      let lines = text.split(separator: "\n")
      #expect(lines[1].hasPrefix("# metastable ") && lines[2].hasPrefix("# configuration: "))
      #expect(
        lines.first { !$0.hasPrefix("#") }.map(String.init) == wanted.joined(separator: ","))
      #expect(lines.count > 20)
    }
    // Not edited: an export into a copy finds nothing to complain of.
    try withTemporaryDirectory { directory in
      let copy = directory.appending(path: "copy")
      try FileManager.default.copyItem(at: folder, to: copy)
      let line = ["reproduce", "fig4", "--quiet", "--export", copy.path]
      #expect(try CommandLineRun(line).code == 0)
      try Data("a,b\n".utf8).write(to: copy.appending(path: "curves.csv"))
      let edited = try CommandLineRun(line)
      #expect(edited.code == 65 && edited.errors.contains("curves.csv' was edited"))
      #expect(
        try String(contentsOf: copy.appending(path: "curves.csv"), encoding: .utf8) == "a,b\n")
      try Data("x".utf8).write(to: copy.appending(path: "mine.txt"))
      try FileManager.default.removeItem(at: copy.appending(path: "curves.csv"))
      #expect(
        try CommandLineRun(line).errors.contains("mine.txt' was not written by an export"))
    }
  }

  @Test(
    "What the files say is what is computed now", arguments: [PaperRow.lossSection, .bifurcation])
  func values(row: PaperRow) throws {
    let now = try ReproductionExperiment(rows: [row]).result().rows[0]
    let stored = try rows("quantities.csv").filter { $0["row"] == row.rawValue }
    #expect(stored.count == now.literal.count)
    for (line, quantity) in zip(stored, now.literal) {
      #expect(line["quantity"] == quantity.name)
      let value = try #require(line["value"].flatMap(Double.init))
      expectClose(value, to: try #require(quantity.value), relative: 1e-9, quantity.name)
    }
  }

  @Test(
    "The notebooks run from their first cell to the last",
    .enabled(
      if: python != nil, "python3 with nbclient, ipykernel, pandas and matplotlib is not here"),
    .tags(.slow), .unlessQuick,
    arguments: ["escape-times", "theory-against-training", "phase-diagrams"])
  func notebooks(name: String) throws {
    let script = """
      import nbclient, nbformat, sys
      notebook = nbformat.read(sys.argv[1], as_version=4)
      nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
      """
    let notebook = package.appendingPathComponent("Examples/notebooks/\(name).ipynb")
    let run = try CommandLineRun(
      executable: #require(python), ["-c", script, notebook.path],
      in: notebook.deletingLastPathComponent(),
      environment: ["METASTABLE": CommandLineRun.products("metastable").path, "MPLBACKEND": "agg"])
    #expect(run.code == 0, "\(run.errors.suffix(2000))")
  }
}
