public import Escapes
import NumericalMethods

/// How an escape is simulated: what moves, and under which noise.
///
/// Conform in a file of your own: `ensemble` makes first passages of a ``StochasticProcess``, or of a
/// ``LaneProcess`` for the vectorised engine. Mark it `@inlinable`, so that the inner loops are compiled for
/// each landscape.
public protocol Dynamics: Sendable {
  /// For a heading: "overdamped Langevin".
  var name: String { get }

  /// The noise that theories are asked about.
  func noise(for escape: some Escape) -> Noise

  /// The time t of one step.
  func timeStep(for escape: some Escape) -> Double

  /// Every value that decides the numbers of a run, by name: "temperature: 0.05". What differs in one of them may
  /// not share a store.
  var identity: [String: String] { get }

  /// What must be known of how it was simulated, a sentence each.
  var notes: [String] { get }

  /// First passages from the start of an escape into its target.
  ///
  /// - Parameter cap: the time at which a run is censored.
  /// - Throws: `InvalidInput` where these dynamics cannot run this escape.
  func ensemble(of escape: some Escape, cap: Double) throws -> PassageEnsemble
}

extension Dynamics {
  public var notes: [String] { [] }
}

/// Overdamped Langevin dynamics of an escape: ``OverdampedLangevin``.
public struct OverdampedDynamics: Dynamics {
  /// T, in loss units.
  public let temperature: Temperature
  /// dt; nil for that of the escape.
  public let timeStep: Double?

  /// - Throws: `InvalidInput` unless T > 0 and dt > 0.
  public init(temperature: Double, timeStep: Double? = nil) throws {
    self.temperature = try Temperature(temperature)
    if let timeStep { try Require.positive("time step dt", timeStep) }
    self.timeStep = timeStep
  }

  public var name: String { "overdamped Langevin" }

  public var identity: [String: String] {
    ["process": "overdamped", "temperature": "\(temperature.value)"]
  }

  public func noise(for escape: some Escape) -> Noise { .white(temperature) }

  @inlinable
  public func timeStep(for escape: some Escape) -> Double { timeStep ?? escape.timeStep }

  @inlinable
  public func ensemble(of escape: some Escape, cap: Double) throws -> PassageEnsemble {
    PassageEnsemble(
      try FirstPassage(
        process: OverdampedLangevin(
          landscape: escape.landscape, temperature: temperature.value,
          timeStep: timeStep(for: escape)),
        start: escape.start, target: escape.target, cap: cap))
  }
}
