import ArgumentParser
import Metastable

struct Barrier: Verb {
  static let configuration = CommandConfiguration(
    commandName: "barrier",
    abstract: "Minima, saddle and minimum-energy path of an escape, with spectra and zero modes.",
    discussion:
      "Either a named landscape (--landscape), or a network that loses or gains a feature (--network, --eta or --data, --beta, --from, --to), in full weight space."
  )
  static let example: KeyValuePairs = ["landscape": "muller-brown"]

  @Argument(help: "YAML file with any of the options below as keys.")
  var file: String?

  @Option(help: "Named landscape: double-well, tilted-double-well, washboard or muller-brown.")
  var landscape: NamedEscape.Name?

  @Option(
    parsing: .unconditional, help: "Tilt of the tilted double well, or mean force of the washboard."
  )
  var tilt = 0.1

  @OptionGroup var network: NetworkOptions
  @OptionGroup var data: DataOptions

  @Option(parsing: .unconditional, help: "Weight decay β.")
  var beta: Double?

  @Option(parsing: .unconditional, help: "Rank at the start; the strongest features first.")
  var from: Int?

  @Option(parsing: .unconditional, help: "Rank to reach: one more or one less.")
  var to: Int?

  @Option(parsing: .unconditional, help: "Images on the path.")
  var images = 40

  @Option(parsing: .unconditional, help: "Seed of the train/test split of a data file.")
  var seed: UInt64 = 1

  @OptionGroup var output: RunOptions

  var seedValue: UInt64? { seed }

  func findings(progress: any ProgressObserver) throws -> Findings {
    if let landscape {
      guard network.network == nil, data.eta == nil, data.data == nil else {
        throw InvalidInput(
          "both --landscape and a network (--network, --eta or --data) were given; choose one")
      }
      return try BarrierExperiment(
        system: .landscape(try NamedEscape(landscape, tilt: tilt)), images: images
      ).findings()
    }
    guard data.eta != nil || data.data != nil else {
      throw InvalidInput(
        "nothing to find barriers in: give --landscape, or a network with --eta or --data")
    }
    let escape = try rankEscape(
      network: network, data: data, beta: beta, from: from, to: to, seed: seed)
    return try BarrierExperiment(system: .network(escape), images: images).findings()
  }
}
