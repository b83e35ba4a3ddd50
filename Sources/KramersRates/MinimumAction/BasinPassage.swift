/// The most probable passage from one basin of attraction into another.
package struct BasinPassage: Sendable {
  /// The saddle between the basins, where b = 0.
  package let saddle: [Double]
  /// |b| there.
  package let driftAtSaddle: Double
  /// The path from the start up to the saddle, which carries the whole cost.
  package let ascent: MinimumActionPath
  /// From the saddle with the drift into the end, at no cost.
  package let descent: [[Double]]
  /// Whether the drift led from the saddle into the end. If not, another basin lies between.
  package let reachesEnd: Bool

  /// ΔΦ of the passage.
  package var quasiPotentialBarrier: Double { ascent.quasiPotentialBarrier }
}
