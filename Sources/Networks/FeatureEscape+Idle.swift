extension FeatureEscape {
  /// The same in a network of as many hidden units as features are learned: an idle unit, with no weights in or out, has
  /// no gradient on any sample, so SGD leaves it as it is, exactly.
  package func withoutIdleUnits() throws -> FeatureEscape {
    var widths = network.widths
    for l in 1..<network.depth { widths[l] = max(from, to) }
    guard widths != network.widths else { return self }
    return try FeatureEscape(
      source: source, moments: network.moments, widths: widths, weightDecay: network.weightDecay,
      from: from, to: to, notes: notes)
  }
}
