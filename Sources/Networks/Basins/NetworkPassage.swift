public import Escapes
public import Landscapes
import NumericalMethods

/// The passage of a network from one minimum to another that is given: the path of least energy between them and its saddles.
///
/// Both ends are relaxed gently. The second is then replaced by that of its copies under permutations, signs or rotations of
/// hidden units which lies nearest to the first (``NetworkArchitecture/nearestCopy(of:to:)``): between copies further apart
/// the path would turn units round as well. Every saddle is verified by descent to both sides: it counts as a pass between the
/// states that these lead to, whatever the path looked like, and further paths are laid between the states found until passes
/// lead from the start to the end.
///
/// Validity: a loss that is twice differentiable (not `relu`), dense spectra. Another way may have a lower pass.
public struct NetworkPassage<Landscape: NetworkLandscape>: Sendable {
  public let landscape: Landscape
  /// From the start to the end: relaxed by the string method, or where that does not converge along descents from the saddles.
  public let path: MinimumEnergyPath
  /// Of each pass the saddle that a path proposed, of whatever index.
  public let saddlesOnPath: [StationaryPoint]
  /// The saddles of index 1, those or lower ones beside them, each with the minima that descents from it lead to.
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
        landscape, name: name, from: point, to: gentle.point, steps: gentle.steps,
        rest: rest.point)
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
    let chain = try PassChain(landscape, from: first, to: last)
    self.landscape = landscape
    path = chain.path
    saddlesOnPath = chain.saddlesOnPath
    passes = chain.passes
    notes += chain.notes
    notes.append(
      "other ways may lead out of the start, and over lower saddles: the barrier is this high at most, theories know the passes listed alone, and runs that go elsewhere stop late or never"
    )
    learned = (
      try landscape.samples.learnedFeatures(at: first.point).values,
      try landscape.samples.learnedFeatures(at: last.point).values
    )
    self.notes = notes
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
        name: "Gaining feature \(most + 1) of \(name)",
        stop:
          "σ_\(most + 1) of ⟨f xᵀ⟩ rises to \(sixDigits(threshold)), half-way from the saddle to the end",
        knowsCopies: true)
    }
    let progress = PathProgress(along: path)
    let threshold = 0.5 * (progress.value(at: passes.last!.saddle.point) + progress.length)
    return PassageEscape(
      self, TargetSet(progress, .above, threshold), name: "Path between two minima of \(name)",
      stop:
        "the arc length along the path rises to \(sixDigits(threshold)), half-way from the last saddle to the end",
      knowsCopies: false)
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
