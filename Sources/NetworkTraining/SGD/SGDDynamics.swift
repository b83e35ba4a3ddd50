public import Escapes
import Landscapes
public import LangevinDynamics
package import Networks
import NumericalMethods

/// Real minibatch SGD of an escape that carries samples, with or without dropout.
///
/// Dropout leaves out each hidden unit of layer l with probability p_l, for each sample of each batch anew, and counts the
/// others 1/(1 − p_l) times. It is noise of its own, whatever the batch, and it does not commute with rotations among the
/// units of a layer; so with it runs start from features that are spread over all units. Masks have a stream of their own,
/// so batches are those of the run without. It runs on the reference engine.
public struct SGDDynamics: Dynamics {
  /// Learning rate, batches and momentum.
  public let settings: SGDSettings
  /// p_l, of each hidden layer, or one for all; empty for none.
  public let dropout: [Double]

  /// SGD with the given settings.
  ///
  /// - Parameter dropout: the probability with which a hidden unit is left out: one for all hidden layers, or one for
  ///   each.
  public init(_ settings: SGDSettings, dropout: [Double] = []) {
    self.settings = settings
    self.dropout = dropout.contains { $0 != 0 } ? dropout : []
  }

  public var name: String {
    "SGD with h = \(sixDigits(settings.learningRate)), B = \(settings.batchSize)"
      + (noiseWithoutTheory.map { ", \($0)" } ?? "")
  }

  /// Without a word of dropout where there is none, as in stores that are older.
  public var identity: [String: String] {
    var identity = [
      "process": "sgd", "learningRate": "\(settings.learningRate)",
      "batchSize": "\(settings.batchSize)", "momentum": "\(settings.momentum)",
      "sampling": settings.sampling.rawValue,
    ]
    if !dropout.isEmpty { identity["dropout"] = dropout.map { "\($0)" }.joined(separator: ",") }
    return identity
  }

  public var noiseWithoutTheory: String? {
    dropout.isEmpty
      ? nil : "dropout \(dropout.map { sixDigits($0) }.joined(separator: ", "))"
  }

  public var notes: [String] {
    dropout.isEmpty
      ? []
      : [
        "dropout does not commute with rotations among hidden units, so runs start from features that are spread over all units of a layer; the loss is the same as on units of their own"
      ]
  }

  public func noise(for escape: some Escape) -> Noise { .minibatch(settings) }

  public func timeStep(for escape: some Escape) -> Double { settings.learningRate }

  public func ensemble(of escape: some Escape, cap: Double) throws -> PassageEnsemble {
    if let landscape = escape.landscape as? any NetworkLandscape {
      return try ensemble(of: escape, on: landscape, cap: cap)
    }
    let escape = try escape.withSamples()
    let network = escape.network
    let noise = try NetworkNoise(dropout: dropout, hiddenLayers: network.depth - 1)
    guard noise.isNone else { return try ensemble(of: escape, cap: cap, noise: noise) }
    // One trajectory at a time, a pass per sample is plainer, and cheaper where inputs are many.
    var reference: PassageEnsemble.Reference? = nil
    if let training = escape.training,
      !LinearMinibatchSGD.isCheaper(widths: network.widths, batchSize: settings.batchSize)
    {
      let loss = try NetworkLoss(
        architecture: NetworkArchitecture(widths: network.widths), data: training,
        weightDecay: network.weightDecay)
      let passage = try FirstPassage(
        process: MinibatchSGD(loss: loss, settings: settings), start: escape.start,
        target: escape.target, cap: cap)
      reference = PassageEnsemble.Reference(passage)
    }
    return PassageEnsemble(
      try FirstPassage(
        process: LinearMinibatchSGD(network: network, source: escape.source, settings: settings),
        start: escape.start, target: escape.target, cap: cap),
      stepsPerEpoch: escape.training.map { settings.stepsPerEpoch(of: $0.count) },
      reference: reference)
  }

  /// Time between two looks at what is still learned, which takes as long as many steps: passages are seen late by half of
  /// it on average.
  static let lookInterval = 1.0

