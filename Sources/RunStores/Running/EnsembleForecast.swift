import EscapeStatistics
import LangevinDynamics

/// How far ensembles are, and when they may end.
///
/// What runs still take is a ``RunExpectation``: what was seen, or else theory, up to the cap. New runs take the
/// places of those that end; at last the places empty one by one.
struct EnsembleForecast {
  private struct Part {
    let extent: EnsembleExtent
    let timeStep: Double
    /// Whether times are of passages, of which a rate can be said on the way.
    let hasRate: Bool
    /// Steps of a run at most.
    let cap: Double
    /// The mean number of steps by theory; nil where there is none.
    let theory: Double?
    /// In the store and in this session.
    var ended: RunTally
    /// Ended in this session.
    var steps = 0.0
    var seconds = 0.0
    /// On their way.
    var underway = [ReplicaState]()
    /// Runs that this process is to have done in the end.
    let total: Int

    var stepsUnderway: Double { underway.reduce(0) { $0 + Double($1.step) } }
    var expectation: RunExpectation {
      RunExpectation(
        ends: ended.runs - ended.censored, steps: ended.steps + stepsUnderway, theory: theory,
        cap: cap)
    }
    var secondsPerStep: Double? {
      let steps = steps + stepsUnderway
      return steps > 0 ? (seconds + underway.reduce(0) { $0 + $1.wallTime }) / steps : nil
    }
    var runsToGo: Double {
      let left = Double(max(0, total - ended.runs))
      guard let goal = extent.eventGoal else { return left }
      let ends = ended.runs - ended.censored
      let escaping = ends > 0 ? Double(ended.events) / Double(ends) : 1
      let probability = expectation.endProbability * escaping
      let needed = Double(max(0, goal - ended.events))
      return probability > 0 ? min(left, needed / probability) : needed > 0 ? left : 0
    }
    /// Steps of the runs that have not begun.
    var stepsOfNewRuns: Double {
      max(0, runsToGo - Double(underway.count)) * expectation.stepsToGo()
    }
    /// Steps until the last of the runs on their way ends.
    var stepsOfLastRun: Double {
      runsToGo > 0 ? expectation.stepsToGoOfLast(from: underway.map { Double($0.step) }) : 0
    }
  }

  private var parts: [Part]
  let start = ContinuousClock.now
  /// Replica-seconds on the way when the session began.
  private let secondsBefore: Double

  init(_ plans: [EnsemblePlan]) {
    parts = plans.map { plan in
      Part(
        extent: plan.job.extent, timeStep: plan.job.ensemble.timeStep,
        hasRate: !plan.job.ensemble.runsAreEstimates,
        cap: Double(plan.job.ensemble.lastStep),
        theory: plan.job.expectedTime.map { $0 / plan.job.ensemble.timeStep }, ended: plan.stored,
        underway: plan.resumed,
        total: plan.stored.runs + plan.missing.count + plan.resumed.count)
    }
    secondsBefore = plans.flatMap(\.resumed).reduce(0) { $0 + $1.wallTime }
  }

  mutating func note(_ finished: [FinishedRun], _ states: [ReplicaState], plan i: Int) {
    for run in finished {
      parts[i].ended.note(run)
      parts[i].steps += Double(run.steps)
      parts[i].seconds += run.wallTime
    }
    if !states.isEmpty || !finished.isEmpty { parts[i].underway = states }
  }

  var progress: EnsembleProgress {
    var progress = EnsembleProgress(
      done: parts.reduce(0) { $0 + $1.ended.runs }, total: parts.reduce(0) { $0 + $1.total },
      events: parts.reduce(0) { $0 + $1.ended.events })
    if parts.allSatisfy({ $0.extent.eventGoal != nil }) {
      progress.eventGoal = parts.reduce(0) { $0 + $1.extent.eventGoal! }
      progress.eventsToGo = max(0, progress.eventGoal! - progress.events)
    }
    if parts.count == 1 {
      let part = parts[0]
      let exposure = part.ended.exposure + part.stepsUnderway * part.timeStep
      let isSpoilt = EscapeSample.isSpoilt(diverged: part.ended.diverged, of: part.ended.runs)
      if exposure > 0, !isSpoilt, part.hasRate {
        progress.rate = EscapeSample.rate(
          events: part.ended.events, exposure: exposure,
          censored: part.ended.runs - part.ended.events + part.underway.count, level: 0.95)
      }
      if progress.eventsToGo == nil, part.ended.events > 0, part.hasRate {
        progress.eventsToGo = Int(
          (part.runsToGo * Double(part.ended.events) / Double(part.ended.runs)).rounded())
      }
    }
    progress.secondsToGo = secondsToGo
    return progress
  }

  /// Replica-seconds of runs that have not begun, over how many of them pass in a second; then the last of those
  /// on their way. An ensemble that has not begun is taken to cost as much a step as the others do.
  private var secondsToGo: Double? {
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    let spent =
      parts.reduce(0) { $0 + $1.seconds + $1.underway.reduce(0) { $0 + $1.wallTime } }
      - secondsBefore
    guard elapsed > 0.5, spent > 0 else { return nil }
    let known = parts.compactMap(\.secondsPerStep)
    guard !known.isEmpty else { return nil }
    let typical = known.reduce(0, +) / Double(known.count)
    var ofNewRuns = 0.0
    var ofLastRun = 0.0
    for part in parts {
      let cost = part.secondsPerStep ?? typical
      ofNewRuns += part.stepsOfNewRuns * cost
      ofLastRun = max(ofLastRun, part.stepsOfLastRun * cost)
    }
    return ofNewRuns * elapsed / spent + ofLastRun
  }
}
