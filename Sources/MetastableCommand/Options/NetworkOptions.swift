import ArgumentParser
import Metastable

/// The network: its layers.
struct NetworkOptions: ParsableArguments {
  @Option(help: "Layer widths from inputs to outputs, such as 2-10-10-2.")
  var network: LayerWidths?

  @Option(
    parsing: .unconditional,
    help: "Depth L, the number of weight matrices, where no layer widths are given.")
  var depth = 3

  @Option(
    parsing: .unconditional, help: "Width of the hidden layers, where no layer widths are given.")
  var width: CountGrid?

  /// Whether nothing of it was asked for.
  var isDefault: Bool { network == nil && width == nil && depth == 3 }

  /// The widths for data with the given numbers of inputs and targets.
  func widths(inputs: Int, targets: Int) throws -> [Int] {
    if network == nil, let width { _ = try width.single("--width") }
    return try allWidths(inputs: inputs, targets: targets)[0]
  }

  /// The same of every network of a grid.
  func allWidths(inputs: Int, targets: Int) throws -> [[Int]] {
    if let network { return [network.values] }
    try Require.atLeast(1, "depth", depth)
    try Require.atMost(1000, "depth", depth)
    return try (width?.values ?? [max(10, min(inputs, targets))]).map { hidden in
      try Require.atLeast(1, "width", hidden)
      return [inputs] + [Int](repeating: hidden, count: depth - 1) + [targets]
    }
  }
}

/// A file with data, and how it is read.
struct FileOptions: ParsableArguments {
  @Option(
    help: "File with the data: CSV, with or without a header, .npy or .npz, or any .gz of them.")
  var data: String?

  @Option(
    help:
      "Target columns of the file, by name or by index from 0, separated by commas; the target array of an .npz."
  )
  var target: String?

  @Flag(
    inversion: .prefixedNo, help: "Turn the one target column into one indicator column per class.")
  var oneHot = false

  @Flag(
    inversion: .prefixedNo, help: "Whether the file's first row holds names. Default: found out.")
  var header: Bool?

  @Option(
    help:
      "Column that only numbers the rows, by name or by index from 0, or none. Default: found out.")
  var indexColumn: String?

  @Option(
    help:
      "Columns of the file, or arrays of an .npz, that are left out, by name or by index from 0, separated by commas."
  )
  var drop: String?

  @Option(help: "Decimal mark of the file: '.' or ',' (cells then separated by ';' or tabs).")
  var decimal: DecimalMark = .point

  /// How the file is read, with the defaults of the library for what is done to its columns.
  func options(path: String) throws -> NetworkData.FileOptions {
    guard let target else {
      throw InvalidInput("the file '\(path)' needs --target, the column or columns to learn")
    }
    return NetworkData.FileOptions(
      path: path, targets: target, oneHot: oneHot, hasHeader: header, indexColumn: indexColumn,
      dropped: drop, decimalComma: decimal == .comma)
  }
}

/// The data: a file, or Gaussian samples with given singular values.
struct DataOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help:
      "Singular values η of Σyx, strongest first: Gaussian data with Σxx = I, Σyy = I, drawn online."
  )
  var eta: NumberList?

  @OptionGroup var source: FileOptions

  @Flag(inversion: .prefixedNo, help: "Whiten the inputs, so that Σxx = I and the modes decouple.")
  var whiten = false

  @Option(
    parsing: .unconditional,
    help: "Keep only this many whitened components, those of largest variance.")
  var whitenRank: Int?

  @Flag(
    inversion: .prefixedNo, help: "Scale each input to unit variance instead of only centring it.")
  var standardise = false

  @Option(help: "What is done to the targets: standardise, centre or none.")
  var targetScaling: TargetScaling = .standardise

  @Option(parsing: .unconditional, help: "Fraction of the rows held out for testing.")
  var testFraction = NumberGrid(0)

  /// Reads the file, or sets up the online samples.
  ///
  /// - Parameters:
  ///   - network: layer widths, where given: extra inputs and outputs of the teacher are noise.
  ///   - targetScaling: what is done to targets, whatever the option says.
  ///   - raw: whether nothing is done to either.
  func load(
    seed: UInt64, network: [Int]?, targetScaling: TargetScaling? = nil, raw: Bool = false
  ) throws -> NetworkData {
    let targetScaling = targetScaling ?? self.targetScaling
    switch (eta, source.data) {
    case (.some, .some):
      throw InvalidInput("both --eta and --data were given; choose one source of data")
    case (nil, nil):
      throw InvalidInput(
        "no data: give singular values with --eta, or a file with --data and --target")
    case (let eta?, nil):
      return NetworkData(online: try teacher(eta, network: network))
    case (nil, let path?):
      var options = try fileOptions(path, targetScaling, raw: raw)
      options.testFraction = try testFraction.single("--test-fraction")
      return try NetworkData(file: options, seed: seed)
    }
  }

  /// How a file is read and prepared.
  func fileOptions(
    _ path: String, _ targetScaling: TargetScaling, raw: Bool = false
  ) throws -> NetworkData.FileOptions {
    var options = try source.options(path: path)
    if raw {
      options.inputPreparation = .none
      options.targetPreparation = .none
      return options
    }
    if standardise && (whiten || whitenRank != nil) {
      throw InvalidInput("both --standardise and --whiten were given; choose one")
    }
    options.inputPreparation =
      whiten || whitenRank != nil
      ? .whitened(rank: whitenRank) : standardise ? .standardised : .centred
    options.targetPreparation = targetScaling.preparation
    return options
  }

  func teacher(_ eta: NumberList, network: [Int]?) throws -> GaussianTeacher {
    try GaussianTeacher(
      singularValues: eta.values.sorted(by: >),
      inputs: network.map { max($0.first!, eta.values.count) },
      targets: network.map { max($0.last!, eta.values.count) })
  }
}

