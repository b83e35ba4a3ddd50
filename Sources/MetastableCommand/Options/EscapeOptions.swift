import ArgumentParser
import Metastable

/// What escapes: a named landscape, or a network that loses or gains a feature.
struct SystemOptions: ParsableArguments {
  @Option(help: "Named landscape: double-well, tilted-double-well, washboard or muller-brown.")
  var landscape: NamedEscape?

  @Option(
    parsing: .unconditional, help: "Tilt of the tilted double well, or mean force of the washboard."
  )
  var tilt = 0.1

  @OptionGroup var network: NetworkOptions
  @OptionGroup var basin: BasinOptions
  @OptionGroup var data: DataOptions

  @Option(parsing: .unconditional, help: "Weight decay β.")
  var beta: Double?

  @Option(parsing: .unconditional, help: "Rank at the start; the strongest features first.")
  var from: Int?

  @Option(parsing: .unconditional, help: "Rank to reach: one more or one less.")
  var to: Int?

  /// What escapes.
  ///
  /// - Parameter needsSpectra: whether whole spectra are needed, as for theories of the rate.
  func escape(seed: UInt64, needsSpectra: Bool = false) throws -> any Metastable.Escape {
    let hasNetwork = network.network != nil || data.eta != nil || data.source.data != nil
    if let landscape {
      guard !hasNetwork else {
        throw InvalidInput(
          "both --landscape and a network (--network, --eta or --data) were given; choose one to escape from"
        )
      }
      return try landscape.escape(tilt: tilt)
    }
    guard data.eta != nil || data.source.data != nil else {
      throw InvalidInput(
        "nothing to escape from: give --landscape, or a network with --eta or --data")
    }
    guard basin.isGiven || basin.raw && data.source.data != nil else {
      return try featureEscape(
        network: network, data: data, beta: beta, from: from, to: to, seed: seed)
    }
    let start = try basin.file(basin.start)
    let end = try basin.file(basin.end)
    var network = network
    // The network follows from a checkpoint, where none is asked for.
    if network.isDefault, let checkpoint = start?.checkpoint ?? end?.checkpoint {
      network.network = LayerWidths(checkpoint.widths)
    }
    let (beta, loaded, widths) = try problem(
      network: network, data: data, beta: beta, seed: seed, loss: basin.loss, raw: basin.raw)
    for checkpoint in [start?.checkpoint, end?.checkpoint] {
      try checkpoint?.check(widths: widths, asker: "the network \(hyphenated(widths))")
    }
    return try basin.escape(
      data: loaded, widths: widths, weightDecay: beta, start: start, end: end,
      needsSpectra: needsSpectra)
  }
}

/// A network whose states have no closed form.
struct BasinOptions: ParsableArguments {
  @Option(
    help:
      "Activation of hidden units: linear, tanh, sigmoid, gelu, square, erf or sin. With any but linear, with --biases, --raw, --loss cross-entropy, --feature, --start or --end states are followed numerically: the feature that is lost or the end, not --from and --to, says what escapes."
  )
  var activation: Activation = .linear

  @Flag(inversion: .prefixedNo, help: "Give every unit a bias.")
  var biases = false

  @Option(
    parsing: .unconditional,
    help: "Feature that is lost, from 1, the strongest. Default: the weakest that is learned.")
  var feature: Int?

  @Option(
    help:
      "File with the weights of the start: a checkpoint in safetensors or .npz, from which the network follows; or one number a line or one row, W₁ row by row first. Default: what descent from random weights learns."
  )
  var start: String?

  @Option(
    parsing: .unconditional,
    help: "Seed of the random weights from which descent reaches the start.")
  var startSeed: UInt64 = 1

  @Option(
    help:
      "File with weights in another basin, as --start: the path of least energy to them is looked for. Default: what lies behind the loss of a feature."
  )
  var end: String?

  @Option(help: "Loss: mse, ½‖y − f‖², or cross-entropy, of a file with classes.")
  var loss: LossFunction = .meanSquaredError

