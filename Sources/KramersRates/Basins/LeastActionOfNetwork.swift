public import Escapes
import Landscapes
import Networks
import NumericalMethods

/// The action of the most probable path of SGD out of a basin in all weights, with the noise of its samples, by the geometric
/// minimum action method: the exponent of every theory of weak noise, ln τ ≈ ΔΦ B/h.
///
/// Beside it stands the exponent of the valley, ∫2E′/C_ss ds: what the theories along the valley take for the path of least
/// action.
///
/// Validity: up to ``largestDimension`` weights, for which it takes a minute. Noise that is missing in some directions is
/// given a small part there, and ΔΦ is extrapolated to none. The exponent only; that of the diffusion, without the higher
/// cumulants of batches.
///
/// Source: as `MinimumActionMethod`.
public struct LeastActionOfNetwork: RateTheory {
  public let name = "least action in all weights, leading order"

  /// D at most.
  public static let largestDimension = 12

  /// The theory has no parameters.
  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    guard case .minibatch = noise, let basin = escape as? any NetworkBasin,
      basin.landscape.dimension <= Self.largestDimension
    else { return nil }
    return try prediction(out: basin, under: noise)
  }

  private func prediction(
    out basin: some NetworkBasin, under noise: Noise
  ) throws -> RatePrediction? {
    let path = try basin.path()
    let valley = path.places[path.minimum...path.saddle].map(\.point)
    let barrier = try Self.method.regularisedLimit(
      of: NetworkDiffusion(basin.landscape), from: valley.first!, to: valley.last!,
      through: Array(valley.dropFirst().dropLast()), regularisations: Self.regularisations)
    switch barrier.limit {
    case .finite(let exponent, let uncertainty):
      let along = try Self.exponent(along: valley, of: basin.landscape)
      return .exponent(
        exponent, theory: name, noise: noise.strength, clockStop: basin.clockStop,
        notes: [
          "ΔΦ = \(sixDigits(exponent)) ± \(brief(uncertainty)) in all weights, "
            + (abs(along - exponent) <= uncertainty
              ? "and \(sixDigits(along)) along the valley, equal within that error"
              : "but \(sixDigits(along)) along the valley, \(sixDigits(abs(100 * (along / exponent - 1)))) % \(along > exponent ? "more" : "less")")
        ])
    case .absorbing:
      return .absorbing(
        theory: name, noise: noise.strength, clockStop: basin.clockStop,
        reason: "no noise leads from the minimum to its saddle")
    case .unresolved:
      throw NumericalFailure(
        "the action does not settle as the noise that is missing in some directions is taken out")
    }
  }

  private static let method = { () -> MinimumActionMethod in
    // More rounds move ΔΦ in its tenth digit; segments decide its fourth.
    guard
      let method = try? MinimumActionMethod(segments: 10, tolerance: 1e-5, maximumIterations: 6)
    else { preconditionFailure("these numbers are in range") }
    return method
  }()
  private static let regularisations = [1e-2, 1e-3, 1e-4]

  /// ∫ 2E′/C_ss ds by the midpoint rule.
  private static func exponent(
    along points: [[Double]], of landscape: some NetworkLandscape
  ) throws -> Double {
    var sum = 0.0
    for (a, b) in zip(points, points.dropFirst()) {
      let length = distance(a, b)
      let variance = try landscape.sampleGradients(at: zip(a, b).map { 0.5 * ($0 + $1) })
        .slopes(along: zip(a, b).map { ($1 - $0) / length }).variance
      sum += 2 * (landscape.energy(at: b) - landscape.energy(at: a)) / variance
    }
    return sum
  }
}
