import Escapes
import Landscapes
public import LangevinDynamics
import Networks
public import NumericalMethods

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
  public let testLoss: Double?
  /// The fraction of samples whose largest output is at the largest target; nil for one output.
  public let trainAccuracy: Double?
  public let testAccuracy: Double?
  /// σ_r of the end-to-end map, descending; empty for a nonlinear network.
  public let singularValues: [Double]
}

/// A training run: its curve and where it ended.
public struct TrainingRun: Sendable {
  public let records: [TrainingRecord]
  public let finalPoint: [Double]
  /// The step at which the loss became non-finite; nil for a run that went to its end.
  public let divergedAtStep: Int?

  /// Whether the run went to its end, or diverged; false where it was paused.
  public let hasEnded: Bool

  /// Trains with real minibatch SGD.
  ///
  /// - Parameters:
  ///   - test: held-out data; may be nil.
  ///   - hasClasses: whether targets are indicators of classes; without classes there is no accuracy.
  ///   - recordEvery: steps between records; the first and the last step are always recorded.
  ///   - resumed: where a run was paused, and its records up to there; `random` then has to be at the state's
  ///     position.
  ///   - onRecord: called with each record.
  ///   - isPaused: asked every few milliseconds of work, with a way to learn where the run is.
  public init(
    loss: NetworkLoss, test: Dataset?, settings: SGDSettings, start: [Double], steps: Int,
    recordEvery: Int, hasClasses: Bool = true, random: borrowing RandomSource,
    resuming resumed: (records: [TrainingRecord], state: ReplicaState)? = nil,
    onRecord: (TrainingRecord) -> Void = { _ in },
    isPaused: (_ here: () -> ReplicaState) throws -> Bool = { _ in false }
  ) throws {
    try Require.atLeast(1, "number of steps", steps)
    try Require.atLeast(1, "steps between records", recordEvery)
    let process = MinibatchSGD(loss: loss, settings: settings)
    let observer = try TrainingObserver(
      loss: loss, test: test, process: process, hasClasses: hasClasses)
    var records = resumed?.records ?? []
    var diverged: Int? = nil
    var state = [Double](repeating: 0, count: process.stateCount)
    func record(_ step: Int) throws -> Bool {
      let record = try observer.record(step: step, at: Array(state[..<process.dimension]))
      guard record.energy.isFinite else { return false }
      records.append(record)
      onRecord(record)
      return true
    }
    var step = 0
    if let here = resumed?.state {
      step = here.step
      state = here.state
    } else {
      for i in start.indices { state[i] = start[i] }
      state.withUnsafeMutableBufferPointer { process.prepare($0.baseAddress!, random: random) }
      if try !record(0) { diverged = 0 }
    }
    var pace = Pace()
    var wasPaused = false
    while step < steps && diverged == nil && !wasPaused {
      let next = min(steps, (step / recordEvery + 1) * recordEvery)
      let block = min(next - step, pace.interval)
      withScratch(process.scratchCount) { scratch in
        state.withUnsafeMutableBufferPointer { state in
          for _ in 0..<block {
            process.step(state.baseAddress!, random: random, scratch: scratch)
            step += 1
            // One coordinate of a linear chain turning non-finite spreads to all within a step or two.
            guard state[0].isFinite else { break }
          }
        }
      }
      if step == next || !state[0].isFinite, try !record(step) { diverged = step }
      guard diverged == nil, pace.isDue() else { continue }
      wasPaused = try isPaused {
        ReplicaState(
          replica: 0, step: step, state: state, stream: random.position ?? .zero, distance: 0)
      }
    }
    self.records = records
    finalPoint = Array(state[..<process.dimension])
    divergedAtStep = diverged
    hasEnded = diverged != nil || step == steps
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
  public func accuracy(on data: Dataset, at point: [Double]) -> Double? {
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
