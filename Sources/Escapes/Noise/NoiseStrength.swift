import NumericalMethods

/// How strong the noise is, by the parameter whose inverse multiplies the barrier in ln τ.
public enum NoiseStrength: Equatable, Sendable, CustomStringConvertible {
  /// T of Langevin dynamics, in loss units.
  case temperature(Double)
  /// ε = h/B of minibatch SGD.
  case noiseScale(Double)

  public var value: Double {
    switch self {
    case .temperature(let value), .noiseScale(let value): value
    }
  }

  public var description: String {
    switch self {
    case .temperature(let value): "T = \(brief(value))"
    case .noiseScale(let value): "h/B = \(brief(value))"
    }
  }
}
