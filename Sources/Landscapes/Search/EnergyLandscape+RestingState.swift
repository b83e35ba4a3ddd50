extension EnergyLandscape {
  /// The minimum below a point, or a stationary point that is one but for soft modes.
  ///
  /// Equal or idle units of a network stay so under descent and under the noise of its samples, though splitting them would
  /// lower E a little: such a state has negative modes, all of them soft, and nothing drives it along them.
  ///
  /// - Throws: `NumericalFailure` where neither is found.
  package func restingState(near start: [Double]) throws -> StationaryPoint {
    let search = try refinedMinimum(from: start)
    let found = search.stationaryPoint
    let isSoft = (found.eigenvalues.first ?? 0) > -softestDescent * found.largestCurvature
    switch search.verdict {
    case .wrongIndex where isSoft: return found
    // The softest modes may not let it be known to roundoff.
    case .unconverged where isSoft && found.relativeGradient < 1e-8: return found
    default: return try search.required()
    }
  }
}

/// Negative curvatures above this share of the largest one are soft.
private let softestDescent = 3e-3
