public import Escapes
import KramersRates
import Landscapes
package import NetworkTraining
public import Networks
import NumericalMethods
public import RunStores

/// One real training run, with its curves.
public struct TrainingExperiment: Experiment {
  package let data: NetworkData
  package let architecture: NetworkArchitecture
  package let lossFunction: LossFunction
  package let weightDecay: Double
  package let settings: TrainingSettings
  package let epochs: Int
  /// Scale of the random start, relative to 1/√fan-in.
  package let initialScale: Double
  /// θ at the start; nil for a random one.
  package private(set) var start: [Double]? = nil
  /// What all weights of the last layer are at the start; nil for what the start says.
  package private(set) var output: Double? = nil
  /// Records in each decade of steps; nil for about 200, evenly spaced.
  package private(set) var recordsPerDecade: Int? = nil
  /// Whether θ at the end is written.
  package private(set) var keepsWeights = false
  /// What loss, β and h mean.
  package private(set) var convention = LossConvention.halfSum
  package let seed: UInt64

  /// The same with some of it chosen.
  ///
  /// - Throws: `InvalidInput` where the start does not fit the network.
  package func with(
    start: [Double]?, output: Double? = nil, recordsPerDecade: Int?, keepsWeights: Bool,
    convention: LossConvention = .halfSum
  ) throws -> TrainingExperiment {
    if let start, start.count != architecture.parameterCount {
      throw TrainingEnsembleExperiment.misfit(start, architecture)
    }
    if let recordsPerDecade {
      try Require.atLeast(1, "number of records in each decade of steps", recordsPerDecade)
    }
    var experiment = self
    experiment.start = start
    experiment.output = output
    experiment.recordsPerDecade = recordsPerDecade
    experiment.keepsWeights = keepsWeights
    experiment.convention = convention
    return experiment
  }

  /// - Throws: `InvalidInput` where a number makes no sense, the data are endless, or the loss makes no sense of the
  ///   targets.
  public init(
    data: NetworkData, architecture: NetworkArchitecture,
    lossFunction: LossFunction = .meanSquaredError, weightDecay: Double, settings: SGDSettings,
    epochs: Int, initialScale: Double = 1, seed: UInt64
  ) throws {
    try self.init(
      data: data, architecture: architecture, lossFunction: lossFunction, weightDecay: weightDecay,
      settings: TrainingSettings(settings), epochs: epochs, initialScale: initialScale, seed: seed)
  }

  /// The same with any optimiser, schedule and noise.
  package init(
    data: NetworkData, architecture: NetworkArchitecture,
    lossFunction: LossFunction = .meanSquaredError, weightDecay: Double,
    settings: TrainingSettings, epochs: Int, initialScale: Double = 1, seed: UInt64
  ) throws {
    try Require.nonNegative("weight decay β", weightDecay)
    try Require.atLeast(1, "number of epochs", epochs)
    try Require.nonNegative("initial scale", initialScale)
    guard data.training != nil else {
      throw InvalidInput(
        "training curves need finite data; name a file or a number of samples")
    }
    try lossFunction.checkClasses(data)
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
    let factor = convention.factor(of: lossFunction, outputs: architecture.widths.last!)
    let loss = try NetworkLoss(
      architecture: architecture, data: training, lossFunction: lossFunction,
      weightDecay: weightDecay / factor)
    let settings = try self.settings.scaled(learningRate: factor)
    let stepsPerEpoch = settings.batches.stepsPerEpoch(of: training.count)
    let steps = epochs * stepsPerEpoch
    // About 200 records, evenly spaced.
    let schedule =
      recordsPerDecade.map { RecordSchedule.logarithmic(perDecade: $0, leastGap: 1) }
      ?? .even(every: max(1, epochs / 200) * stepsPerEpoch)
    let start = architecture.with(
      output: output,
      in: self.start
        ?? architecture.randomWeights(
          scale: initialScale,
          random: RandomSource(StreamKey(seed: seed, purpose: .initialisation))))
    var run = try TrainingRun(
      loss: loss, test: data.test, settings: settings, start: start, steps: steps,
      schedule: schedule, hasClasses: data.hasClasses,
      key: StreamKey(seed: seed, purpose: .batches), factor: factor)
    let warning =
      DiscreteTime.warning(
        of: loss, at: start, under: settings.batches, factor: factor
      ).map { [$0] } ?? []
    context.announce(warning)
    let count = schedule.count(upTo: steps)
    let end = try context.curve(
      of: &run,
      cell: StoreCell(
        name: "training", kind: .curve, identity: identity(of: loss, start: start),
        timeStep: self.settings.batches.learningRate,
        cap: Double(steps) * self.settings.batches.learningRate),
      stage: ("training", records: count), leastVerified: 2
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
        notes: data.notes + [settings.batches.fullBatchRemark(of: training.count)].compactMap { $0 }
          + warning,
        widths: architecture.widths, learningRate: self.settings.batches.learningRate,
        weights: keepsWeights ? NetworkCheckpoint.tensors(of: run.point, architecture) : nil))
  }

  /// Every value that decides the numbers of the run.
  private func identity(of loss: NetworkLoss, start: [Double]) -> [String: String] {
    var identity = SGDDynamics(settings.batches).identity
    identity.merge(settings.identity) { $1 }
    if let recordsPerDecade { identity["records"] = "\(recordsPerDecade)" }
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
    if convention != .halfSum { identity["convention"] = convention.rawValue }
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
