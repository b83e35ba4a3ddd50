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

  /// A dense eigensystem at every step of a branch: minutes at this D.
  public static var largestDimension: Int { 1200 }

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
    let first = try FeatureStart(landscape, near: start, losing: feature) {
      let relaxed = try landscape.gentleDescent(from: $0, tolerance: 1e-5)
      return (try landscape.restingState(near: relaxed.point).point, relaxed.steps)
    }
    let (feature, learned) = (first.feature, first.learned)
    var notes = notes + first.notes
    let minimum = try StationaryPoint(of: landscape, at: first.point)
    if minimum.negativeCount > 0 {
      notes.append(
        "the start has \(minimum.negativeCount) soft modes of negative curvature (the lowest \(sixDigits(minimum.eigenvalues[0]))): equal or idle units, which nothing splits as long as no noise reaches them"
      )
    }
    let samples = landscape.samples
    let branch = try landscape.branch(from: minimum.point)
    guard
      let saddle = try landscape.state(on: branch, at: landscape.weightDecay, amongSaddles: true)
    else {
      throw NumericalFailure(
        "the branch of the minimum turns again before it comes back to β = \(landscape.weightDecay), so it has no saddle there; choose a β closer to its fold at \(sixDigits(branch.fold!.weightDecay))"
      )
    }
    let atSaddle = try samples.learnedFeatures(at: saddle.point).values
    let lost = atSaddle.indices.max {
      learned[$0] - atSaddle[$0] < learned[$1] - atSaddle[$1]
    }!
    let fall = (learned[lost] - atSaddle[lost]) / learned[lost]
    let moves = distance(saddle.point, minimum.point) / norm(minimum.point)
    guard fall > min(Self.smallestFall, Self.slowestFall * moves) else {
      let fold = "β_c = \(sixDigits(branch.fold!.weightDecay))"
      let isMirror =
        saddle.negativeCount == minimum.negativeCount
        && abs(saddle.energy - minimum.energy) < 1e-8 * (1 + abs(minimum.energy))
      throw NumericalFailure(
        isMirror
          ? "the minimum loses no feature at \(fold), where its branch turns: it meets its mirror image there, as units become alike or idle, and goes on beyond; choose a larger β or another start (σ is \(sixDigits(learned)))"
          : "the minimum ends at its fold at \(fold) without losing a feature: on the way to its saddle σ goes from \(sixDigits(learned)) to \(sixDigits(atSaddle)); start from another minimum or choose another β"
      )
    }
    guard lost + 1 == feature else {
      throw NumericalFailure(
        "the fold of this minimum is not that of feature \(feature): on the way to its saddle σ falls from \(sixDigits(learned)) to \(sixDigits(atSaddle)); ask for the feature that falls"
      )
    }
    self.landscape = landscape
    self.minimum = minimum
    self.feature = feature
    self.learned = learned
    target = TargetSet(
      try LearnedFeature(samples: landscape.watched, rank: feature), .below,
      0.2 * atSaddle[feature - 1])
    let lower = landscape.lowerSaddle(than: saddle, above: minimum.energy)
    notes += saddleNotes(of: "the branch", saddle, lower)
    self.branch = branch
    minimumEnergyPath = nil
    branchSaddle = saddle
    self.saddle = lower ?? saddle
    product = try Self.product(landscape, behind: lower ?? saddle, rank: feature)
    self.notes = notes
  }

  /// Of a passage in which a feature goes, over one saddle.
  ///
  /// - Throws: `InvalidInput` where that is not so.
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
      0.2 * (try landscape.samples.learnedFeatures(at: pass.saddle.point).values[feature - 1]))
    branch = nil
    minimumEnergyPath = passage.path
    branchSaddle = passage.saddlesOnPath[0]
    saddle = pass.saddle
    notes = passage.notes
  }

  /// The minimum behind the saddle: of the two descents from it, that in which the feature goes.
  private static func product(
    _ landscape: Landscape, behind saddle: StationaryPoint, rank: Int
  ) throws -> [Double] {
    let down = saddle.leadingDirection
    let step = 0.01 * (1 + norm(saddle.point))
    let ends = try [1.0, -1].map { sign in
      let start = zip(saddle.point, down).map { $0 + sign * step * $1 }
      let point = try landscape.gentleDescent(from: start, maximumSteps: 20_000).point
      return (point, try landscape.samples.learnedFeatures(at: point).values[rank - 1])
    }
    let end = ends.min { $0.1 < $1.1 }!
    let refined = try landscape.refinedMinimum(from: end.0)
    return refined.isConverged ? refined.stationaryPoint.point : end.0
  }

  public var start: [Double] { minimum.point }

  public var timeStep: Double { 0.02 / minimum.largestCurvature }

  public var knownBarrierHeight: Double? { saddle.energy - minimum.energy }

  public func passes() throws -> [Pass] {
    try memo.value("passes") {
      [
        Pass(
          from: minimum, saddle: saddle,
          to: try StationaryPoint(of: landscape, at: product))
      ]
    }
  }

  private func overlap() throws -> FeatureOverlap {
    let features = try landscape.samples.learnedFeatures(at: minimum.point)
    return try FeatureOverlap(
      of: landscape.samples, output: features.left.column(feature - 1),
      input: features.right.column(feature - 1))
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
