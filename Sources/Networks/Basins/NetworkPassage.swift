public import Escapes
public import Landscapes
import NumericalMethods

/// The passage of a network from one minimum to another that is given: the path of least energy between them and its saddles.
///
/// Both ends are relaxed gently. The second is then replaced by that of its copies under permutations, signs or rotations of
/// hidden units which lies nearest to the first (``NetworkArchitecture/nearestCopy(of:to:)``): between copies further apart
/// the path would turn units round as well.
///
/// Validity: a loss that is twice differentiable (not `relu`), dense spectra. The path is the one that the chord relaxes to;
/// another one may have a lower pass.
public struct NetworkPassage<Landscape: NetworkLandscape>: Sendable {
  public let landscape: Landscape
  /// Relaxed by the string method, from the start to the end.
  public let path: MinimumEnergyPath
  /// Where its profile has maxima: saddles, of whatever index.
  public let saddlesOnPath: [StationaryPoint]
  /// The saddles of index 1, those of the path or lower ones beside them, each with the minima on both sides.
  public let passes: [Pass]
  /// σ of ⟨f xᵀ⟩ at both ends, strongest first.
  public let learned: (start: [Double], end: [Double])
  /// What was done to the ends.
  public let notes: [String]

  /// - Parameters:
  ///   - start, end: weights in the two basins.
  ///   - notes: what must be known of the data.
  /// - Throws: `InvalidInput` where the weights do not fit, both relax to one state or a copy of it, or there are too many;
  ///   `NumericalFailure` where the path or a saddle on it is not found.
  public init(
    _ landscape: Landscape, from start: [Double], to end: [Double], notes: [String] = []
  ) throws {
    try requireSmooth(landscape.architecture)
    try Require.positive("weight decay β", landscape.weightDecay)
    guard landscape.dimension <= BasinEscape<Landscape>.largestDimension else {
      throw InvalidInput(
        "a path between two minima of \(landscape.dimension) weights takes dense spectra, which are made up to \(BasinEscape<Landscape>.largestDimension); leave the end out, and the saddle is looked for without them"
      )
    }
    var notes = notes
    func relaxed(_ point: [Double], called name: String) throws -> StationaryPoint {
      let gentle = try landscape.gentleDescent(from: point, tolerance: 1e-5)
      let rest = try landscape.restingState(near: gentle.point)
      notes += relaxationNotes(
        landscape, name: name, from: point, to: gentle.point, steps: gentle.steps)
      return rest
    }
    let first = try relaxed(start, called: "start")
    let other = try relaxed(end, called: "end")
    let copy = try landscape.architecture.nearestCopy(of: other.point, to: first.point)
    let gap = distance(copy, first.point)
    guard gap > 1e-4 * (1 + norm(first.point)) else {
      throw InvalidInput(
        "start and end relax to the same state (E = \(sixDigits(first.energy))), up to its symmetries, so there is no barrier between them; give weights in two basins"
      )
    }
    let before = distance(other.point, first.point)
    if gap < 0.999 * before {
      notes.append(
        "hidden units of the end were \(landscape.architecture.unitSymmetry) to lie nearest to the start, \(sixDigits(gap)) away instead of \(sixDigits(before))"
      )
    }
    let last = try StationaryPoint(of: landscape, at: copy)
    let path = try landscape.minimumEnergyPath(
      between: first, and: last, options: StringMethodOptions(imageCount: 40))
    if !path.isConverged {
      notes.append(
        "the path did not converge: its perpendicular force is \(sixDigits(path.perpendicularForce)) after \(path.iterations) iterations; the saddles are refined independently of it"
      )
    }
    self.landscape = landscape
    self.path = path
    (saddlesOnPath, passes) = try Self.passes(of: path, on: landscape, notes: &notes)
    learned = (
      try landscape.samples.learnedFeatures(at: first.point).values,
      try landscape.samples.learnedFeatures(at: last.point).values
    )
    self.notes = notes
  }

  /// The passes of the path, over lower saddles where there are some beside its own.
  private static func passes(
    of path: MinimumEnergyPath, on landscape: Landscape, notes: inout [String]
  ) throws -> ([StationaryPoint], [Pass]) {
    let found = path.saddleSearches.map(\.stationaryPoint)
    guard found.contains(where: { $0.negativeCount > 1 && $0.relativeGradient < 1e-8 }) else {
      let passes = try path.passes()
      return (passes.map(\.saddle), passes)
    }
    let minima =
      [path.start] + (try path.intermediateSearches.map { try $0.required() }) + [path.end]
    let saddles = found.enumerated().map { i, saddle in
      let lower = landscape.lowerSaddle(
        than: saddle, above: max(minima[i].energy, minima[i + 1].energy))
      notes += saddleNotes(of: "the path", saddle, lower)
      return lower ?? saddle
    }
    return (
      found, saddles.indices.map { Pass(from: minima[$0], saddle: saddles[$0], to: minima[$0 + 1]) }
    )
  }

  /// The escape from the start to the end.
  ///
  /// Where one feature goes over one saddle it is a ``BasinEscape``, whose theories know the noise across the valley.
  /// Otherwise the clock stops where a feature has come, or where none tells the ends apart half-way down from the last
  /// saddle along the path.
  public func escape() throws -> any Escape {
    let saddle = try landscape.samples.learnedFeatures(at: passes.last!.saddle.point).values
    let change = learned.start.indices.map { learned.end[$0] - learned.start[$0] }
    let most = change.indices.max { abs(change[$0]) < abs(change[$1]) }!
    if passes.count == 1, learned.start[most] > LearnedFeature.smallest,
      learned.end[most] < BasinEscape<Landscape>.clockShare * saddle[most]
    {
      return try BasinEscape(self, losing: most + 1)
    }
    let architecture = landscape.architecture
    let name = "\(architecture.activation.rawValue) \(hyphenated(architecture.widths))"
    if learned.start[most] < LearnedFeature.smallest, learned.end[most] > LearnedFeature.smallest {
      let threshold = 0.5 * (saddle[most] + learned.end[most])
      return PassageEscape(
        self,
        TargetSet(
          try LearnedFeature(samples: landscape.watched, rank: most + 1), .above, threshold),
        name: "gaining feature \(most + 1) of \(name)",
        stop:
          "σ_\(most + 1) of ⟨f xᵀ⟩ rises to \(sixDigits(threshold)), half-way from the saddle to the end"
      )
    }
    let progress = PathProgress(along: path)
    let last = path.turningPoints.maxima.last!
    let threshold = 0.5 * (last + path.arcLengths.last!)
    return PassageEscape(
      self, TargetSet(progress, .above, threshold), name: "the path between two minima of \(name)",
      stop:
        "the arc length along the path rises to \(sixDigits(threshold)), half-way from the last saddle to the end"
    )
  }
}

extension UnitSymmetry: CustomStringConvertible {
  /// What was done to units, as a participle.
  public var description: String {
    switch self {
    case .permutations: "permuted"
    case .signedPermutations, .permutationsAndReflections: "permuted and turned in sign"
    case .rotations: "rotated"
    }
  }
}
