import NumericalMethods

/// The way out of a minimum along the lowest states at each value of an order parameter q, up to the saddle, without a
/// dense Hessian:
///
/// ```
/// min E at fixed q:  ∇E = μ ∇q,   dE/dq = μ;   the saddle: μ = 0 again
/// ```
///
/// Each level is relaxed by ``ImplicitDescent``, so modes softer than a share of the largest curvature move as the flow moves
/// them and no further. A state at fixed q that becomes unstable is left, so the saddle found is the lower one where two are
/// near.
///
/// Validity: D as large as products of the Hessian with vectors allow; the saddle is known to the tolerance of the gradient
/// and its index by its extreme eigenvalues. Whether it borders on the basin of the start is for the caller to verify, by
/// descent from it.
package struct ValleyWalk<Landscape: EnergyLandscape, Parameter: EnergyLandscape> {
  /// A relaxed state at one q.
  package struct Place: Sendable {
    /// q.
    package let level: Double
    /// μ = dE/dq.
    package let slope: Double
    /// θ.
    package let point: [Double]
    /// E.
    package let energy: Double
    /// |∇E| across ∇q.
    package let gradientAcross: Double
  }

  /// The tolerance of |∇E| at the saddle, and at the minimum where soft modes let it, relative to the largest curvature
  /// times 1 + |θ|.
  private static var tolerance: Double { 5e-7 }
  /// The same on the way.
  private static var coarseTolerance: Double { 1e-5 }
  /// Of q at the minimum, from one level to the next.
  private static var stride: Double { 0.08 }
  /// Steps of one relaxation.
  private static var mostSteps: Int { 400 }
  /// More of them for the minimum.
  private static var polishingSteps: Int { 60 }

  /// From the minimum on, q falling; the last one is the saddle.
  package private(set) var places: [Place]

  private let landscape: Landscape
  private let parameter: Parameter
  private let scale: Double
  private let tilted: (_ multiplier: Double, _ point: [Double]) throws -> SymmetricOperator

  /// - Parameters:
  ///   - minimum: relaxed.
  ///   - scale: the largest curvature there.
  ///   - tilted: Hess(E − μq).
  /// - Throws: `NumericalFailure` where q falls to nothing without a saddle, or a level is lost.
  package init(
    on landscape: Landscape, lowering parameter: Parameter, from minimum: [Double], scale: Double,
    tilted: @escaping (_ multiplier: Double, _ point: [Double]) throws -> SymmetricOperator
  ) throws {
    self.landscape = landscape
    self.parameter = parameter
    self.scale = scale
    self.tilted = tilted
    places = []
    let full = parameter.energy(at: minimum)
    var stride = Self.stride * full
    let start = try place(at: full, from: minimum, polishes: true)
    places = [start]
    while places.last!.slope <= 0 || places.count == 1 {
      let last = places.last!
      guard last.level - stride > 0.2 * stride else {
        throw NumericalFailure(
          "E rises all the way down to q = \(brief(last.level)) without a saddle: another state may hold the feature, or none loses it"
        )
      }
      let next = try place(at: last.level - stride, from: last.point)
      if places.count == 1, next.slope >= 0, stride > 1e-3 * full {
        // The saddle is nearer than the first level.
        stride *= 0.25
      } else {
        places.append(next)
      }
    }
    // The highest place seen; where states at fixed q changed on the way, E fell behind it.
    let top = places.max { $0.energy < $1.energy }!
    let climb = try LowestModeClimb(
      on: landscape, from: top.point, along: parameter.gradient(at: top.point), scale: scale,
      tolerance: Self.tolerance * scale * (1 + norm(top.point)))
    guard climb.hasConverged else {
      throw NumericalFailure(
        "no saddle was found near the top of the valley at q = \(brief(top.level)): |∇E| is still \(brief(climb.gradientNorm))"
      )
    }
    places.removeAll { $0.level <= top.level }
    places.append(
      place(
        climb.point, level: parameter.energy(at: climb.point), gradientAcross: climb.gradientNorm))
  }

  /// - Parameter polishes: whether some more steps are taken towards the finer tolerance.
  private func place(
    at level: Double, from start: [Double], polishes: Bool = false
  ) throws -> Place {
    var descent = try descend(
      from: start, at: level, tolerance: Self.coarseTolerance, steps: Self.mostSteps)
    guard descent.hasConverged else {
      throw NumericalFailure(
        "the state at q = \(brief(level)) did not come to rest in \(Self.mostSteps) steps: |∇E| across is \(brief(descent.residual))"
      )
    }
    if polishes {
      let finer = try descend(
        from: descent.point, at: level, tolerance: Self.tolerance, steps: Self.polishingSteps)
      if finer.residual < descent.residual { descent = finer }
    }
    return place(descent.point, level: level, gradientAcross: descent.residual)
  }

  private func place(_ point: [Double], level: Double, gradientAcross: Double) -> Place {
    let normal = parameter.gradient(at: point)
    return Place(
      level: level,
      slope: inner(landscape.gradient(at: point), normal) / inner(normal, normal), point: point,
      energy: landscape.energy(at: point), gradientAcross: gradientAcross)
  }

  private func descend(
    from start: [Double], at level: Double, tolerance: Double, steps: Int
  ) throws -> ImplicitDescent {
    try ImplicitDescent(
      from: start, scale: scale, tolerance: tolerance * scale * (1 + norm(start)),
      maximumSteps: steps
    ) { point in try look(at: point, level: level) }
  }

  private func look(at point: [Double], level: Double) throws -> ImplicitDescent.Look {
    let normal = parameter.gradient(at: point)
    let length = norm(normal)
    let unit = normal.map { $0 / length }
    let slope = landscape.gradient(at: point)
    let along = inner(slope, unit)
    let curvature = try tilted(along / length, point)
    func across(_ vector: [Double]) -> [Double] {
      let share = inner(vector, unit)
      return zip(vector, unit).map { $0 - share * $1 }
    }
    let force = across(slope.map { -$0 })
    // Back to the level, and the slopes across that come of it.
    let missing = level - parameter.energy(at: point)
    let move = unit.map { missing / length * $0 }
    return ImplicitDescent.Look(
      force: zip(force, across(curvature(move))).map { $0 - $1 },
      residual: max(norm(force), scale * abs(missing) / length), correction: move,
      curvature: SymmetricOperator(dimension: point.count) { across(curvature($0)) })
  }
}
