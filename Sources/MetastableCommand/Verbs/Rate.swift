import ArgumentParser
import Metastable

struct Rate: Verb {
  static let configuration = CommandConfiguration(
    commandName: "rate",
    abstract: "Every theory of one escape side by side, each with the reason to trust it or not.",
    discussion:
      "Either a named landscape (--landscape, --temperature, optionally --friction), or a network that loses or gains a feature (--network, --eta or --data, --beta, --from, --to) under --process overdamped (--temperature) or sgd (--batch-size, --learning-rate)."
  )
  static let example: KeyValuePairs = ["landscape": "double-well", "temperature": "0.05"]

  @Argument(help: "YAML file with any of the options below as keys.")
  var file: String?

  @OptionGroup var escape: EscapeOptions

  @Option(
    help:
      "Find the learning-rate, batch-size or beta at which SGD keeps the feature for the time of --for; the search starts at the value given for it."
  )
  var solve: SolvedSetting?

  @Option(help: "The mean time to keep it: 1e4-epochs, 5000-steps or 200-t.")
  var `for`: Budget?

  @Option(
    help:
      "Measure how SGD moves about the minimum over such a time on each of 32 runs, beside the predicted covariance of the weights: 1000-t, 5000-steps or 20-epochs."
  )
  var covariance: Budget?

  @Flag(
    help:
      "Also find the path of least action of SGD in all weights, up to twelve of them; it takes a minute."
  )
  var leastAction = false

  @Option(
    parsing: .unconditional,
    help: "Seed of the train/test split of a data file, and of the runs of --covariance.")
  var seed: UInt64 = 1

  @OptionGroup var output: RunOptions

  var seedValue: UInt64? { seed }

  func experiment() throws -> RateExperiment {
    let system = try escape.system.escape(seed: seed, needsSpectra: true)
    let noise = try escape.noise(of: system)
    let experiment: RateExperiment
    if let solve, let budget = self.for {
      experiment = try RateExperiment(of: system, under: noise, solving: solve, for: budget)
    } else {
      experiment = try RateExperiment(of: system, under: noise)
    }
    if leastAction { return try experiment.findingLeastAction() }
    // The surrogate's is another one.
    guard let covariance, escape.process == .sgd else { return experiment }
    return try experiment.measuringCovariance(over: covariance, seed: seed)
  }
}
