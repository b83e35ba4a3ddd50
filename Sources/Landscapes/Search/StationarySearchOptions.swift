import NumericalMethods

/// When a search for a minimum or a saddle stops, and how far one step may go.
public struct StationarySearchOptions: Sendable {
  /// Converged where |∇E| ≤ this·max |ω|·(1 + |θ|).
  public private(set) var gradientTolerance = 1e-10
  /// Modes with |ω| ≤ this·max |ω| are zero modes.
  public private(set) var zeroTolerance = 1e-7
  /// The most Newton steps of one search.
  public private(set) var maximumSteps = 300
  /// The first trust radius in units of 1 + |θ|; it then adapts.
  public private(set) var trustRadius = 0.05

  /// 1e-10, 1e-7, 300 steps, 0.05.
  public static let standard = StationarySearchOptions()

  private init() {}

  /// - Throws: `InvalidInput` unless tolerances and radius are positive and a step is allowed.
  public init(
    gradientTolerance: Double = standard.gradientTolerance,
    zeroTolerance: Double = standard.zeroTolerance, maximumSteps: Int = standard.maximumSteps,
    trustRadius: Double = standard.trustRadius
  ) throws {
    try Require.positive("gradient tolerance", gradientTolerance)
    try Require.positive("zero-mode tolerance", zeroTolerance)
    try Require.atLeast(1, "maximum number of steps", maximumSteps)
    try Require.positive("trust radius", trustRadius)
    self.gradientTolerance = gradientTolerance
    self.zeroTolerance = zeroTolerance
    self.maximumSteps = maximumSteps
    self.trustRadius = trustRadius
  }
}
