import Foundation
import TestSupport
import Testing

/// The verbs that take a configuration.
let templateVerbs = ["theory", "phase-diagram", "escape", "train", "compare", "study"]

@Suite("Configuration files and output folders")
struct FolderTests {
  /// Flags that make a template's run short.
  private static let short: [String: [String]] = [
    "phase-diagram": ["--beta-step", "0.05", "--tolerance", "1e-6"],
    "escape": ["--runs", "20", "--temperature", "0.1"],
    "train": ["--epochs", "5"],
    "compare": [
      "--runs", "3", "--beta", "0.345", "--batch-size", "4", "--learning-rate", "0.1,0.12",
      "--time-step", "0.05",
    ],
    "study": [
      "--runs", "3", "--beta", "0.345", "--batch-size", "4", "--learning-rate", "0.1,0.12",
      "--time-step", "0.05", "--beta-step", "0.05", "--tolerance", "1e-6",
    ],
  ]

  /// The long names of a verb's options, from the argument parser itself.
  private func options(of verb: String) throws -> [String] {
    let dump = try CommandLineRun([verb, "--experimental-dump-help"])
    let root = try #require(
      try JSONSerialization.jsonObject(with: Data(dump.output.utf8)) as? [String: Any])
    let command = try #require(root["command"] as? [String: Any])
    let arguments = try #require(command["arguments"] as? [[String: Any]])
    let names = arguments.compactMap { argument -> String? in
      guard argument["kind"] as? String != "positional" else { return nil }
      let names = argument["names"] as? [[String: Any]] ?? []
      return names.first { $0["kind"] as? String == "long" }?["name"] as? String
    }
    // --no-x is described by --x.
    return names.filter {
      $0 != "help" && $0 != "version"
        && !($0.hasPrefix("no-") && names.contains(String($0.dropFirst(3))))
    }
  }

  @Test("A flag with a --no form is one key: false in a file is --no-…, nothing is neither")
  func invertibleFlags() throws {
    let template = try CommandLineRun(["init", "train"]).output
    #expect(template.contains("\n# header:\n"))
    #expect(!template.contains("no-header") && !template.contains("no-whiten"))
    try withTemporaryDirectory { directory in
      try write("1,2,3\n2,1,4\n3,3,1\n0,1,2\n", "d.csv", in: directory)
      func header(_ line: String) throws -> Document {
        try write("data: d.csv\ntarget: 2\nepochs: 1\n\(line)", "c.yaml", in: directory)
        return try CommandLineRun(["train", "c.yaml", "--format", "json"], in: directory)
          .document()["configuration"]
      }
      #expect(try header("header: false\n").flag("header") == false)
      #expect(try header("header:\n").isNull("header"))
      let refused = try CommandLineRun(["train", "--no-header", "--header"], in: directory)
      #expect(refused.code != 0)
    }
  }

  @Test("init: a template lists every option with its help, and runs", arguments: templateVerbs)
  func template(_ verb: String) throws {
    let template = try CommandLineRun(["init", verb])
    #expect(template.code == 0)
    #expect(template.errors.isEmpty)
    let lines = template.output.split(separator: "\n").map(String.init)
    let options = try options(of: verb)
    #expect(options.count >= 10)
    for option in options {
      let index = lines.firstIndex {
        $0.hasPrefix("\(option):") || $0.hasPrefix("# \(option):")
      }
      let line = try #require(index, "no line for '\(option)'")
      #expect(
        lines[line - 1].hasPrefix("# ") && lines[line - 1].count > 10, "no help for '\(option)'")
    }
    try withTemporaryDirectory { directory in
      try write(template.output, "config.yaml", in: directory)
      let run = try CommandLineRun(
        [verb, "config.yaml", "--quiet"] + (Self.short[verb] ?? []), in: directory)
      #expect(run.code == 0, "\(run.errors)")
      #expect(!run.output.isEmpty)
      #expect(run.errors.isEmpty)
    }
  }

  /// Options that would do nothing are refused by their keys, one after the other; without them it runs.
  @Test("init: a template with every option switched on is read, too", arguments: templateVerbs)
  func uncommented(_ verb: String) throws {
    let template = try CommandLineRun(["init", verb]).output
    // Lines such as "# runs: 200"; those without a default stay empty, which is "not given".
    var lines = template.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.firstMatch(of: /^# ([a-z-]+:( \S+)?)$/).map { String($0.1) } ?? String(line)
    }
    try withTemporaryDirectory { directory in
      var refused = [String]()
      while true {
        try write(lines.joined(separator: "\n"), "config.yaml", in: directory)
        let run = try CommandLineRun(
          [verb, "config.yaml", "--quiet"] + (Self.short[verb] ?? []), in: directory)
        guard run.code != 0 else { break }
        let key = try #require(
          run.errors.firstMatch(of: /^metastable: line \d+ of 'config.yaml', key '([a-z-]+)': --/),
          "\(run.errors)")
        refused.append(String(key.1))
        lines.removeAll { $0.hasPrefix("\(key.1):") }
        try #require(refused.count < 40)
      }
      #expect(refused.contains("checkpoint-every"), "there is no folder")
    }
  }

  @Test(
    "An empty folder that is there is taken, also where something is said before the runs begin")
  func emptyFolder() throws {
    try withTemporaryDirectory { directory in
      try FileManager.default.createDirectory(
        at: directory.appendingPathComponent("out"), withIntermediateDirectories: false)
      let run = try CommandLineRun(
        words(
          "escape --landscape double-well --temperature 0.1 --runs 9 --time-step 0.3 --output out"),
        in: directory)
      #expect(run.code == 0, "\(run.errors)")
      #expect(run.errors.contains("Note: the time step 0.3"))
      let progress = try text(directory.appendingPathComponent("out/progress.json"))
      #expect(progress.contains("the time step 0.3"))
    }
  }

  @Test("init, then run into a folder, then run that folder's configuration: the same bits")
  func roundTrip() throws {
    try withTemporaryDirectory { directory in
      try write(try CommandLineRun(["init", "escape"]).output, "escape.yaml", in: directory)
      let flags = ["--runs", "40", "--temperature", "0.08", "--seed", "7"]
      let first = try CommandLineRun(
        ["escape", "escape.yaml", "--output", "out"] + flags, in: directory)
      #expect(first.code == 0, "\(first.errors)")
      let out = directory.appendingPathComponent("out")
      let files = try contents(out)
      for name in [
        "configuration.yaml", "escape.json", "escape.csv", "passages.csv", "summary.txt",
        "survival.dat", "survival.gp",
      ] {
        #expect(files.contains(name), "\(name)")
      }
      if !first.errors.contains("gnuplot") {
        #expect(files.contains("survival.svg") && files.contains("survival.png"))
      }
      #expect(try contents(directory) == ["escape.yaml", "out"], "something was left behind")
      for name in ["escape.csv", "passages.csv"] {
        let lines = try text(out.appendingPathComponent(name)).split(separator: "\n")
        let header = lines.prefix { $0.hasPrefix("#") }
        #expect(header.contains { $0.contains("seed 7") })
        #expect(header.contains { $0.contains("metastable 0.") && $0.contains("GSL") })
        #expect(header.contains { $0.contains("configuration: {") })
      }
      let passages = try text(out.appendingPathComponent("passages.csv")).split(separator: "\n")
        .filter { !$0.hasPrefix("#") }
      #expect(passages.first == "replica,time,outcome")
      #expect(passages.count == 41)

      let again = try CommandLineRun(
        ["escape", "out/configuration.yaml", "--output", "again", "--threads", "1"], in: directory)
      #expect(again.code == 0, "\(again.errors)")
      let second = directory.appendingPathComponent("again")
      #expect(try contents(second) == files)
      // The store and the progress have times of day in them.
      for name in files
      where !name.hasSuffix(".png") && name != "runs.sqlite" && name != "progress.json" {
        #expect(
          try text(second.appendingPathComponent(name)) == text(out.appendingPathComponent(name)),
          "\(name) differs")
      }
      // The document of the folder is the one on standard output.
      let json = try CommandLineRun(
        ["escape", "out/configuration.yaml", "--format", "json"], in: directory)
      #expect(json.output == (try text(out.appendingPathComponent("escape.json"))))
    }
  }

  @Test("Results are not overwritten unasked, and nothing changes")
  func overwriting() throws {
    try withTemporaryDirectory { directory in
      let run = { (flags: [String]) in
        try CommandLineRun(["theory", "--eta", "0.9", "--output", "out"] + flags, in: directory)
      }
      #expect(try run([]).code == 0)
      let out = directory.appendingPathComponent("out")
      let json = try text(out.appendingPathComponent("theory.json"))
      let files = try contents(out)
      let second = try run(["--depth", "4"])
      #expect(second.code == 65)
      #expect(second.output.isEmpty)
      #expect(second.errors.contains("--overwrite"))
      #expect(try text(out.appendingPathComponent("theory.json")) == json)
      #expect(try contents(out) == files)
      #expect(try contents(directory) == ["out"])
      let third = try run(["--depth", "4", "--overwrite"])
      #expect(third.code == 0, "\(third.errors)")
      #expect(try text(out.appendingPathComponent("theory.json")) != json)
      #expect(try contents(directory) == ["out"])
    }
  }

  @Test("Bad input leaves no folder behind")
  func nothingOnFailure() throws {
    try withTemporaryDirectory { directory in
      let run = try CommandLineRun(
        ["escape", "--landscape", "double-well", "--temperature", "0", "--output", "a/b/out"],
        in: directory)
      #expect(run.code == 65)
      #expect(try contents(directory).isEmpty)
    }
  }

  @Test("Flags override the file")
  func precedence() throws {
    try withTemporaryDirectory { directory in
      try write(
        "eta: [0.9, 0.8]\nbeta: 0.3\nformat: json\n# depth: 5\ndepth: 4\ntarget:\n", "c.yaml",
        in: directory)
      let file = try CommandLineRun(["theory", "c.yaml"], in: directory).document()
      #expect(file["configuration"].number("beta") == 0.3)
      #expect(file["configuration"].number("depth") == 4)
      let flags = try CommandLineRun(
        ["theory", "c.yaml", "--depth", "3", "--eta=0.7"], in: directory
      ).document()
      #expect(flags["configuration"].number("beta") == 0.3)
      #expect(flags["configuration"].number("depth") == 3)
      #expect(flags["configuration"].members["eta"] as? [Double] == [0.7])
      let before = try CommandLineRun(["theory", "--depth", "3", "c.yaml"], in: directory)
      #expect(try before.document()["configuration"].number("depth") == 3)
    }
  }

  @Test("An empty configuration is one without any key", arguments: ["", "# nothing\n", "---\n"])
  func emptyFile(_ content: String) throws {
    try withTemporaryDirectory { directory in
      try write(content, "c.yaml", in: directory)
      let run = try CommandLineRun(["theory", "c.yaml", "--eta", "0.9"], in: directory)
      #expect(run.code == 0, "\(run.errors)")
    }
  }

  @Test("Output does not depend on the number of threads, and does on the seed")
  func determinism() throws {
    for arguments in [
      networkEscape + ["--runs", "6", "--format", "json"],
      ["escape", "--landscape", "double-well", "--temperature", "0.1", "--runs", "20"],
      [
        "compare", "--network", "2-10-10-2", "--eta", "0.9,0.8", "--beta", "0.345", "--batch-size",
        "4", "--learning-rate", "0.1,0.12", "--runs", "3", "--time-step", "0.05", "--format", "csv",
      ],
    ] {
      let one = try CommandLineRun(arguments + ["--threads", "1"])
      #expect(one.code == 0, "\(one.errors)")
      #expect(try CommandLineRun(arguments + ["--threads", "2"]).output == one.output)
      #expect(try CommandLineRun(arguments + ["--seed", "2"]).output != one.output)
    }
  }

  @Test("A seed of 64 bits is kept and reruns")
  func largeSeed() throws {
    try withTemporaryDirectory { directory in
      let seed = "18446744073709551615"
      let first = try CommandLineRun(
        [
          "escape", "--landscape", "double-well", "--temperature", "0.1", "--runs", "5", "--seed",
          seed, "--output", "out", "--format", "json",
        ], in: directory)
      #expect(try first.document().text("seed") == seed)
      let again = try CommandLineRun(
        ["escape", "out/configuration.yaml", "--format", "json"], in: directory)
      #expect(again.output == first.output)
    }
  }

  @Test("Progress is for people: no control characters in a log, and none at all when quiet")
  func progress() throws {
    // Progress lines are seconds apart, too slow for a test; what is seen here is the line that names
    // the folder.
    try withTemporaryDirectory { directory in
      let arguments = networkEscape + ["--runs", "8"]
      let run = try CommandLineRun(arguments + ["--output", "out"], in: directory)
      #expect(run.code == 0, "\(run.errors)")
      #expect(!run.errors.contains("\r") && !run.errors.contains("\u{1B}"))
      #expect(run.errors.contains("Results are in "))
      #expect(!run.output.contains("\r") && !run.output.contains("\u{1B}"))
      let quiet = try CommandLineRun(arguments + ["--quiet", "--output", "quiet"], in: directory)
      #expect(quiet.code == 0)
      #expect(quiet.errors.isEmpty || quiet.errors.contains("gnuplot"))
      #expect(quiet.output == run.output)
    }
  }
}
