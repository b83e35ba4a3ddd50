import NumericalMethods

/// How finely a path is resolved and when its relaxation stops.
public struct StringMethodOptions: Sendable {
  /// Images on the path, both ends included.
  public private(set) var imageCount = 25
  /// Converged where the largest perpendicular force is at most this times the largest |∇E| on the path.
  /// Smaller slopes along the path do not count as rising or falling.
  public private(set) var forceTolerance = 1e-4
  /// Rounds of relaxation after which the path is taken as it is.
  public private(set) var maximumIterations = 5000
  /// For the minima at both ends and for the saddles on the path.
  public private(set) var search = StationarySearchOptions.standard

  /// 25 images, 1e-4, 5000 iterations.
  public static let standard = StringMethodOptions()

  private init() {}

  /// - Throws: `InvalidInput` unless there are five images, a positive tolerance and an iteration.
  public init(
    imageCount: Int = standard.imageCount, forceTolerance: Double = standard.forceTolerance,
    maximumIterations: Int = standard.maximumIterations,
    search: StationarySearchOptions = .standard
  ) throws {
    try Require.atLeast(5, "number of images", imageCount)
    try Require.positive("force tolerance", forceTolerance)
    try Require.atLeast(1, "maximum number of iterations", maximumIterations)
    self.imageCount = imageCount
    self.forceTolerance = forceTolerance
    self.maximumIterations = maximumIterations
    self.search = search
  }
}
