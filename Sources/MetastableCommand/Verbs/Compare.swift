import ArgumentParser
import Metastable

struct Compare: Verb {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract:
      "One escape under theory, Langevin and real SGD over a ladder of noise: Arrhenius plot and verdict."
  )
  static let example: KeyValuePairs = [
    "network": "2-10-10-2", "eta": "[0.9, 0.8]", "beta": "0.33", "from": "2", "to": "1",
  ]

  @Argument(help: "YAML file with any of the options below as keys.")
  var file: String?

  @OptionGroup var network: NetworkOptions
  @OptionGroup var data: DataOptions

  @Option(parsing: .unconditional, help: "Weight decay β.")
  var beta: Double?

  @Option(
    parsing: .unconditional,
    help: "Rank at the start; the strongest features first. Default: all learnable features.")
  var from: Int?

  @Option(parsing: .unconditional, help: "Rank to reach. Default: one less.")
  var to: Int?

  @Option(help: "Dynamics that theory and Langevin are compared with: sgd.")
  var process: ProcessName = .sgd

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

  func experiment() throws -> ComparisonExperiment {
    let escape = try featureEscape(
      network: network, data: data, beta: beta, from: from, to: to, seed: random.seed)
    return try ladder.comparison(
      of: escape, ensemble: ensemble, random: random, threads: output.threads,
      engine: engine.choice())
  }
}
