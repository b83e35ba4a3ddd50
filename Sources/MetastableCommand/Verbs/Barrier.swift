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

  @OptionGroup var system: SystemOptions

  @Option(parsing: .unconditional, help: "Images on the path.")
  var images = 40

  @Option(parsing: .unconditional, help: "Seed of the train/test split of a data file.")
  var seed: UInt64 = 1

  @OptionGroup var output: RunOptions

  var seedValue: UInt64? { seed }

  func experiment() throws -> BarrierExperiment {
    try BarrierExperiment(of: system.escape(seed: seed), images: images)
  }
}
