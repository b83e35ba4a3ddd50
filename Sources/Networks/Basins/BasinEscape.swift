public import Escapes
public import Landscapes
import NumericalMethods

/// Losing a feature of any network, where nothing is known in closed form: nonlinear units, biases, inputs that are not
/// white, a start that came as a file.
///
/// The start is relaxed gently to its minimum. Continuation in β follows that minimum round its fold to the saddle that it
/// merges with; where modes went soft on the way that saddle has an index above 1, and the saddle of index 1 lies a rotation
/// away. The clock stops where σ_r of ⟨f xᵀ⟩ has fallen to a fifth of the saddle's.
///
/// Validity: a loss that is three times differentiable (not `relu`), dense spectra.
public struct BasinEscape<Landscape: NetworkLandscape>: NetworkBasin {
  public let landscape: Landscape
  public let minimum: StationaryPoint
  public let feature: Int
  /// σ of ⟨f xᵀ⟩ in the minimum, strongest first.
  public let learned: [Double]
  public let product: [Double]
  public let target: TargetSet<LearnedFeature>
  public let branch: EquilibriumBranch?
  public let branchSaddle: StationaryPoint
  public let saddle: StationaryPoint
  public let minimumEnergyPath: MinimumEnergyPath?
  public let notes: [String]
  public let memo = Memo()
  /// Whether descent back from the saddle ends in the minimum.
  private let comesBack: Bool

  /// A dense eigensystem at every step of a branch: minutes at this D.
  public static var largestDimension: Int { 1200 }

  /// The clock stops where σ has fallen to this share of the saddle's.
  static var clockShare: Double { 0.2 }

  /// A feature falls that loses more than this share of σ on the way to the saddle...
  private static var smallestFall: Double { 0.1 }

  /// ... or, beside a fold where both are close, that loses it faster than θ moves: Δσ/σ > this · |Δθ|/|θ|. Of L equal
  /// factors σ falls L^½ times as fast or faster.
  private static var slowestFall: Double { 0.5 }

  /// - Parameters:
  ///   - start: weights in the basin.
  ///   - feature: which is lost, from 1; by default the weakest that is learned.
  ///   - notes: what must be known of the data.
  /// - Throws: `InvalidInput` where the start does not fit, holds no such feature, or the activation has a kink;
  ///   `NumericalFailure` where the basin has no fold, or the branch is lost.
  public init(
    _ landscape: Landscape, near start: [Double], losing feature: Int? = nil, notes: [String] = []
  ) throws {
    guard landscape.dimension <= Self.largestDimension else {
      throw InvalidInput(
        "following the states of \(landscape.dimension) weights takes dense spectra, which are made up to \(Self.largestDimension); use a smaller network"
      )
    }
    let relaxed = try FeatureStart(landscape, near: start, losing: feature) {
      let gentle = try landscape.gentleDescent(from: $0, tolerance: 1e-5)
      return (gentle.point, gentle.steps, try landscape.restingState(near: gentle.point).point)
    }
    let (feature, learned) = (relaxed.feature, relaxed.learned)
    var notes = notes + relaxed.notes
    let minimum = try StationaryPoint(of: landscape, at: relaxed.point)
    if minimum.negativeCount > 0 {
      notes.append(
        "the start has \(minimum.negativeCount) soft modes of negative curvature (the lowest \(sixDigits(minimum.eigenvalues[0]))): equal or idle units, which nothing splits as long as no noise reaches them"
      )
    }
    let samples = landscape.samples
    let way: WayOut
    do {
      way = try Self.way(landscape, onTheBranchOf: minimum, losing: feature, of: learned)
    } catch let failure as NumericalFailure {
      way = try Self.way(
        landscape, alongTheValleyFrom: minimum, losing: feature, since: failure)
    }
    self.landscape = landscape
    self.minimum = minimum
    self.feature = feature
    self.learned = learned
    branch = way.branch
    branchSaddle = way.first
    saddle = way.lowest
    product = way.product
    minimumEnergyPath = nil
    target = TargetSet(
      try LearnedFeature(samples: landscape.watched, rank: feature), .below,
      Self.clockShare * (try samples.learnedFeatures(at: way.first.point).values[feature - 1]))
    comesBack = way.comesBack
    self.notes = notes + way.notes
  }

