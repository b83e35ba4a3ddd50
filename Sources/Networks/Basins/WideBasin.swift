public import Escapes
public import Landscapes
import NumericalMethods

/// What is known of an escape where D is too large for dense spectra.
public protocol WideEscape: FeatureLoss {
  /// The state that is left.
  var minimum: WideState { get }
  /// The saddle on the way out.
  var saddle: WideState { get }
  /// The state behind it, where descent ends.
  var behind: WideState { get }
  /// From the minimum to the saddle: q, θ and E.
  var valley: [(overlap: Double, point: [Double], energy: Double)] { get }
  /// The largest |∇E| across ∇q on it.
  var gradientAcross: Double { get }
}

/// Losing a feature of a network with too many weights for dense spectra: its minimum, and the saddle found by a walk along
/// the lowest states at each overlap with the feature (`ValleyWalk`).
///
/// There are barriers and runs, but no theory of the rate: that takes all eigenvalues. What is asked of the saddle is
/// verified: descent to one side of it comes back to the energy of the minimum, to the other side the feature is lost.
///
/// Validity: a loss that is twice differentiable (not `relu`). Energies are known to |∇E|²/2ω in each mode, ω its curvature;
/// soft modes are relaxed as far as the flow moves them in some thousand times 1/ω_max.
public struct WideBasin<Landscape: NetworkLandscape>: WideEscape {
  public let landscape: Landscape
  public let feature: Int
  public let learned: [Double]
  public let product: [Double]
  public let target: TargetSet<LearnedFeature>
  public let minimum: WideState
  public let saddle: WideState
  public let behind: WideState
  public let valley: [(overlap: Double, point: [Double], energy: Double)]
  public let gradientAcross: Double
  public let notes: [String]
  public let memo = Memo()

  /// Gradients of all samples are held in memory; see `SampleGradients`.
  public static var largestDimension: Int { 50_000 }

  /// - Parameters:
  ///   - start: weights in the basin.
  ///   - feature: which is lost, from 1; by default the weakest that is learned.
  ///   - startIsGiven: whether it is worth a note how far the start was from rest.
  ///   - notes: what must be known of the data.
  /// - Throws: `InvalidInput` where the start does not fit or holds no such feature, or there are too many weights;
  ///   `NumericalFailure` where no saddle is found.
  public init(
    _ landscape: Landscape, near start: [Double], losing feature: Int? = nil,
    startIsGiven: Bool = true, notes: [String] = []
  ) throws {
    guard landscape.dimension <= Self.largestDimension else {
      throw InvalidInput(
        "a saddle in \(landscape.dimension) weights takes too long; states are looked for up to \(Self.largestDimension), so use a smaller network"
      )
    }
    let first = try FeatureStart(landscape, near: start, losing: feature) { start in
      let gentle = try landscape.gentleDescent(
        from: start, tolerance: 1e-5, maximumSteps: Self.gentleSteps)
      guard !gentle.hasConverged else { return (gentle.point, gentle.steps, gentle.point) }
      let scale = try landscape.largestCurvature(at: gentle.point)
      let rest = try landscape.implicitDescent(
        from: gentle.point, scale: scale, tolerance: 1e-5)
      guard rest.hasConverged else {
        throw NumericalFailure(
          "the start did not come to rest: |∇E| is still \(brief(rest.gradientNorm)); train it further (train --start, --save-weights)"
        )
      }
      return (rest.point, gentle.steps, rest.point)
    }
    var notes = notes + (startIsGiven ? first.notes : [])
    let samples = landscape.samples
    let overlap = try FeatureOverlap(of: samples, losing: first.feature, at: first.point)
    let scale = try landscape.largestCurvature(at: first.point)
    let walk = try ValleyWalk(
      on: landscape, lowering: overlap, from: first.point, scale: scale
    ) { multiplier, point in
      try overlap.curvature(of: samples, less: multiplier, at: point)
    }
    let top = walk.places[0]
    let saddle = walk.places.last!
    guard saddle.energy > top.energy else {
      throw NumericalFailure(
        "the climb from the valley ended \(sixDigits(top.energy - saddle.energy)) below the minimum, at another saddle; start from another minimum, or relax the start further"
      )
    }
    minimum = try WideState(landscape, at: top.point)
    self.saddle = try WideState(landscape, at: saddle.point)
    let atSaddle = try samples.learnedFeatures(at: saddle.point).values
    target = TargetSet(
      try LearnedFeature(samples: landscape.watched, rank: first.feature), .below,
      BasinEscape<Landscape>.clockShare * atSaddle[first.feature - 1])

    // Down from the saddle to both sides.
    let ends = try landscape.featureEnds(
      behind: saddle.point, along: self.saddle.lowestMode, scale: scale, tolerance: 1e-5,
      rank: first.feature)
    product = ends.lost.point
    behind = try WideState(landscape, at: product)
    let barrier = saddle.energy - top.energy
    guard ends.lost.learned < target.threshold else {
      throw NumericalFailure(
        "the saddle that was found, \(sixDigits(barrier)) above the minimum, is not that of the feature's loss: descent from it keeps it on both sides (σ = \(sixDigits(ends.lost.learned)) where it ends); start from another minimum or choose another β"
      )
    }
    let back = landscape.energy(at: ends.kept.point)
    if abs(back - top.energy) > 0.01 * barrier {
      notes.append(
        "descent from the saddle back ends at E = \(sixDigits(back)), \(sixDigits(abs(back - top.energy))) \(back < top.energy ? "below" : "above") the minimum: in a neighbouring state, or further along soft modes of the same; the barrier from there is another"
      )
    }
    let uncertainty = max(minimum.energyUncertainty, self.saddle.energyUncertainty)
    notes.append(
      "the barrier is known to \(brief(uncertainty)) at worst, \(brief(100 * uncertainty / barrier)) % of it: |∇E|²/2ω, were all of the gradient that is left along the softest mode"
    )
    if self.saddle.stiffIndex != 1 {
      notes.append(
        "the saddle has \(self.saddle.stiffIndex) stiff negative modes where it should have one")
    }
    self.landscape = landscape
    self.feature = first.feature
    learned = first.learned
    valley = walk.places.map { ($0.level, $0.point, $0.energy) }
    gradientAcross = walk.places.map(\.gradientAcross).max()!
    self.notes = notes
  }

  /// Explicit steps before implicit ones take over.
  private static var gentleSteps: Int { 3000 }

  public var start: [Double] { minimum.point }

  public var minimumEnergyPath: MinimumEnergyPath? { nil }

  public var timeStep: Double { 0.02 / minimum.highest[0] }

  public var knownBarrierHeight: Double? { saddle.energy - minimum.energy }

  /// - Throws: `NumericalFailure`: the whole spectra of these states are not known.
  public func passes() throws -> [Pass] {
    throw NumericalFailure(
      "theories of the rate take all eigenvalues of minimum and saddle, which are computed up to \(BasinEscape<Landscape>.largestDimension) weights, but the network has \(landscape.dimension); its barrier is known (barrier), and so are its runs (escape)"
    )
  }
}
