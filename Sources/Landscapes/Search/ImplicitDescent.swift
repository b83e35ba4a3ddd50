import NumericalMethods

/// The flow −∇E by Euler's implicit rule, matrix-free: long steps that stay in their basin.
///
/// ```
/// (H + λ) Δθ = −∇E,   λ = 1/Δt
/// ```
///
/// Modes stiffer than λ are at rest after one step, softer ones move as far as the flow would take them in Δt. λ falls step by
/// step, and rises again where H + λ is not positive: there the flow leaves a state that is none.
///
/// At a fixed order parameter q the same holds across ∇q, with the Hessian of E − μq, μ = ∇E·∇q/|∇q|².
struct ImplicitDescent {
  /// What a step needs to know of a point.
  struct Look {
    /// −∇E, across ∇q where q is fixed.
    let force: [Double]
    /// What has to vanish.
    let residual: Double
    /// A move beside the step down: back to the level of q, say.
    var correction: [Double]?
    /// Hess(E − μq), across ∇q.
    let curvature: SymmetricOperator
  }

  /// θ where it ended.
  private(set) var point: [Double]
  /// The residual there.
  private(set) var residual = Double.infinity
  /// Steps taken.
  private(set) var steps = 0
  /// Whether the residual fell to the tolerance.
  private(set) var hasConverged = false

  /// Each linear equation is solved to this share of its right side: the next step does the rest.
  private static let accuracy = 0.1
  private static let mostProducts = 100
  /// λ falls no lower than this share of the largest curvature.
  static let softest = 2e-4
  /// The longest step, in units of 1 + |θ|.
  private static let longestStep = 0.1

  /// - Parameters:
  ///   - scale: the largest curvature.
  ///   - tolerance: of the residual, absolute.
  /// - Throws: what `look` throws; `NumericalFailure` where no λ makes H + λ positive.
  init(
    from start: [Double], scale: Double, tolerance: Double, maximumSteps: Int,
    look: (_ point: [Double]) throws -> Look
  ) throws {
    point = start
    let softest = Self.softest * scale
    var damping = 1e-3 * scale
    while true {
      let here = try look(point)
      residual = here.residual
      guard residual.isFinite else {
        throw NumericalFailure("the energy is not finite on the way down")
      }
      hasConverged = residual <= tolerance
      guard !hasConverged, steps < maximumSteps else { return }
      steps += 1
      while true {
        let solution = DampedSolution(
          of: here.curvature, damping: damping, right: here.force, tolerance: Self.accuracy,
          maximumProducts: Self.mostProducts)
        if let step = solution.step, norm(step) <= Self.longestStep * (1 + norm(point)) {
          for i in point.indices { point[i] += step[i] + (here.correction?[i] ?? 0) }
          damping = max(0.5 * damping, softest)
          break
        }
        damping *= 4
        guard damping < 100 * scale else {
          throw NumericalFailure(
            "no step of the descent is short enough at |θ| = \(brief(norm(point)))")
        }
      }
    }
  }
}

/// Where an implicit descent ended.
package struct ImplicitRest: Sendable {
  /// θ.
  package let point: [Double]
  /// |∇E| there.
  package let gradientNorm: Double
  /// Whether it fell to the tolerance.
  package let hasConverged: Bool
}

extension EnergyLandscape {
  /// Down to a state of rest, for landscapes with too many parameters for a dense Hessian.
  ///
  /// - Parameters:
  ///   - scale: the largest curvature.
  ///   - tolerance: of |∇E|, relative to `scale`·(1 + |θ|).
  ///   - leavesSaddles: whether a state of rest with a negative mode that is not soft is left along it, some times.
  ///   - visit: is called with every point on the way.
  package func implicitDescent(
    from start: [Double], scale: Double, tolerance: Double = 1e-6, maximumSteps: Int = 400,
    leavesSaddles: Bool = false, visit: (_ point: [Double]) -> Void = { _ in }
  ) throws -> ImplicitRest {
    let softest = ImplicitDescent.softest * scale
    var start = start
    var attempts = leavesSaddles ? 6 : 1
    while true {
      let descent = try ImplicitDescent(
        from: start, scale: scale, tolerance: tolerance * scale * (1 + norm(start)),
        maximumSteps: maximumSteps
      ) { point in
        visit(point)
        let force = gradient(at: point).map { -$0 }
        return ImplicitDescent.Look(
          force: force, residual: norm(force),
          curvature: SymmetricOperator(hessianOf: self, at: point))
      }
      attempts -= 1
      if attempts > 0, descent.hasConverged,
        let lowest = try lowestModes(1, at: descent.point).first, lowest.value < -softest
      {
        start = descent.point
        addScaled(0.02 * (1 + norm(start)), lowest.vector, to: &start, start.count)
        continue
      }
      return ImplicitRest(
        point: descent.point, gradientNorm: descent.residual, hasConverged: descent.hasConverged)
    }
  }

  /// The lowest distinct modes of the Hessian, as far as their sign needs.
  func lowestModes(_ count: Int, at point: [Double]) throws -> [ExtremeEigenvalues.Mode] {
    try ExtremeEigenvalues(
      of: SymmetricOperator(hessianOf: self, at: point), lowest: count, highest: 1,
      tolerance: 1e-4, maximumSteps: 200, seed: 1
    ).lowest
  }

  /// max |ω|, to a few per cent.
  package func largestCurvature(at point: [Double]) throws -> Double {
    try ExtremeEigenvalues(
      of: SymmetricOperator(hessianOf: self, at: point), lowest: 1, highest: 1, tolerance: 0.05,
      maximumSteps: 40, seed: 1
    ).largestMagnitude
  }
}
