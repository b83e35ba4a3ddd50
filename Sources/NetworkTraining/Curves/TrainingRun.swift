package import Escapes
import Landscapes
package import LangevinDynamics
package import Networks
package import NumericalMethods

/// One point of a training curve.
public struct TrainingRecord: Codable, Sendable {
  public let step: Int
  /// Passes over the data: steps/⌊N/B⌋.
  public let epoch: Double
  /// t = steps × learning rate.
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

/// A training run by real minibatch SGD: its curve, and where it is.
package struct TrainingRun: ~Copyable, Resumable {
  package private(set) var records = [TrainingRecord]()
  /// The step at which the loss became non-finite; nil for a run that did not come to that.
  package private(set) var divergedAtStep: Int?
  private let observer: TrainingObserver
  private let lastStep: Int
  private let recordEvery: Int
  private var pace = Pace()
  private var walker: Walker<MinibatchSGD>

  /// A run at its start.
  ///
  /// - Parameters:
  ///   - test: held-out data; may be nil.
  ///   - recordEvery: steps between records; the first and the last step are always recorded.
  ///   - hasClasses: whether targets are indicators of classes; without classes there is no accuracy.
  ///   - key: the name of the stream that batches are drawn from.
  /// - Throws: `InvalidInput` where there would be no step or no record.
  package init(
    loss: NetworkLoss, test: Dataset?, settings: SGDSettings, start: [Double], steps: Int,
    recordEvery: Int, hasClasses: Bool = true, key: StreamKey
  ) throws {
    try Require.atLeast(1, "number of steps", steps)
    try Require.atLeast(1, "steps between records", recordEvery)
    let process = MinibatchSGD(loss: loss, settings: settings)
    observer = try TrainingObserver(
      loss: loss, test: test, process: process, hasClasses: hasClasses)
    lastStep = steps
    self.recordEvery = recordEvery
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
    guard walker.steps > 0 || !records.isEmpty else { return try record() }
    let next = min(lastStep, (walker.steps / recordEvery + 1) * recordEvery)
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

/// Measures the records of one run.
private struct TrainingObserver {
  let loss: NetworkLoss
  let test: Dataset?
  let process: MinibatchSGD
  let hasClasses: Bool
  let testLoss: NetworkLoss?

  init(loss: NetworkLoss, test: Dataset?, process: MinibatchSGD, hasClasses: Bool) throws {
    self.hasClasses = hasClasses
    self.loss = loss
    self.test = test
    self.process = process
    testLoss = try test.map {
      try NetworkLoss(
        architecture: loss.architecture, data: $0, lossFunction: loss.lossFunction,
        weightDecay: loss.weightDecay)
    }
  }

  func record(step: Int, at point: [Double]) throws -> TrainingRecord {
    let energy = loss.energy(at: point)
    let penalty = point.withUnsafeBufferPointer { loss.penalty(at: $0.baseAddress!) }
    var values = [Double]()
    if loss.architecture.activation == .linear, energy.isFinite, !loss.architecture.hasBiases {
      values = try DeepLinearNetwork(
        widths: loss.architecture.widths, moments: SecondMoments(of: loss.data.subset([0])),
        weightDecay: 0
      ).endToEndSingularValues(at: point)
    }
    return TrainingRecord(
      step: step, epoch: Double(step) / Double(process.stepsPerEpoch),
      time: Double(step) * process.timeStep, trainLoss: energy - penalty, energy: energy,
      testLoss: testLoss.map { $0.energy(at: point) - penalty },
      trainAccuracy: hasClasses ? loss.accuracy(on: loss.data, at: point) : nil,
      testAccuracy: hasClasses ? test.flatMap { loss.accuracy(on: $0, at: point) } : nil,
      singularValues: values)
  }
}

extension NetworkLoss {
  /// The fraction of rows whose largest output stands where the largest target does; nil for a single
  /// output.
  package func accuracy(on data: Dataset, at point: [Double]) -> Double? {
    guard data.targets.columns > 1 else { return nil }
    let outputs = predictions(for: data.inputs, at: point)
    func largest(_ row: [Double]) -> Int { row.indices.max { row[$0] < row[$1] }! }
    var hits = 0
    for n in 0..<data.count where largest(outputs.row(n)) == largest(data.targets.row(n)) {
      hits += 1
    }
    return Double(hits) / Double(data.count)
  }
}
