import Escapes
import Landscapes
package import LangevinDynamics
package import Networks
package import NumericalMethods

/// One point of a training curve.
public struct TrainingRecord: Codable, Sendable {
  public let step: Int
  /// Passes over the data: steps/⌊N/B⌋.
  public let epoch: Double
  /// t = steps × learning rate; with a schedule the sum of the learning rates.
  public let time: Double
  /// Mean loss per sample without the penalty.
  public let trainLoss: Double
  /// The training loss with (β/2)‖θ‖²: the energy.
  public let energy: Double
  /// The mean loss of the test samples; nil where there are none.
  public let testLoss: Double?
  /// The fraction of samples whose largest output is at the largest target; nil for one output.
  public let trainAccuracy: Double?
  /// The share of test samples whose class is right; nil where there are none, or no classes.
  public let testAccuracy: Double?
  /// σ_r of the end-to-end map, descending; empty for a nonlinear network.
  public let singularValues: [Double]
}

/// A training run: its curve, and where it is.
package struct TrainingRun: ~Copyable, Resumable {
  package private(set) var records = [TrainingRecord]()
  /// The step at which the loss became non-finite; nil for a run that did not come to that.
  package private(set) var divergedAtStep: Int?
  private let observer: TrainingObserver
  private let lastStep: Int
  private let schedule: RecordSchedule
  private var pace = Pace()
  private var walker: Walker<NetworkTrainer>

  /// A run at its start.
  ///
  /// - Parameters:
  ///   - test: held-out data; may be nil.
  ///   - schedule: when it is looked at; the first and the last step are always recorded.
  ///   - hasClasses: whether targets are indicators of classes; without classes there is no accuracy.
  ///   - key: the name of the stream that batches are drawn from.
  ///   - factor: s of the convention that records are in (`LossConvention`): of losses, and the inverse of that of times.
  /// - Throws: `InvalidInput` where there would be no step or no record.
  package init(
    loss: NetworkLoss, test: Dataset?, settings: TrainingSettings, start: [Double], steps: Int,
    schedule: RecordSchedule, hasClasses: Bool = true, key: StreamKey,
    factor: Double = 1
  ) throws {
    try Require.atLeast(1, "number of steps", steps)
    if case .even(let every) = schedule {
      try Require.atLeast(1, "steps between records", every)
    }
    let process = NetworkTrainer(loss: loss, settings: settings)
    observer = try TrainingObserver(
      loss: loss, test: test, process: process, hasClasses: hasClasses, factor: factor)
    lastStep = steps
    self.schedule = schedule
    walker = Walker(process, at: start, key: key)
  }

  /// θ.
  package var point: [Double] { walker.position }

  /// Whether it has come to its last step, or diverged.
  package var hasEnded: Bool { hasDiverged || walker.steps >= lastStep }

  package var hasDiverged: Bool { divergedAtStep != nil }

  /// The whole state of the optimiser and of the order of samples, and the position of the stream of batches.
  package var snapshot: ReplicaState { walker.snapshot()! }

  package mutating func restore(_ snapshot: ReplicaState, records: [TrainingRecord]) {
    walker.restore(snapshot)
    self.records = records
    divergedAtStep = nil
  }

  /// Trains up to the next record, or for some milliseconds. The first advance records the start.
  package mutating func advance() throws {
    guard !hasEnded else { return }
    guard let last = records.last else { return try record() }
    let next = min(lastStep, schedule.next(after: last.step))
    let pause = min(next, walker.steps + pace.interval)
    repeat { walker.step() } while walker.steps < pause && walker.isFinite
    if walker.steps == next || !walker.isFinite { try record() }
    _ = pace.isDue()
  }

  private mutating func record() throws {
    let record = try observer.record(step: walker.steps, at: walker.position)
    if record.energy.isFinite {
      records.append(record)
    } else {
      divergedAtStep = walker.steps
    }
  }
}
