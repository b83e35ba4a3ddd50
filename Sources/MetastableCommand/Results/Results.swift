import ArgumentParser
import Foundation
import Metastable

struct Results: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "results",
    abstract: "Lists, shows, exports, merges and verifies stored runs.",
    subcommands: [
      ResultsList.self, ResultsShow.self, ResultsExport.self, ResultsMerge.self,
      ResultsVerify.self,
    ])
}

/// The folder that a command has written.
struct StoredFolderOptions: ParsableArguments {
  @Option(name: .customLong("output"), help: "The output folder, as it was given to the command.")
  var folder: String

  var storeURL: URL {
    URL(fileURLWithPath: folder).appendingPathComponent(RunStore.fileName)
  }

  func store() throws -> RunStore { try RunStore.open(storeURL, mayWrite: false) }

  /// The findings of the command that made the store, from what is in it.
  func findings(_ context: (RunStore) -> RunContext) throws -> (Report, RunContext) {
    let store = try store()
    guard let session = try store.sessions().last else {
      throw InvalidInput("nothing was run in '\(folder)' yet; the same command begins")
    }
    guard let type = RootCommand.verbs.first(where: { $0.verbName == store.experiment.command })
    else {
      throw InvalidInput(
        "the run store of '\(folder)' is of the command '\(store.experiment.command)', which this version does not know; 'results export' reads its runs"
      )
    }
    let verb: any Verb
    do {
      let file = try ConfigurationFile(
        text: session.configuration, path: folder, options: describedOptions(of: type))
      guard
        let parsed = try RootCommand.parseAsRoot([type.verbName] + file.arguments) as? any Verb
      else { throw InvalidInput("no verb") }
      verb = parsed
    } catch {
      throw InvalidInput(
        "the configuration stored in '\(folder)' cannot be read, so it is damaged or of another version; 'results export' reads its runs"
      )
    }
    let resolved = resolvedConfiguration(of: verb)
    // A relative path means the folder that the command was run in, unless the data have moved along.
    if case .string(let data)? = resolved["data"], !store.experiment.isData(data) {
      let directories = try store.sessions().reversed().map(\.directory)
      func path(in directory: String) -> String {
        URL(fileURLWithPath: data, relativeTo: URL(fileURLWithPath: directory)).path
      }
      guard let directory = directories.first(where: { store.experiment.isData(path(in: $0)) }),
        FileManager.default.changeCurrentDirectoryPath(directory)
      else {
        throw InvalidInput(
          "the data of '\(folder)', '\(path(in: session.directory))', are not there any more, or not the same; put them back, or use 'results export'"
        )
      }
    }
    let now = try StoredExperiment(
      command: type.verbName, resolved: resolved, seed: verb.seedValue)
    if let difference = store.experiment.difference(
      from: now, name: "'\(folder)'", otherName: "this build")
    {
      Terminal.error("Note: \(difference); what follows is computed by this build")
    }
    let context = context(store)
    return (
      Report(
        command: type.verbName, seed: verb.seedValue, configuration: resolved,
        findings: try verb.findings(in: context)), context
    )
  }
}

struct ResultsList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The run stores in some folders and below.")

  @Argument(help: "Folders to look in, to a depth of three. Default: the current one.")
  var folders: [String] = ["."]

  @Option(help: "How they are printed: table, json or csv.")
  var format: OutputFormat = .table

  func run() throws {
    var table = Table(
      name: "stores", title: "Run stores",
      columns: [
        Table.Column("folder", "folder", "where"),
        Table.Column("command", "command", "what made it"),
        Table.Column("configuration", "configuration", "hash of what decides its numbers"),
        Table.Column("cells", "cells", "ensembles and curves"),
        Table.Column("runs", "runs", "runs that have ended"),
        Table.Column("escaped", "escaped", "of them"),
        Table.Column("underway", "on their way", "runs that can be gone on with"),
        Table.Column("state", "state", "done, stopped, failed, killed or running"),
        Table.Column("started", "started", "the last session"),
      ])
    for folder in folders where !FileManager.default.fileExists(atPath: folder) {
      throw InvalidInput("there is no folder '\(folder)' to list")
    }
    var unreadable = [String]()
    for folder in StoreSummary.folders(below: folders) {
      do {
        let summary = try StoreSummary(folder: folder)
        table.append([
          .text(summary.folder), .text(summary.command), .text(summary.configurationHash),
          .integer(summary.cells), .integer(summary.runs), .integer(summary.events),
          .integer(summary.underway), .text(summary.state), .text(summary.started),
        ])
      } catch { unreadable.append("'\(folder.relativePath)': \(error)") }
    }
    switch format {
    case .json: Terminal.print(table.json.rendered(indentation: 2))
    case .csv: Terminal.print(table.csv(), terminator: "")
    case .table:
      Terminal.print(
        table.isEmpty ? "no run store in \(folders.joined(separator: ", "))" : table.rendered())
    }
    for complaint in unreadable { Terminal.error("Note: \(complaint)") }
  }
}

