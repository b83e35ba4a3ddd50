public import Escapes
import Landscapes
import NumericalMethods

/// A theory of overdamped dynamics as the limit of strong friction: without inertia γ dx = −E′ dt + √(2γT) dW,
/// so every time is γ times that at unit mobility.
public struct OverdampedLimit: RateTheory {
  /// The theory of unit mobility.
  public let base: any RateTheory

  /// The limit of a theory of unit mobility.
  public init(_ base: any RateTheory) { self.base = base }

  public var name: String { base.name + ", overdamped limit" }

  /// A limit is never exact.
  public var exactness: Exactness? { base.exactness.map { min($0, .corrected) } }

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    guard case .inertial(let temperature, let friction) = noise,
      let limit = try base.prediction(of: escape, under: .white(temperature))
    else { return nil }
    let unstable = try escape.passes().map { $0.saddle.nonZeroEigenvalues[0] }.min()!
    return
      limit
      .slowed(by: friction.value, notes: ["unit mass, friction γ = \(brief(friction.value))"])
      .renamed(
        name, adding: .overdamped(unstableCurvature: unstable, friction: friction.value))
  }
}
