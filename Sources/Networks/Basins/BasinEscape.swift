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
  public let branch: EquilibriumBranch
  public let branchSaddle: StationaryPoint
  public let saddle: StationaryPoint
  public let notes: [String]
  public let memo = Memo()

  /// A dense eigensystem at every step of a branch: minutes at this D.
  public static var largestDimension: Int { 1200 }

  /// The saddle of index 1 is searched for up to this D.
  private static var largestSearched: Int { 300 }

  /// - Parameters:
  ///   - start: weights in the basin.
  ///   - feature: which is lost, from 1; by default the weakest that is learned.
  ///   - notes: what must be known of the data.
  /// - Throws: `InvalidInput` where the start does not fit, holds no such feature, or the activation has a kink;
  ///   `NumericalFailure` where the basin has no fold, or the branch is lost.
  public init(
    _ landscape: Landscape, near start: [Double], losing feature: Int? = nil, notes: [String] = []
  ) throws {
    guard landscape.architecture.activation != .relu else {
      throw InvalidInput(
        "the Hessian of relu units is not defined at their kinks, so states cannot be followed; use a smooth activation such as gelu, or follow them by a sweep (phase-diagram)"
      )
    }
    try Require.positive("weight decay β", landscape.weightDecay)
    guard landscape.dimension <= Self.largestDimension else {
      throw InvalidInput(
        "following the states of \(landscape.dimension) weights takes dense spectra, which are made up to \(Self.largestDimension); use a smaller network"
      )
    }
    var notes = notes
    let relaxed = try landscape.gentleDescent(from: start, tolerance: 1e-5)
    let moved = distance(relaxed.point, start)
    if moved > 1e-4 * (1 + norm(start)) {
      notes.append(
        "the start was no minimum (|∇E| = \(sixDigits(norm(landscape.gradient(at: start))))) and was relaxed to one by \(relaxed.steps) steps of descent, \(sixDigits(moved)) away"
      )
    }
    let minimum = try landscape.restingState(near: relaxed.point)
    if minimum.negativeCount > 0 {
      notes.append(
        "the start has \(minimum.negativeCount) soft modes of negative curvature (the lowest \(sixDigits(minimum.eigenvalues[0]))): equal or idle units, which nothing splits as long as no noise reaches them"
      )
    }
    let samples = landscape.samples
    let learned = try samples.learnedFeatures(at: minimum.point).values
    let rank = learned.filter { $0 > LearnedFeature.smallest }.count
    let feature = feature ?? rank
    guard rank > 0, feature >= 1 else {
      throw InvalidInput(
        "the start relaxes to a state without a learned feature at β = \(landscape.weightDecay), so there is none to lose; start from trained weights or from other random ones, or choose a smaller β"
      )
    }
    guard feature <= rank else {
      throw InvalidInput(
        "feature \(feature) is not learned at the start, which holds \(rank); choose one of those")
    }
    let branch = try landscape.branch(from: minimum.point)
    guard
      let saddle = try landscape.state(on: branch, at: landscape.weightDecay, amongSaddles: true)
    else {
      throw NumericalFailure(
        "the branch of the minimum turns again before it comes back to β = \(landscape.weightDecay), so it has no saddle there; choose a β closer to its fold at \(sixDigits(branch.fold!.weightDecay))"
      )
    }
    let atSaddle = try samples.learnedFeatures(at: saddle.point).values
    guard
      let lost = atSaddle.indices.max(by: {
        learned[$0] - atSaddle[$0] < learned[$1] - atSaddle[$1]
      }),
      lost + 1 == feature
    else {
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
    let (lowest, remark) = Self.lowestSaddle(landscape, from: saddle)
    self.branch = branch
    branchSaddle = saddle
    self.saddle = lowest
    if let remark { notes.append(remark) }
    product = try Self.product(landscape, behind: lowest, rank: feature)
    self.notes = notes
  }

  /// The saddle of index 1 near one of a higher index: off it along one of its other negative modes, climbing the first.
  private static func lowestSaddle(
    _ landscape: Landscape, from branchSaddle: StationaryPoint
  ) -> (StationaryPoint, remark: String?) {
    guard branchSaddle.negativeCount > 1,
      let expansion = try? landscape.hessian(at: branchSaddle.point).symmetricEigensystem()
    else { return (branchSaddle, nil) }
    let up = expansion.vectors.column(0)
    // Soft modes take a search some hundred steps, each with a dense spectrum.
    let options = (try? StationarySearchOptions(maximumSteps: 400)) ?? .standard
    var best: StationaryPoint?
    for (mode, share) in [(1, 0.05), (1, -0.05), (2, 0.15)]
    where best == nil && mode < branchSaddle.negativeCount
      && landscape.dimension <= largestSearched
    {
      let length = share * (1 + norm(branchSaddle.point))
      let off = expansion.vectors.column(mode)
      let start = zip(branchSaddle.point, off).map { $0 + length * $1 }
      guard let found = try? landscape.saddle(from: start, along: up, options: options) else {
        continue
      }
      // The softest modes may not let it be known to roundoff.
      let point = found.stationaryPoint
      if point.isSaddle, found.isConverged || point.relativeGradient < 1e-8,
        point.energy < branchSaddle.energy
      {
        best = point
      }
    }
    guard let best else {
      return (
        branchSaddle,
        "the saddle of the branch has index \(branchSaddle.negativeCount), and no saddle of index 1 was found beside it"
      )
    }
    return (
      best,
      "the saddle of the branch has index \(branchSaddle.negativeCount); the saddle of index 1 lies \(sixDigits(distance(best.point, branchSaddle.point))) away, \(sixDigits(branchSaddle.energy - best.energy)) lower"
    )
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

  public var name: String {
    let architecture = landscape.architecture
    return
      "feature \(feature) of \(architecture.activation.rawValue) \(hyphenated(architecture.widths))"
  }

  public var title: String {
    "Losing \(name) at β = \(sixDigits(landscape.weightDecay))"
  }

  public var clockStop: String { "the loss of the feature" }

  public var stopDescription: String {
    "σ_\(feature) of ⟨f xᵀ⟩ falls to \(sixDigits(target.threshold)), a fifth of its value at the saddle"
  }

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