  /// How a minimum is left.
  private struct WayOut {
    /// Round the fold; nil where the saddle was found in another way.
    let branch: EquilibriumBranch?
    /// The saddle that was found first, of whatever index, and the one of index 1 beside it.
    let first: StationaryPoint
    let lowest: StationaryPoint
    /// The state behind it.
    let product: [Double]
    /// Whether descent back from the saddle ends in the minimum, or where soft modes alone tell it apart.
    let comesBack: Bool
    let notes: [String]
  }

  /// Over the state behind the fold of the minimum's branch at this β, in which the feature falls.
  private static func way(
    _ landscape: Landscape, onTheBranchOf minimum: StationaryPoint, losing feature: Int,
    of learned: [Double]
  ) throws -> WayOut {
    let branch = try landscape.branch(from: minimum.point)
    guard
      let saddle = try landscape.state(on: branch, at: landscape.weightDecay, amongSaddles: true)
    else {
      throw NumericalFailure(
        "the branch of the minimum turns again before it comes back to β = \(landscape.weightDecay), so it has no saddle there; choose a β closer to its fold at \(sixDigits(branch.fold!.weightDecay))"
      )
    }
    let atSaddle = try landscape.samples.learnedFeatures(at: saddle.point).values
    let lost = atSaddle.indices.max {
      learned[$0] - atSaddle[$0] < learned[$1] - atSaddle[$1]
    }!
    let fall = (learned[lost] - atSaddle[lost]) / learned[lost]
    let moves = distance(saddle.point, minimum.point) / norm(minimum.point)
    guard fall > min(smallestFall, slowestFall * moves) else {
      throw NumericalFailure(
        "the minimum ends at its fold at β_c = \(sixDigits(branch.fold!.weightDecay)) without losing a feature: on the way to its saddle σ goes from \(sixDigits(learned)) to \(sixDigits(atSaddle)); start from another minimum or choose another β"
      )
    }
    guard lost + 1 == feature else {
      throw NumericalFailure(
        "the fold of this minimum is not that of feature \(feature): on the way to its saddle σ falls from \(sixDigits(learned)) to \(sixDigits(atSaddle)); ask for the feature that falls"
      )
    }
    let lower = landscape.lowerSaddle(than: saddle, above: minimum.energy)
    let lowest = lower ?? saddle
    let ends = try landscape.featureEnds(behind: lowest, rank: feature)
    guard ends.lost.learned < clockShare * atSaddle[feature - 1] else {
      throw NumericalFailure(
        "behind the saddle that the minimum's branch leads to, \(sixDigits(lowest.energy - minimum.energy)) above it, feature \(feature) is still held (σ = \(sixDigits(ends.lost.learned))): another state with it lies there, not its loss; start from another minimum or choose another β"
      )
    }
    var notes = saddleNotes(of: "the branch", saddle, lower)
    let back = landscape.energy(at: ends.kept.point) - minimum.energy
    let comesBack = abs(back) <= 0.01 * (lowest.energy - minimum.energy)
    if !comesBack {
      notes.append(
        "descent back from the saddle ends \(sixDigits(abs(back))) \(back < 0 ? "below" : "above") the minimum, in a neighbouring state or one between mirror images: the way out of the minimum may lead over another saddle"
      )
    }
    let refined = try landscape.refinedMinimum(from: ends.lost.point)
    return WayOut(
      branch: branch, first: saddle, lowest: lowest,
      product: refined.isConverged ? refined.stationaryPoint.point : ends.lost.point,
      comesBack: comesBack, notes: notes)
  }

