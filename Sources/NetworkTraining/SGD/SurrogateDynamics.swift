public import Escapes
public import LangevinDynamics
import Networks
import NumericalMethods

/// Surrogate SGD of an escape that carries samples: the diffusion with SGD's own drift and noise covariance,
/// `LinearNetworkDiffusion` by `EulerMaruyama` with the learning rate as time step.
///
/// ```
/// θ ← θ − h ∇E(θ) + h δ,   δ ~ N(0, C(θ)/B),   t = steps × h
/// ```
///
/// One step is one step of SGD whose batch gradient has a Gaussian law of the same mean and covariance; C is the
/// per-sample gradient covariance, D × D. Itô; as an approximation to the diffusion of weak order 1 in h. With
/// ``SGDDynamics`` beside it, it tells what of an escape is due to the covariance of the noise and what to its higher
/// cumulants. A batch of all samples has no noise.
///
/// Validity: at strong noise. On 2-10-10-2 (η = 0.9, 0.8, β = 0.33, from rank 2 to 1, B = 8, 2000 runs each) its mean
/// time over SGD's is 0.90, 0.93, 0.92, 0.80 and 0.77, each ± 0.02, at B/h = 53, 80, 100, 133 and 160: the two have
/// different exponents (0.0271 and 0.0285 on the balanced line), which B/h multiplies. On 512 whitened Gaussian samples it
/// is 0.85 ± 0.03 and 0.71 ± 0.03 at B/h = 80 and 160.
public struct SurrogateDynamics: Dynamics {
  /// Of the SGD that it stands for.
  public let settings: SGDSettings

  /// - Throws: `InvalidInput` with momentum, or sampling by epochs: then the noise of a step depends on those
  ///   before.
  public init(_ settings: SGDSettings) throws {
    guard settings.momentum == 0 else {
      throw InvalidInput(
        "surrogate SGD has no momentum, but --momentum \(sixDigits(settings.momentum)) was asked for; ask for the learning rate h/(1 − μ) = \(sixDigits(settings.effectiveLearningRate)) without momentum and multiply its times by 1 − μ = \(sixDigits(settings.clockRate)), or run SGD itself"
      )
    }
    guard settings.sampling == .withReplacement else {
      throw InvalidInput(
        "surrogate SGD draws every batch anew, but sampling by \(settings.sampling.rawValue) was asked for; use \(BatchSampling.withReplacement.rawValue) or run SGD itself"
      )
    }
    self.settings = settings
  }

  public var name: String {
    "surrogate SGD with h = \(sixDigits(settings.learningRate)), B = \(settings.batchSize)"
  }

  public var identity: [String: String] {
    [
      "process": "surrogate", "learningRate": "\(settings.learningRate)",
      "batchSize": "\(settings.batchSize)",
    ]
  }

  /// That of SGD with these settings, so that its theories stand beside it.
  public func noise(for escape: some Escape) -> Noise { .minibatch(settings) }

  public func timeStep(for escape: some Escape) -> Double { settings.learningRate }

  public var notes: [String] {
    [
      "surrogate SGD keeps the covariance of SGD's noise and none of its higher cumulants; theories named here are of SGD's noise: as h → 0 at fixed B the exponent of this process is the quasi-potential, not the one with all cumulants"
    ]
  }

  /// - Throws: `InvalidInput` where the escape has no samples, or too many inputs and targets.
  public func ensemble(of escape: some Escape, cap: Double) throws -> PassageEnsemble {
    let escape = try escape.withSamples()
    let isFullBatch = escape.training.map { settings.isFullBatch(of: $0.count) } ?? false
    return PassageEnsemble(
      try FirstPassage(
        process: EulerMaruyama(
          LinearNetworkDiffusion(network: escape.network, source: escape.source),
          noiseScale: isFullBatch ? 0 : settings.noiseScale, timeStep: settings.learningRate),
        start: escape.start, target: escape.target, cap: cap))
  }
}
