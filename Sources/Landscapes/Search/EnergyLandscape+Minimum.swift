import NumericalMethods

extension EnergyLandscape {
  /// The local minimum below a point, to roundoff: Newton's method inside a trust radius, in the eigenbasis
  /// of the Hessian.
  ///
  /// ```
  /// |∇E| ≤ tolerance · max |ω| · (1 + |θ|),   all non-zero ω > 0
  /// ```
  ///
  /// Quasi-Newton methods stall near |∇E| ≈ 1.5e-8 √ω, because a change of E below one ulp tells their
  /// line search nothing, and their first steps may leap over a barrier into another basin. Here every
  /// step lowers E as far as E can tell, and gradients decide below that. A start that is stationary already
  /// stays where it is; a saddle is reported with the verdict `wrongIndex`.
  ///
  /// Validity: a dense Hessian, D up to a few hundred. A start close to the edge of a basin may still
  /// end in the next one.
  ///
  /// - Complexity: D products of the Hessian with a vector and O(D³) a step.
  /// - Throws: `InvalidInput` where the point does not fit or E is not finite there.
  ///
  /// Source: J. Nocedal and S. Wright, Numerical Optimization, 2nd ed. (2006), Eq. 4.8 (trust radius).
  public func refinedMinimum(
    from start: [Double], options: StationarySearchOptions = .standard
  ) throws -> SearchOutcome {
    var search = try EigenvectorFollowing(self, from: start, climbing: nil, options: options)
    let (point, converged) = try search.run()
    return SearchOutcome(
      verdict: !converged
        ? .unconverged : point.isMinimum ? .converged : .wrongIndex(wanted: 0),
      stationaryPoint: point, steps: search.steps)
  }
}