  /// All weights of any network, on its data or on samples that never come twice.
  private func ensemble(
    of escape: some Escape, on landscape: any NetworkLandscape, cap: Double
  ) throws -> PassageEnsemble {
    let stride = max(1, Int((Self.lookInterval / settings.learningRate).rounded()))
    let architecture = landscape.architecture
    let noise = try NetworkNoise(dropout: dropout, hiddenLayers: architecture.depth - 1)
    func oneByOne(_ process: some StochasticProcess) throws -> PassageEnsemble {
      PassageEnsemble(
        oneByOne: try FirstPassage(
          process: process, start: escape.start, target: escape.target, cap: cap, stride: stride),
        stepsPerEpoch: landscape.finiteCount.map { settings.stepsPerEpoch(of: $0) })
    }
    switch landscape {
    case let loss as GaussianNetworkLoss:
      guard noise.isNone else {
        return try oneByOne(
          trainer(
            architecture, weightDecay: loss.weightDecay, source: .online(loss.teacher),
            noise: noise))
      }
      return PassageEnsemble(
        try FirstPassage(
          process: OnlineSGD(loss, settings: settings), start: escape.start,
          target: escape.target, cap: cap, stride: stride))
    case let loss as NetworkLoss:
      guard noise.isNone else {
        return try oneByOne(
          trainer(
            architecture, lossFunction: loss.lossFunction, weightDecay: loss.weightDecay,
            source: .samples(loss.data), noise: noise))
      }
      return try oneByOne(MinibatchSGD(loss: loss, settings: settings))
    default:
      throw InvalidInput(
        "\(escape.name) says nothing of how its samples are drawn, so SGD cannot be run; use Langevin dynamics"
      )
    }
  }

  /// With noise beside that of batches.
  private func ensemble(
    of escape: FeatureEscape, cap: Double, noise: NetworkNoise
  ) throws -> PassageEnsemble {
    let network = escape.network
    return PassageEnsemble(
      oneByOne: try FirstPassage(
        process: trainer(
          NetworkArchitecture(widths: network.widths), weightDecay: network.weightDecay,
          source: escape.source, noise: noise),
        start: escape.spreadOverUnits().start, target: escape.target, cap: cap),
      stepsPerEpoch: escape.training.map { settings.stepsPerEpoch(of: $0.count) })
  }

  /// SGD with noise beside that of batches.
  private func trainer(
    _ architecture: NetworkArchitecture, lossFunction: LossFunction = .meanSquaredError,
    weightDecay: Double, source: LinearDataSource, noise: NetworkNoise
  ) throws -> NetworkTrainer {
    let samples: Dataset
    var supply: GaussianTeacher? = nil
    switch source {
    case .samples(let data): samples = data
    case .online(let teacher):
      // As many as go through the network together; which they are does not matter.
      samples = teacher.sample(
        count: min(settings.batchSize, NetworkLoss.samplesTogether),
        random: RandomSource(StreamKey(seed: 0, purpose: .data)))
      supply = teacher
    }
    return NetworkTrainer(
      loss: try NetworkLoss(
        architecture: architecture, data: samples, lossFunction: lossFunction,
        weightDecay: weightDecay),
      settings: try TrainingSettings(settings, noise: noise), supply: supply)
  }

  /// SGD confined to the feature's balanced line, with the same momentum and sampling.
  ///
  /// - Throws: `InvalidInput` where a feature is gained.
  package func ensemble(onLineOf escape: FeatureEscape, cap: Double) throws -> PassageEnsemble {
    let onLine = try escape.onLine()
    return PassageEnsemble(
      try FirstPassage(
        process: BalancedLineSGD(
          network: escape.network, source: escape.source, feature: escape.feature,
          settings: settings),
        start: onLine.start, target: onLine.target, cap: cap))
  }
}

extension Escape {
  /// The escape of a network with its samples.
  ///
  /// - Throws: `InvalidInput` where there are none.
  func withSamples() throws -> FeatureEscape {
    guard !(landscape is any NetworkLandscape) else {
      throw InvalidInput(
        "the moments of a batch decide its gradient in linear networks only, and \(name) is followed in all its samples; use --process sgd or Langevin dynamics"
      )
    }
    guard let escape = self as? FeatureEscape else {
      throw InvalidInput(
        "\(name) has no data, so minibatches cannot be drawn from it; use Langevin dynamics")
    }
    return escape
  }
}
