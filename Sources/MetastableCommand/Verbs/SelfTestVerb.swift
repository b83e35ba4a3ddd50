import ArgumentParser
import Metastable

/// Not a ``Verb``: it has no configuration file and writes no folder.
struct SelfTestVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "selftest",
    abstract: "Check on this machine that what is computed is right: closed forms, known answers.",
    discussion:
      "One row per check. Exit code 70 when a row fails. Rows that compare random numbers allow 5 standard errors and a stated bias."
  )

  @Option(help: "How results are printed: table, json or csv.")
  var format: OutputFormat = .table

  @Option(
    parsing: .unconditional,
    help:
      "Seed of the random checks; another one must pass as well. The same seed gives the same bits."
  )
  var seed: UInt64 = 1

  @Option(
    parsing: .unconditional, help: "Threads; results do not depend on it. Default: all cores.")
  var threads: Int?

  @Flag(help: "No progress on standard error.")
  var quiet = false

  func run() throws {
    let progress = TerminalProgress(isQuiet: quiet)
    let outcome = try SelfTest(seed: seed, threads: threads).outcome(progress: progress)
    progress.clear()
    let report = try Report(
      command: "selftest", seed: seed, configuration: ["seed": .unsigned(seed)],
      findings: outcome.findings())
    report.print(format)
    if outcome.exitCode != 0 { Terminal.exit(outcome.exitCode) }
  }
}
