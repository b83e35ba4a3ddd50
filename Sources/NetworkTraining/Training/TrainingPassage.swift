package import EscapeStatistics
import Escapes
package import LangevinDynamics
package import Networks
package import NumericalMethods

/// What one run of an ensemble is trained on, and from where.
package struct TrainingProblem: Sendable {
  package let loss: NetworkLoss
  /// nil where nothing is held back.
  package let test: Dataset?
  /// Whether targets are indicators of classes.
  package let hasClasses: Bool
  /// θ at step 0.
  package let start: [Double]
  /// The name of the stream that batches are drawn from.
  package let key: StreamKey

  package init(
    loss: NetworkLoss, test: Dataset?, hasClasses: Bool, start: [Double], key: StreamKey
  ) {
    self.loss = loss
    self.test = test
    self.hasClasses = hasClasses
    self.start = start
    self.key = key
  }
}

/// What all runs of one setting have in common.
package struct TrainingPlan: Sendable {
  package let settings: TrainingSettings
  package let lastStep: Int
  package let schedule: RecordSchedule
  /// Whether a run has come to where it ends; nil for runs that go to their last step.
  package let event: (@Sendable (TrainingRecord) -> Bool)?
  /// Whether θ at the end is kept.
  package let keepsWeights: Bool

  package init(
    settings: TrainingSettings, lastStep: Int, schedule: RecordSchedule,
    event: (@Sendable (TrainingRecord) -> Bool)?, keepsWeights: Bool = false
  ) {
    self.settings = settings
    self.lastStep = lastStep
    self.schedule = schedule
    self.event = event
    self.keepsWeights = keepsWeights
  }

  /// Records at most: those of the schedule, and those of the stretch of the event.
  var mostRecords: Int { schedule.count(upTo: lastStep) + TrainingPassage.refinement + 1 }
}

