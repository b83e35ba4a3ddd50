import ArgumentParser
import Metastable

struct Reproduce: Verb {
  static let configuration = CommandConfiguration(
    commandName: "reproduce",
    abstract: "The claims of arXiv:2606.17120 one by one: reported, measured here, and a verdict.",
    discussion:
      "Rows are \(PaperRow.allCases.map(\.rawValue).joined(separator: ", ")), or all. Each is run by the paper's own protocol, which is never bent, and by the nearest one that shows the effect, which is named. All of them take some minutes on two cores, with --quick some seconds."
  )
  static let example: KeyValuePairs = ["rows": "fig4,claim-count", "quick": "true"]

  @Argument(help: "Rows, or a YAML file with any of the options below as keys.")
  var names: [String] = []

  @Option(help: "Rows, separated by commas, or all.")
  var rows: String = Self.all

  @Flag(help: "Few seeds and short runs, for a first look.")
  var quick = false

  @OptionGroup var export: ExportOptions

  @OptionGroup var output: RunOptions

  private static let all = "all"

  /// A name with a full stop or a slash is no row.
  var file: String? { names.first { $0.contains(where: { "./".contains($0) }) } }

  var seedValue: UInt64? { nil }
  static let isResumable = true

  /// With the rows that are given one by one in the place of the option.
  var normalised: Reproduce {
    let given = names.filter { $0 != file }
    guard !given.isEmpty else { return self }
    var normalised = self
    normalised.rows = given.joined(separator: ",")
    return normalised
  }

  func experiment() throws -> ReproductionExperiment {
    let names = rows.split(separator: ",").map { $0.filter { $0 != " " } }
    let chosen = try names.flatMap { name -> [PaperRow] in
      if name == Self.all { return PaperRow.allCases }
      guard let row = PaperRow(rawValue: name) else {
        throw InvalidInput(
          "there is no row '\(name)'; rows are \(PaperRow.allCases.map(\.rawValue).joined(separator: ", ")), or all"
        )
      }
      return [row]
    }
    return try ReproductionExperiment(rows: chosen, isQuick: quick, threads: output.threads)
  }

  func findings(in context: RunContext) throws -> Findings {
    let experiment = try experiment(in: context)
    let folder = try export.export.map { try NotebookFolder(path: $0) }
    let findings = try experiment.findings(in: context)
    if let folder {
      let plane = try PhaseDiagramVerb.parse(Self.plane)
      try folder.write([
        Report(
          command: Self.verbName, seed: nil, configuration: resolvedConfiguration(of: self),
          findings: findings),
        Report(
          command: PhaseDiagramVerb.verbName, seed: plane.seedValue,
          configuration: resolvedConfiguration(of: plane),
          findings: plane.findings(in: RunContext())),
      ])
    }
    return findings
  }

  /// The phase diagram that is exported beside the rows: where a run of t = 1000 looks stuck.
  private static let plane = [
    "--eta", "0.9,0.8", "--network", "2-10-10-2", "--x", "beta=0.25..0.42", "--y",
    "inverse-noise=40..400:log", "--cells", "40x24", "--budget", "1000",
  ]
}

/// Where tables for notebooks go: no number depends on it.
struct ExportOptions: ParsableArguments, UnrecordedOptions {
  @Option(
    help: "Folder for the tables that notebooks load. Files that were edited are not replaced.")
  var export: String?
}