  /// Over the saddle at which a walk along the lowest states at each overlap with the feature arrives.
  ///
  /// - Throws: `failure`, the reason why it was looked for in this way, where descent from it does not come back to the
  ///   minimum on one side and lose the feature on the other.
  private static func way(
    _ landscape: Landscape, alongTheValleyFrom minimum: StationaryPoint, losing feature: Int,
    since failure: NumericalFailure
  ) throws -> WayOut {
    let samples = landscape.samples
    let overlap = try FeatureOverlap(of: samples, losing: feature, at: minimum.point)
    guard
      let walk = try? ValleyWalk(
        on: landscape, lowering: overlap, from: minimum.point, scale: minimum.largestCurvature,
        tilted: { try overlap.curvature(of: samples, less: $0, at: $1) }),
      let saddle = try? landscape.stationaryPoint(near: walk.places.last!.point), saddle.isSaddle,
      let ends = try? landscape.featureEnds(behind: saddle, rank: feature)
    else { throw failure }
    let atSaddle = try samples.learnedFeatures(at: saddle.point).values[feature - 1]
    let barrier = saddle.energy - minimum.energy
    guard barrier > 0, ends.lost.learned < clockShare * atSaddle,
      abs(landscape.energy(at: ends.kept.point) - minimum.energy) < 0.01 * barrier
    else { throw failure }
    return WayOut(
      branch: nil, first: saddle, lowest: saddle, product: ends.lost.point, comesBack: true,
      notes: [
        "the saddle was found along the valley, not on the branch of the minimum: \(failure)"
      ])
  }

  /// Of a passage in which a feature goes, over one saddle; ``NetworkPassage/escape()`` has seen to it.
  init(_ passage: NetworkPassage<Landscape>, losing feature: Int) throws {
    let landscape = passage.landscape
    let pass = passage.passes[0]
    self.landscape = landscape
    minimum = pass.from
    self.feature = feature
    learned = passage.learned.start
    product = pass.to.point
    target = TargetSet(
      try LearnedFeature(samples: landscape.watched, rank: feature), .below,
      Self.clockShare
        * (try landscape.samples.learnedFeatures(at: pass.saddle.point).values[feature - 1]))
    branch = nil
    minimumEnergyPath = passage.path
    branchSaddle = passage.saddlesOnPath[0]
    saddle = pass.saddle
    notes = passage.notes
    comesBack = true
  }

  public var start: [Double] { minimum.point }

  public var timeStep: Double { 0.02 / minimum.largestCurvature }

  public var knownBarrierHeight: Double? { saddle.energy - minimum.energy }

  /// Over the saddle, or where that borders on another state than the minimum over all saddles on the way to what lies behind
  /// it, as far as they are found.
  public func passes() throws -> [Pass] {
    try memo.value("passes") {
      let behind = try StationaryPoint(of: landscape, at: product)
      if !comesBack, landscape.dimension <= Self.largestChained,
        let chain = try? PassChain(landscape, from: minimum, to: behind)
      {
        return countingCopies(chain.passes)
      }
      return countingCopies([Pass(from: minimum, saddle: saddle, to: behind)])
    }
  }

  /// Strings of more weights take minutes.
  private static var largestChained: Int { 200 }

  private func overlap() throws -> FeatureOverlap {
    try FeatureOverlap(of: landscape.samples, losing: feature, at: minimum.point)
  }

  public func overlapDirection() throws -> [Double] {
    let gradient = try overlap().gradient(at: minimum.point)
    let length = norm(gradient)
    return gradient.map { $0 / length }
  }

  public func path() throws -> BasinPath {
    try memo.value("path") {
      let overlap = try overlap()
      let saddle = branchSaddle.point
      let (top, bottom) = (overlap.energy(at: minimum.point), overlap.energy(at: saddle))
      let gap = top - bottom
      func levels(_ count: Int, from a: Double, to b: Double) -> [Double] {
        (0...count).map { a + (b - a) * Double($0) / Double(count) }
      }
      let upper = try ConstrainedPath(
        landscape, fixing: overlap,
        at: levels(20, from: bottom, to: top)
          + levels(6, from: top, to: top + 0.4 * gap).dropFirst(),
        from: saddle, softest: BasinPath.softest)
      let lower = try ConstrainedPath(
        landscape, fixing: overlap,
        at: Array(levels(8, from: bottom, to: target.threshold).dropFirst()), from: saddle,
        softest: BasinPath.softest)
      return BasinPath(places: upper.places.reversed() + lower.places, minimum: 6, saddle: 26)
    }
  }
}

extension BasinPath {
  /// Modes softer than this keep the place they have: over an escape of some thousand units of time they hardly relax.
  package static let softest = 2e-4
}
