import Foundation
import NumericalMethods
import TestSupport
import Testing

@testable import EscapeStatistics

/// How often the verdict on labelled ensembles is right, open or wrong.
///
/// `METASTABLE_WRITE_MECHANISMS=1` judges 400 of each kind and writes the page of the documentation; otherwise 60 are
/// checked.
@Suite struct MechanismConfusionTests {
  struct Table {
    /// By kind, then by verdict.
    var counts = [DelayMechanism: [DelayMechanism: Int]]()
    /// Right, open and wrong by the number of runs.
    /// Right and all of those with a hundred runs or more.
    var large = [DelayMechanism: (right: Int, all: Int)]()
    var bySize = [Int: (right: Int, open: Int, wrong: Int)]()
    var withControl = (resolved: 0, all: 0)
    var without = (resolved: 0, all: 0)

    static let sizes = [20, 50, 100, 201]

    mutating func add(
      _ kind: DelayMechanism, _ verdict: DelayMechanism, _ ensemble: LabelledDelays.Ensemble
    ) {
      counts[kind, default: [:]][verdict, default: 0] += 1
      if ensemble.runs >= 100 {
        let old = large[kind] ?? (0, 0)
        large[kind] = (old.right + (verdict == kind ? 1 : 0), old.all + 1)
      }
      var size = bySize[Self.sizes.first { ensemble.runs < $0 }!] ?? (0, 0, 0)
      if verdict == kind {
        size.right += 1
      } else if verdict == .unresolved {
        size.open += 1
      } else {
        size.wrong += 1
      }
      bySize[Self.sizes.first { ensemble.runs < $0 }!] = size
      let resolved = verdict == .unresolved ? 0 : 1
      if ensemble.hasControl {
        withControl = (withControl.resolved + resolved, withControl.all + 1)
      } else {
        without = (without.resolved + resolved, without.all + 1)
      }
    }

    func wrong(_ kind: DelayMechanism) -> Int {
      counts[kind, default: [:]].reduce(0) {
        $0 + ($1.key == kind || $1.key == .unresolved ? 0 : $1.value)
      }
    }

    var wrong: Int { LabelledDelays.kinds.reduce(0) { $0 + wrong($1) } }
    var right: Int { LabelledDelays.kinds.reduce(0) { $0 + (counts[$1]?[$1] ?? 0) } }
    var all: Int { counts.values.reduce(0) { $0 + $1.values.reduce(0, +) } }

    var markdown: String {
      let columns = DelayMechanism.allCases
      var text =
        "| made by | \(columns.map(\.rawValue).joined(separator: " | ")) | right of those with 100 runs or more |\n"
      text += "| --- |" + columns.map { _ in " ---: |" }.joined() + " ---: |\n"
      for kind in LabelledDelays.kinds {
        let cells = columns.map { String(counts[kind]?[$0] ?? 0) }
        let (right, all) = large[kind] ?? (0, 0)
        text += "| \(kind.rawValue) | \(cells.joined(separator: " | ")) | \(right) of \(all) |\n"
      }
      text += "\n| runs in all | right | unresolved | wrong |\n| --- | ---: | ---: | ---: |\n"
      var from = 5
      for size in Self.sizes {
        let row = bySize[size] ?? (0, 0, 0)
        text += "| \(from) to \(size - 1) | \(row.right) | \(row.open) | \(row.wrong) |\n"
        from = size
      }
      text +=
        "\nOf \(withControl.all) ensembles with a control \(withControl.resolved) were resolved, "
      text += "of \(without.all) without \(without.resolved).\n"
      return text
    }
  }

  static func table(
    each: Int, seed: UInt64, requiredGap: Double = DelayJudgement.requiredGap
  ) -> Table {
    var table = Table()
    for (i, kind) in LabelledDelays.kinds.enumerated() {
      for replica in 0..<each {
        let random = testStream(seed + UInt64(i), replica: replica)
        let ensemble = LabelledDelays.ensemble(kind, random)
        let verdict = DelayJudgement(ensemble.settings, requiredGap: requiredGap).verdict
        table.add(kind, verdict, ensemble)
      }
    }
    return table
  }

  @Test(.tags(.statistical, .slow), .unlessQuick) func fewVerdictsAreWrong() {
    let table = Self.table(each: 60, seed: 900)
    // Wrong: 1 % of 360 are 3.6; five standard errors more are 13.
    #expect(table.wrong <= 13, "\(table.markdown)")
    // A third are resolved: there are 20 runs or fewer in a third of all, and as few passages in a half.
    #expect(table.right > table.all / 4, "\(table.markdown)")
  }

  /// The weight that is required was chosen by this, on other ensembles than those of the table.
  @Test func writesTheCalibration() throws {
    guard let path = ProcessInfo.processInfo.environment["METASTABLE_CALIBRATE_MECHANISMS"] else {
      return
    }
    var text = "| weight required | right | unresolved | wrong |\n| ---: | ---: | ---: | ---: |\n"
    for weight in [0.8, 0.9, 0.95, 0.98, 0.99] {
      let gap = 2 * log(weight / (1 - weight))
      let table = Self.table(each: 200, seed: 930, requiredGap: gap)
      let open = table.all - table.right - table.wrong
      text += "| \(weight) | \(table.right) | \(open) | \(table.wrong) |\n"
      for kind in LabelledDelays.kinds {
        text +=
          "<!-- \(kind.rawValue): right \(table.counts[kind]?[kind] ?? 0), wrong \(table.wrong(kind)) -->\n"
      }
    }
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  @Test func writesThePage() throws {
    guard ProcessInfo.processInfo.environment["METASTABLE_WRITE_MECHANISMS"] != nil else { return }
    let table = Self.table(each: 400, seed: 950)
    let open = table.all - table.right - table.wrong
    func share(_ count: Int) -> String {
      String(format: "%.1f %%", 100 * Double(count) / Double(table.all))
    }
    let page = """
      # How often a verdict is right

      \(table.all) made-up ensembles of which it is known why they were delayed, and what `diagnose` calls them.

      ## Overview

      Made by `METASTABLE_WRITE_MECHANISMS=1 make test FILTER=MechanismConfusionTests`, of other ensembles than those on which
      the required weight was chosen. Each has 2 to 5 settings with 5 to 200 runs in all, evenly in their logarithm, a control
      without noise in four of five; up to 80 % of the runs with noise are stopped before they pass, and runs are looked at up
      to a third of the delay apart. Their laws are others than those that are fitted: drifts are normal, log-normal or gamma
      or have the tail of exponential growth from a random start, lags are gamma, barriers have a prefactor that is a power of
      the noise, diffusion has a drift or a wall.

      \(table.right) (\(share(table.right))) are named rightly, \(open) (\(share(open))) left `unresolved`, and
      \(table.wrong) (\(share(table.wrong))) named wrongly. Rows are what made the ensembles, columns the verdicts.

      \(table.markdown)
      """
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources/Metastable/Metastable.docc/Articles/MechanismConfusion.md")
    try Data(page.utf8).write(to: path.standardizedFileURL)
  }
}
