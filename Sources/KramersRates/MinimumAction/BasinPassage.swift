/// The most probable passage from one basin of attraction into another.
public struct BasinPassage: Sendable {
  /// The saddle between the basins, where b = 0.
  public let saddle: [Double]
  /// |b| there.
  public let driftAtSaddle: Double
  /// The path from the start up to the saddle, which carries the whole cost.
  public let ascent: MinimumActionPath
  /// From the saddle with the drift into the end, at no cost.
  public let descent: [[Double]]
  /// Whether the drift led from the saddle into the end. If not, another basin lies between.
  public let reachesEnd: Bool

  /// ΔΦ of the passage.
  public var quasiPotentialBarrier: Double { ascent.quasiPotentialBarrier }
}
