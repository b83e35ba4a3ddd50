package import LangevinDynamics
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How replicates of splitting came to the target: the share of loops that comes to each level, where paths are stopped,
/// and how many first paths are left.
///
/// With an order parameter that ranks states as the committor does, and levels without end, each of N paths is stopped
/// as often as any other, so that
///
/// ```
/// s/k̂ = √(p^{−1/N} − 1),   roots = 1/(1 − (1 − 1/N) p^{1/N})
/// ```
///
/// The first is exact; the second is the mean course of Kingman's coalescent, in which each of the K = N ln(1/p) stopped
/// paths joins a pair with the chance 2/N².
///
/// Source: A. Guyader, N. Hengartner and E. Matzner-Løber, Appl. Math. Optim. 64, 171 (2011) for the spread.
package struct SplittingLevels: Sendable {
  /// One level.
  package struct Level: Sendable {
    /// 0 at the end of a loop; the last is the target.
    package let number: Int
    /// From the target, where it begins, in units of the order parameter.
    package let distance: Double
    /// The share of loops that comes to it: mean of the replicates.
    package let probability: Double
    /// Standard deviation of a replicate's share over the mean; nil where it has none.
    package let spread: Double?
    /// The share of a replicate's paths that is stopped at it, having come no farther, on average; nil at the target.
    package let stopped: Double?
    /// Steps of the paths that took their places, of all replicates; nil at the target.
    package let steps: Double?
  }

  package let levels: [Level]
  /// For each replicate the share of loops that comes to each level.
  package let reach: [[Double]]
  /// First paths that those in the target descend from, on average over replicates that arrived.
  package let meanRoots: Double
  /// The same, and s/k̂, of a perfect order parameter.
  package let idealRoots: Double
  package let idealSpread: Double

  /// - Returns: nil where no replicate has a record that arrived.
  package init?(_ records: [SplittingRecord], _ settings: SplittingSettings, startSet: StartSet) {
    let records = records.filter { $0.fits(settings) }
    let arrived = records.filter { $0.roots > 0 }
    guard !arrived.isEmpty else { return nil }
    let count = Double(records.count)
    let paths = Double(settings.paths)
    let reach = records.map { $0.reach(paths: settings.paths) }
    levels = (0...settings.levels).map { level in
      let shares = reach.map { $0[level] }
      let mean = shares.reduce(0, +) / count
      let squares = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let isTarget = level == settings.levels
      // Those that died out before stopped nobody here.
      let there = zip(records, reach).filter { $0.1[level] > 0 }.map(\.0)
      return Level(
        number: level,
        distance: startSet.outer * (1 - Double(level) / Double(settings.levels)),
        probability: mean,
        spread: count > 1 && mean > 0 ? (squares / (count - 1)).squareRoot() / mean : nil,
        stopped: isTarget
          ? nil
          : there.reduce(0) { $0 + Double($1.stopped[level]) } / paths / Double(there.count),
        steps: isTarget ? nil : records.reduce(0) { $0 + Double($1.steps[level]) })
    }
    self.reach = reach
    meanRoots = arrived.reduce(0) { $0 + Double($1.roots) } / Double(arrived.count)
    let logProbability = log(levels.last!.probability) / paths
    idealSpread = expm1(-logProbability).squareRoot()
    idealRoots = 1 / (1 - (1 - 1 / paths) * exp(logProbability))
  }

  /// Where the largest share of paths is stopped.
  package var hardest: Level { levels.dropLast().max { $0.stopped! < $1.stopped! }! }

  /// How good order parameter and number of paths are, where that is not good enough.
  ///
  /// - Parameter spread: s/k̂.
  package func remark(paths: Int, spread: Double?) -> String? {
    let isPoor = meanRoots < 0.5 * idealRoots || (spread ?? 0) > 2 * max(idealSpread, 0.1)
    guard meanRoots <= 3 || isPoor else { return nil }
    let found =
      "the \(paths) paths of a replicate descend from \(twoDigits(meanRoots)) of its first paths on average, where a perfect order parameter would leave \(twoDigits(idealRoots))"
    return isPoor
      ? "\(found): the order parameter is poor, and \(Int((100 * hardest.stopped!).rounded())) % of paths stop at a distance of \(brief(hardest.distance)); take more --paths or another --order-parameter"
      : "\(found): paths are few for so rare an escape; take more --paths"
  }
}
