import NumericalMethods

/// Where a gentle descent ended.
public struct GentleDescent: Sendable {
  /// θ.
  public let point: [Double]
  /// |∇E| there.
  public let gradientNorm: Double
  /// Steps taken.
  public let steps: Int
  /// Whether |∇E| fell to the tolerance.
  public let hasConverged: Bool
}

extension EnergyLandscape {
  /// Gradient descent that stays in its basin: steps of half the inverse of the largest curvature, measured anew every
  /// few hundred of them.
  ///
  /// Quasi-Newton methods leap over low barriers, and so does gradient descent with hω above 2: beside a fold they end in
  /// another state than the one that the flow −∇E leads to.
  ///
  /// - Parameters:
  ///   - tolerance: of |∇E| over the largest curvature times 1 + |θ|.
  ///   - maximumSteps: where it ends without having converged.
  /// - Throws: `InvalidInput` where the point does not fit or E is not finite on the way.
  public func gentleDescent(
    from start: [Double], tolerance: Double = 1e-7, maximumSteps: Int = 200_000
  ) throws -> GentleDescent {
    try Require.positive("tolerance of the descent", tolerance)
    guard start.count == dimension else {
      throw InvalidInput(
        "the start has \(start.count) numbers, but the landscape has \(dimension) parameters; give one number for each"
      )
    }
    var point = start
    var gradient = [Double](repeating: 0, count: dimension)
    var steps = 0
    while true {
      let largest = try largestCurvature(at: point)
      let rate = 0.5 / max(largest, .leastNormalMagnitude)
      var size = 0.0
      withScratch(scratchCount) { scratch in
        for _ in 0..<min(300, maximumSteps - steps) {
          self.gradient(at: point, into: &gradient, scratch: scratch)
          size = norm(gradient)
          guard size.isFinite, size > tolerance * largest * (1 + norm(point)) else { break }
          for i in point.indices { point[i] -= rate * gradient[i] }
          steps += 1
        }
      }
      guard size.isFinite else {
        throw InvalidInput("the energy is not finite on the way down; start elsewhere")
      }
      let hasConverged = size <= tolerance * largest * (1 + norm(point))
      if hasConverged || steps >= maximumSteps {
        return GentleDescent(
          point: point, gradientNorm: size, steps: steps, hasConverged: hasConverged)
      }
    }
  }
}
