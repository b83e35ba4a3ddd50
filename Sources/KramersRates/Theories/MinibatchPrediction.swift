package import Escapes
package import Networks
import NumericalMethods

/// What a theory of independent batches, from descent without momentum, says of SGD as it is run.
///
/// A theory gives the time at the learning rate ĥ = h/(1 − μ), which is its noise scale ε = ĥ/B too; that of
/// heavy-ball SGD follows in one place, with the doubts that the theory itself cannot have:
///
/// ```
/// τ(h, μ) = (1 − μ) · τ(h/(1 − μ), 0),   slope d ln τ/d(1/ε)
/// ```
///
/// - Returns: nil for another noise or another escape.
func minibatchPrediction(
  of escape: some Escape, under noise: Noise,
  _ theory: (FeatureEscape, SGDSettings) throws -> RatePrediction?
) throws -> RatePrediction? {
  guard case .minibatch(let settings) = noise, let escape = escape as? FeatureEscape else {
    return nil
  }
  guard let prediction = try theory(escape, settings)?.slowed(by: settings.clockRate) else {
    return nil
  }
  let doubt = try escape.doubt(of: settings)
  return prediction.logMeanFirstPassageTime == .infinity ? prediction : prediction.adding(doubt)
}

extension FeatureEscape {
  /// What SGD has beyond independent batches and descent without momentum, and how much it matters here.
  ///
  /// - Throws: where the gradient noise cannot be measured.
  package func doubt(of settings: SGDSettings) throws -> Validity {
    guard let line else { return .valid }
    return try memo.value("doubt of \(settings)") {
      var doubts = [Validity]()
      if settings.momentum > 0 {
        doubts.append(try .inertia(of: settings, on: line, noise: noise().noise))
      }
      if let training, settings.drawsByEpochs(of: training.count) {
        doubts.append(
          try .epochs(of: settings, samples: training.count, on: line, noise: noise().noise))
      }
      return .all(doubts)
    }
  }
}
