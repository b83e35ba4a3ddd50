/// How a replicate of splitting came to its target, level by level.
@usableFromInline package struct SplittingRecord: Codable, Sendable, Equatable {
  /// Paths that were stopped at each level, having come no farther: all of them where a replicate dies out.
  @usableFromInline package let stopped: [Int]
  /// Steps of the paths that took their places.
  @usableFromInline package let steps: [Int]
  /// First paths that those in the target descend from; 0 where there are none.
  @usableFromInline package let roots: Int

  @usableFromInline package init(stopped: [Int], steps: [Int], roots: Int) {
    self.stopped = stopped
    self.steps = steps
    self.roots = roots
  }

  /// Whether it can be one of such a replicate: what a file says may be damaged.
  package func fits(_ settings: SplittingSettings) -> Bool {
    stopped.count == settings.levels && steps.count == settings.levels
      && stopped.allSatisfy { (0...settings.paths).contains($0) }
      && steps.allSatisfy { $0 >= 0 } && (0...settings.paths).contains(roots)
  }

  /// The estimate of the share of loops that come to each level, the target last: Π (1 − nⱼ/N) over the levels j before.
  package func reach(paths: Int) -> [Double] {
    var reach = [1.0]
    for count in stopped { reach.append(reach.last! * (1 - Double(count) / Double(paths))) }
    return reach
  }
}