/// SGD's hyper-parameters other than the learning rate.
struct BatchOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Batch size B.")
  var batchSize = BatchSizes(8)

  @Option(parsing: .unconditional, help: "Heavy-ball momentum μ.")
  var momentum = 0.0

  @Option(help: "How batches are drawn from finite data: with-replacement or epochs.")
  var sampling: BatchSampling = .withReplacement

  /// - Parameter full: the number of all samples, where a batch may be all.
  func settings(learningRate: Double, full: Int? = nil) throws -> SGDSettings {
    try SGDSettings(
      learningRate: learningRate, batchSize: batchSize.single("--batch-size", full: full),
      momentum: momentum, sampling: sampling)
  }
}

/// The ladder of noise levels of a comparison.
struct LadderOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: "Learning rates h of the ladder, separated by commas.")
  var learningRate = NumberList([0.05, 0.06, 0.08, 0.1])

  @OptionGroup var batch: BatchOptions

  @Option(
    parsing: .unconditional,
    help: "Runs of each process at each noise level (12 at most in all weights).")
  var runs = 100

  @Option(
    parsing: .unconditional,
    help: "Time at which an SGD run is censored. Default: 30 theoretical means.")
  var cap: Double?

  @Option(parsing: .unconditional, help: "Time step dt of Langevin dynamics.")
  var timeStep = 0.02

  func comparison(
    of escape: FeatureEscape, ensemble: EnsembleOptions, random: SeedOptions, threads: Int?,
    engine: Engine
  ) throws -> ComparisonExperiment {
    try ComparisonExperiment(
      escape: escape, ladder: learningRate.values.map { try batch.settings(learningRate: $0) },
      runs: runs, seed: random.seed, level: random.level, threads: threads, engine: engine,
      timeStep: timeStep, cap: cap,
      extent: ensemble.extent(runs: runs, level: random.level))
  }
}

/// A quasi-static sweep.
struct SweepOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "First weight decay of the sweep. Default: half the smallest β_c.")
  var betaFrom: Double?

  @Option(
    parsing: .unconditional,
    help: "Last weight decay of the sweep. Default: just beyond the largest β_c.")
  var betaTo: Double?

  @Option(
    parsing: .unconditional, help: "Step of the sweep; weight decays are its whole multiples.")
  var betaStep = 0.005

  @Option(
    parsing: .unconditional,
    help: "Learning rate of the full-batch descent at each step of the sweep.")
  var sweepLearningRate = 0.2

  @Option(
    parsing: .unconditional, help: "Gradient norm at which a step of the sweep has converged.")
  var tolerance = 1e-8

  @Option(
    parsing: .unconditional,
    help: "Cap on the epochs of one step of the sweep; reported when it is hit.")
  var maxEpochs = 200_000

  func convergence() throws -> QuasiStaticSweep.Convergence {
    try QuasiStaticSweep.Convergence(
      learningRate: sweepLearningRate, gradientTolerance: tolerance, maximumEpochs: maxEpochs)
  }
}
