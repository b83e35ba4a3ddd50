import ArgumentParser
import Metastable

struct Train: Verb {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "A real training run: loss, accuracy and singular values against epochs.")
  static let example: KeyValuePairs = ["eta": "[0.9, 0.8]", "network": "2-10-10-2", "beta": "0.05"]

  @Argument(help: "YAML file with any of the options below as keys.")
  var file: String?

  @OptionGroup var network: NetworkOptions
  @OptionGroup var data: DataOptions

  @Option(
    parsing: .unconditional, help: "Training samples drawn.")
  var samples = 512

  @Option(parsing: .unconditional, help: "Test samples drawn.")
  var testSamples = 512

  @Option(help: "Hidden activation: linear, tanh, sigmoid, relu, gelu or square.")
  var activation: Activation = .linear

  @Flag(help: "Give every layer biases.")
  var biases = false

  @Option(help: "Loss per sample: mse (½‖y − f‖²) or cross-entropy.")
  var loss: LossFunction = .meanSquaredError

  @Option(parsing: .unconditional, help: "Weight decay β.")
  var beta = 0.0

  @Option(parsing: .unconditional, help: "Learning rate h.")
  var learningRate = 0.05

  @OptionGroup var batch: BatchOptions

  @Option(parsing: .unconditional, help: "Passes over the data.")
  var epochs = 200

  @Option(parsing: .unconditional, help: "Scale of the random start, relative to 1/√fan-in.")
  var initialScale = 1.0

  @OptionGroup var random: StreamOptions

  @OptionGroup var output: RunOptions

  var seedValue: UInt64? { random.seed }
  static let isResumable = true

  func experiment() throws -> TrainingExperiment {
    let loaded: NetworkData
    if let eta = data.eta, data.source.data == nil {
      loaded = try NetworkData(
        teacher: data.teacher(eta, network: network.network?.values), samples: samples,
        testSamples: testSamples, seed: random.seed)
    } else {
      loaded = try data.load(
        seed: random.seed, network: network.network?.values,
        targetScaling: loss == .crossEntropy ? TargetScaling.none : nil)
    }
    return try TrainingExperiment(
      data: loaded,
      architecture: NetworkArchitecture(
        widths: network.widths(inputs: loaded.inputs, targets: loaded.targets),
        activation: activation, hasBiases: biases),
      lossFunction: loss, weightDecay: beta, settings: batch.settings(learningRate: learningRate),
      epochs: epochs, initialScale: initialScale, seed: random.seed)
  }

  func findings(in context: RunContext) throws -> Findings {
    var findings = try experiment().findings(in: context)
    if loss == .crossEntropy, data.targetScaling != .none {
      findings.notes.append(
        "the cross-entropy compares distributions, so targets are used as they are, neither centred nor scaled"
      )
    }
    return findings
  }
}