/// One training of an ensemble, from its start to its event or its last step.
///
/// Records are far apart, or they would cost as much as the training. So where one meets the condition, the stretch since
/// the record before is gone through once more, which gives the same steps, with ``refinement`` records on it: the passage
/// is then known to a small part of the gap, for the price of one gap. The rest of the stretch shows whether the condition
/// stays: where it does not, sparse looks miss such passages.
package struct TrainingPassage: ~Copyable {
  /// Looks at the stretch in which the event lies.
  static let refinement = 16

  package private(set) var records: [TrainingRecord]
  /// How it ended; nil while it has not.
  package private(set) var end: PassageTime?
  private let plan: TrainingPlan
  private let observer: TrainingObserver
  private var walker: Walker<NetworkTrainer>
  /// Where it was at its last record; while the stretch of the event is gone through again, at the beginning of that.
  private var last: ReplicaState
  private var pace = Pace()
  /// Where the stretch of the event ends that is gone through again, and the steps between its records.
  private var stretch: (end: Int, gap: Int)?
  /// The event, while the rest of its stretch is looked at.
  private var found: Found?
  /// Whether the condition ceased to hold within the stretch of the event.
  package private(set) var reverts = false

  private struct Found {
    let passage: PassageTime
    let state: ReplicaState
    var lastLook: Int
  }

  /// - Parameters:
  ///   - replica: its number in the ensemble.
  ///   - state: where it was, as ``state`` tells it; nil at the start.
  package init(
    _ plan: TrainingPlan, _ problem: TrainingProblem, resuming state: ReplicaState?
  ) throws {
    self.plan = plan
    let process = NetworkTrainer(loss: problem.loss, settings: plan.settings)
    observer = try TrainingObserver(
      loss: problem.loss, test: problem.test, process: process, hasClasses: problem.hasClasses)
    walker = Walker(process, at: problem.start, key: problem.key)
    last = walker.snapshot()!
    records = []
    if let state {
      records = unpacked(state.state, of: observer, after: process.stateCount)
      last = ReplicaState(
        replica: last.replica, step: state.step,
        state: Array(state.state.prefix(process.stateCount)), stream: state.stream, distance: 0)
      walker.restore(last)
    }
  }

  /// Numbers in ``state``.
  static func stateCount(_ plan: TrainingPlan, _ problem: TrainingProblem) throws -> Int {
    let process = NetworkTrainer(loss: problem.loss, settings: plan.settings)
    let observer = try TrainingObserver(
      loss: problem.loss, test: problem.test, process: process, hasClasses: problem.hasClasses)
    return process.stateCount + 1 + plan.mostRecords * observer.fieldCount
  }

  /// Everything that is needed to go on from the last record, the records with it.
  package func state(replica: Int) -> ReplicaState {
    // A stretch that was begun is begun again, or other records would follow.
    let records = records.prefix { $0.step <= last.step }
    var numbers = last.state + [Double(records.count)]
    for record in records { numbers += observer.fields(of: record) }
    let room = plan.mostRecords - records.count
    numbers += [Double](repeating: 0, count: room * observer.fieldCount)
    return ReplicaState(
      replica: replica, step: last.step, state: numbers, stream: last.stream, distance: 0)
  }

  /// θ.
  package var point: [Double] { walker.position }

  /// Trains up to the next record, or for some milliseconds.
  package mutating func advance() throws {
    guard end == nil else { return }
    guard let before = found?.lastLook ?? records.last?.step else { return try look() }
    let next = min(
      plan.lastStep,
      stretch.map { min($0.end, before + $0.gap) } ?? plan.schedule.next(after: before))
    let pause = min(next, walker.steps + pace.interval)
    repeat { walker.step() } while walker.steps < pause && walker.isFinite
    if walker.steps == next || !walker.isFinite { try look() }
    _ = pace.isDue()
  }

  private mutating func look() throws {
    let step = walker.steps
    let record = try observer.record(step: step, at: walker.position)
    if let found { return lookBehind(found, record) }
    guard record.energy.isFinite else {
      end = PassageTime(time: record.time, outcome: .diverged)
      return
    }
    let holds = plan.event?(record) ?? false
    if holds, stretch == nil, let before = records.last?.step, step - before > 1 {
      // At its end the condition holds, though on the way it may hold for a moment and no more.
      stretch = (step, (step - before + Self.refinement - 1) / Self.refinement)
      walker.restore(last)
      return
    }
    records.append(record)
    if stretch == nil { last = walker.snapshot()! }
    if holds {
      let passage = PassageTime(time: record.time, outcome: .escaped)
      if let stretch, step < stretch.end {
        found = Found(passage: passage, state: walker.snapshot()!, lastLook: step)
      } else {
        end = passage
      }
    } else if step >= plan.lastStep {
      end = PassageTime(time: record.time, outcome: .censored)
    }
  }

  /// Behind the event, on its stretch.
  private mutating func lookBehind(_ found: Found, _ record: TrainingRecord) {
    if !record.energy.isFinite || plan.event?(record) == false { reverts = true }
    if record.step < stretch!.end, record.energy.isFinite {
      self.found?.lastLook = record.step
    } else {
      walker.restore(found.state)
      end = found.passage
    }
  }

  /// The steps that it came to.
  package var steps: Int { walker.steps }
}

/// The records in a state, behind the numbers of the process.
private func unpacked(
  _ numbers: [Double], of observer: TrainingObserver, after count: Int
) -> [TrainingRecord] {
  let fields = observer.fieldCount
  guard numbers.count > count else { return [] }
  let most = (numbers.count - count - 1) / fields
  // A number from a file may be anything.
  guard let records = Int(exactly: numbers[count]), (0...most).contains(records) else { return [] }
  return (0..<records).map { i in
    let first = count + 1 + i * fields
    return observer.record(of: Array(numbers[first..<first + fields]))
  }
}

extension TrainingObserver {
  /// Numbers of a record.
  var fieldCount: Int { 6 + singularValueCount }

  func fields(of record: TrainingRecord) -> [Double] {
    [
      Double(record.step), record.energy, record.testLoss ?? 0, record.trainAccuracy ?? 0,
      record.testAccuracy ?? 0, record.trainLoss,
    ] + record.singularValues
  }

  func record(of fields: [Double]) -> TrainingRecord {
    let step = Int(exactly: fields[0]) ?? 0
    let hasTest = test != nil
    let hasAccuracy = hasClasses && loss.architecture.widths.last! > 1
    return TrainingRecord(
      step: step, epoch: Double(step) / Double(process.stepsPerEpoch),
      time: process.settings.time(afterSteps: step), trainLoss: fields[5], energy: fields[1],
      testLoss: hasTest ? fields[2] : nil, trainAccuracy: hasAccuracy ? fields[3] : nil,
      testAccuracy: hasTest && hasAccuracy ? fields[4] : nil,
      singularValues: Array(fields[6...]))
  }
}