struct ResultsShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "The tables of a command from what is stored, also while it runs or before its end.",
    discussion:
      "Nothing is run. Runs on their way count as censored where they were last seen, so that the rate is not that of the short runs."
  )

  @OptionGroup var stored: StoredFolderOptions

  @Option(help: "How they are printed: table, json or csv.")
  var format: OutputFormat = .table

  func run() throws {
    let (report, _) = try stored.findings { store in
      RunContext(mode: .look, store: { store })
    }
    report.print(format)
  }
}

struct ResultsExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Every stored run, or every record of a curve, as CSV; everything as JSON.",
    discussion:
      "Rows are ordered by cell and replica, so the same runs give the same text, however often they were interrupted and wherever they were made. Where no single runs are kept (escape --keep-runs none) a row is a bin of their histogram."
  )

  @OptionGroup var stored: StoredFolderOptions

  @Option(help: "csv or json.")
  var format: OutputFormat = .csv

  @Flag(
    help:
      "Export the records of curves (train, phase-diagram) instead of runs. Default where there are no others."
  )
  var curves = false

  func run() throws {
    guard format == .csv || !curves else {
      throw InvalidInput(
        "--curves is for --format csv, but the format is \(format.rawValue); leave it out: JSON has runs and curves"
      )
    }
    let store = try stored.store()
    switch format {
    case .json: Terminal.print(try store.exportDocument().rendered(indentation: 2))
    case .csv:
      var text = ""
      func emit(_ line: String) {
        text += line + "\n"
        if text.utf8.count > 1 << 16 {
          Terminal.print(text, terminator: "")
          text = ""
        }
      }
      let ensembles = try store.cells().map(\.cell).filter { $0.kind == .passages }
      if curves || ensembles.isEmpty {
        try store.exportRecords(emit)
      } else if ensembles.contains(where: { !$0.keepsRuns }) {
        try store.exportHistograms(emit)
      } else {
        try store.exportRuns(emit)
      }
      Terminal.print(text, terminator: "")
    case .table:
      throw InvalidInput(
        "an export is csv or json; 'metastable results show' prints tables")
    }
  }
}

struct ResultsMerge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Joins the run stores of shards into one, equal to that of an unsharded command.",
    discussion:
      "Stores of another configuration are refused by name, as are runs that are in two stores with different results; runs that are in both with the same are taken once. Afterwards the command itself, without --shard and with --output FOLDER, writes tables and figures; it runs what is missing."
  )

  @Argument(help: "Folders with the stores to join.")
  var folders: [String]

  @Option(
    name: .customLong("output"), help: "Folder of the joint store; an existing one is added to.")
  var output: String

  @Flag(help: "Print nothing.")
  var quiet = false

  func run() throws {
    let merge = try StoreMerge(folders, into: output)
    guard !quiet else { return }
    Terminal.print(
      "\(folders.count) stores of '\(merge.command)' joined in \(output): \(merge.added) runs added, \(merge.skipped) were there already, \(merge.total) in all."
    )
  }
}

struct ResultsVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks a run store: that it is whole, makes sense, and that runs come out again.",
    discussion:
      "For a damaged store it says what can be read. Runs are taken from the shorter half of each cell. Exit code 65 where something is wrong."
  )

  @OptionGroup var stored: StoredFolderOptions

  @Option(
    parsing: .unconditional, help: "Runs of each cell, or records of each curve, to run again.")
  var rerun = 4

  @Flag(help: "Print only what is wrong.")
  var quiet = false

  func run() throws {
    try Require.atLeast(0, "number of runs to run again", rerun)
    func say(_ line: String) { if !quiet { Terminal.print(line) } }
    let check = try StoreCheck(stored.storeURL)
    for row in check.rows {
      say("\(row.table): \(row.readable.map { "\($0) rows" } ?? "cannot be read")")
    }
    guard check.isSound else {
      throw InvalidInput(
        "the run store of '\(stored.folder)' is damaged: \(check.problems.joined(separator: "; "))")
    }
    say("The file is whole and its rows make sense.")
    guard rerun > 0 else { return }
    let (_, context) = try stored.findings { store in
      RunContext(mode: .verify(runs: rerun), store: { store })
    }
    let again = context.recheckedRuns
    let wrong = again.filter { !$0.agrees }
    guard wrong.isEmpty else {
      for run in wrong {
        Terminal.print("\(run.cell), \(run.number): stored \(run.stored), now \(run.now)")
      }
      throw InvalidInput(
        "\(wrong.count) of \(again.count) runs did not come out again with the stored bits: another build or processor made them, or the store was changed"
      )
    }
    say(
      again.isEmpty
        ? "There is no run to run again."
        : "\(again.count) runs and records were computed again: the same bits.")
  }
}
