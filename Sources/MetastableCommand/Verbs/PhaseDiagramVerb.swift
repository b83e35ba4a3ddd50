import ArgumentParser
import Metastable

struct PhaseDiagramVerb: Verb {
  static let configuration = CommandConfiguration(
    commandName: "phase-diagram",
    abstract:
      "Sweeps up and down in weight decay: where each feature appears and vanishes, predicted and measured; with --x and --y, a diagram over two parameters."
  )
  static let example: KeyValuePairs = ["eta": "[0.9, 0.8]", "network": "2-10-10-2"]

  @Argument(help: "YAML file with any of the options below as keys.")
  var file: String?

  @OptionGroup var network: NetworkOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var sweep: SweepOptions

  @Option(
    help:
      "Activation of hidden units: linear, tanh, sigmoid, relu, gelu, square, erf or sin. With any but linear, or with --biases, losses are found by bisection and folds by continuation."
  )
  var activation: Activation = .linear

  @Flag(inversion: .prefixedNo, help: "Give every unit a bias.")
  var biases = false

  @Option(
    parsing: .unconditional,
    help:
      "Weight decay β at which barriers are listed, or of a plane without that axis. Default: between β* and β_c of the weakest."
  )
  var beta: Double?

  @OptionGroup var plane: PlaneOptions

  @OptionGroup var random: StreamOptions

  @OptionGroup var shards: ShardOptions

  @OptionGroup var output: RunOptions

  var seedValue: UInt64? { random.seed }
  var shard: Shard? { get throws { try shards.share() } }
  var reshards: Bool { shards.reshard }
  static let isResumable = true

  func experiment() throws -> PhaseDiagramJob {
    if plane.isGiven { return .plane(try planeExperiment()) }
    let loaded = try data.load(seed: random.seed, network: network.network?.values)
    let widths = try network.widths(inputs: loaded.inputs, targets: loaded.targets)
    guard activation == .linear && !biases else {
      return .folds(
        try FoldDiagramExperiment(
          data: loaded,
          architecture: NetworkArchitecture(
            widths: widths, activation: activation, hasBiases: biases),
          from: sweep.betaFrom, to: sweep.betaTo, step: sweep.betaStep, seed: random.seed))
    }
    return .line(
      try PhaseDiagramExperiment(
        data: loaded, widths: widths,
        from: sweep.betaFrom, to: sweep.betaTo, step: sweep.betaStep, barrierWeightDecay: beta,
        convergence: sweep.convergence(), seed: random.seed
      ))
  }

  private func planeExperiment() throws -> PhasePlaneExperiment {
    let (x, y) = try plane.axes()
    var base = PlaneSettings()
    base.weightDecay = beta
    base.temperature = plane.temperature
    base.learningRate = plane.learningRate
    base.batchSize = try plane.batch.batchSize.single("--batch-size", full: nil)
    base.momentum = plane.batch.momentum
    base.sampling = plane.batch.sampling
    base.depth = network.depth
    base.layers = network.network?.values
    base.width = try network.width?.single("--width")
    if base.layers == nil {
      try Require.atLeast(1, "depth", network.depth)
      try Require.atMost(1000, "depth", network.depth)
      if let width = base.width { try Require.atLeast(1, "width", width) }
    }
    return try PhasePlaneExperiment(
      data: planeData([x.parameter, y.parameter]), x: x, y: y, base: base,
      fields: plane.field.map { try PlaneField.fields(parsing: $0) }, budget: plane.budget,
      runs: plane.runs ?? 0, sweeps: plane.sweep ? sweep.convergence() : nil, seed: random.seed,
      level: plane.level, threads: output.threads)
  }

  private func planeData(_ axes: [PlaneParameter]) throws -> PlaneData {
    if let eta = data.eta, data.source.data == nil {
      return .teacher(try data.teacher(eta, network: network.network?.values))
    }
    guard axes.contains(.samples), data.eta == nil, let path = data.source.data else {
      return .fixed(try data.load(seed: random.seed, network: network.network?.values))
    }
    return .rows(try UnsplitData(file: data.fileOptions(path, data.targetScaling)))
  }
}
