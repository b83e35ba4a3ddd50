public import Escapes
import KramersRates
import Landscapes
import NetworkTraining
public import Networks
import NumericalMethods
public import RunStores

/// One real training run, with its curves.
public struct TrainingExperiment: Experiment {
  package let data: NetworkData
  package let architecture: NetworkArchitecture
  package let lossFunction: LossFunction
  package let weightDecay: Double
  package let settings: SGDSettings
  package let epochs: Int
  /// Scale of the random start, relative to 1/√fan-in.
  package let initialScale: Double
  package let seed: UInt64

  /// - Throws: `InvalidInput` where a number makes no sense, the data are endless, or the loss makes no sense of the
  ///   targets.
  public init(
    data: NetworkData, architecture: NetworkArchitecture,
    lossFunction: LossFunction = .meanSquaredError, weightDecay: Double, settings: SGDSettings,
    epochs: Int, initialScale: Double = 1, seed: UInt64
  ) throws {
    try Require.nonNegative("weight decay β", weightDecay)
    try Require.atLeast(1, "number of epochs", epochs)
    try Require.nonNegative("initial scale", initialScale)
    guard data.training != nil else {
      throw InvalidInput(
        "training curves need finite data; name a file or a number of samples")
    }
    for part in [data.training!] + (data.test.map { [$0] } ?? []) {
      try lossFunction.check(targets: part.targets)
    }
    if lossFunction == .crossEntropy {
      try Require.atLeast(2, "number of classes that the cross-entropy compares", data.targets)
    }
    let steps = epochs.multipliedReportingOverflow(by: data.training!.count)
    guard !steps.overflow else {
      throw InvalidInput("number of epochs \(epochs) is more than can be counted; use fewer")
    }
    self.data = data
    self.architecture = architecture
    self.lossFunction = lossFunction
    self.weightDecay = weightDecay
    self.settings = settings
    self.epochs = epochs
    self.initialScale = initialScale
    self.seed = seed
  }

  public func result(in context: RunContext) throws -> TrainingResult {
    let training = data.training!
    let loss = try NetworkLoss(
      architecture: architecture, data: training, lossFunction: lossFunction,
      weightDecay: weightDecay)
    let stepsPerEpoch = settings.stepsPerEpoch(of: training.count)
    let steps = epochs * stepsPerEpoch
    // About 200 records, evenly spaced.
    let recordEvery = max(1, epochs / 200) * stepsPerEpoch
    let start = architecture.randomWeights(
      scale: initialScale, random: RandomSource(StreamKey(seed: seed, purpose: .initialisation)))
    var run = try TrainingRun(
      loss: loss, test: data.test, settings: settings, start: start, steps: steps,
      recordEvery: recordEvery, hasClasses: data.hasClasses,
      key: StreamKey(seed: seed, purpose: .batches))
    let warning = DiscreteTime.warning(of: loss, at: start, under: settings).map { [$0] } ?? []
    context.announce(warning)
    let count = steps / recordEvery + 1
    let end = try context.curve(
      of: &run,
      cell: StoreCell(
        name: "training", kind: .curve, identity: identity(of: loss, start: start),
        timeStep: settings.learningRate, cap: Double(steps) * settings.learningRate),
      stage: ("training", records: count + 1), leastVerified: 2
    ) { "after \($0) of \(count) records" }
    let records = run.records
    let divergedAtStep = end.flatMap { $0.passage.outcome == .diverged ? $0.steps : nil }
    let outcome: TrainingResult.Outcome =
      divergedAtStep != nil
      ? .diverged : records.last?.step == steps ? .finished : .unfinished
    return TrainingResult(
      run: TrainingResult.Run(
        outcome: outcome, divergedAtStep: divergedAtStep,
        parameters: architecture.parameterCount, stepsPerEpoch: stepsPerEpoch),
      end: records.last.map { TrainingResult.End($0) }, curve: records,
      plan: TrainingResult.Plan(
        data: data.description,
        notes: data.notes + [settings.fullBatchRemark(of: training.count)].compactMap { $0 }
          + warning,
        widths: architecture.widths, learningRate: settings.learningRate))
  }

  /// Every value that decides the numbers of the run.
  private func identity(of loss: NetworkLoss, start: [Double]) -> [String: String] {
    var identity = SGDDynamics(settings).identity
    var fingerprint = Fingerprint()
    fingerprint.add("\(architecture) \(lossFunction)")
    for set in [loss.data] + (data.test.map { [$0] } ?? []) {
      fingerprint.add(set.inputs.elements)
      fingerprint.add(set.targets.elements)
    }
    fingerprint.add(start)
    identity["problem"] = fingerprint.text
    identity["weightDecay"] = "\(weightDecay)"
    identity["seed"] = "\(seed)"
    return identity
  }
}

extension TrainingResult.End {
  fileprivate init(_ last: TrainingRecord) {
    steps = last.step
    time = last.time
    trainLoss = last.trainLoss
    energy = last.energy
    testLoss = last.testLoss
    trainAccuracy = last.trainAccuracy
    testAccuracy = last.testAccuracy
    singularValues = last.singularValues
  }
}
