import NumericalMethods

/// A branch of stationary states of ∇E(θ; β) = 0, followed from a minimum up in β, round the fold where the minimum ends,
/// and back down along the saddles that it merges with.
///
/// ```
/// ∇E = 0,   τ·(Δθ, Δβ) = Δs      pseudo-arclength: along the branch β goes up and down again
/// dβ/ds = 0                      the fold, or spinodal: the metastable state ends there
/// ΔE ∝ (β_c − β)^{3/2}           beside a fold of a smooth landscape
/// ```
///
/// Validity: E three times differentiable (no `relu`), a dense Hessian, D up to some hundreds. The saddles may have an
/// index above 1: modes that went soft on the way are negative there, and the saddle with the lowest energy lies a rotation
/// away.
///
/// Source: H. B. Keller, in Applications of Bifurcation Theory (Academic, 1977), pp. 359–384; the exponent: R. L. Kautz,
/// J. Appl. Phys. 62, 198 (1987).
public struct EquilibriumBranch: Sendable {
  /// A state of the branch.
  public struct Place: Sendable {
    /// β.
    public let weightDecay: Double
    /// θ.
    public let point: [Double]
    /// E.
    public let energy: Double
    /// ω, ascending.
    public let curvatures: [Double]
    /// dβ/ds: positive on the way up, negative behind the fold.
    public let slope: Double
    /// s along the branch, in (θ, β).
    public let arcLength: Double
    /// τ without its β.
    let tangent: [Double]

    fileprivate func shifted(by offset: Double) -> Place {
      Place(
        weightDecay: weightDecay, point: point, energy: energy, curvatures: curvatures,
        slope: slope, arcLength: arcLength + offset, tangent: tangent)
    }

    /// How many modes have negative curvature, zero modes apart.
    public var index: Int {
      let largest = curvatures.reduce(0) { max($0, abs($1)) }
      return curvatures.prefix { $0 < -1e-7 * largest }.count
    }
  }

  /// In order, from the first minimum.
  public let places: [Place]
  /// Where the minimum ends; nil where the branch was not followed that far.
  public let fold: Place?

  fileprivate init(places: [Place], fold: Place?) {
    self.places = places
    self.fold = fold
  }

  /// A state that has met its mirror image, on which its branch would turn back, and goes on as the one between both.
  ///
  /// - Parameter rest: of that, from a β just above.
  fileprivate init(
    _ places: [Place], goingOnFrom turn: Place, rest: (_ weightDecay: Double) throws -> Self
  ) throws {
    let between = try rest(turn.weightDecay * (1 + 1e-4))
    // On along the chord to the first of its places.
    let first = between.places[0]
    let gap = distance(first.point, places.last!.point)
    let offset = places.last!.arcLength + gap - first.arcLength
    self.init(
      places: places + between.places.map { $0.shifted(by: offset) },
      fold: between.fold?.shifted(by: offset))
  }

  /// Up to the fold.
  public var minima: [Place] { places.filter { $0.slope > 0 } }
  /// From the fold on.
  public var saddles: [Place] { places.filter { $0.slope < 0 } }
}

/// How a branch is followed.
public struct ContinuationOptions: Sendable {
  /// The first step along s, in units of 1 + |θ|; it then adapts.
  public private(set) var firstStep = 0.01
  /// The longest step, in the same units.
  public private(set) var largestStep = 0.1
  /// Steps after which a branch is given up.
  public private(set) var maximumSteps = 400

  /// 0.01, 0.1 and 400 steps.
  public static let standard = ContinuationOptions()

  private init() {}

  /// - Throws: `InvalidInput` unless all are positive and the first step is not the longest.
  public init(
    firstStep: Double = standard.firstStep, largestStep: Double = standard.largestStep,
    maximumSteps: Int = standard.maximumSteps
  ) throws {
    try Require.positive("first step of the continuation", firstStep)
    try Require.positive("longest step of the continuation", largestStep)
    try Require.atLeast(1, "maximum number of steps", maximumSteps)
    self.firstStep = firstStep
    self.largestStep = max(firstStep, largestStep)
    self.maximumSteps = maximumSteps
  }
}

extension WeightDecayedLandscape {
  /// The branch of a minimum at this β: up round the fold and down to β again, or to `end`.
  ///
  /// - Parameters:
  ///   - start: near a minimum; it is relaxed first.
  ///   - end: the β at which the saddles are followed no further; this landscape's where it is left out.
  ///   - ceiling: β beyond which there is no fold to look for.
  /// - Throws: `NumericalFailure` where no minimum is found, the branch has no fold below the ceiling, or it cannot be
  ///   followed.
  public func branch(
    from start: [Double], downTo end: Double? = nil, ceiling: Double = 10,
    options: ContinuationOptions = .standard
  ) throws -> EquilibriumBranch {
    try branch(
      from: start, downTo: end ?? weightDecay, ceiling: ceiling, images: 2, options: options)
  }

  /// - Parameter images: how often the state may meet its mirror image and go on.
  private func branch(
    from start: [Double], downTo end: Double, ceiling: Double, images: Int,
    options: ContinuationOptions
  ) throws -> EquilibriumBranch {
    let bottom = try restingState(near: start).point
    var failure: (any Error)?
    // Soft modes follow where they can; where they lead astray they are held.
    for softness in [1e-9, 1e-5, 1e-4] {
      do {
        return try branch(
          of: bottom, downTo: end, ceiling: ceiling, softness: softness, images: images,
          options: options)
      } catch let error as NumericalFailure { failure = failure ?? error }
    }
    throw failure!
  }

