import ArgumentParser
import Metastable

struct Train: Verb {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract:
      "A real training run: loss, accuracy and singular values against epochs; with --runs, an ensemble of them and why its event comes late."
  )
  static let example: KeyValuePairs = ["eta": "[0.9, 0.8]", "network": "2-10-10-2", "beta": "0.05"]

  @Argument(help: "YAML file with any of the options below as keys.")
  var file: String?

  @OptionGroup var network: NetworkOptions
  @OptionGroup var source: TrainingDataOptions

  @Option(help: "Hidden activation: linear, tanh, sigmoid, relu, gelu, square, erf or sin.")
  var activation: Activation = .linear

  @Flag(help: "Give every layer biases.")
  var biases = false

  @Option(help: "Loss per sample: mse (½‖y − f‖²) or cross-entropy.")
  var loss: LossFunction = .meanSquaredError

  @Option(
    help:
      "What mse, β and h mean: half-sum (½‖y − f‖², summed over outputs) or pytorch-mean (nn.MSELoss(), so that β and h are SGD's weight_decay and lr)."
  )
  var lossConvention: LossConvention = .halfSum

  @Option(parsing: .unconditional, help: "Weight decay β.")
  var beta = NumberGrid(0)

  @Option(parsing: .unconditional, help: "Learning rate h.")
  var learningRate = NumberGrid(0.05)

  @OptionGroup var batch: BatchOptions

  @OptionGroup var optimiser: OptimiserOptions

  @Option(parsing: .unconditional, help: "Passes over the data.")
  var epochs = 200

  @Option(parsing: .unconditional, help: "Scale of the random start, relative to 1/√fan-in.")
  var initialScale = 1.0

  @Option(
    help:
      "File with weights to start from: a checkpoint in safetensors or .npz, from which the network follows; or one start a row, or one number a line: CSV, .npy or .npz with one array, W₁ row by row first."
  )
  var start: String?

  @OptionGroup var ensemble: TrainingEnsembleOptions

  @Option(
    parsing: .unconditional,
    help:
      "Records in each decade of steps. Default: about 200 evenly spaced ones; with --runs 40 a decade, at most a tenth of the work."
  )
  var recordsPerDecade: Int?

  @Flag(
    help:
      "Write the weights at the end into the output folder, as weights.npz and, of one run, weights.safetensors."
  )
  var saveWeights = false

  @OptionGroup var random: StreamOptions

  @OptionGroup var shards: ShardOptions

  @OptionGroup var output: RunOptions

  var seedValue: UInt64? { random.seed }
  var shard: Shard? { get throws { try shards.share() } }
  var reshards: Bool { shards.reshard }
  static let isResumable = true

  /// With the network of the checkpoint that it starts from, where none is asked for. What is wrong with the file is
  /// said by the experiment.
  var normalised: Train {
    guard let checkpoint = try? startFile()?.checkpoint else { return self }
    var normalised = self
    if network.isDefault { normalised.network.network = LayerWidths(checkpoint.widths) }
    if checkpoint.hasBiases { normalised.biases = true }
    return normalised
  }

  func experiment() throws -> TrainingJob {
    if let runs = ensemble.runs { return .ensemble(try ensemble(runs: runs)) }
    let start = try startFile()
    let loaded = try loaded()
    let widths = try layers(start, loaded)
    try check(start, [widths], loaded)
    let samples = loaded.training?.count ?? 1
    let settings = try TrainingSettings(
      batch.settings(learningRate: learningRate.single("--learning-rate"), full: samples),
      optimiser: optimiser.choice,
      schedule: optimiser.scheduleChoice.schedule(
        steps: steps(samples)))
    let architecture = try NetworkArchitecture(
      widths: widths, activation: activation, hasBiases: start?.checkpoint?.hasBiases ?? biases)
    return .run(
      try TrainingExperiment(
        data: loaded, architecture: architecture, lossFunction: loss,
        weightDecay: beta.single("--beta"),
        settings: settings.with(
          noise: optimiser.noise.noise(hiddenLayers: architecture.depth - 1),
          trainsOutput: optimiser.outputLayer == .trained), epochs: epochs,
        initialScale: start == nil ? initialScale : 1, seed: random.seed
      ).with(
        start: start?.points.first, output: optimiser.outputLayer == .ones ? 1 : nil,
        recordsPerDecade: recordsPerDecade, keepsWeights: saveWeights, convention: lossConvention))
  }

  /// Steps of the run, where they can be counted.
  private func steps(_ samples: Int) throws -> Int {
    let size = try batch.batchSize.single("--batch-size", full: samples)
    let steps = epochs.multipliedReportingOverflow(by: max(1, samples / max(1, size)))
    return steps.overflow ? Int.max >> 1 : steps.partialValue
  }

  private func startFile() throws -> StartFile? {
    try start.map { try StartFile(contentsOf: $0) }
  }

  /// The widths that were asked for, or else those of a checkpoint.
  private func layers(_ start: StartFile?, _ data: NetworkData) throws -> [Int] {
    if network.isDefault, let checkpoint = start?.checkpoint { return checkpoint.widths }
    return try network.widths(inputs: data.inputs, targets: data.targets)
  }

  /// Refuses networks and data that a checkpoint is not of.
  private func check(_ start: StartFile?, _ widths: [[Int]], _ data: NetworkData) throws {
    guard let checkpoint = start?.checkpoint else { return }
    for widths in widths {
      try checkpoint.check(
        widths: widths,
        asker: network.network == nil
          ? "the network \(hyphenated(widths))" : "--network \(hyphenated(widths))")
    }
    try checkpoint.check(inputs: data.inputs, targets: data.targets)
    guard checkpoint.hasBiases || !biases else {
      throw InvalidInput(
        "--biases was given, but the checkpoint '\(self.start ?? "")' has none; leave the flag out")
    }
  }

  private func ensemble(runs: Int) throws -> TrainingEnsembleExperiment {
    let (data, example) = try ensembleData()
    let start = try startFile()
    let widths =
      try start?.checkpoint == nil || !network.isDefault
      ? network.allWidths(inputs: example.inputs, targets: example.targets)
      : [layers(start, example)]
    try check(start, widths, example)
    var conduct = try TrainingEnsembleExperiment.Conduct(
      batches: SGDSettings(
        learningRate: 1, batchSize: 1,
        momentum: optimiser.optimiser == .sgd ? batch.momentum : 0, sampling: batch.sampling))
    conduct.activation = activation
    conduct.hasBiases = start?.checkpoint?.hasBiases ?? biases
    conduct.lossFunction = loss
    conduct.initialScale = start == nil ? initialScale : 1
    conduct.starts = start?.points ?? []
    conduct.optimiser = try optimiser.choice
    conduct.noise = optimiser.noise
    conduct.schedule = optimiser.scheduleChoice
    conduct.trainsOutput = optimiser.outputLayer == .trained
    conduct.output = optimiser.outputLayer == .ones ? 1 : nil
    var fractions = [Double]()
    if case .unsplit = data { fractions = source.data.testFraction.values }
    return try TrainingEnsembleExperiment(
      data: data,
      grid: TrainingGrid(
        learningRates: learningRate.values, batchSizes: batch.batchSize.values,
        weightDecays: beta.values,
        widths: widths,
        testFractions: fractions),
      conduct: conduct, until: ensemble.until.map { try ReachCondition(parsing: $0) },
      length: ensemble.cap.map { .time($0) } ?? .epochs(epochs), runs: runs,
      varying: ensemble.chance, recordsPerDecade: recordsPerDecade ?? 40,
      keepsWeights: saveWeights, confirms: ensemble.confirm && ensemble.until != nil,
      seed: random.seed,
      level: ensemble.level,
      threads: output.threads)
  }

  /// The data of one run.
  private func loaded() throws -> NetworkData {
    try source.loaded(network: network.network?.values, for: loss, seed: random.seed)
  }

  /// The data of an ensemble, and those of one of its runs.
  private func ensembleData() throws -> (TrainingData, example: NetworkData) {
    var found = try source.generated(
      network: network.network?.values, for: loss, seed: random.seed)
    if found == nil, source.data.eta == nil, let path = source.data.source.data {
      found = .unsplit(
        try UnsplitData(
          file: source.data.fileOptions(path, source.targetScaling(for: loss), raw: source.raw)))
    }
    switch found {
    case .fixed(let data)?: return (.fixed(data), data)
    case .unsplit(let rows)?:
      return (
        .unsplit(rows),
        try rows.split(testFraction: source.data.testFraction.values[0], seed: random.seed)
      )
    case nil:
      let data = try loaded()
      return (.fixed(data), data)
    }
  }

  func findings(in context: RunContext) throws -> Findings {
    var findings = try experiment(in: context).findings(in: context)
    if let checkpoint = try startFile()?.checkpoint, activation == .linear,
      checkpoint.widths.count > 2
    {
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
