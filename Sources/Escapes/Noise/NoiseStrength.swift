import NumericalMethods

/// How strong the noise is, by the parameter whose inverse multiplies the barrier in ln τ.
public enum NoiseStrength: Equatable, Sendable, CustomStringConvertible {
  /// T of Langevin dynamics, in loss units.
  case temperature(Double)
  /// ε = h/(B(1 − μ)) of minibatch SGD with momentum μ.
  case noiseScale(Double, momentum: Double = 0)

  public var value: Double {
    switch self {
    case .temperature(let value), .noiseScale(let value, _): value
    }
  }

  public var description: String {
    switch self {
    case .temperature(let value): "T = \(brief(value))"
    case .noiseScale(let value, let momentum):
      (momentum == 0 ? "h/B" : "h/B(1 − μ)") + " = \(brief(value))"
    }
  }
}
