extension FeatureEscape {
  /// The same in a network of as many hidden units as features are learned: an idle unit, with no weights in or out, has
  /// no gradient on any sample, so SGD leaves it as it is, exactly.
  package func withoutIdleUnits() throws -> FeatureEscape {
    var widths = network.widths
    for l in 1..<network.depth { widths[l] = max(from, to) }
    return widths == network.widths ? self : try with(widths: widths)
  }

  /// The same with other widths, or another β.
  ///
  /// - Throws: `InvalidInput` where its states do not exist there.
  package func with(widths: [Int]? = nil, weightDecay: Double? = nil) throws -> FeatureEscape {
    try FeatureEscape(
      source: source, moments: network.moments, widths: widths ?? network.widths,
      weightDecay: weightDecay ?? network.weightDecay, from: from, to: to, notes: notes)
  }
}
