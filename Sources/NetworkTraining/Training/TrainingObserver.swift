import Landscapes
import Networks
import NumericalMethods

/// Measures the records of one run.
struct TrainingObserver {
  let loss: NetworkLoss
  let test: Dataset?
  let process: NetworkTrainer
  let hasClasses: Bool
  /// s of the convention that records are in.
  private let factor: Double
  private let testLoss: NetworkLoss?
  private let spectrum: DeepLinearNetwork?

  init(
    loss: NetworkLoss, test: Dataset?, process: NetworkTrainer, hasClasses: Bool,
    factor: Double = 1
  ) throws {
    self.hasClasses = hasClasses
    self.factor = factor
    self.loss = loss
    self.test = test
    self.process = process
    testLoss = try test.map {
      try NetworkLoss(
        architecture: loss.architecture, data: $0, lossFunction: loss.lossFunction,
        weightDecay: loss.weightDecay)
    }
    spectrum =
      loss.architecture.activation == .linear && !loss.architecture.hasBiases
      ? try DeepLinearNetwork(
        widths: loss.architecture.widths, moments: SecondMoments(of: loss.data.subset([0])),
        weightDecay: 0) : nil
  }

  /// How many singular values a record has.
  var singularValueCount: Int {
    spectrum == nil
      ? 0 : min(loss.architecture.widths.first!, loss.architecture.widths.last!)
  }

  func record(step: Int, at point: [Double]) throws -> TrainingRecord {
    let penalty = point.withUnsafeBufferPointer { loss.penalty(at: $0.baseAddress!) }
    let training = loss.measure(at: point)
    let test = testLoss?.measure(at: point)
    // The penalty is added and taken off, as E is what a landscape gives.
    let energy = training.meanLoss + penalty
    // In the units of another convention: E → sE at h → h/s is the same run.
    return TrainingRecord(
      step: step, epoch: Double(step) / Double(process.stepsPerEpoch),
      time: process.settings.time(afterSteps: step) / factor,
      trainLoss: factor * (energy - penalty), energy: factor * energy,
      testLoss: test.map { factor * ($0.meanLoss + penalty - penalty) },
      trainAccuracy: hasClasses ? training.accuracy : nil,
      testAccuracy: hasClasses ? test.flatMap(\.accuracy) : nil,
      singularValues: energy.isFinite ? try spectrum?.endToEndSingularValues(at: point) ?? [] : [])
  }
}
