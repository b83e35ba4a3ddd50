import NumericalMethods

/// How adaptive multilevel splitting is done.
public struct SplittingSettings: Sendable, Equatable {
  /// N, paths of one replicate. Its relative error is about √(ln(1/p)/N) at best, p the chance that a loop escapes.
  public let paths: Int
  /// Levels that the order parameter is divided into between the loops' end and the target.
  public let levels: Int
  /// What ranks paths; nil for ``Ranking/path`` in a landscape of two parameters or more, or else ``Ranking/target``.
  public let ranking: Ranking?

  /// What ranks the paths of a replicate. The target, where the clock stops, stays the same set.
  public enum Ranking: String, CaseIterable, Sendable {
    /// The distance of the target's own order parameter from its threshold.
    case target
    /// What is left of the path of least energy: `PathProgress`.
    case path
  }

  /// - Throws: `InvalidInput` where there are too few paths to branch, or too few levels to branch at.
  public init(paths: Int = 200, levels: Int = 200, ranking: Ranking? = nil) throws {
    try Require.atLeast(10, "the number of paths", paths)
    try Require.atLeast(4, "the number of levels", levels)
    guard paths <= Self.mostPaths else {
      throw InvalidInput(
        "the number of paths must be at most \(Self.mostPaths), since each is held in memory, but is \(paths); take more replicates"
      )
    }
    self.paths = paths
    self.levels = levels
    self.ranking = ranking
  }

  private static let mostPaths = 100_000

  /// Replicates beyond which streams would have no name.
  @usableFromInline package static let mostReplicates = 65_535
}
