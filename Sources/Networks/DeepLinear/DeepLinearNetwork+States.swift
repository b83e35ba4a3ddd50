import NumericalMethods

extension DeepLinearNetwork {
  /// The modes of this network's data, strongest first, each at this network's depth and weight decay.
  ///
  /// - Throws: `InvalidInput` where Σxx ≠ I (no closed form) or β = 0.
  public func modes() throws -> [DeepLinearMode] {
    guard whiteInputs else {
      throw InvalidInput(
        "the closed forms of a mode need whitened inputs (Σxx = I); whiten the data first")
    }
    return try moments.singularValues().map {
      try DeepLinearMode(singularValue: $0, depth: depth, weightDecay: weightDecay)
    }
  }

  /// The balanced, aligned stationary point in which exactly the given features are learned (0 is the
  /// strongest), each in its own minimum; every other weight is zero.
  ///
  /// For L ≥ 3 it is a local minimum of the weights when no feature stronger than a learned one is
  /// missing. Otherwise it is a saddle: turning the weakest learned direction (amplitude a, singular
  /// value η) towards a missing stronger one (η′) has the curvature a^{L−2}(η − η′) < 0.
  ///
  /// - Throws: `InvalidInput` where a feature cannot be learned at this β or no hidden unit is left
  ///   for it.
  public func minimum(learning features: [Int]) throws -> [Double] {
    let modes = try modes()
    let narrowest = widths.min()!
    guard features.count <= narrowest else {
      throw InvalidInput(
        "\(features.count) features need layers at least that wide, but the narrowest is \(narrowest); use a wider network"
      )
    }
    var amplitudes = [Int: Double]()
    for feature in features {
      guard modes.indices.contains(feature) else {
        throw InvalidInput(
          "feature \(feature + 1) was asked for, but the data offer only \(modes.count)")
      }
      guard let learned = try modes[feature].learnedSingularValue() else {
        throw InvalidInput(
          "feature \(feature + 1) (η = \(modes[feature].singularValue)) has no learned state at β = \(weightDecay); "
            + "choose β below its β_c = \(modes[feature].spinodalWeightDecay!)")
      }
      amplitudes[feature] = learned
    }
    return try balancedPoint(singularValues: amplitudes)
  }

  /// The balanced, aligned point with the given end-to-end singular values λ by feature index.
  public func balancedPoint(singularValues: [Int: Double]) throws -> [Double] {
    let features = try moments.features()
    var weights = zip(widths, widths.dropFirst()).map { Matrix(rows: $1, columns: $0) }
    for (unit, (feature, lambda)) in singularValues.sorted(by: { $0.key < $1.key }).enumerated() {
      let a = rootOfDepth(lambda)
      if depth == 1 {
        for i in 0..<widths[1] {
          for j in 0..<widths[0] {
            weights[0][i, j] += lambda * features.left[i, feature] * features.right[j, feature]
          }
        }
        continue
      }
      for j in 0..<widths[0] { weights[0][unit, j] = a * features.right[j, feature] }
      for l in 1..<(depth - 1) { weights[l][unit, unit] = a }
      for i in 0..<widths[depth] { weights[depth - 1][i, unit] = a * features.left[i, feature] }
    }
    return weights.flatMap { $0.elements }
  }

  /// λ^{1/L} by Newton's method from above; exact to roundoff.
  private func rootOfDepth(_ lambda: Double) -> Double {
    guard lambda > 0 else { return 0 }
    var a = max(1, lambda)
    for _ in 0..<200 {
      var power = 1.0
      for _ in 1..<max(depth, 1) { power *= a }
      let next = a - (power * a - lambda) / (Double(depth) * power)
      if abs(next - a) <= 1e-16 * a { return next }
      a = next
    }
    return a
  }

  /// The singular values σ_r of the end-to-end map, descending.
  public func endToEndSingularValues(at point: [Double]) throws -> [Double] {
    try endToEndMap(at: point).singularValueDecomposition().values
  }
}
