/// What τ of one replicate is made of, on either engine: steps of loops, and of the paths round by round.
@usableFromInline
struct SplittingTally {
  @usableFromInline let paths: Int
  /// Steps A → Σ of all loops.
  @usableFromInline var outward = 0
  /// Steps Σ → A of the first paths that came back, and how many did.
  @usableFromInline var homeward = 0
  @usableFromInline var home = 0
  /// Π (1 − nₖ/N).
  private var probability = 1.0
  private var stopped: [Int]
  private var stepsBy: [Int]

  @usableFromInline init(_ settings: SplittingSettings) {
    paths = settings.paths
    stopped = [Int](repeating: 0, count: settings.levels)
    stepsBy = stopped
  }

  /// Notes a round: whose paths came no farther than a level.
  @usableFromInline mutating func stop(_ count: Int, at level: Int) {
    stopped[level] = count
    probability *= Double(paths - count) / Double(paths)
  }

  /// Notes the steps of those that took their places.
  @usableFromInline mutating func spend(_ steps: Int, at level: Int) { stepsBy[level] = steps }

  /// - Parameter roots: those of the paths in the target.
  @usableFromInline func record(roots: Int) -> SplittingRecord {
    SplittingRecord(stopped: stopped, steps: stepsBy, roots: roots)
  }

  /// τ = (1/p − 1)(T₁ + T₂) + T₁ + T₃.
  ///
  /// - Parameter inTarget: steps Σ → B of all paths.
  @usableFromInline func meanFirstPassageTime(inTarget: Int, timeStep: Double) -> Double {
    let count = Double(paths)
    let first = Double(outward) / count * timeStep
    let loop = first + (home > 0 ? Double(homeward) / Double(home) * timeStep : 0)
    return (1 / probability - 1) * loop + (first + Double(inTarget) / count * timeStep)
  }
}
