import Escapes
import Networks

extension Escape {
  /// Whether minibatches can be drawn.
  var hasSamples: Bool { self is FeatureEscape || self is any NetworkBasin }

  /// How many samples they are drawn from; nil for an endless supply, and where there are none.
  var sampleCount: Int? {
    if let network = self as? FeatureEscape { return network.training?.count }
    return (self as? any NetworkBasin)?.landscape.finiteCount
  }
}
