import EscapeStatistics
public import Experiments
package import Figures
import NumericalMethods

extension PassageTimesResult: Tabulated {
  private static func name(_ group: Group) -> String {
    var parts = [group.group].compactMap { $0 }
    if let x = group.inverseNoise { parts.append("x = \(sixDigits(x))") }
    if let beta = group.weightDecay { parts.append("β = \(sixDigits(beta))") }
    return parts.isEmpty ? "all runs" : parts.joined(separator: ", ")
  }

  static let columns: [Column<Group>] = [
    .init("group", "runs of", "setting") { name($0) },
    .init("runs", "runs", "number of runs") { $0.runs },
    .init("events", "passed", "runs that passed") { $0.events },
    .init("time", "τ", "mean first-passage time", unit: "the table's") {
      $0.meanFirstPassageTime.value
    },
    .init("timeLower", "lower", "lower end of its interval") { $0.meanFirstPassageTime.lower },
    .init("timeUpper", "upper", "upper end of its interval") { $0.meanFirstPassageTime.upper },
    .init("median", "median", "time by which half of the runs have passed") { group in
      group.waitingTimes.quantiles.first { $0.probability == 0.5 }?.time.value
    },
    .init("law", "law", "law that describes them best") {
      $0.waitingTimes.laws.first?.law.rawValue
    },
    .init("weight", "weight", "its Akaike weight") { $0.waitingTimes.laws.first?.weight },
  ]

  package static var tableDescriptions: [TableDescription] {
    [
      TableDescription("times", columns),
      TableDescription("laws", WaitingTimes.groupedColumns, only: "with five passages or more"),
    ] + Ladder.tableDescriptions
  }

  package var tables: [Table] {
    let rows = groups.flatMap { group in
      group.waitingTimes.laws.map { WaitingTimes.Row(group: Self.name(group), law: $0) }
    }
    var tables = [
      Table(name: "times", title: "First passages", columns: Self.columns, rows: groups)
    ]
    if !rows.isEmpty {
      let isAlone = groups.count == 1
      tables.append(
        Table(
          name: "laws", title: "Laws of the waiting times",
          columns: isAlone ? WaitingTimes.columns : WaitingTimes.groupedColumns, rows: rows,
          isDetail: !isAlone))
    }
    return tables + (ladder?.tables() ?? [])
  }

  package var summary: [String] {
    let alone = groups.count == 1 ? groups[0].waitingTimes.sentences : []
    return alone + [ladder?.comparison?.sentence].compactMap { $0 }
  }

  package func figures() throws -> [(name: String, figure: Figure)] {
    let level = groups.first?.meanFirstPassageTime.level ?? 0.95
    var figures = [(name: String, figure: Figure)]()
    for (i, group) in groups.enumerated() {
      let ending = groups.count == 1 ? "" : "-\(i + 1)"
      let title = Self.name(group)
      let drawn: [(name: String, figure: Figure)]
      if let turnbull = group.turnbull {
        let plot = TurnbullPlot(estimate: turnbull, law: group.waitingTimes.comparison?.best)
        drawn = plot.figure(title: title).map { [("survival", $0)] } ?? []
      } else {
        drawn = group.waitingTimes.figures(of: group.sample.sample, level: level, title: title)
      }
      figures += drawn.map { ($0.name + ending, $0.figure) }
    }
    return figures + LadderPlot(result: self, level: level).figures()
  }
}
