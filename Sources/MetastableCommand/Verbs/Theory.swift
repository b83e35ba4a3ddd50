import ArgumentParser
import Metastable

struct Theory: Verb {
  static let configuration = CommandConfiguration(
    commandName: "theory",
    abstract: "Phases, transition points and barriers of each mode of a deep linear network.")
  static let example: KeyValuePairs = ["eta": "[0.9, 0.8]", "beta": "0.32"]

  @Argument(help: "YAML file with any of the options below as keys.")
  var file: String?

  @Option(parsing: .unconditional, help: "Singular values η of Σyx; or give a data file.")
  var eta: NumberList?

  @Option(parsing: .unconditional, help: "Depth L, the number of weight matrices.")
  var depth = 3

  @Option(
    parsing: .unconditional,
    help: "Weight decay β; without it only the transition points are given.")
  var beta: Double?

  @OptionGroup var source: FileOptions

  @Option(
    parsing: .unconditional, help: "Keep only this many whitened components of the file's inputs.")
  var whitenRank: Int?

  @OptionGroup var output: RunOptions

  var seedValue: UInt64? { nil }

  func experiment() throws -> TheoryExperiment { try experiment(of: modes().singularValues) }

  func findings(in context: RunContext) throws -> Findings {
    let (singularValues, notes) = try modes()
    var findings = try experiment(of: singularValues).findings()
    findings.notes += notes
    return findings
  }

  private func experiment(of singularValues: [Double]) throws -> TheoryExperiment {
    try TheoryExperiment(singularValues: singularValues, depth: depth, weightDecay: beta)
  }

  private func modes() throws -> (singularValues: [Double], notes: [String]) {
    switch (eta, source.data) {
    case (let eta?, nil): return (eta.values, [])
    case (nil, let path?):
      var options = try source.options(path: path)
      options.inputPreparation = .whitened(rank: whitenRank)
      let prepared = try NetworkData(file: options, seed: 1)
      return (try prepared.singularValues(), prepared.notes)
    case (nil, nil):
      throw InvalidInput(
        "no modes: give singular values with --eta, or a file with --data and --target")
    case (.some, .some):
      throw InvalidInput("both --eta and --data were given; choose one source of modes")
    }
  }
}
