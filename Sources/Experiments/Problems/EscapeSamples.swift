import Escapes
import Networks

extension Escape {
  /// Whether minibatches can be drawn.
  var hasSamples: Bool { self is FeatureEscape || landscape is any NetworkLandscape }

  /// How many samples they are drawn from; nil for an endless supply, and where there are none.
  var sampleCount: Int? {
    if let network = self as? FeatureEscape { return network.training?.count }
    return (landscape as? any NetworkLandscape)?.finiteCount
  }
}
