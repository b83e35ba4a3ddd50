import NumericalMethods

/// How adaptive multilevel splitting is done.
public struct SplittingSettings: Sendable, Equatable {
  /// N, paths of one replicate. Its relative error is about √(ln(1/p)/N) at best, p the chance that a loop escapes.
  public let paths: Int
  /// Levels that the order parameter is divided into between the loops' end and the target.
  public let levels: Int

  /// - Throws: `InvalidInput` where there are too few paths to branch, or too few levels to branch at.
  public init(paths: Int = 200, levels: Int = 200) throws {
    try Require.atLeast(10, "the number of paths", paths)
    try Require.atLeast(4, "the number of levels", levels)
    guard paths <= Self.mostPaths else {
      throw InvalidInput(
        "the number of paths must be at most \(Self.mostPaths), since each is held in memory, but is \(paths); take more replicates"
      )
    }
    self.paths = paths
    self.levels = levels
  }

  private static let mostPaths = 100_000

  /// Replicates beyond which streams would have no name.
  @usableFromInline package static let mostReplicates = 65_535
}
