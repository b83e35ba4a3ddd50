import NumericalMethods

extension EnergyLandscape {
  /// The saddle of index 1 up a mode from a point, to roundoff: eigenvector following, then Newton's
  /// method; the index is verified, zero modes excluded.
  ///
  /// From a minimum the search first moves by the trust radius along `direction`. It then climbs along
  /// the mode that overlaps with `direction` and relaxes all others. Where that leads nowhere (up a wall
  /// without a top), a second search from the start climbs along the lowest non-zero mode at each point.
  ///
  /// Validity: a dense Hessian, D up to a few hundred. The saddle found need not be the lowest one, nor
  /// border on the basin of the start: verify with ``minimumEnergyPath(from:to:through:options:)``.
  ///
  /// - Parameters:
  ///   - direction: which mode to climb, of any length; the lowest non-zero mode where nil. On a path, its
  ///     tangent.
  ///   - knownMinima: to name the one that a failed search falls into. A minimum with zero modes is
  ///     recognised anywhere on its orbit, by energy and spectrum.
  /// - Returns: outcomes with data; a start that is stationary with index 2 or more is returned as such.
  /// - Throws: `InvalidInput` where point or direction do not fit or E is not finite at the start.
  public func saddle(
    from start: [Double], along direction: [Double]? = nil, knownMinima: [StationaryPoint] = [],
    options: StationarySearchOptions = .standard
  ) throws -> SearchOutcome {
    let first = try climb(
      from: start, along: try direction.map(unit), lowestMode: false, knownMinima, options)
    guard first.verdict == .unconverged else { return first }
    // The mode led up a wall: begin again, now along the lowest mode wherever the search is.
    let second = try climb(
      from: start, along: try direction.map(unit), lowestMode: true, knownMinima, options)
    let outcome = second.verdict == .unconverged ? first : second
    return SearchOutcome(
      verdict: outcome.verdict, stationaryPoint: outcome.stationaryPoint,
      steps: first.steps + second.steps)
  }

  private func climb(
    from start: [Double], along direction: [Double]?, lowestMode: Bool,
    _ knownMinima: [StationaryPoint], _ options: StationarySearchOptions
  ) throws -> SearchOutcome {
    var search = try EigenvectorFollowing(
      self, from: start, climbing: direction, options: options)
    search.climbsLowestMode = lowestMode
    let here = try StationaryPoint(search.current, zeroTolerance: options.zeroTolerance)
    func outcome(_ verdict: SearchOutcome.Verdict, _ point: StationaryPoint) -> SearchOutcome {
      SearchOutcome(verdict: verdict, stationaryPoint: point, steps: search.steps)
    }
    if direction == nil {
      guard let mode = search.lowestNonZeroMode() else { return outcome(.unconverged, here) }
      search.climb(along: mode)
    }
    if search.isStationary {
      switch here.negativeCount {
      case 0: try search.kick()
      case 1: break
      default: return outcome(.wrongIndex(wanted: 1), here)
      }
    }
    let (point, converged) = try search.run()
    guard converged else { return outcome(.unconverged, point) }
    if point.isSaddle { return outcome(.converged, point) }
    if point.isMinimum, let known = knownMinima.firstIndex(where: { $0.isSameState(as: point) }) {
      return outcome(.fellToMinimum(known), point)
    }
    return outcome(.wrongIndex(wanted: 1), point)
  }

  private func unit(_ direction: [Double]) throws -> [Double] {
    let length = norm(direction)
    guard direction.count == dimension, length > 0, length.isFinite else {
      throw InvalidInput(
        "the direction to climb has \(direction.count) components and length \(length), but needs \(dimension) and a positive, finite length"
      )
    }
    return direction.map { $0 / length }
  }
}

extension StationaryPoint {
  /// Whether two stationary points agree in place to 1e-5·(1 + |θ|) or, where there are zero modes, in
  /// energy and spectrum to 1e-6: then they lie on orbits that an isometry cannot tell apart.
  func isSameState(as other: StationaryPoint) -> Bool {
    guard point.count == other.point.count else { return false }
    if distance(point, other.point) <= 1e-5 * (1 + norm(point)) { return true }
    guard zeroModeCount > 0, zeroModeCount == other.zeroModeCount else { return false }
    let curvature = largestCurvature
    let energyScale = curvature * (1 + norm(point)) * (1 + norm(point))
    return abs(energy - other.energy) <= 1e-6 * energyScale
      && distance(eigenvalues, other.eigenvalues) <= 1e-6 * curvature
  }
}
