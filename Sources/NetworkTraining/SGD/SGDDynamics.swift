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
    guard let escape = self as? FeatureEscape else {
      throw InvalidInput(
        "\(name) has no data, so minibatches cannot be drawn from it; use Langevin dynamics")
    }
    return escape
  }
}
