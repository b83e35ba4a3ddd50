import NumericalMethods

extension EnergyLandscape {
  /// The path of least energy between two minima by the string method, its saddles refined.
  ///
  /// Both ends are first relaxed to their minima. Maxima and intermediate minima of the profile are found
  /// from energies and slopes ∇E·t, so that a barrier between two neighbouring images is seen, and each
  /// is refined to a stationary point.
  ///
  /// Validity: the path found is the one that the initial path relaxes to; another initial path may find
  /// a lower pass. Where a symmetry makes whole orbits of minima, the ends must be aligned by the caller:
  /// the path between unaligned copies is longer and its barrier higher, or it is all orbit.
  ///
  /// - Parameters:
  ///   - waypoints: points between the ends that the initial path passes; straight where empty.
  /// - Returns: the path, converged or not (``MinimumEnergyPath/isConverged``).
  /// - Throws: `InvalidInput` where an end does not relax to a minimum, both ends lie in one basin, or
  ///   the energy on the path is not finite.
  /// - Complexity: an iteration costs one gradient for each image.
  public func minimumEnergyPath(
    from start: [Double], to end: [Double], through waypoints: [[Double]] = [],
    options: StringMethodOptions = .standard
  ) throws -> MinimumEnergyPath {
    try minimumEnergyPath(
      between: endPoint("start", start, options), and: endPoint("end", end, options),
      through: waypoints, options: options)
  }

  /// The same between two states that are at rest already.
  package func minimumEnergyPath(
    between first: StationaryPoint, and last: StationaryPoint, through waypoints: [[Double]] = [],
    options: StringMethodOptions = .standard
  ) throws -> MinimumEnergyPath {
    let distance = distance(first.point, last.point)
    guard distance > 1e-6 * (1 + norm(first.point)) else {
      throw InvalidInput(
        "start and end relax to the same minimum (E = \(first.energy), distance \(distance)), so there is no barrier between them; pass points of two basins"
      )
    }
    for waypoint in waypoints where waypoint.count != dimension {
      throw InvalidInput(
        "the landscape has \(dimension) parameters, but a waypoint has \(waypoint.count); pass one number for each parameter"
      )
    }
    var string = try StringMethod(
      self, path: [first.point] + waypoints + [last.point], options: options)
    try string.run()

    let turns = string.turningPoints()
    guard !turns.maxima.isEmpty else {
      let rise = string.energies.max()! - max(first.energy, last.energy)
      throw InvalidInput(
        "the energy on the path from start to end rises by \(rise) only, so both lie on one basin or orbit; pass minima that a barrier separates"
      )
    }
    return MinimumEnergyPath(
      start: first, end: last, images: string.images, arcLengths: string.spline.knots,
      energies: string.energies, isConverged: string.isConverged, iterations: string.iterations,
      perpendicularForce: string.perpendicularForce, relativeForce: string.relativeForce,
      turningPoints: turns,
      saddleSearches: try turns.maxima.map { s in
        let (point, tangent) = string.spline.value(at: s)
        return try saddle(
          from: point, along: tangent, knownMinima: [first, last], options: options.search)
      },
      intermediateSearches: try turns.minima.map { s in
        try refinedMinimum(from: string.spline.value(at: s).point, options: options.search)
      })
  }

  private func endPoint(
    _ name: String, _ point: [Double], _ options: StringMethodOptions
  ) throws -> StationaryPoint {
    let outcome = try refinedMinimum(from: point, options: options.search)
    guard outcome.isConverged else {
      throw InvalidInput("the \(name) of the path is not near a minimum: \(outcome)")
    }
    return outcome.stationaryPoint
  }
}

extension StringMethod {
  /// The s of the maxima of the profile and of the minima between them.
  ///
  /// Both ends are minima: the slope counts as positive at the start and negative at the end, whatever
  /// roundoff says. Slopes below the force tolerance are not resolved and decide nothing (a path may end
  /// along an orbit of minima). Between images i, i + 1 with slopes of opposite sign the turning point is that of
  /// the cubic with the energies and slopes of both. Where both slopes point down and the second image is not lower,
  /// or both up and it is not higher, a minimum and a maximum lie between them: the cubic's two.
  func turningPoints() -> (maxima: [Double], minima: [Double]) {
    let noise = max(
      options.forceTolerance * largestForce, 1e-9 * largestCurvature * spline.length)
    let last = images.count - 1
    guard slopes[1..<last].contains(where: { abs($0) > noise }) else { return ([], []) }
    var maxima = [Double]()
    var minima = [Double]()
    var previous = 0
    var rising = true
    for i in 1...last {
      let slope = i == last ? -1 : slopes[i]
      guard i == last || abs(slope) > noise else { continue }
      let rises = energies[i] - energies[previous]
      let unresolved = noise * (spline.knots[i] - spline.knots[previous])
      let hidesTwo = (rising ? -rises : rises) > unresolved
      func turn(_ isMaximum: Bool) {
        let s = self.turn(between: previous, and: i, isMaximum: isMaximum)
        if isMaximum { maxima.append(s) } else { minima.append(s) }
      }
      if rising != (slope > 0) {
        turn(rising)
        rising.toggle()
      } else if hidesTwo {
        turn(rising)
        turn(!rising)
      }
      previous = i
    }
    return (maxima, minima)
  }

  /// The turning point of the cubic through E and dE/ds at two images.
  private func turn(between i: Int, and j: Int, isMaximum: Bool) -> Double {
    let h = spline.knots[j] - spline.knots[i]
    let chord = (energies[j] - energies[i]) / h
    let a = i == 0 ? 0 : slopes[i]
    let b = j == images.count - 1 ? 0 : slopes[j]
    // dE/dx = a + 2(3·chord − 2a − b)x + 3(a + b − 2·chord)x², x in 0…1. At a maximum the second
    // derivative is −root, at a minimum +root; the roots in the form free of cancellation.
    let half = 3 * chord - 2 * a - b
    let square = 3 * (a + b - 2 * chord)
    let root = (half * half - a * square).squareRoot()
    var x = a == 0 ? -2 * half / square : -a / (isMaximum ? half - root : half + root)
    if !(x > 0 && x < 1) { x = 0.5 }
    return spline.knots[i] + x * h
  }
}
