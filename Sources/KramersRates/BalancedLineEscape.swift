import Landscapes
import Networks
import NumericalMethods

/// Losing one feature of a deep linear network, along the balanced line of its mode.
///
/// The line is invariant, so the escape is a one-dimensional problem in the arc length s with no fitted
/// constant: slope E′(s) of the mode's landscape and, for minibatch SGD, diffusion
/// D(s) = (h/2B) C_ss(s); for Langevin dynamics D = T.
public struct BalancedLineEscape: Sendable {
  public let mode: DeepLinearMode
  /// s_+ of the learned minimum.
  public let minimum: Double
  /// s_s of the saddle.
  public let saddle: Double
  /// Where the clock stops: half the saddle's amplitude, in the unlearned basin. The saddle itself would
  /// count passages that return (a factor 2 for white noise).
  public let absorbing: Double

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
  private var reflecting: Double { mode.arcLength(singularValue: 2 * mode.singularValue) }

  /// E′(s).
  func slope(_ s: Double) -> Double { mode.gradient(at: [s])[0] }

  /// E″(s).
  func curvature(_ s: Double) -> Double { mode.hessianVectorProduct(at: [s], along: [1])[0] }

  /// The problem under white noise of temperature T.
  public func problem(temperature: Double) -> OneDimensionalProblem {
    OneDimensionalProblem(
      start: minimum, reflecting: reflecting, absorbing: absorbing, slope: { slope($0) },
      diffusion: { _ in temperature })
  }

  /// The problem under minibatch SGD.
  ///
  /// - Parameters:
  ///   - noiseScale: ε = h/B.
  ///   - finiteStep: h to include the leading effect of a finite learning rate, the modified loss
  ///     E + (h/4)|E′|² (Barrett and Dherin, arXiv:2009.11162, Eq. 7); nil to leave it out.
  public func problem(
    noise: ModeNoise, noiseScale: Double, finiteStep: Double? = nil
  ) -> OneDimensionalProblem {
    let h = finiteStep ?? 0
    return OneDimensionalProblem(
      start: minimum, reflecting: reflecting, absorbing: absorbing,
      slope: { s in
        let slope = slope(s)
        return h == 0 ? slope : slope * (1 + 0.5 * h * curvature(s))
      },
      diffusion: { s in 0.5 * noiseScale * noise.covariance(of: mode, arcLength: s) })
  }

  /// ΔΦ̂ = ∫ 2E′/C_ss ds from the saddle to the minimum: ln τ ≈ (B/h)·ΔΦ̂ as h/B → 0.
  public func quasiPotentialBarrier(noise: ModeNoise) throws -> Double {
    try problem(noise: noise, noiseScale: 1).quasiPotentialBarrier(to: saddle)
  }

  /// Kramers' formula on the line.
  public func kramers() throws -> KramersOverdamped {
    let kramers = try KramersOverdamped(landscape: mode, minimum: minimum, saddle: saddle)
    // The barrier without the cancellation of two energies.
    return try KramersOverdamped(
      barrierHeight: mode.barrierDown() ?? 0, minimumCurvature: kramers.minimumCurvature,
      saddleCurvature: kramers.saddleCurvature, correction: kramers.correction)
  }
}
