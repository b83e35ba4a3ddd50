import EscapeStatistics
import Escapes
import Experiments
import LangevinDynamics
import NumericalMethods
import RunStores
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Levels of splitting, and what they say of the order parameter")
struct SplittingLevelsTests {
  private func record(_ stopped: [Int], roots: Int) -> SplittingRecord {
    SplittingRecord(stopped: stopped, steps: stopped.map { 100 * $0 }, roots: roots)
  }

  private func startSet() throws -> StartSet {
    try OverdampedDynamics(temperature: 0.03).ensemble(of: WellEscape.doubleWell, cap: 1)
      .splitting(SplittingSettings(), seed: 1).startSet
  }

  @Test("Means over replicates, one that died out as none")
  func means() throws {
    let settings = try SplittingSettings(paths: 10, levels: 4)
    let start = try startSet()
    let levels = try #require(
      SplittingLevels(
        [record([5, 2, 0, 0], roots: 3), record([10, 0, 0, 0], roots: 0), record([1], roots: 1)],
        settings, startSet: start))
    #expect(levels.reach == [[1, 0.5, 0.4, 0.4, 0.4], [1, 0, 0, 0, 0]])
    #expect(levels.levels.map(\.probability) == [1, 0.25, 0.2, 0.2, 0.2])
    #expect(levels.levels.map(\.stopped) == [0.75, 0.2, 0, 0, nil])
    #expect(levels.levels.map(\.steps) == [1500, 200, 0, 0, nil])
    expectClose(levels.levels[1].spread!, to: 2.0.squareRoot(), relative: 1e-14)
    expectClose(levels.levels[3].distance, to: start.outer / 4, relative: 1e-14)
    #expect(levels.meanRoots == 3 && levels.hardest.number == 0)
    // p = 0.2, N = 10: √(5^0.1 − 1) and 1/(1 − 0.9 × 5^−0.1).
    expectClose(levels.idealSpread, to: 0.4178743, relative: 1e-5)
    expectClose(levels.idealRoots, to: 4.277268, relative: 1e-5)
    #expect(
      SplittingLevels([record([10, 0, 0, 0], roots: 0)], settings, startSet: start) == nil)
  }

  @Test(
    "Few roots: paths are few where the ideal has few as well, the order parameter is poor where not"
  )
  func remarks() throws {
    let settings = try SplittingSettings(paths: 100, levels: 4)
    func remark(_ stopped: [Int], roots: Int, spread: Double?) throws -> String? {
      SplittingLevels([record(stopped, roots: roots)], settings, startSet: try startSet())?
        .remark(paths: 100, spread: spread)
    }
    // p = 10⁻⁸ and a little: ideal are 5.6 roots and a spread of 0.45.
    let rare = [99, 99, 99, 99]
    #expect(try remark(rare, roots: 5, spread: 0.5) == nil)
    #expect(try remark(rare, roots: 3, spread: 0.5)?.contains("paths are few") == true)
    let poor = try #require(try remark(rare, roots: 2, spread: 0.5))
    #expect(poor.contains("order parameter is poor") && poor.contains("99 % of paths stop"))
    #expect(try remark(rare, roots: 5, spread: 1.2)?.contains("poor") == true)
  }

  @Test("A perfect order parameter leaves the roots and the spread that it should")
  func ideal() throws {
    let result = try EscapeExperiment(
      of: WellEscape.doubleWell, under: OverdampedDynamics(temperature: 0.025), runs: 1, seed: 9
    ).by(.splitting(SplittingSettings(paths: 100), replicates: 60)).result(in: RunContext())
    let splitting = try #require(result.splitting)
    let roots = try #require(splitting.meanRoots)
    let ideal = try #require(splitting.idealRoots)
    #expect(ideal > 5 && ideal < 20)
    #expect(roots > 0.7 * ideal && roots < 1.3 * ideal, "\(roots), ideal \(ideal)")
    // Of 60 replicates s/k̂ is known to a tenth; time of loops and levels of finite width add to it.
    let spread = try #require(splitting.spread)
    #expect(spread < 1.6 * splitting.idealSpread!, "\(spread), ideal \(splitting.idealSpread!)")
    #expect(!result.notes.contains { $0.contains("descend from") })
  }
}
