/// How an ensemble is run. The law of the passage times is the same; the paths are not.
public enum Engine: Hashable, Sendable {
  /// One trajectory at a time, every number drawn through GSL: plain, and what the other is tested against.
  case reference
  /// Eight replicas in the lanes of a vector, the next one taking the place of each that ends.
  /// A process that is no ``LaneProcess``, or a generator of GSL's, runs as in `reference`.
  ///
  /// A run whose order parameter becomes infinite away from the target, and stays so, counts as diverged
  /// only at the cap; anything else that is no number ends it at once.
  case vectorised(Precision)

  /// Of the state and its arithmetic. Times are double precision in both.
  public enum Precision: String, CaseIterable, Sendable {
    case double
    case single
  }

  /// Vectorised, in double precision.
  public static let standard = Engine.vectorised(.double)
}
