import ArgumentParser
import Metastable

struct Inspect: Verb {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract:
      "Looks at a checkpoint: loss, gradient, spectra of Hessian and gradient noise, soft modes, absorbing states, learning coefficient.",
    discussion:
      "The checkpoint is a safetensors file, the index of several, or an NPZ archive of a state dict; its network follows from it, but not its activation. Data have to be those that it learned from, prepared as they were then: --raw takes them as they are. Dense spectra up to 1000 parameters, Lanczos beyond."
  )
  static let example: KeyValuePairs = [
    "checkpoint": "weights.safetensors", "eta": "[0.9, 0.8]", "activation": "tanh",
  ]

  @Argument(help: "The checkpoint, or a YAML file with any of the options below as keys.")
  var file: String?

  @Option(help: "The checkpoint: safetensors, or NPZ with a state dict.")
  var checkpoint: String?

  @OptionGroup var source: TrainingDataOptions

  @Option(help: "Hidden activation: linear, tanh, sigmoid, relu, gelu, square, erf or sin.")
  var activation: Activation = .linear

  @Option(help: "Loss per sample: mse or cross-entropy.")
  var loss: LossFunction = .meanSquaredError

  @Option(
    help:
      "What mse and β mean: half-sum (½‖y − f‖², summed over outputs) or pytorch-mean (nn.MSELoss(), so that β is SGD's weight_decay)."
  )
  var lossConvention: LossConvention = .halfSum

  @Option(parsing: .unconditional, help: "Weight decay β.")
  var beta = 0.0

  @Option(parsing: .unconditional, help: "Eigenvalues listed at each end of a spectrum.")
  var modes = 10

  @Option(parsing: .unconditional, help: "Share of the largest |ω| up to which a mode is soft.")
  var soft = 1e-3

  @Option(
    parsing: .unconditional,
    help:
      "Steps of each chain of the learning coefficient; 0 for none. Default: some seconds' worth."
  )
  var sgldSteps: Int?

  @Option(parsing: .unconditional, help: "Chains of the learning coefficient.")
  var chains = 4

  @Option(
    parsing: .unconditional,
    help: "Inverse temperature β* of the learning coefficient. Default: 1/ln n.")
  var inverseTemperature: Double?

  @Option(
    parsing: .unconditional,
    help: "Localisation γ of the learning coefficient: (γ/2)‖w − w*‖² holds the chains near.")
  var localisation = 1.0

  @OptionGroup var random: SeedOptions

  @OptionGroup var output: RunOptions

  var seedValue: UInt64? { random.seed }

  var withFileInPlace: Inspect {
    guard let file, checkpoint == nil, WeightFile.isLikely(file) else { return self }
    var inspect = self
    inspect.checkpoint = file
    inspect.file = nil
    return inspect
  }

  func experiment() throws -> InspectionExperiment {
    guard let path = checkpoint else {
      throw InvalidInput("no checkpoint: give a file of weights with --checkpoint")
    }
    let checkpoint = try NetworkCheckpoint(contentsOf: path)
    let loaded = try source.loaded(network: checkpoint.widths, for: loss, seed: random.seed)
    try checkpoint.check(inputs: loaded.inputs, targets: loaded.targets)
    var settings = InspectionExperiment.Settings()
    settings.convention = lossConvention
    settings.modes = modes
    settings.softness = soft
    settings.steps = sgldSteps
    if sgldSteps != 0 {
      settings.inverseTemperature = inverseTemperature
      settings.localisation = localisation
      settings.chains = chains
      settings.level = random.level
    }
    settings.seed = random.seed
    settings.threads = output.threads
    return try InspectionExperiment(
      of: checkpoint.parameters, checkpoint.architecture(activation: activation), on: loaded,
      lossFunction: loss, weightDecay: beta, settings: settings)
  }

  func findings(in context: RunContext) throws -> Findings {
    let experiment = try experiment()
    var findings = try experiment.findings(in: context)
    if activation == .linear, experiment.architecture.depth > 1 {
      findings.notes.append(Checkpoint.linearRemark)
    }
    if loss == .crossEntropy, lossConvention == .pytorchMean {
      findings.notes.append(Checkpoint.sameConventionRemark)
    }
    if loss == .crossEntropy, source.data.targetScaling != .none {
      findings.notes.append(Checkpoint.distributionsRemark)
    }
    return findings
  }
}

extension LossConvention: ExpressibleByArgument {}
