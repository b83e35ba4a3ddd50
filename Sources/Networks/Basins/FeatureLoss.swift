public import Escapes
public import Landscapes
import NumericalMethods

/// The escape of a network whose states are found numerically.
public protocol NetworkPath: Escape where Landscape: NetworkLandscape {
  /// By the string method, where both ends were given; nil where the saddle was found in another way.
  var minimumEnergyPath: MinimumEnergyPath? { get }
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
      landscape, name: "start", from: start, to: relaxed.descended, steps: relaxed.steps)
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
  steps: Int
) -> [String] {
  let moved = distance(end, start)
  guard moved > 1e-4 * (1 + norm(start)) else { return [] }
  return [
    "the \(name) was no minimum (|∇E| = \(sixDigits(norm(landscape.gradient(at: start))))) and was relaxed to one by \(steps) steps of descent, \(sixDigits(moved)) away"
  ]
}

/// - Throws: `InvalidInput` for units with a kink.
func requireSmooth(_ architecture: NetworkArchitecture) throws {
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