  @Option(
    help:
      "What --beta and --learning-rate mean: half-sum, E = ½⟨‖y − f‖²⟩ + (β/2)‖θ‖²; or pytorch-mean, nn.MSELoss(), the mean over outputs as well, with weight_decay β."
  )
  var lossConvention: LossConvention = .halfSum

  @Flag(help: "Use inputs and targets as they are in the file: neither centred nor scaled.")
  var raw = false

  /// Whether the closed forms of linear networks do not do.
  var isGiven: Bool {
    activation != .linear || biases || feature != nil || start != nil || end != nil
      || loss != .meanSquaredError
  }

  func file(_ path: String?) throws -> StartFile? {
    guard let path else { return nil }
    let file = try StartFile(contentsOf: path)
    guard file.points.count == 1 else {
      throw InvalidInput(
        "'\(path)' holds \(file.points.count) starts, but an escape has one; keep one row of it")
    }
    return file
  }

  /// s of the convention: E of the convention is s times E here.
  func factor(outputs: Int) -> Double { lossConvention.factor(of: loss, outputs: outputs) }

  func escape(
    data: NetworkData, widths: [Int], weightDecay: Double, start: StartFile?, end: StartFile?,
    needsSpectra: Bool
  ) throws -> any Metastable.Escape {
    let files = [(self.start, start?.checkpoint), (self.end, end?.checkpoint)]
    for case (let path?, let checkpoint?) in files where biases && !checkpoint.hasBiases {
      throw InvalidInput(
        "--biases was given, but the checkpoint '\(path)' has none; leave the flag out")
    }
    let hasBiases = files.lazy.compactMap { $0.1?.hasBiases }.first ?? biases
    let factor = factor(outputs: widths.last!)
    var notes = [String]()
    if factor != 1 {
      notes.append(
        "β and learning rates are taken in the convention pytorch-mean, temperatures in half-sum; all that is said, titles as well, is in half-sum, where β is \(sixDigits(weightDecay / factor)), h is \(brief(factor)) times the one taken, and energies are \(brief(1 / factor)) times those of nn.MSELoss()"
      )
    }
    if loss == .crossEntropy, lossConvention == .pytorchMean {
      notes.append(Checkpoint.sameConventionRemark)
    }
    do {
      return try NetworkBasins.escape(
        data: data,
        architecture: NetworkArchitecture(
          widths: widths, activation: activation, hasBiases: hasBiases),
        lossFunction: loss, weightDecay: weightDecay / factor, start: start?.points[0],
        startSeed: startSeed, end: end?.points[0], feature: feature, needsSpectra: needsSpectra,
        notes: notes)
    } catch let error as InvalidInput where factor != 1 {
      throw InvalidInput(error.description + Self.remark(factor))
    } catch let error as NumericalFailure where factor != 1 {
      throw NumericalFailure(error.description + Self.remark(factor))
    }
  }

  /// On an error that may name a β.
  private static func remark(_ factor: Double) -> String {
    " (β here is in half-sum, \(brief(1 / factor)) times that of pytorch-mean)"
  }
}

/// What escapes, and under which noise.
struct EscapeOptions: ParsableArguments {
  @OptionGroup var system: SystemOptions

  @Option(
    help:
      "Dynamics: overdamped, underdamped, sgd, or surrogate (the diffusion with SGD's drift and noise covariance)."
  )
  var process: ProcessName = .overdamped

  @Option(parsing: .unconditional, help: "Temperature T of Langevin dynamics, in loss units.")
  var temperature: Double?

  @Option(
    parsing: .unconditional, help: "Friction γ of underdamped dynamics of unit mass, per unit time."
  )
  var friction: Double?

  @Option(parsing: .unconditional, help: "Learning rate h of SGD.")
  var learningRate: Double?

  @OptionGroup var batch: BatchOptions

  /// The noise that theories are asked about. A friction stands for underdamped dynamics.
  func noise(of escape: any Metastable.Escape) throws -> Noise {
    guard let friction, let temperature else {
      return try dynamics(of: escape).noise(for: escape)
    }
    return try .inertial(temperature: temperature, friction: friction)
  }