  private func branch(
    of minimum: [Double], downTo end: Double, ceiling: Double, softness: Double, images: Int,
    options: ContinuationOptions
  ) throws -> EquilibriumBranch {
    var tracer = try BranchTracer(self, from: minimum, softness: softness, options: options)
    var places = [tracer.place]
    var fold: EquilibriumBranch.Place?
    while true {
      guard places.count <= options.maximumSteps else {
        throw NumericalFailure(
          "the branch was followed from β = \(brief(places[0].weightDecay)) to \(brief(tracer.place.weightDecay)) in \(options.maximumSteps) steps without an end; allow more steps or longer ones"
        )
      }
      let before = tracer
      try tracer.advance()
      if fold == nil {
        guard tracer.place.weightDecay < ceiling else {
          throw NumericalFailure(
            "the minimum has no fold below β = \(brief(ceiling)); raise the ceiling, or follow another minimum"
          )
        }
        if tracer.place.slope < 0 {
          let turn = try before.fold(beyond: tracer)
          guard !before.meetsItsImage(at: turn, before: tracer) else {
            guard images > 0 else {
              throw NumericalFailure(
                "the branch turns at β = \(brief(turn.place.weightDecay)) where the minimum meets its mirror image, as units become alike or idle, and no state between both was found; follow another minimum"
              )
            }
            return try EquilibriumBranch(places, goingOnFrom: turn.place) { beta in
              try with(weightDecay: beta).branch(
                from: turn.place.point, downTo: end, ceiling: ceiling, images: images - 1,
                options: options)
            }
          }
          fold = turn.place
          places.append(fold!)
        }
      }
      places.append(tracer.place)
      if fold != nil, tracer.place.weightDecay <= end { break }
      if fold != nil, tracer.place.slope > 0 {
        // A second fold: the saddles turn up again before they reach the end.
        break
      }
    }
    return EquilibriumBranch(places: places, fold: fold)
  }

  /// The state of a branch at one β, on the side of the minima or of the saddles, to roundoff; nil where the branch does not
  /// come there.
  public func state(
    on branch: EquilibriumBranch, at weightDecay: Double, amongSaddles: Bool
  ) throws -> StationaryPoint? {
    // From the fold on, or up to it; the fold itself belongs to both.
    guard
      let turn = branch.places.firstIndex(where: { $0.slope <= 0 })
        ?? (amongSaddles ? nil : branch.places.count - 1)
    else { return nil }
    let side = amongSaddles ? Array(branch.places[turn...]) : Array(branch.places[...turn])
    for (a, b) in zip(side, side.dropFirst())
    where min(a.weightDecay, b.weightDecay) <= weightDecay
      && weightDecay <= max(a.weightDecay, b.weightDecay)
    {
      let member = try with(weightDecay: weightDecay)
      let guess = Self.interpolation(a, b, weightDecay)
      return try member.stationaryPoint(near: guess)
    }
    return nil
  }

  /// θ between two places: β is a cubic in s by its values and slopes, and θ another one.
  private static func interpolation(
    _ a: EquilibriumBranch.Place, _ b: EquilibriumBranch.Place, _ weightDecay: Double
  ) -> [Double] {
    let width = b.arcLength - a.arcLength
    func cubic(_ t: Double, _ y0: Double, _ y1: Double, _ m0: Double, _ m1: Double) -> Double {
      let (t2, t3) = (t * t, t * t * t)
      return (2 * t3 - 3 * t2 + 1) * y0 + (t3 - 2 * t2 + t) * width * m0
        + (3 * t2 - 2 * t3) * y1 + (t3 - t2) * width * m1
    }
    var (low, high) = (0.0, 1.0)
    let rises = b.weightDecay > a.weightDecay
    for _ in 0..<60 {
      let t = 0.5 * (low + high)
      let beta = cubic(t, a.weightDecay, b.weightDecay, a.slope, b.slope)
      if (beta < weightDecay) == rises { low = t } else { high = t }
    }
    let t = 0.5 * (low + high)
    return a.point.indices.map {
      cubic(t, a.point[$0], b.point[$0], a.tangent[$0], b.tangent[$0])
    }
  }
}

extension EnergyLandscape {
  /// The stationary point that Newton's method finds from a point close to it, of whatever index.
  ///
  /// - Throws: `NumericalFailure` where it does not converge.
  package func stationaryPoint(near guess: [Double]) throws -> StationaryPoint {
    var expansion = try LocalExpansion(of: self, at: guess)
    for _ in 0..<30 {
      if expansion.residual < 1e-13 { break }
      let threshold = 1e-10 * expansion.largestCurvature
      let slopes = expansion.components(of: expansion.gradient)
      let step = expansion.vector(
        components: zip(slopes, expansion.curvatures).map { abs($1) > threshold ? -$0 / $1 : 0 })
      let next = try LocalExpansion(of: self, at: zip(expansion.point, step).map { $0 + $1 })
      if expansion.residual < 1e-10 && next.residual >= 0.5 * expansion.residual { break }
      expansion = next
    }
    guard expansion.residual < 1e-9 else {
      throw NumericalFailure(
        "Newton's method found no stationary point near |θ| = \(brief(norm(guess))): |∇E| is \(brief(norm(expansion.gradient))) after 30 steps"
      )
    }
    return try StationaryPoint(expansion, zeroTolerance: HessianSpectrum.standardTolerance)
  }
}
