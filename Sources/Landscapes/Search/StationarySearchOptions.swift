import NumericalMethods

/// When a search for a minimum or a saddle stops, and how far one step may go.
public struct StationarySearchOptions: Sendable {
  /// Converged where |∇E| ≤ this·max |ω|·(1 + |θ|).
  public let gradientTolerance: Double
  /// Modes with |ω| ≤ this·max |ω| are zero modes.
  public let zeroTolerance: Double
  /// The most Newton steps of one search.
  public let maximumSteps: Int
  /// The first trust radius in units of 1 + |θ|; it then adapts.
  public let trustRadius: Double

  /// - Throws: ``InvalidInput`` unless tolerances and radius are positive and a step is allowed.
  public init(
    gradientTolerance: Double = 1e-10, zeroTolerance: Double = 1e-7, maximumSteps: Int = 300,
    trustRadius: Double = 0.05
  ) throws {
    try Require.positive("gradient tolerance", gradientTolerance)
    try Require.positive("zero-mode tolerance", zeroTolerance)
    try Require.atLeast(1, "maximum number of steps", maximumSteps)
    try Require.positive("trust radius", trustRadius)
    self.init(
      unchecked: gradientTolerance, zeroTolerance: zeroTolerance, maximumSteps: maximumSteps,
      trustRadius: trustRadius)
  }

  private init(
    unchecked gradientTolerance: Double, zeroTolerance: Double, maximumSteps: Int,
    trustRadius: Double
  ) {
    self.gradientTolerance = gradientTolerance
    self.zeroTolerance = zeroTolerance
    self.maximumSteps = maximumSteps
    self.trustRadius = trustRadius
  }

  /// 1e-10, 1e-7, 300 steps, 0.05.
  public static let standard = StationarySearchOptions(
    unchecked: 1e-10, zeroTolerance: 1e-7, maximumSteps: 300, trustRadius: 0.05)
}
