import EscapeStatistics
import NumericalMethods
public import RunStores

/// The law of passages that were measured elsewhere.
public struct PassageTimesExperiment: Experiment {
  package let table: PassageTable
  package let level: Double

  /// - Throws: `InvalidInput` where a number makes no sense.
  public init(of table: PassageTable, level: Double = 0.95) throws {
    try Require.fraction("confidence level", level)
    self.table = table
    self.level = level
  }

  public func result(in context: RunContext) throws -> PassageTimesResult {
    var notes = table.notes
    let groups = try table.groups.map { group -> PassageTimesResult.Group in
      let sample = group.rung.sample
      let waitingTimes: WaitingTimes
      let mean: Estimate
      var turnbull: TurnbullEstimate? = nil
      if sample.isExact {
        let passages = sample.sample
        waitingTimes = WaitingTimes(passages, level: level)
        mean = passages.meanFirstPassageTime(level: level)
        if let remark = WaitingTimeLaw(passages).remark { notes.append(remark) }
      } else {
        let estimate = try TurnbullEstimate(sample)
        waitingTimes = WaitingTimes(sample, turnbull: estimate, level: level)
        mean =
          waitingTimes.laws.first?.meanFirstPassageTime
          ?? .missing(
            level: level,
            reason:
              "fewer than \(LawComparison.fewestEvents) passages, or all in one interval: no law is fitted",
            events: sample.events, censored: sample.runs - sample.events)
        turnbull = estimate
      }
      return PassageTimesResult.Group(
        group: group.name, inverseNoise: group.rung.inverseNoise,
        weightDecay: group.rung.weightDecay, runs: sample.runs, events: sample.events,
        censored: sample.runs - sample.events, meanFirstPassageTime: mean,
        waitingTimes: waitingTimes, sample: sample, turnbull: turnbull)
    }
    // Of runs that differ in more than the setting there is no ladder.
    let isOne = Set(table.groups.map(\.name)).count == 1
    let ladder = isOne ? LadderComparison(table.groups.map(\.rung), level: level) : nil
    if !isOne, table.groups.contains(where: { $0.rung.inverseNoise != nil }) {
      notes.append(
        "laws over the settings are of the runs of one group: take one with --where instead of --group"
      )
    }
    return PassageTimesResult(groups: groups, ladder: ladder.map { Ladder($0) }, notes: notes)
  }
}
