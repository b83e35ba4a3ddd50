import NumericalMethods

/// Which stationary point of its own line a feature sits at.
public enum FeatureState: String, Sendable, CaseIterable {
  /// λ = 0.
  case unlearned = "unlearned"
  /// λ_s, the saddle between the two minima of the line; only for L ≥ 3.
  case saddle = "saddle"
  /// λ_+.
  case learned = "learned"
}

/// A balanced, aligned stationary point of a deep linear network, in closed form: each feature at a
/// stationary point of its own line.
///
/// ```
/// E = ½ tr Σyy + Σᵢ [λᵢ(λᵢ/2 − ηᵢ) + (Lβ/2) λᵢ^{2/L}]
/// ```
///
/// The modes are independent of one another on their lines, but not in weight space: turning two
/// features i, j into one another changes the loss, once the layers have relaxed, with the curvature sign
/// of (λᵢ − λⱼ)(ηᵢ − ηⱼ). (The end-to-end map W = Σ λᵢ uᵢvᵢᵀ keeps its norms under rotations of u and v, so
/// only −tr(W Σyxᵀ) moves: for small angles its quadratic form has the eigenvalues
/// (λᵢ ∓ λⱼ)(ηᵢ ∓ ηⱼ).) Eliminating the layers, whose own quadratic form is positive, keeps the index. So
///
/// ```
/// index = (features at their saddle) + (inverted pairs: ηᵢ > ηⱼ but λᵢ < λⱼ)            L ≥ 3
///       = (inverted pairs) + (H − r)·(unlearned features with η > β)                    L = 2
/// ```
///
/// with r learned features; for L = 2 an unlearned feature above threshold grows in each idle hidden
/// unit. An inverted pair with λᵢ = 0 has the curvature λⱼ^{1−2/L}(ηⱼ − ηᵢ) itself.
///
/// Zero modes are hidden rotations, dim O(H)/O(H − r) = rH − r(r+1)/2 for each hidden layer.
///
/// Validity: Σxx = I, distinct η, β off the spinodals (and ≠ η for L = 2).
public struct StationaryState: Sendable {
  /// The state of each feature, strongest feature first.
  public let features: [FeatureState]
  /// λ of each feature.
  public let singularValues: [Double]
  /// E, in loss units.
  public let energy: Double
  /// The Morse index in weight space.
  public let morseIndex: Int
  /// The zero modes of the Hessian in weight space.
  public let zeroModeCount: Int

  /// The learned features, 0 the strongest.
  public var learned: [Int] { features.indices.filter { features[$0] == .learned } }
  /// r, the features with λ > 0.
  public var rank: Int { features.count { $0 != .unlearned } }
  /// Whether no direction leads down.
  public var isMinimum: Bool { morseIndex == 0 }
}

extension DeepLinearNetwork {
  /// Every balanced, aligned stationary state: each feature unlearned or learned and, on request, at
  /// its saddle.
  ///
  /// For L ≥ 3 these are 2ᵏ states for k features below their β_c (3ᵏ with saddles), fewer where the
  /// narrowest layer holds fewer features. The minima among them are the nested ones: a feature is learned
  /// only with every stronger one, k + 1 states. A single layer (L = 1) has one state.
  ///
  /// - Parameter includingSaddles: adds the states with features at λ_s.
  /// - Returns: by rank, then by feature, the strongest first.
  /// - Throws: `InvalidInput` where Σxx ≠ I, β = 0, or more than 12 features would give too many states.
  public func stationaryStates(includingSaddles: Bool = false) throws -> [StationaryState] {
    let modes = try modes()
    let choices = try modes.map { mode -> [(FeatureState, Double)] in
      var choices = [(FeatureState, Double)]()
      if depth > 1 { choices.append((.unlearned, 0)) }
      if includingSaddles, let lambda = try mode.saddleSingularValue() {
        choices.append((.saddle, lambda))
      }
      if let lambda = try mode.learnedSingularValue() { choices.append((.learned, lambda)) }
      return choices
    }
    let free = choices.count { $0.count > 1 }
    guard free <= 12 else {
      throw InvalidInput(
        "\(free) features that may be learned or not give at least \(1 << min(free, 62)) states; raise β or keep at most 12 features"
      )
    }
    var combinations: [[(FeatureState, Double)]] = [[]]
    for options in choices {
      combinations = combinations.flatMap { begun in options.map { begun + [$0] } }
    }
    let capacity = widths.min()!
    return
      combinations
      .map { state(modes: modes, $0) }
      .filter { $0.rank <= capacity }
      .sorted { first, second in
        if first.rank != second.rank { return first.rank < second.rank }
        return second.singularValues.lexicographicallyPrecedes(first.singularValues)
      }
  }

  /// The weights of a stationary state, feature by feature in the hidden units 1, 2, ….
  public func point(of state: StationaryState) throws -> [Double] {
    var amplitudes = [Int: Double]()
    for (feature, lambda) in state.singularValues.enumerated() where lambda > 0 {
      amplitudes[feature] = lambda
    }
    return try balancedPoint(singularValues: amplitudes)
  }

  private func state(
    modes: [DeepLinearMode], _ features: [(FeatureState, Double)]
  ) -> StationaryState {
    let lambdas = features.map(\.1)
    let rank = lambdas.count { $0 > 0 }
    var energy = 0.5 * moments.targetSquare
    for (mode, lambda) in zip(modes, lambdas) where lambda > 0 {
      // E(λ) − E(0).
      energy += mode.energy(singularValue: lambda) - 0.5 * mode.singularValue * mode.singularValue
    }
    var index = features.count { $0.0 == .saddle }
    for j in lambdas.indices {
      index += lambdas[..<j].count { $0 < lambdas[j] }
    }
    if depth == 2 {
      let growing = zip(modes, lambdas).count { $0.singularValue > weightDecay && $1 == 0 }
      index += (widths[1] - rank) * growing
    }
    let zeros = widths.dropFirst().dropLast().reduce(0) {
      $0 + rank * $1 - rank * (rank + 1) / 2
    }
    return StationaryState(
      features: features.map(\.0), singularValues: lambdas, energy: energy, morseIndex: index,
      zeroModeCount: depth == 1 ? 0 : zeros)
  }
}
