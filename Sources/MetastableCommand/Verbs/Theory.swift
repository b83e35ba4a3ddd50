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

  @Option(
    help: "File with the data: CSV, with or without a header, .npy or .npz, or any .gz of them.")
  var data: String?

  @Option(
    help:
      "Target columns of the file, by name or by index from 0, separated by commas; the target array of an .npz."
  )
  var target: String?

  @Flag(help: "Turn the one target column into one indicator column per class.")
  var oneHot = false

  @Flag(
    inversion: .prefixedNo, help: "Whether the file's first row holds names. Default: found out.")
  var header: Bool?

  @Option(
    help:
      "Column that only numbers the rows, by name or by index from 0, or none. Default: found out.")
  var indexColumn: String?

  @Option(
    help:
      "Columns of the file, or arrays of an .npz, that are left out, by name or by index from 0, separated by commas."
  )
  var drop: String?

  @Option(help: "Decimal mark of the file: '.' or ',' (cells then separated by ';' or tabs).")
  var decimal: DecimalMark = .point

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
    switch (eta, data) {
    case (let eta?, nil): return (eta.values, [])
    case (nil, let path?):
      guard let target else {
        throw InvalidInput("the file '\(path)' needs --target, the column or columns to learn")
      }
      let prepared = try NetworkData(
        file: .init(
          path: path, targets: target, oneHot: oneHot, hasHeader: header,
          inputPreparation: .whitened(rank: whitenRank), indexColumn: indexColumn, dropped: drop,
          decimalComma: decimal == .comma),
        seed: 1)
      return (try prepared.singularValues(), prepared.notes)
    case (nil, nil):
      throw InvalidInput(
        "no modes: give singular values with --eta, or a file with --data and --target")
    case (.some, .some):
      throw InvalidInput("both --eta and --data were given; choose one source of modes")
    }
  }
}
