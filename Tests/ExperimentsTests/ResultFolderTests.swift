import Experiments
import Figures
import Foundation
import NumericalMethods
import Reports
import RunStores
import TestSupport
import Testing

@Suite("The folder of results")
struct ResultFolderTests {
  private func report(_ value: Int, figures: [(name: String, figure: Figure)] = []) -> Report {
    var table = Table(name: "numbers", title: "Numbers", columns: [.init("n", "n", "a number")])
    table.append([.integer(value)])
    return Report(
      command: "escape", seed: 1,
      configuration: ["runs": .integer(value), "eta": [0.9, 0.8], "data": .null],
      findings: Findings(
        results: ["value": .integer(value)], tables: [table], figures: figures,
        summary: ["Value \(value)."]))
  }

  private func message(_ body: () throws -> Void) throws -> String {
    let error = #expect(throws: InvalidInput.self, performing: body)
    return try #require(error).description
  }

  @Test("All files are there, with their provenance, and nothing else")
  func files() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("deep/er/out").path
      let notes = try ResultFolder(path: path, mayReplace: false).write(report(3))
      #expect(notes.isEmpty)
      let files = try contents(URL(fileURLWithPath: path))
      #expect(files == ["configuration.yaml", "escape.json", "numbers.csv", "summary.txt"])
      #expect(
        try contents(URL(fileURLWithPath: path).deletingLastPathComponent()) == ["out"],
        "something was left beside the folder")
      let csv = try text(URL(fileURLWithPath: path + "/numbers.csv"))
      #expect(csv.hasPrefix("# Numbers\n# metastable \(metastableVersion), GSL "))
      #expect(csv.contains("command escape, seed 1\n"))
      #expect(csv.contains("# n: a number\n"))
      #expect(csv.hasSuffix("\nn\n3\n"))
      let yaml = try text(URL(fileURLWithPath: path + "/configuration.yaml"))
      #expect(
        yaml.hasSuffix("\nruns: 3\neta: [0.9, 0.8]\n"), "a value that is not set is not written")
      #expect(try text(URL(fileURLWithPath: path + "/summary.txt")).contains("Value 3."))
    }
  }

  private let experiment = StoredExperiment(command: "escape", options: ["eta": "0.9"], seed: 1)

  @Test("A folder that holds results without a store is left alone")
  func existing() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("out").path
      _ = try ResultFolder(path: path, mayReplace: false).write(report(3))
      let refusal = try message { _ = try ResultFolder(path: path, mayReplace: false) }
      #expect(refusal.contains("results without a run store"))
      #expect(refusal.contains("--overwrite"))
      #expect(try text(URL(fileURLWithPath: path + "/numbers.csv")).hasSuffix("\n3\n"))
    }
  }

  @Test("On request everything is removed, when the new store begins")
  func overwriting() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appendingPathComponent("out")
      _ = try ResultFolder(path: url.path, mayReplace: false).write(report(3))
      try Data("old".utf8).write(to: url.appendingPathComponent("old.csv"))
      let folder = try ResultFolder(path: url.path, mayReplace: true)
      #expect(try contents(url).contains("old.csv"))
      try folder.openStore(for: experiment, configuration: "eta: 0.9\n").close()
      _ = try folder.write(report(4))
      folder.release()
      #expect(
        try contents(url) == [
          "configuration.yaml", "escape.json", "numbers.csv", "runs.sqlite", "summary.txt",
        ])
      #expect(try text(url.appendingPathComponent("numbers.csv")).hasSuffix("\n4\n"))
      #expect(try contents(directory) == ["out"])
    }
  }

  @Test("A folder with a store goes on with its own experiment and refuses another, by name")
  func continuing() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appendingPathComponent("out")
      let first = try ResultFolder(path: url.path, mayReplace: false)
      try first.openStore(for: experiment, configuration: "").close()
      first.release()
      let again = try ResultFolder(path: url.path, mayReplace: false)
      try again.check(experiment)
      try again.openStore(for: experiment, configuration: "").close()
      again.release()
      for (other, name) in [
        (
          StoredExperiment(command: "escape", options: ["eta": "0.8"], seed: 1),
          "eta: 0.9 there, 0.8 here"
        ),
        (
          StoredExperiment(command: "escape", options: ["eta": "0.9", "cap": "3"], seed: 1),
          "cap: null there, 3 here"
        ),
        (StoredExperiment(command: "train", options: ["eta": "0.9"], seed: 1), "'escape'"),
        (
          StoredExperiment(command: "escape", options: ["eta": "0.9"], seed: 1, version: "9.9.9"),
          "version"
        ),
        (
          StoredExperiment(
            command: "escape", options: ["eta": "0.9"], seed: 1, version: metastableVersion,
            arithmetic: "decimal"),
          "arithmetic"
        ),
      ] {
        #expect(try message { try again.check(other) }.contains(name), "\(name)")
        #expect(
          try message { _ = try again.openStore(for: other, configuration: "") }.contains(name))
      }
    }
  }

  @Test("Two at once: the second is refused, with who is there and since when")
  func twoAtOnce() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appendingPathComponent("out")
      let early = try ResultFolder(path: url.path, mayReplace: false)
      let first = try ResultFolder(path: url.path, mayReplace: false)
      let store = try first.openStore(for: experiment, configuration: "")
      let pid = "process \(ProcessInfo.processInfo.processIdentifier)"
      let late = try message { _ = try ResultFolder(path: url.path, mayReplace: false) }
      #expect(late.contains("is in use by \(pid)") && late.contains("since 20"))
      // Asked before the first began, and writing after.
      let second = try message { _ = try early.openStore(for: experiment, configuration: "") }
      #expect(second.contains("is in use by \(pid)") && second.contains("since 20"))
      store.close()
      first.release()
      #expect(!(try contents(url)).contains("runs.lock"))
      try early.openStore(for: experiment, configuration: "").close()
    }
  }

  @Test("An empty folder may be used")
  func emptyFolder() throws {
    try withTemporaryDirectory { directory in
      _ = try ResultFolder(path: directory.path, mayReplace: false).write(report(3))
      #expect(try contents(directory).contains("numbers.csv"))
    }
  }

  @Test("A link to a folder stays a link")
  func link() throws {
    try withTemporaryDirectory { directory in
      let link = directory.appendingPathComponent("link")
      let real = directory.appendingPathComponent("real")
      _ = try ResultFolder(path: real.path, mayReplace: false).write(report(3))
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: real)
      #expect(throws: InvalidInput.self) { try ResultFolder(path: link.path, mayReplace: false) }
      let folder = try ResultFolder(path: link.path, mayReplace: true)
      try folder.openStore(for: experiment, configuration: "").close()
      _ = try folder.write(report(4))
      #expect(try text(real.appendingPathComponent("numbers.csv")).hasSuffix("\n4\n"))
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == real.path)
      #expect(try contents(directory) == ["link", "real"])
    }
  }

  @Test("A folder with other files is never replaced", arguments: [false, true])
  func foreign(_ mayReplace: Bool) throws {
    try withTemporaryDirectory { directory in
      try Data("precious".utf8).write(to: directory.appendingPathComponent("thesis.tex"))
      let text = try message {
        _ = try ResultFolder(path: directory.path, mayReplace: mayReplace)
      }
      #expect(text.contains("not results of this command"))
      #expect(!text.contains("--overwrite"), "a remedy that would not work")
      #expect(try contents(directory) == ["thesis.tex"])
    }
  }

  @Test("A file is not a folder")
  func file() throws {
    try withTemporaryDirectory { directory in
      let file = directory.appendingPathComponent("file")
      try Data("text".utf8).write(to: file)
      #expect(
        try message { _ = try ResultFolder(path: file.path, mayReplace: true) }.contains(
          "is a file"))
      #expect(
        try message { _ = try ResultFolder(path: file.path + "/out", mayReplace: true) }.contains(
          "cannot be written"))
      #expect(try text(file) == "text")
    }
  }

  @Test(
    "Where nothing can be written, that is said before anything is computed",
    .enabled(if: getuid() != 0))
  func unwritable() throws {
    try withTemporaryDirectory { directory in
      let files = FileManager.default
      try files.setAttributes([.posixPermissions: 0o500], ofItemAtPath: directory.path)
      defer {
        try? files.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory.path)
      }
      let path = directory.appendingPathComponent("out").path
      #expect(
        try message { _ = try ResultFolder(path: path, mayReplace: false) }.contains(
          "cannot be written"))
    }
  }

  @Test("Asking does not make the folder, nor the folders above it")
  func asking() throws {
    try withTemporaryDirectory { directory in
      _ = try ResultFolder(
        path: directory.appendingPathComponent("a/b/out").path, mayReplace: false)
      #expect(try contents(directory).isEmpty)
    }
  }

  @Test("Where one file fails, none is put in its place")
  func failure() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appendingPathComponent("out")
      // A figure's name must be plain: the tables are written by then, the figure is not.
      let bad = [
        (name: "no/slash", figure: Figure(title: "", xAxis: Axis(""), yAxis: Axis(""), series: []))
      ]
      let folder = try ResultFolder(path: url.path, mayReplace: false)
      #expect(throws: (any Error).self) { _ = try folder.write(report(3, figures: bad)) }
      #expect(try contents(url) == ["runs.lock"])
      _ = try folder.write(report(3))
      #expect(throws: (any Error).self) { _ = try folder.write(report(4, figures: bad)) }
      #expect(try text(url.appendingPathComponent("numbers.csv")).hasSuffix("\n3\n"))
    }
  }
}
