import NumericalMethods

extension EnergyLandscape {
  /// Where descent ends from both sides of a saddle, first along its negative mode, then against it.
  ///
  /// The steps are those of the flow −∇E (``ImplicitDescent``); saddles that they come to on the way are left.
  ///
  /// - Parameters:
  ///   - mode: of negative curvature, of length 1.
  ///   - scale: the largest curvature.
  ///   - tolerance: of |∇E|, relative to `scale`·(1 + |θ|).
  ///   - visit: is called with every point on the way, and on which side it is, 0 or 1.
  package func statesOnBothSides(
    of saddle: [Double], along mode: [Double], scale: Double, tolerance: Double,
    visit: (_ side: Int, _ point: [Double]) -> Void = { _, _ in }
  ) throws -> [ImplicitRest] {
    let length = offSaddle * (1 + norm(saddle))
    return try [length, -length].enumerated().map { side, length in
      var start = saddle
      addScaled(length, mode, to: &start, start.count)
      return try implicitDescent(
        from: start, scale: scale, tolerance: tolerance, leavesSaddles: true
      ) { visit(side, $0) }
    }
  }
}

/// How far from a saddle descents begin, in units of 1 + |θ|.
private let offSaddle = 0.01
