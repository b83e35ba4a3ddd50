import ArgumentParser
import Metastable

struct PhaseDiagramVerb: Verb {
  static let configuration = CommandConfiguration(
    commandName: "phase-diagram",
    abstract:
      "Sweeps up and down in weight decay: where each feature appears and vanishes, predicted and measured."
  )
  static let example: KeyValuePairs = ["eta": "[0.9, 0.8]", "network": "2-10-10-2"]

  @Argument(help: "YAML file with any of the options below as keys.")
  var file: String?

  @OptionGroup var network: NetworkOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var sweep: SweepOptions

  @Option(
    parsing: .unconditional,
    help: "Weight decay β at which barriers are listed. Default: between β* and β_c of the weakest."
  )
  var beta: Double?

  @OptionGroup var random: StreamOptions

  @OptionGroup var output: RunOptions

  var seedValue: UInt64? { random.seed }
  static let isResumable = true

  func experiment() throws -> PhaseDiagramExperiment {
    let loaded = try data.load(seed: random.seed, network: network.network?.values)
    return try PhaseDiagramExperiment(
      data: loaded, widths: network.widths(inputs: loaded.inputs, targets: loaded.targets),
      from: sweep.betaFrom, to: sweep.betaTo, step: sweep.betaStep, barrierWeightDecay: beta,
      convergence: sweep.convergence(), seed: random.seed
    )
  }
}
