import ArgumentParser
import Metastable

/// Timings of the engines, beside baselines that are built and run with them.
@main
struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmarks",
    abstract: "Times the engines, side by side with baselines in C.",
    version: "metastable \(metastableVersion) (GSL \(gslVersion), \(instructionSet))",
    subcommands: [Run.self, RandomWords.self, MemoryProbe.self],
    defaultSubcommand: Run.self)
}

/// Runs suites, prints their rows as they come, and writes them where asked.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs the suites (the default).")

  @Argument(help: "Run the suites whose name contains one of these; all without any.")
  var filter: [String] = []

  @Flag(help: "Print one JSON document instead of tables.")
  var json = false

  @Flag(help: "Write the rows to Benchmarks/results/, in place of those of the same suites there.")
  var write = false

  @Flag(help: "Few repetitions: to see that everything runs, not to quote.")
  var quick = false

  @Flag(help: "List the suites and what each measures.")
  var list = false

  mutating func run() throws {
    if list {
      for suite in Suite.all { print("\(suite.name.padded(to: 12))\(suite.purpose)") }
      return
    }
    let chosen = Suite.all.filter { suite in
      filter.isEmpty || filter.contains { suite.name.contains($0) }
    }
    guard !chosen.isEmpty else {
      throw ValidationError(
        "no suite's name contains \(filter.joined(separator: " or ")); the suites are "
          + Suite.all.map(\.name).joined(separator: ", "))
    }
    let command = (["benchmarks"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
    var file = ResultsFile(of: .current)
    if write { file.adopt(try ResultsFile.read(file.path)) }
    for suite in chosen {
      let recorder = Recorder(isQuick: quick, isSilent: json)
      recorder.begin(suite)
      let load = systemLoad()
      try suite.run(recorder)
      file.replace(
        SuiteResult(
          name: suite.name, purpose: suite.purpose, command: command, date: currentDate(),
          loadBefore: load, loadAfter: systemLoad(), rows: recorder.rows))
      // After each suite, so that a run that is broken off has not been for nothing.
      if write { try file.write() }
    }
    if json { print(try file.text()) }
    if write && !json { print("\nWritten to \(file.path)") }
  }
}
