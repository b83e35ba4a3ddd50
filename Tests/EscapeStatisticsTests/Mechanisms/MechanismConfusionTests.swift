import Foundation
import NumericalMethods
import TestSupport
import Testing

@testable import EscapeStatistics

/// How often the verdict on labelled ensembles is right, open or wrong.
///
/// `METASTABLE_WRITE_MECHANISMS=FILE` judges 400 of each kind and writes the table; otherwise 60 are checked.
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

  @Test func writesTheTable() throws {
    guard let path = ProcessInfo.processInfo.environment["METASTABLE_WRITE_MECHANISMS"] else {
      return
    }
    let table = Self.table(each: 400, seed: 950)
    try Data(table.markdown.utf8).write(to: URL(filePath: path))
  }
}
