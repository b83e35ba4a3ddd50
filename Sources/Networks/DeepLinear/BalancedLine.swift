import Landscapes
import NumericalMethods

/// The line on which one feature of a deep linear network is lost, all layers sharing it equally.
///
/// The line is invariant, so the escape is a one-dimensional problem in the arc length s with no fitted
/// constant: slope E′(s) of the mode's landscape and, for minibatch SGD, diffusion
/// D(s) = (h/2B) C_ss(s); for Langevin dynamics D = T.
public struct BalancedLine: Sendable {
  /// The landscape along the line.
  public let mode: DeepLinearMode
  /// s_+ of the learned minimum.
  public let minimum: Double
  /// s_s of the saddle.
  public let saddle: Double
  /// Where the clock stops: half the saddle's amplitude, in the unlearned basin. The saddle itself would
  /// count passages that return (a factor 2 for white noise).
  public let absorbing: Double

  /// Where the clock stops, in few words.
  package static let clockStop = "half the saddle's amplitude"

  /// - Throws: `InvalidInput` where the mode has no learned state, or no saddle (L ≤ 2).
  public init(mode: DeepLinearMode) throws {
    guard mode.order == .first else {
      throw InvalidInput(
        "a network of depth \(mode.depth) has no barrier between learned and unlearned state; use depth 3 or more"
      )
    }
    guard let learned = try mode.learnedSingularValue(), let saddle = try mode.saddleSingularValue()
    else {
      throw InvalidInput(
        "the feature with η = \(mode.singularValue) has no learned state at β = \(mode.weightDecay); choose β below its β_c = \(mode.spinodalWeightDecay!)"
      )
    }
    self.mode = mode
    minimum = mode.arcLength(singularValue: learned)
    self.saddle = mode.arcLength(singularValue: saddle)
    absorbing = 0.5 * self.saddle
  }

  /// λ at which the clock stops.
  public var absorbingSingularValue: Double { mode.singularValue(arcLength: absorbing) }

  /// The reflecting end: the line beyond λ = 2η, far above the minimum.
  package var reflecting: Double { mode.arcLength(singularValue: 2 * mode.singularValue) }

  /// dλ/ds = √L a^{L−1}, by which a gradient in λ moves s.
  package func lever(_ s: Double) -> Double {
    Double(mode.depth) * mode.singularValue(arcLength: s) / s
  }

  /// E′(s).
  package func slope(_ s: Double) -> Double { mode.gradient(at: [s])[0] }

  /// E″(s).
  package func curvature(_ s: Double) -> Double {
    mode.hessianVectorProduct(at: [s], along: [1])[0]
  }
}
