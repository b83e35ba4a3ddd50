import DataFiles
import NumericalMethods

extension LoggedRuns {
  /// The passages of all runs through the transitions of a metric (``MetricCurve/transitions()``): one stage, or several.
  ///
  /// Stage k of a run is its k-th transition; its passage is where the middle of the ramp may lie. A run without it is
  /// right-censored at its last record. Where such a run ends nearer to the level behind the transition than to the one
  /// before, it got there in another way, and nothing is said of its passage.
  ///
  /// - Throws: `InvalidInput` where no run has the metric, it mixes per cent and fractions, or no run has a transition.
  public func stages(of metric: String) throws -> [LogPassages] {
    let having = try having(metric)
    try checkUnits(metric, threshold: nil)
    let found = having.compactMap { run in
      run.curve(metric).map { (run: run, curve: $0, transitions: $0.transitions()) }
    }
    let most = found.map(\.transitions.count).max() ?? 0
    guard most > 0 else {
      let records = found.map(\.curve.steps.count).max() ?? 0
      throw InvalidInput(
        "no run has a transition of '\(shortened(metric))' that stands out of noise and drift (\(counted(found.count, "run")) of up to \(counted(records, "record"))); name what is to be reached, as in '\(shortened(metric)) >= 0.99'"
      )
    }
    let counts = Set(found.map(\.transitions.count).filter { $0 > 0 })
    var notes: [String] = []
    if counts.count > 1 {
      notes.append(
        "runs have \(counts.sorted().map(String.init).joined(separator: " or ")) transitions of '\(metric)', which are counted from the first"
      )
    }
    return (0..<most).map { stage in
      let transitions = found.compactMap { run in
        run.transitions.indices.contains(stage) ? run.transitions[stage] : nil
      }
      let before = median(transitions.map(\.levelBefore))
      let behind = median(transitions.map(\.levelAfter))
      let passages = found.map { run in
        let outcome: RunPassage.Outcome
        if run.transitions.indices.contains(stage) {
          let transition = run.transitions[stage]
          outcome = .passed(after: transition.after, by: transition.by)
        } else {
          let last = run.curve.steps[run.curve.steps.count - 1]
          let end = median(Array(run.curve.values.suffix(8)))
          let isBehind = run.transitions.count == 0 && abs(end - behind) < abs(end - before)
          outcome =
            isBehind
            ? .unclear(at: last) : .notYet(at: last, diverged: run.curve.endsUndefined)
        }
        return RunPassage(run: run.run.name, group: run.run.settings.group, outcome: outcome)
      }
      let unclear = passages.filter {
        if case .unclear = $0.outcome { true } else { false }
      }.map(\.run)
      let note =
        unclear.isEmpty
        ? []
        : [
          "\(quotedList(unclear)) \(unclear.count == 1 ? "ends" : "end") beyond stage \(stage + 1), yet without a transition that stands out of noise and drift, and \(unclear.count == 1 ? "is" : "are") left out; say what is to be reached"
        ]
      return LogPassages(
        event:
          "stage \(stage + 1) of '\(metric)', from about \(brief(before)) to \(brief(behind))",
        passages: passages, notes: notes + note + LogPassages.noteOnGap(passages))
    }
  }
}
