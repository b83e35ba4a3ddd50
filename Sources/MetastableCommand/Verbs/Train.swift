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
  @OptionGroup var data: DataOptions

  @Option(
    help:
      "Data that another network makes, y = Σ φ(s x_j): activation, units, inputs and scale, such as relu:7 or erf:2:8:1.5; or modular-addition:23, all pairs."
  )
  var teacher: String?

  @Option(
    parsing: .unconditional, help: "Training samples drawn.")
  var samples = 512

  @Option(parsing: .unconditional, help: "Test samples drawn.")
  var testSamples = 512

  @Option(help: "Hidden activation: linear, tanh, sigmoid, relu, gelu, square, erf or sin.")
  var activation: Activation = .linear

  @Flag(help: "Give every layer biases.")
  var biases = false

  @Option(help: "Loss per sample: mse (½‖y − f‖²) or cross-entropy.")
  var loss: LossFunction = .meanSquaredError

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
      "File with weights to start from, one start a row or one number a line: CSV, .npy or .npz with one array; W₁ row by row first."
  )
  var start: String?

  @OptionGroup var ensemble: TrainingEnsembleOptions

  @Option(
    parsing: .unconditional,
    help:
      "Records in each decade of steps. Default: about 200 evenly spaced ones; with --runs 40 a decade, at most a tenth of the work."
  )
  var recordsPerDecade: Int?

  @Flag(help: "Write the weights at the end of each run into the output folder, as weights.npz.")
  var saveWeights = false

  @OptionGroup var random: StreamOptions

  @OptionGroup var shards: ShardOptions

  @OptionGroup var output: RunOptions

  var seedValue: UInt64? { random.seed }
  var shard: Shard? { get throws { try shards.share() } }
  var reshards: Bool { shards.reshard }
  static let isResumable = true

  func experiment() throws -> TrainingJob {
    if let runs = ensemble.runs { return .ensemble(try ensemble(runs: runs)) }
    let loaded = try loaded()
    let samples = loaded.training?.count ?? 1
    let settings = try TrainingSettings(
      batch.settings(learningRate: learningRate.single("--learning-rate"), full: samples),
      optimiser: optimiser.choice,
      schedule: optimiser.scheduleChoice.schedule(
        steps: steps(samples)))
    let architecture = try NetworkArchitecture(
      widths: network.widths(inputs: loaded.inputs, targets: loaded.targets),
      activation: activation, hasBiases: biases)
    return .run(
      try TrainingExperiment(
        data: loaded, architecture: architecture, lossFunction: loss,
        weightDecay: beta.single("--beta"),
        settings: settings.with(
          noise: optimiser.noise.noise(hiddenLayers: architecture.depth - 1),
          trainsOutput: optimiser.outputLayer == .trained), epochs: epochs,
        initialScale: initialScale, seed: random.seed
      ).with(
        start: starts().first, output: optimiser.outputLayer == .ones ? 1 : nil,
        recordsPerDecade: recordsPerDecade, keepsWeights: saveWeights))
  }

  /// Steps of the run, where they can be counted.
  private func steps(_ samples: Int) throws -> Int {
    let size = try batch.batchSize.single("--batch-size", full: samples)
    let steps = epochs.multipliedReportingOverflow(by: max(1, samples / max(1, size)))
    return steps.overflow ? Int.max >> 1 : steps.partialValue
  }

  private func starts() throws -> [[Double]] {
    try start.map { try StartFile.starts(contentsOf: $0) } ?? []
  }

  private func ensemble(runs: Int) throws -> TrainingEnsembleExperiment {
    let (data, example) = try ensembleData()
    var conduct = try TrainingEnsembleExperiment.Conduct(
      batches: SGDSettings(
        learningRate: 1, batchSize: 1,
        momentum: optimiser.optimiser == .sgd ? batch.momentum : 0, sampling: batch.sampling))
    conduct.activation = activation
    conduct.hasBiases = biases
    conduct.lossFunction = loss
    conduct.initialScale = initialScale
    conduct.starts = try starts()
    conduct.optimiser = try optimiser.choice
    conduct.noise = optimiser.noise
    conduct.schedule = optimiser.scheduleChoice
    conduct.trainsOutput = optimiser.outputLayer == .trained
    conduct.output = optimiser.outputLayer == .ones ? 1 : nil
    var fractions = [Double]()
    if case .unsplit = data { fractions = self.data.testFraction.values }
    return try TrainingEnsembleExperiment(
      data: data,
      grid: TrainingGrid(
        learningRates: learningRate.values, batchSizes: batch.batchSize.values,
        weightDecays: beta.values,
        widths: network.allWidths(inputs: example.inputs, targets: example.targets),
        testFractions: fractions),
      conduct: conduct, until: ensemble.until.map { try ReachCondition(parsing: $0) },
      length: ensemble.cap.map { .time($0) } ?? .epochs(epochs), runs: runs,
      varying: ensemble.chance, recordsPerDecade: recordsPerDecade ?? 40,
      keepsWeights: saveWeights, confirms: ensemble.confirm && ensemble.until != nil,
      seed: random.seed,
      level: ensemble.level,
      threads: output.threads)
  }

  /// What targets are made of: with the cross-entropy they stay as they are.
  private var targetScaling: TargetScaling { loss == .crossEntropy ? .none : data.targetScaling }

  /// Data that are drawn, or need no file.
  private func generated() throws -> TrainingData? {
    switch (try teacher.map { try GeneratedData(parsing: $0) }, data.eta, data.source.data) {
    case (.some, .some, _), (.some, _, .some):
      throw InvalidInput(
        "--teacher was given beside \(data.eta == nil ? "--data" : "--eta"); choose one source of data"
      )
    case (.teacher(let teacher)?, nil, nil):
      return .fixed(
        try NetworkData(
          teacher: teacher, samples: samples, testSamples: testSamples, seed: random.seed))
    case (.modularAddition(let modulus)?, nil, nil):
      return .unsplit(
        try UnsplitData(modularAddition: modulus, targets: targetScaling.preparation))
    case (nil, let eta?, nil):
      return .fixed(
        try NetworkData(
          teacher: data.teacher(eta, network: network.network?.values), samples: samples,
          testSamples: testSamples, seed: random.seed))
    default: return nil
    }
  }

  /// The data of one run.
  private func loaded() throws -> NetworkData {
    switch try generated() {
    case .fixed(let data)?: data
    case .unsplit(let rows)?:
      try rows.split(
        testFraction: data.testFraction.single("--test-fraction"), seed: random.seed)
    case nil:
      try data.load(
        seed: random.seed, network: network.network?.values, targetScaling: targetScaling)
    }
  }

  /// The data of an ensemble, and those of one of its runs.
  private func ensembleData() throws -> (TrainingData, example: NetworkData) {
    var source = try generated()
    if source == nil, data.eta == nil, let path = data.source.data {
      source = .unsplit(try UnsplitData(file: data.fileOptions(path, targetScaling)))
    }
    switch source {
    case .fixed(let data)?: return (.fixed(data), data)
    case .unsplit(let rows)?:
      return (
        .unsplit(rows),
        try rows.split(testFraction: data.testFraction.values[0], seed: random.seed)
      )
    case nil:
      let data = try loaded()
      return (.fixed(data), data)
    }
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
