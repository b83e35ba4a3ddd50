import NumericalMethods

/// Where a stationary state that is followed in β ends, or gains or loses an unstable mode.
///
/// ```
/// ∇E(θ(s); β(s)) = 0,   H u = ω u
/// fold:          dβ/ds = 0             the state ends; it merges with another one
/// bifurcation:   ω = 0,  dβ/ds ≠ 0     the state goes on, with one unstable mode u more or less
/// ```
///
/// A bifurcation needs a reason, mostly a symmetry that the state has and its neighbours lack: a pitchfork. A state without
/// such a symmetry ends at a fold. One that lacks the symmetry may meet its mirror image where dβ/ds = 0 too, and goes on as
/// the symmetric state between both: no limit.
///
/// Validity: E three times differentiable (no `relu`), a dense Hessian, D up to some hundreds.
///
/// Source: H. B. Keller, in Applications of Bifurcation Theory (Academic, 1977), pp. 359–384; R. Seydel, Practical
/// Bifurcation and Stability Analysis, 3rd ed. (Springer, 2010), chapters 2 and 5.
public struct StabilityLimit: Sendable {
  /// What happens.
  public enum Kind: String, Sendable {
    case fold, bifurcation
  }

  /// What happens there.
  public let kind: Kind
  /// β.
  public let weightDecay: Double
  /// θ.
  public let point: [Double]
  /// What is left of ω after the search.
  public let curvature: Double
  /// u, of unit length; one of them where a symmetry makes several change at once.
  public let mode: [Double]
  /// How many change at once.
  public let modeCount: Int
  /// Whether the state has more unstable modes behind it, in the direction in which it was followed.
  public let destabilises: Bool
}

/// A stationary state followed in β.
public struct FollowedState: Sendable {
  /// Where it lost or won stability; nil where that did not happen on the way.
  public let limit: StabilityLimit?
  /// How far it was followed: to the limit, or just beyond the end.
  public let weightDecay: Double
  /// θ there.
  public let point: [Double]
}

extension WeightDecayedLandscape {
  /// A state followed in β to its first limit of stability, or to the end of the way.
  ///
  /// Limits are found where the number of negative curvatures changes between two steps, and by regula falsi on that
  /// curvature, or on dβ/ds, along the branch. Modes that are held (`BorderedStep`) and exact zero modes do not count.
  ///
  /// - Parameters:
  ///   - start: close to the state at this β, which need not be a minimum.
  ///   - end: the β up or down to which it is followed.
  ///   - accepts: whether a bifurcation is one that is looked for; where it is not the state is followed on, which it
  ///     cannot be beyond a fold.
  /// - Throws: `NumericalFailure` where no state is found close to the start, or it cannot be followed.
  public func followed(
    from start: [Double], to end: Double, options: ContinuationOptions = .standard,
    until accepts: (StabilityLimit) throws -> Bool = { _ in true }
  ) throws -> FollowedState {
    var failure: (any Error)?
    // Soft modes follow where they can; where they lead astray they are held.
    for softness in [1e-9, 1e-5, 1e-4] {
      do {
        return try followed(
          from: state(near: start, softness: softness), to: end, softness: softness,
          options: options, until: accepts)
      } catch let error as NumericalFailure { failure = failure ?? error }
    }
    throw failure!
  }

  private func followed(
    from state: [Double], to end: Double, softness: Double, options: ContinuationOptions,
    until accepts: (StabilityLimit) throws -> Bool
  ) throws -> FollowedState {
    let isRising = end > weightDecay
    func isOnTheWay(_ beta: Double) -> Bool { isRising ? beta <= end : beta >= end }
    var tracer = try BranchTracer(
      self, from: state, softness: softness, isRising: isRising, options: options)
    for _ in 0..<options.maximumSteps {
      let before = tracer
      try tracer.advance()
      let turns = tracer.place.slope * before.place.slope < 0
      let last = turns ? try before.fold(beyond: tracer) : tracer
      for limit in try before.bifurcations(before: last) where isOnTheWay(limit.weightDecay) {
        if try accepts(limit) { return FollowedState(endingAt: limit) }
      }
      guard isOnTheWay(last.place.weightDecay) else {
        return FollowedState(
          limit: nil, weightDecay: last.place.weightDecay, point: last.place.point)
      }
      guard turns else { continue }
      let fold = last.foldLimit
      guard before.meetsItsImage(at: last, before: tracer) else {
        return FollowedState(endingAt: fold)
      }
      // The state goes on as the one between both images.
      let rest = end - fold.weightDecay
      let next = fold.weightDecay + min(1e-3, 0.1 * abs(rest)) * (isRising ? 1 : -1)
      return try with(weightDecay: next).followed(
        from: fold.point, to: end, options: options, until: accepts)
    }
    throw NumericalFailure(
      "the state was followed from β = \(brief(weightDecay)) to \(brief(tracer.place.weightDecay)) in \(options.maximumSteps) steps; allow more steps or longer ones"
    )
  }

