package import DataFiles
import Experiments
import NumericalMethods
package import RunStores

extension SelfTest {
  /// Every row, and what they amount to.
  package struct Outcome: DescribedJSON {
    /// Every row.
    package let checks: [Check]
    /// Rows that fail.
    package let failed: Int
    /// How many random numbers the rows compare.
    package let comparisons: Int
    /// An upper bound on the probability that a right build fails on some seed: see ``SelfTest``.
    package let falseAlarmBound: Double
    /// How long the suite took.
    package let seconds: Double
    /// What was asked for; nil where the outcome was read from a document.
    package private(set) var settings: Settings? = nil

    private enum CodingKeys: String, CodingKey {
      case checks, failed, comparisons, falseAlarmBound, seconds
    }

    /// What the rows amount to.
    package init(settings: Settings, checks: [Check], seconds: Double) {
      self.checks = checks
      failed = checks.count { !$0.passes }
      comparisons = checks.reduce(0) { $0 + $1.comparisons }
      falseAlarmBound = 2 * 2 * Distributions.normalUpperTail(standardScore) * Double(comparisons)
      self.seconds = seconds
      self.settings = settings
    }

    /// 0 where every row passes, 70 (internal error) otherwise, or where there is none.
    package var exitCode: Int32 { failed == 0 && !checks.isEmpty ? 0 : 70 }

    package static let keys: [KeyDescription] = [
      .objects("checks", Check.self),
      .init("failed", "–", "rows that fail"),
      .init("comparisons", "–", "random numbers in all rows"),
      .init(
        "falseAlarmBound", "–", "bound on the probability that a right build fails on a new seed"),
      .init("seconds", "s", "the time it took"),
    ]
  }
}

extension SelfTest: Experiment {
  /// Makes every check; nothing is kept.
  package func result(in context: RunContext) -> Outcome { outcome(progress: context.progress) }
}
