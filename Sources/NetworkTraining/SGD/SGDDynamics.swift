public import Escapes
import Landscapes
public import LangevinDynamics
package import Networks
import NumericalMethods

/// Real minibatch SGD of an escape that carries samples.
public struct SGDDynamics: Dynamics {
  /// Learning rate, batches and momentum.
  public let settings: SGDSettings

  /// SGD with the given settings.
  public init(_ settings: SGDSettings) { self.settings = settings }

  public var name: String {
    "SGD with h = \(sixDigits(settings.learningRate)), B = \(settings.batchSize)"
  }

  public var identity: [String: String] {
    [
      "process": "sgd", "learningRate": "\(settings.learningRate)",
      "batchSize": "\(settings.batchSize)", "momentum": "\(settings.momentum)",
      "sampling": settings.sampling.rawValue,
    ]
  }

  public func noise(for escape: some Escape) -> Noise { .minibatch(settings) }

  public func timeStep(for escape: some Escape) -> Double { settings.learningRate }

  public func ensemble(of escape: some Escape, cap: Double) throws -> PassageEnsemble {
    if let basin = escape as? any NetworkBasin { return try ensemble(outOf: basin, cap: cap) }
    let escape = try escape.withSamples()
    let network = escape.network
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
    outOf basin: some NetworkBasin, cap: Double
  ) throws -> PassageEnsemble {
    let stride = max(1, Int((Self.lookInterval / settings.learningRate).rounded()))
    switch basin {
    case let basin as BasinEscape<GaussianNetworkLoss>:
      return PassageEnsemble(
        try FirstPassage(
          process: OnlineSGD(basin.landscape, settings: settings), start: basin.start,
          target: basin.target, cap: cap, stride: stride))
    case let basin as BasinEscape<NetworkLoss>:
      return PassageEnsemble(
        oneByOne: try FirstPassage(
          process: MinibatchSGD(loss: basin.landscape, settings: settings), start: basin.start,
          target: basin.target, cap: cap, stride: stride),
        stepsPerEpoch: settings.stepsPerEpoch(of: basin.landscape.data.count))
    default:
      throw InvalidInput(
        "\(basin.name) says nothing of how its samples are drawn, so SGD cannot be run; use Langevin dynamics"
      )
    }
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
    guard !(self is any NetworkBasin) else {
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
