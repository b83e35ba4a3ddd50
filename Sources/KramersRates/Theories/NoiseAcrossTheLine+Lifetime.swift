package import Escapes
package import Networks
import NumericalMethods

extension FeatureEscape {
  /// ln τ of the loss by ``NoiseAcrossTheLine``, without its slope: half the work, for many points of a diagram.
  ///
  /// - Returns: nil where noise across the line leaves no barrier: the feature is lost by drift.
  /// - Throws: `NumericalFailure` where the weights across the line are not stable, and `InvalidInput` for a gain or with
  ///   two layers.
  package func lifetimeAcrossTheLine(_ settings: SGDSettings) throws -> RatePrediction? {
    guard line != nil, network.depth >= 3 else {
      throw InvalidInput(
        "noise across the line is for the loss of a feature in three layers or more, but this is \(name)"
      )
    }
    guard try anyClimb(settings, noiseScale: settings.noiseScale).trap != nil else { return nil }
    let noise = Noise.minibatch(settings)
    return try minibatchPrediction(of: self, under: noise) { escape, settings in
      let climb = try escape.climb(settings)
      let time = try climb.logMeanFirstPassageTime()
      return RatePrediction(
        theory: NoiseAcrossTheLine().name, noise: noise.strength, logMeanFirstPassageTime: time,
        clockStop: BalancedLine.clockStop, logPrefactor: time - (try climb.barrier()!),
        apparentBarrier: nil, validity: try climb.validity())
    }?.adding(DiscreteTime(of: self, under: noise)?.validity)
  }
}
