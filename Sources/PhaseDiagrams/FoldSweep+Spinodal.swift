public import Landscapes
import Networks
import NumericalMethods

extension FoldSweep {
  /// The lower spinodal of a state: it lies at or above the β at which the sweep has left it, since the kicks take time to
  /// grow.
  public struct Spinodal: Sendable {
    /// β.
    public let weightDecay: Double
    /// Whether the state ends there or goes on without stability.
    public let kind: StabilityLimit.Kind
    /// How many modes become unstable at once: n equal units become different in n − 1.
    public let modeCount: Int
  }

  /// A state on the way down.
  struct Visit {
    let weightDecay: Double
    let point: [Double]
    let lowestCurvature: Double
  }

  /// Where the state that a sweep has left on its way down ends or becomes unstable.
  ///
  /// It is followed down from the last β at which it was a minimum. Where it was none, it may have become unstable above that
  /// β and rested there since, so where nothing happens below it is followed up to where it is stable.
  ///
  /// - Parameters:
  ///   - visits: to the state, in falling order of β.
  ///   - feature: which comes back, from 0.
  static func spinodal<Landscape: NetworkLandscape>(
    _ landscape: Landscape, after visits: [Visit], gaining feature: Int, backAt: Double,
    highest: Double, follows: Bool
  ) -> (Spinodal?, reason: String?) {
    guard follows else {
      return (nil, "no dense spectra of so many weights, or a kinked activation")
    }
    let last = visits.last!
    let stable = visits.last { $0.lowestCurvature > smallestCurvature }
    let start = stable ?? last
    func follow(to end: Double, destabilising: Bool) throws -> FollowedState {
      let member = try landscape.with(weightDecay: start.weightDecay)
      // Short steps: what is lost and won again within one is not seen.
      let firstStep = min(0.01, 0.05 * abs(end - start.weightDecay))
      return try member.followed(
        from: start.point, to: end,
        options: ContinuationOptions(firstStep: firstStep, largestStep: 0.02)
      ) { $0.destabilises == destabilising }
    }
    func found(_ limit: StabilityLimit) -> (Spinodal?, reason: String?) {
      (
        Spinodal(
          weightDecay: limit.weightDecay, kind: limit.kind, modeCount: limit.modeCount), nil
      )
    }
    do {
      let below = try follow(to: backAt, destabilising: true)
      if let limit = below.limit { return found(limit) }
      let learned = try landscape.samples.learnedFeatures(at: below.point).values[feature]
      guard learned < LearnedFeature.smallest else {
        return (
          nil,
          "it grows by and by, to σ = \(brief(learned)) at β = \(brief(below.weightDecay)), in a state that stays stable"
        )
      }
      if start.lowestCurvature < -smallestCurvature, highest > start.weightDecay,
        let limit = try follow(to: highest, destabilising: false).limit, limit.kind == .bifurcation
      {
        return found(limit)
      }
      return (
        nil,
        "the state without it goes on to β = \(brief(below.weightDecay)) as stable as it was, so descent has left its basin"
      )
    } catch { return (nil, "\(error)") }
  }

  /// A curvature beyond this, in loss units, is not that of an exact zero mode.
  private static let smallestCurvature = 1e-6
}
