import NumericalMethods

extension EnergyLandscape {
  /// Where descent off a saddle ends, to the side that a direction points to.
  ///
  /// The steps are those of the flow −∇E (``ImplicitDescent``); saddles that they come to on the way are left.
  ///
  /// - Parameters:
  ///   - direction: of negative curvature, of length 1.
  ///   - scale: the largest curvature.
  ///   - tolerance: of |∇E|, relative to `scale`·(1 + |θ|).
  ///   - visit: is called with every point on the way.
  package func descent(
    offSaddle saddle: [Double], along direction: [Double], scale: Double, tolerance: Double,
    visit: (_ point: [Double]) -> Void = { _ in }
  ) throws -> ImplicitRest {
    var start = saddle
    addScaled(offSaddle * (1 + norm(saddle)), direction, to: &start, start.count)
    return try implicitDescent(
      from: start, scale: scale, tolerance: tolerance, leavesSaddles: true, visit: visit)
  }
}

/// How far from a saddle descents begin, in units of 1 + |θ|.
private let offSaddle = 0.01
