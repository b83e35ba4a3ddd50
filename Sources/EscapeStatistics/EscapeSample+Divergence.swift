/// Runs that diverge are censored, but not at random: a run is the likelier to diverge the farther noise has carried
/// it, so those that are left are not a fair sample of escapes. Up to ``toleratedDivergence`` of them the bias is
/// below what an ensemble resolves; beyond it no time is estimated.
extension EscapeSample {
  /// The share of diverged runs beyond which no time is estimated.
  public static let toleratedDivergence = 0.01

  /// Whether so many runs diverged that the others tell no time.
  public var isSpoiltByDivergence: Bool {
    Self.isSpoilt(diverged: count(.diverged), of: runs)
  }

  /// The same from the counts alone.
  package static func isSpoilt(diverged: Int, of runs: Int) -> Bool {
    Double(diverged) > toleratedDivergence * Double(runs)
  }

  /// Whether so many diverged, more than half, that a command has failed.
  package static func isLost(diverged: Int, of runs: Int) -> Bool { 2 * diverged > runs }

  /// What to do against divergence, where no more is known of the steps.
  package static let divergenceRemedy = "use a smaller learning rate or time step"

  /// Why no time is estimated; nil where one is.
  package var divergenceReason: String? {
    guard isSpoiltByDivergence else { return nil }
    return
      "\(count(.diverged)) of \(runs) runs diverged, more than 1 %: the others are not a fair sample, so no time is estimated"
  }
}
