public import Escapes
import NumericalMethods

/// Underdamped Langevin dynamics of unit mass: ``UnderdampedLangevin``.
public struct UnderdampedDynamics: Dynamics {
  /// T, in loss units.
  public let temperature: Temperature
  /// γ, of unit mass.
  public let friction: Friction
  /// dt; nil for what keeps the bias near a per cent: ω dt = 0.1 where the overdamped step of the escape has
  /// ω²dt = 0.01, and γdt ≤ 0.2.
  public let timeStep: Double?

  /// - Throws: `InvalidInput` unless T > 0, γ > 0 and dt > 0.
  public init(temperature: Double, friction: Double, timeStep: Double? = nil) throws {
    self.temperature = try Temperature(temperature)
    self.friction = try Friction(friction)
    if let timeStep { try Require.positive("time step dt", timeStep) }
    self.timeStep = timeStep
  }

  public var name: String { "underdamped Langevin with γ = \(sixDigits(friction.value))" }

  public var identity: [String: String] {
    [
      "process": "underdamped", "temperature": "\(temperature.value)",
      "friction": "\(friction.value)",
    ]
  }

  public func with(timeStep: Double) throws -> UnderdampedDynamics? {
    try UnderdampedDynamics(
      temperature: temperature.value, friction: friction.value, timeStep: timeStep)
  }

  public func noise(for escape: some Escape) -> Noise { .inertial(temperature, friction) }

  @inlinable
  public func timeStep(for escape: some Escape) -> Double {
    timeStep ?? min(escape.timeStep.squareRoot(), 0.2 / friction.value)
  }

  @inlinable
  public func ensemble(of escape: some Escape, cap: Double) throws -> PassageEnsemble {
    PassageEnsemble(
      try FirstPassage(
        process: UnderdampedLangevin(
          landscape: escape.landscape, friction: friction.value, temperature: temperature.value,
          timeStep: timeStep(for: escape)),
        start: escape.start, target: escape.target, cap: cap))
  }
}
