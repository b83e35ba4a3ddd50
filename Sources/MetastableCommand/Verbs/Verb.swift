import ArgumentParser
import Metastable

/// A verb that computes: it parses, validates, calls one library function, and prints.
protocol Verb: ParsableCommand {
  /// The YAML file given after the verb.
  var file: String? { get }
  var output: RunOptions { get }
  /// nil where nothing is random.
  var seedValue: UInt64? { get }

  /// Values that the template of `init` sets, by key, so that it runs as it is.
  static var example: KeyValuePairs<String, String> { get }

  func findings(progress: any ProgressObserver) throws -> Findings
}

extension Verb {
  static var verbName: String { configuration.commandName! }

  /// Computes, writes the output folder, prints.
  func execute() throws {
    if let threads = output.threads { try Require.atLeast(1, "number of threads", threads) }
    let folder = try output.folder.map { try ResultFolder(path: $0, mayReplace: output.overwrite) }
    let progress = TerminalProgress(isQuiet: output.quiet)
    let report = Report(
      command: Self.verbName, seed: seedValue, configuration: resolvedConfiguration(of: self),
      findings: try findings(progress: progress))
    progress.clear()
    let folderNotes = try folder?.write(report) ?? []
    switch output.format {
    case .json: print(report.document.rendered(indentation: 2))
    case .csv: print(report.tables.first?.csv() ?? "", terminator: "")
    case .table:
      print(report.text(width: Terminal.width))
    }
    for note in folderNotes { Terminal.error("Note: \(note)") }
    if let folder, !output.quiet { Terminal.error("Results are in \(folder.url.path)") }
  }
}
