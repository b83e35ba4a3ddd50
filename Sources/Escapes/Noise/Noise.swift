import NumericalMethods

/// What drives an escape.
///
/// ```
/// white       dθ = −∇E dt + √(2T) dW
/// inertial    dθ = v dt,  dv = −∇E dt − γv dt + √(2γT) dW
/// minibatch   θ ← θ − h g_B(θ),  Cov(g_B) = C(θ)/B,  t = steps × h
/// ```
///
/// Minibatch noise belongs to the samples, which the escape carries.
public enum Noise: Sendable, Equatable {
  case white(Temperature)
  case inertial(Temperature, Friction)
  case minibatch(SGDSettings)

  /// - Throws: `InvalidInput` unless T > 0.
  public static func white(temperature: Double) throws -> Noise {
    .white(try Temperature(temperature))
  }

  /// - Throws: `InvalidInput` unless T > 0 and γ > 0.
  public static func inertial(temperature: Double, friction: Double) throws -> Noise {
    .inertial(try Temperature(temperature), try Friction(friction))
  }

  /// ε, whose inverse multiplies the barrier in ln τ: T, or h/(B(1 − μ)).
  public var strength: NoiseStrength {
    switch self {
    case .white(let temperature), .inertial(let temperature, _): .temperature(temperature.value)
    case .minibatch(let settings):
      .noiseScale(settings.noiseScale, momentum: settings.momentum)
    }
  }

  /// T of overdamped dynamics under white noise; nil for all others.
  package var whiteTemperature: Double? {
    if case .white(let temperature) = self { temperature.value } else { nil }
  }

  /// T of thermal noise, white or inertial; nil for minibatches.
  public var temperature: Temperature? {
    switch self {
    case .white(let temperature), .inertial(let temperature, _): temperature
    case .minibatch: nil
    }
  }
}

/// T, in loss units (k_B = 1); positive.
public struct Temperature: Sendable, Equatable {
  public let value: Double

  /// - Throws: `InvalidInput` unless T > 0.
  public init(_ value: Double) throws {
    try Require.positive("temperature T", value)
    self.value = value
  }
}

/// γ of dynamics with unit mass, per unit time; positive.
public struct Friction: Sendable, Equatable {
  public let value: Double

  /// - Throws: `InvalidInput` unless γ > 0.
  public init(_ value: Double) throws {
    try Require.positive("friction γ", value)
    self.value = value
  }
}
