import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension FeatureEscape {
  /// The same from another balanced minimum of the rank: each feature is spread over all units of a hidden layer.
  ///
  /// ```
  /// W_l ← Q_l W_l Q_{l−1}ᵀ,   (Q_l)_jr = √((2 − δ_r0)/H_l) cos(π(j + ½)r/H_l),   Q_0 = Q_L = 1
  /// ```
  ///
  /// The loss does not change under such rotations, and neither do SGD's times. It matters to noise that does not commute
  /// with them, such as dropout: from features on single units the others stay idle, with weights of exactly zero, and
  /// their feature is never gained.
  package func spreadOverUnits() -> FeatureEscape {
    let widths = network.widths
    var spread = self
    let layers = network.layers(of: start)
    spread.start = layers.enumerated().flatMap { l, layer -> [Double] in
      let above = l + 1 < network.depth ? cosines(widths[l + 1]) : nil
      let below = l > 0 ? cosines(widths[l]) : nil
      var turned = layer
      if let above { turned = above * turned }
      if let below { turned = turned * below.transposed }
      return turned.elements
    }
    return spread
  }
}

/// The orthogonal matrix of the discrete cosine transform: a column for each frequency, the constant first.
private func cosines(_ count: Int) -> Matrix {
  var matrix = Matrix(rows: count, columns: count)
  for j in 0..<count {
    for r in 0..<count {
      matrix[j, r] =
        (Double(r == 0 ? 1 : 2) / Double(count)).squareRoot()
        * cos(.pi * (Double(j) + 0.5) * Double(r) / Double(count))
    }
  }
  return matrix
}
