public import Escapes
public import Landscapes
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The escape of a network whose states are found numerically.
public protocol NetworkPath: Escape where Landscape: NetworkLandscape {
  /// By the string method, where both ends were given; nil where the saddle was found in another way.
  var minimumEnergyPath: MinimumEnergyPath? { get }
}

extension NetworkPath {
  /// Passes with the number of copies of each state, so that formulas of the rate count equivalent saddles.
  ///
  /// Symmetries of hidden units, and of Gaussian samples, that leave the minimum alone but not the saddle lead to others beside it:
  /// |G_min|/|G_saddle| of them, where the states on both sides of a saddle are not copies of each other
  /// (``UnitStabiliser``). That is a whole number unless soft modes part the saddle from the minimum it was taken for; then,
  /// and for linear units, nothing is counted.
  func countingCopies(_ passes: [Pass]) -> [Pass] {
    let architecture = landscape.architecture
    let flips = landscape.mirroredFeatures
    let all = UnitStabiliser.logGroupOrder(of: architecture, flips: flips.count)
    let largest = passes.flatMap { $0.from.point + $0.saddle.point }.map(abs).max() ?? 0
    func copies(of state: StationaryPoint) -> Double? {
      UnitStabiliser(of: architecture, fixing: state.point, weightScale: largest, flips: flips)
        .map { all - $0.logOrder }
    }
    func isWhole(_ logRatio: Double) -> Bool {
      let ratio = exp(logRatio)
      return ratio > 1e6 || ratio > 0.5 && abs(ratio - ratio.rounded()) < 1e-6 * ratio
    }
    func counted(_ state: StationaryPoint, _ logVolume: Double) -> StationaryPoint {
      state.on(SymmetryOrbit(dimension: 0, logVolume: logVolume))
    }
    var result: [Pass] = []
    for pass in passes {
      guard let from = copies(of: pass.from), let saddle = copies(of: pass.saddle),
        let to = copies(of: pass.to), isWhole(saddle - from)
      else { return passes }
      result.append(
        Pass(
          from: counted(pass.from, from), saddle: counted(pass.saddle, saddle),
          to: counted(pass.to, to)))
    }
    return result
  }
}

/// The loss of a feature by a network without closed forms, however its states were found.
public protocol FeatureLoss: NetworkPath where Parameter == LearnedFeature {
  /// The feature that is lost, from 1, the strongest.
  var feature: Int { get }

  /// σ of ⟨f xᵀ⟩ in the minimum, strongest first.
  var learned: [Double] { get }
}

extension FeatureLoss {
  public var name: String {
    let architecture = landscape.architecture
    return
      "feature \(feature) of \(architecture.activation.rawValue) \(hyphenated(architecture.widths))"
  }

  public var title: String { "Losing \(name) at β = \(sixDigits(landscape.weightDecay))" }

  public var clockStop: String { "the loss of the feature" }

  public var stopDescription: String {
    "σ_\(feature) of ⟨f xᵀ⟩ falls to \(sixDigits(target.threshold)), a fifth of its value at the saddle"
  }
}

/// A start relaxed to its state of rest, and the feature there that is to be lost.
struct FeatureStart {
  let point: [Double]
  /// σ of ⟨f xᵀ⟩, strongest first.
  let learned: [Double]
  /// From 1.
  let feature: Int
  /// What was done to the start, if anything.
  let notes: [String]

  /// - Parameters:
  ///   - feature: nil for the weakest that is learned.
  ///   - relax: from the start to where gentle descent of so many steps ends, and to the state of rest there.
  /// - Throws: `InvalidInput` where β is zero, no feature is learned there, or not the one asked for.
  init<Landscape: NetworkLandscape>(
    _ landscape: Landscape, near start: [Double], losing feature: Int?,
    relax: (_ start: [Double]) throws -> (descended: [Double], steps: Int, rest: [Double])
  ) throws {
    try requireSmooth(landscape.architecture)
    try Require.positive("weight decay β", landscape.weightDecay)
    let relaxed = try relax(start)
    notes = relaxationNotes(
      landscape, name: "start", from: start, to: relaxed.descended, steps: relaxed.steps,
      rest: relaxed.rest)
    point = relaxed.rest
    learned = try landscape.samples.learnedFeatures(at: point).values
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
    self.feature = feature
  }
}

/// What must be said of weights that were given and moved.
func relaxationNotes(
  _ landscape: some NetworkLandscape, name: String, from start: [Double], to end: [Double],
  steps: Int, rest: [Double]
) -> [String] {
  let moved = distance(rest, start)
  let least = 1e-4 * (1 + norm(start))
  guard moved > least else { return [] }
  let further = distance(rest, end)
  let ways =
    (steps > 0 ? ["\(steps) steps of descent"] : [])
    + (further > least
      ? ["Newton's method along soft modes for the last \(sixDigits(further))"] : [])
  return [
    "the \(name) was no minimum (|∇E| = \(sixDigits(norm(landscape.gradient(at: start))))) and was relaxed to one \(sixDigits(moved)) away"
      + (ways.isEmpty ? "" : ", by \(ways.joined(separator: " and "))")
  ]
}

/// - Throws: `InvalidInput` for units with a kink.
package func requireSmooth(_ architecture: NetworkArchitecture) throws {
  guard architecture.activation != .relu else {
    throw InvalidInput(
      "the Hessian of relu units is not defined at their kinks, so states cannot be followed; use a smooth activation such as gelu, or follow them by a sweep (phase-diagram)"
    )
  }
}

/// What must be said of a saddle of a higher index, and of the lower one beside it.
func saddleNotes(
  of place: String, _ saddle: StationaryPoint, _ lower: StationaryPoint?
) -> [String] {
  guard saddle.negativeCount > 1 else { return [] }
  guard let lower else {
    return [
      "the saddle of \(place) has index \(saddle.negativeCount), and no saddle of index 1 was found beside it"
    ]
  }
  return [
    "the saddle of \(place) has index \(saddle.negativeCount); the saddle of index 1 lies \(sixDigits(distance(lower.point, saddle.point))) away, \(sixDigits(saddle.energy - lower.energy)) lower"
  ]
}
