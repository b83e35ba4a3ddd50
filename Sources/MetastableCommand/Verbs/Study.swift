import ArgumentParser
import Metastable

struct Study: Verb {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract:
      "The whole answer for one data set: its phases, and the lifetime of a feature under SGD, predicted and measured."
  )
  static let example: KeyValuePairs = ["eta": "[0.9, 0.8]", "network": "2-10-10-2", "beta": "0.33"]

  @Argument(help: "YAML file with any of the options below as keys.")
  var file: String?

  @OptionGroup var network: NetworkOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var sweep: SweepOptions

  @Option(
    parsing: .unconditional,
    help:
      "Weight decay β of the escape and of the listed barriers. Default: between β* and β_c of the weakest feature."
  )
  var beta: Double?

  @Option(
    parsing: .unconditional,
    help: "Rank at the start of the escape. Default: all learnable features.")
  var from: Int?

  @OptionGroup var ladder: LadderOptions
  @OptionGroup var ensemble: EnsembleOptions
  @OptionGroup var shards: ShardOptions
  @OptionGroup var engine: EngineOptions
  @OptionGroup var random: SeedOptions
  @OptionGroup var output: RunOptions

  var seedValue: UInt64? { random.seed }
  var shard: Shard? { get throws { try shards.shard(of: ensemble) } }
  var reshards: Bool { shards.reshard }
  static let isResumable = true

  func experiment() throws -> StudyExperiment {
    let loaded = try data.load(seed: random.seed, network: network.network?.values)
    let widths = try network.widths(inputs: loaded.inputs, targets: loaded.targets)
    let phases = try PhaseDiagramExperiment(
      data: loaded, widths: widths, from: sweep.betaFrom, to: sweep.betaTo, step: sweep.betaStep,
      barrierWeightDecay: beta, convergence: sweep.convergence(), seed: random.seed)
    let escape = try featureEscape(
      data: loaded, widths: widths, weightDecay: phases.barrierWeightDecay, from: from)
    return try StudyExperiment(
      phases: phases,
      comparison: ladder.comparison(
        of: escape, ensemble: ensemble, random: random, threads: output.threads,
        engine: engine.choice()))
  }
}
