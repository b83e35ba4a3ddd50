import Landscapes
import NumericalMethods

/// How weights follow the gradient g of a batch's loss.
public enum Optimiser: Sendable, Equatable {
  /// v ← μv + g + βθ, θ ← θ − hv.
  case gradientDescent
  /// With g + βθ in the place of g: weight decay is a part of the loss.
  ///
  /// ```
  /// m ← β₁m + (1 − β₁)g,   s ← β₂s + (1 − β₂)g²,   θ ← θ − h m̂/(√ŝ + ε),   m̂ = m/(1 − β₁ᵏ),  ŝ = s/(1 − β₂ᵏ)
  /// ```
  ///
  /// Source: D. P. Kingma and J. Ba, arXiv:1412.6980, algorithm 1.
  case adam(AdamMoments)
  /// The same of g alone, and θ ← θ − hβθ beside it: the decay does not go through the division, so β is not the β of
  /// E = ⟨ℓ⟩ + (β/2)‖θ‖², and the state that training comes to is no minimum of E.
  ///
  /// Source: I. Loshchilov and F. Hutter, arXiv:1711.05101, algorithm 2.
  case adamW(AdamMoments)

  /// Those of Adam; nil of another one.
  package var moments: AdamMoments? {
    switch self {
    case .gradientDescent: nil
    case .adam(let moments), .adamW(let moments): moments
    }
  }
}

/// The constants of Adam.
public struct AdamMoments: Sendable, Equatable {
  /// β₁, of the mean of g.
  public let beta1: Double
  /// β₂, of the mean of g².
  public let beta2: Double
  /// ε.
  public let epsilon: Double

  /// - Throws: `InvalidInput` unless 0 ≤ β₁, β₂ < 1 and ε > 0.
  public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) throws {
    for (name, value) in [("β₁", beta1), ("β₂", beta2)] where !(value >= 0 && value < 1) {
      throw InvalidInput("Adam's \(name) must lie in [0, 1), but is \(value)")
    }
    try Require.positive("Adam's ε", epsilon)
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }
}
