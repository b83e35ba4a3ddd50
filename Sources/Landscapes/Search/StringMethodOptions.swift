import NumericalMethods

/// How finely a path is resolved and when its relaxation stops.
public struct StringMethodOptions: Sendable {
  /// Images on the path, both ends included.
  public let imageCount: Int
  /// Converged where the largest perpendicular force is at most this times the largest |∇E| on the path.
  /// Smaller slopes along the path do not count as rising or falling.
  public let forceTolerance: Double
  public let maximumIterations: Int
  /// For the minima at both ends and for the saddles on the path.
  public let search: StationarySearchOptions

  /// - Throws: ``InvalidInput`` unless there are five images, a positive tolerance and an iteration.
  public init(
    imageCount: Int = 25, forceTolerance: Double = 1e-4, maximumIterations: Int = 5000,
    search: StationarySearchOptions = .standard
  ) throws {
    try Require.atLeast(5, "number of images", imageCount)
    try Require.positive("force tolerance", forceTolerance)
    try Require.atLeast(1, "maximum number of iterations", maximumIterations)
    self.init(
      unchecked: imageCount, forceTolerance: forceTolerance, maximumIterations: maximumIterations,
      search: search)
  }

  private init(
    unchecked imageCount: Int, forceTolerance: Double, maximumIterations: Int,
    search: StationarySearchOptions
  ) {
    self.imageCount = imageCount
    self.forceTolerance = forceTolerance
    self.maximumIterations = maximumIterations
    self.search = search
  }

  /// 25 images, 1e-4, 5000 iterations.
  public static let standard = StringMethodOptions(
    unchecked: 25, forceTolerance: 1e-4, maximumIterations: 5000, search: .standard)
}
