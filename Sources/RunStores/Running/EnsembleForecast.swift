import EscapeStatistics
import LangevinDynamics

/// How far ensembles are, and when they may end.
///
/// A run on its way is as good as a new one (escapes have no memory), so an ensemble still needs as many runs
/// as have not ended, each with the mean number of steps so far.
struct EnsembleForecast {
  private struct Part {
    let extent: EnsembleExtent
    let timeStep: Double
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
    var stepsPerRun: Double? {
      ended.runs > 0 ? (ended.steps + stepsUnderway) / Double(ended.runs) : nil
    }
    var secondsPerStep: Double? {
      let steps = steps + stepsUnderway
      return steps > 0 ? (seconds + underway.reduce(0) { $0 + $1.wallTime }) / steps : nil
    }
    var runsToGo: Double? {
      let left = Double(max(0, total - ended.runs))
      guard let goal = extent.eventGoal else { return left }
      guard ended.events > 0 else { return nil }
      let needed = Double(max(0, goal - ended.events))
      return min(left, needed * Double(ended.runs) / Double(ended.events))
    }
  }

  private var parts: [Part]
  private let start = ContinuousClock.now
  /// Replica-seconds on the way when the session began.
  private let secondsBefore: Double

  init(_ plans: [EnsemblePlan]) {
    parts = plans.map { plan in
      Part(
        extent: plan.job.extent, timeStep: plan.job.ensemble.timeStep, ended: plan.stored,
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
      if exposure > 0, !isSpoilt {
        progress.rate = EscapeSample.rate(
          events: part.ended.events, exposure: exposure,
          censored: part.ended.runs - part.ended.events + part.underway.count, level: 0.95)
      }
      if progress.eventsToGo == nil, part.ended.events > 0, let left = part.runsToGo {
        progress.eventsToGo = Int(
          (left * Double(part.ended.events) / Double(part.ended.runs)).rounded())
      }
    }
    progress.secondsToGo = secondsToGo
    return progress
  }

  /// Replica-seconds still needed, over how many of them pass in a second. An ensemble that has not begun is
  /// taken to cost what the others do.
  private var secondsToGo: Double? {
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    let spent =
      parts.reduce(0) { $0 + $1.seconds + $1.underway.reduce(0) { $0 + $1.wallTime } }
      - secondsBefore
    guard elapsed > 0.5, spent > 0 else { return nil }
    let costs = parts.map { part -> Double? in
      guard let steps = part.stepsPerRun, let seconds = part.secondsPerStep else { return nil }
      return steps * seconds
    }
    let known = costs.compactMap { $0 }
    guard !known.isEmpty else { return nil }
    let typical = known.reduce(0, +) / Double(known.count)
    var needed = 0.0
    for (part, cost) in zip(parts, costs) {
      needed += (part.runsToGo ?? Double(part.extent.eventGoal ?? 0)) * (cost ?? typical)
    }
    return needed / (spent / elapsed)
  }
}