  /// The dynamics of `--process`.
  ///
  /// - Parameters:
  ///   - escape: whose loss the learning rate is of.
  ///   - timeStep: dt of Langevin dynamics; nil for that of the escape.
  ///   - integrator: of overdamped dynamics.
  ///   - dropout: of SGD.
  func dynamics(
    of escape: any Metastable.Escape, timeStep: Double? = nil,
    integrator: OverdampedIntegrator = .eulerMaruyama,
    dropout: [Double] = []
  ) throws -> any Dynamics {
    func requireTemperature() throws -> Double {
      guard let temperature else {
        throw InvalidInput("\(process.rawValue) dynamics needs --temperature, in loss units")
      }
      return temperature
    }
    switch process {
    case .overdamped:
      return try OverdampedDynamics(
        temperature: requireTemperature(), timeStep: timeStep, integrator: integrator)
    case .underdamped:
      guard let friction else {
        throw InvalidInput("underdamped dynamics needs --friction, per unit time")
      }
      return try UnderdampedDynamics(
        temperature: requireTemperature(), friction: friction, timeStep: timeStep)
    case .sgd, .surrogate:
      guard let learningRate else { throw InvalidInput("SGD needs --learning-rate") }
      let settings = try batch.settings(learningRate: learningRate * factor(of: escape))
      return try process == .sgd
        ? SGDDynamics(settings, dropout: dropout) : SurrogateDynamics(settings)
    }
  }
}

extension EscapeOptions {
  /// s of the loss convention, for a network whose loss can be said in another one.
  private func factor(of escape: any Metastable.Escape) -> Double {
    guard let network = escape.landscape as? any NetworkLandscape else { return 1 }
    return system.basin.factor(outputs: network.architecture.widths.last!)
  }
}

/// The escape of a network; ranks default to losing the weakest learnable feature.
func featureEscape(
  network: NetworkOptions, data: DataOptions, beta: Double?, from: Int?, to: Int?, seed: UInt64
) throws -> FeatureEscape {
  let (beta, loaded, widths) = try problem(network: network, data: data, beta: beta, seed: seed)
  return try featureEscape(data: loaded, widths: widths, weightDecay: beta, from: from, to: to)
}

/// What a network is and learns.
private func problem(
  network: NetworkOptions, data: DataOptions, beta: Double?, seed: UInt64,
  loss: LossFunction = .meanSquaredError, raw: Bool = false
) throws -> (weightDecay: Double, data: NetworkData, widths: [Int]) {
  guard let beta else { throw InvalidInput("a network's escape needs its weight decay, --beta") }
  try Require.positive("weight decay β", beta)
  let loaded = try data.load(
    seed: seed, network: network.network?.values,
    targetScaling: loss == .crossEntropy ? TargetScaling.none : nil, raw: raw)
  return (beta, loaded, try network.widths(inputs: loaded.inputs, targets: loaded.targets))
}

/// The same on data that are loaded.
func featureEscape(
  data: NetworkData, widths: [Int], weightDecay: Double, from: Int?, to: Int? = nil
) throws -> FeatureEscape {
  let start =
    try from ?? learnedRank(widths: widths, moments: data.moments, weightDecay: weightDecay)
  return try FeatureEscape(
    data: data, widths: widths, weightDecay: weightDecay, from: start, to: to ?? max(start, 0) - 1)
}

/// The rank with every learnable feature learned: where an escape starts unless it is told.
private func learnedRank(widths: [Int], moments: SecondMoments, weightDecay: Double) throws -> Int {
  let modes = try DeepLinearNetwork(widths: widths, moments: moments, weightDecay: weightDecay)
    .modes()
  let rank = modes.filter(\.isLearnable).count
  guard rank > 0 else {
    let spinodal = modes.first?.spinodalWeightDecay
    throw InvalidInput(
      "no feature has a learned state at β = \(weightDecay), so there is none to lose"
        + (spinodal.map { "; choose β below \($0), the β_c of the strongest" } ?? ""))
  }
  return rank
}