  /// The stationary state close to a point, by Newton's method in the modes that are not soft.
  ///
  /// - Throws: `NumericalFailure` where there is none, or it is not close.
  private func state(near start: [Double], softness: Double) throws -> [Double] {
    var expansion = try LocalExpansion(of: self, at: start)
    var residual = Double.infinity
    for _ in 0..<30 {
      let threshold = softness * expansion.largestCurvature
      let slopes = zip(expansion.components(of: expansion.gradient), expansion.curvatures)
        .map { abs($1) > threshold ? $0 : 0 }
      let size = relativeResidual(
        norm(slopes), curvature: expansion.largestCurvature, point: expansion.point)
      if size < 1e-13 || (size < 1e-10 && size > 0.3 * residual) { return expansion.point }
      residual = size
      let step = expansion.vector(
        components: zip(slopes, expansion.curvatures).map { $0 == 0 ? 0 : -$0 / $1 })
      let next = zip(expansion.point, step).map { $0 + $1 }
      guard distance(next, start) < 0.1 * (1 + norm(start)) else { break }
      expansion = try LocalExpansion(of: self, at: next)
    }
    throw NumericalFailure(
      "Newton's method found no stationary state close to |θ| = \(brief(norm(start))) at β = \(brief(weightDecay)); start nearer to one"
    )
  }
}

extension FollowedState {
  fileprivate init(endingAt limit: StabilityLimit) {
    self.init(limit: limit, weightDecay: limit.weightDecay, point: limit.point)
  }
}

extension BranchTracer {
  /// Whether dβ/ds vanishes between this place and one beyond because the state meets its mirror image, on which the branch
  /// turns back: the curvature of the mode along which they meet keeps its sign, where at a fold it changes.
  func meetsItsImage(at turn: BranchTracer, before other: BranchTracer) -> Bool {
    let mode = turn.place.tangent
    return expansion.curvature(along: mode) * other.expansion.curvature(along: mode) > 0
  }

  /// The limit at this place, which is a fold. There dβ/ds = 0, so the tangent is the mode.
  fileprivate var foldLimit: StabilityLimit {
    StabilityLimit(
      kind: .fold, weightDecay: place.weightDecay, point: place.point,
      curvature: expansion.curvature(along: place.tangent), mode: place.tangent, modeCount: 1,
      destabilises: true)
  }

  /// Where the number of unstable modes changes on the way to another place, in order.
  fileprivate func bifurcations(before other: BranchTracer) throws -> [StabilityLimit] {
    let tolerance = max(HessianSpectrum.standardTolerance, softness)
    let here = expansion.unstableModes(tolerance)
    let there = other.expansion.unstableModes(tolerance)
    let destabilises = there.count > here.count
    let (more, fewer) = destabilises ? (there, here) : (here, there)
    // Those that the other side has not: modes keep their directions, not their order. The mode of a fold at the end is
    // not one of them.
    let endsAtFold = abs(other.place.slope) < 1e-6
    var crossing = more.sorted { fewer.share(of: $0) < fewer.share(of: $1) }
      .prefix(more.count - fewer.count)
      .filter { !endsAtFold || abs(inner($0, other.place.tangent)) < 0.7 }
    var limits = [StabilityLimit]()
    while let mode = crossing.popLast() {
      let found = try zero(before: other, tolerance: 0) { $1.curvature(along: mode) }
      let count = crossing.count
      crossing.removeAll {
        abs(found.expansion.curvature(along: $0)) < 1e-7 * found.expansion.largestCurvature
      }
      limits.append(
        StabilityLimit(
          kind: .bifurcation, weightDecay: found.place.weightDecay, point: found.place.point,
          curvature: found.expansion.curvature(along: mode), mode: mode,
          modeCount: 1 + count - crossing.count, destabilises: destabilises))
    }
    let sign = place.slope
    return limits.sorted { sign * $0.weightDecay < sign * $1.weightDecay }
  }
}

extension [[Double]] {
  /// Of orthonormal vectors: how much of a unit vector they span.
  fileprivate func share(of vector: [Double]) -> Double {
    reduce(0) { sum, mode in
      let overlap = inner(mode, vector)
      return sum + overlap * overlap
    }
  }
}

extension LocalExpansion {
  /// The modes with negative curvature beyond a share of the largest.
  fileprivate func unstableModes(_ tolerance: Double) -> [[Double]] {
    curvatures.indices.prefix { curvatures[$0] < -tolerance * largestCurvature }
      .map { directions.column($0) }
  }

  /// ω of the mode that is most like another one.
  fileprivate func curvature(along mode: [Double]) -> Double {
    let shares = components(of: mode)
    return curvatures[shares.indices.max { abs(shares[$0]) < abs(shares[$1]) }!]
  }
}
