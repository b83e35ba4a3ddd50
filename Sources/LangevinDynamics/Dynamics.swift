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

  /// Noise beside that, of which no theory knows: "dropout 0.3"; nil for none.
  var noiseWithoutTheory: String? { get }

  /// The time t of one step.
  func timeStep(for escape: some Escape) -> Double

  /// Every value that decides the numbers of a run, by name: "temperature: 0.05". What differs in one of them may
  /// not share a store.
  var identity: [String: String] { get }

  /// What must be known of how it was simulated, a sentence each.
  var notes: [String] { get }

  /// The same with another dt; nil where the steps are those of the process itself, as of SGD.
  func with(timeStep: Double) throws -> Self?

  /// First passages from the start of an escape into its target.
  ///
  /// - Parameter cap: the time at which a run is censored.
  /// - Throws: `InvalidInput` where these dynamics cannot run this escape.
  func ensemble(of escape: some Escape, cap: Double) throws -> PassageEnsemble
}

extension Dynamics {
  public var notes: [String] { [] }

  public var noiseWithoutTheory: String? { nil }

  public func with(timeStep: Double) throws -> Self? { nil }
}

/// Overdamped Langevin dynamics of an escape: ``OverdampedLangevin``, or another scheme for the same equation.
public struct OverdampedDynamics: Dynamics {
  /// T, in loss units.
  public let temperature: Temperature
  /// dt; nil for that of the escape.
  public let timeStep: Double?
  /// How steps are taken.
  public let integrator: OverdampedIntegrator

  /// - Throws: `InvalidInput` unless T > 0 and dt > 0.
  public init(
    temperature: Double, timeStep: Double? = nil, integrator: OverdampedIntegrator = .eulerMaruyama
  ) throws {
    self.temperature = try Temperature(temperature)
    if let timeStep { try Require.positive("time step dt", timeStep) }
    self.timeStep = timeStep
    self.integrator = integrator
  }

  public var name: String {
    switch integrator {
    case .eulerMaruyama: "overdamped Langevin"
    case .leimkuhlerMatthews: "overdamped Langevin by Leimkuhler–Matthews"
    case .heun: "overdamped Langevin by Heun"
    }
  }

  public var notes: [String] {
    switch integrator {
    case .eulerMaruyama: []
    case .leimkuhlerMatthews:
      [
        "\(integrator.scheme.sentence); passages are those of the path through the ends of its steps"
      ]
    case .heun: [integrator.scheme.sentence]
    }
  }

  /// Without a word of Euler and Maruyama, whose stores are older than the others.
  public var identity: [String: String] {
    var identity = ["process": "overdamped", "temperature": "\(temperature.value)"]
    if integrator != .eulerMaruyama { identity["integrator"] = integrator.rawValue }
    return identity
  }

  public func with(timeStep: Double) throws -> OverdampedDynamics? {
    try OverdampedDynamics(
      temperature: temperature.value, timeStep: timeStep, integrator: integrator)
  }

  public func noise(for escape: some Escape) -> Noise { .white(temperature) }

  @inlinable
  public func timeStep(for escape: some Escape) -> Double { timeStep ?? escape.timeStep }

  @inlinable
  public func ensemble(of escape: some Escape, cap: Double) throws -> PassageEnsemble {
    guard integrator == .eulerMaruyama else { return try anyEnsemble(of: escape, cap: cap) }
    return try passages(
      OverdampedLangevin(
        landscape: escape.landscape, temperature: temperature.value,
        timeStep: timeStep(for: escape)), of: escape, cap: cap)
  }

  /// Not compiled for each landscape: that of the other integrators is left to who asks for it.
  @usableFromInline
  func anyEnsemble(of escape: some Escape, cap: Double) throws -> PassageEnsemble {
    try integratedEnsemble(of: escape, cap: cap)
  }

  /// The same, compiled for the landscape whatever the integrator.
  @inlinable
  package func integratedEnsemble(
    of escape: some Escape, cap: Double
  ) throws -> PassageEnsemble {
    let (landscape, temperature) = (escape.landscape, temperature.value)
    let timeStep = timeStep(for: escape)
    switch integrator {
    case .eulerMaruyama: return try ensemble(of: escape, cap: cap)
    case .leimkuhlerMatthews:
      return try passages(
        LeimkuhlerMatthews(landscape: landscape, temperature: temperature, timeStep: timeStep),
        of: escape, cap: cap)
    case .heun:
      return try passages(
        StochasticHeun(
          GradientDrift(landscape), noiseScale: temperature, timeStep: timeStep,
          calculus: .either), of: escape, cap: cap)
    }
  }

  @inlinable
  func passages(
    _ process: some LaneProcess, of escape: some Escape, cap: Double
  ) throws -> PassageEnsemble {
    PassageEnsemble(
      try FirstPassage(process: process, start: escape.start, target: escape.target, cap: cap))
  }
}
