public import Escapes
import Foundation
import KramersRates
import Landscapes
import NetworkTraining
import Networks
import NumericalMethods
public import RunStores

/// Every theory that applies to one escape, side by side, each with the reason to trust it or not.
public struct RateExperiment: Experiment {
  package let escape: any Escape
  package let noise: Noise
  /// What is to be found first, if anything.
  package let setting: SolvedSetting?
  package let budget: Budget?
  /// Over how long the covariance about the minimum is measured; nil where it is not asked for.
  package private(set) var covarianceBudget: Budget?
  package private(set) var seed: UInt64 = 1
  /// Whether the path of least action in all weights is looked for.
  package private(set) var findsLeastAction = false

  /// - Throws: `InvalidInput` where no theory can apply: friction in several dimensions, or a batch that is
  ///   all the data.
  public init(of escape: any Escape, under noise: Noise) throws {
    try self.init(of: escape, under: noise, setting: nil, budget: nil)
  }

  /// The same at that value of one setting at which a feature is kept for so long on average; the search starts at
  /// the value that it has.
  ///
  /// - Throws: `InvalidInput` where nothing is lost, or not under minibatches.
  public init(
    of escape: any Escape, under noise: Noise, solving setting: SolvedSetting, for budget: Budget
  ) throws {
    guard case .minibatch = noise, (escape as? FeatureEscape)?.isLoss == true else {
      throw InvalidInput(
        "a setting is solved for where SGD loses a feature of a network; give --process sgd, and ranks that fall"
      )
    }
    try self.init(of: escape, under: noise, setting: setting, budget: budget)
  }

  /// The same with the covariance of SGD's weights about the minimum, predicted and measured.
  ///
  /// - Parameters:
  ///   - budget: the time of each run that is measured.
  ///   - seed: of these runs.
  /// - Throws: `InvalidInput` where there are no minibatches.
  public func measuringCovariance(over budget: Budget, seed: UInt64) throws -> RateExperiment {
    guard case .minibatch = noise, escape is FeatureEscape else {
      throw InvalidInput(
        "the covariance about a minimum is that of a network under SGD; give --process sgd")
    }
    var experiment = self
    experiment.covarianceBudget = budget
    experiment.seed = seed
    return experiment
  }

  /// The same with the exponent of the path of least action in all weights, which takes a minute.
  ///
  /// - Throws: `InvalidInput` where it is not that of SGD out of a basin of a few weights.
  public func findingLeastAction() throws -> RateExperiment {
    guard case .minibatch = noise, escape is any NetworkBasin else {
      throw InvalidInput(
        "the least action in all weights is that of SGD out of a basin; give --process sgd and a network with --activation, --feature or --start"
      )
    }
    let dimension = escape.landscape.dimension
    guard dimension <= LeastActionOfNetwork.largestDimension else {
      throw InvalidInput(
        "the least action in all weights is found for up to \(LeastActionOfNetwork.largestDimension) of them, but the network has \(dimension); leave --least-action out"
      )
    }
    var experiment = self
    experiment.findsLeastAction = true
    return experiment
  }

  private init(
    of escape: any Escape, under noise: Noise, setting: SolvedSetting?, budget: Budget?
  ) throws {
    self.escape = escape
    self.noise = noise
    self.setting = setting
    self.budget = budget
    switch noise {
    case .white: break
    case .inertial(_, let friction):
      let dimension = escape.landscape.dimension
      guard dimension == 1 else {
        throw InvalidInput(
          "the theories with friction are one-dimensional, but \(escape.name) has \(dimension) dimensions and friction \(friction.value) was asked for; leave the friction out"
        )
      }
    case .minibatch(let settings):
      guard escape.hasSamples else {
        throw InvalidInput(
          "\(escape.name) has no data, so it has no noise of minibatches; give a temperature")
      }
      if let samples = escape.sampleCount,
        let remark = settings.fullBatchRemark(of: samples, no: "noise to escape by")
      {
        throw InvalidInput(remark + "; use a smaller one")
      }
    }
  }

  public func result(in context: RunContext) throws -> RateResult {
    guard let setting, let budget, case .minibatch(let settings) = noise,
      let escape = escape as? FeatureEscape
    else { return try theoriesAndCovariance(in: context) }
    let search = SettingSearch(
      escape: escape, settings: settings, setting: setting, budget: budget)
    let value = try search.value()
    let (solved, its) = try search.problem(at: value)
    var there = try RateExperiment(of: solved, under: .minibatch(its))
    there.covarianceBudget = covarianceBudget
    there.seed = seed
    var result = try there.theoriesAndCovariance(in: context)
    let best = try RateTheories.best(of: solved, under: .minibatch(its))
    result.solution = RateResult.Solution(
      setting: setting.rawValue, value: value, time: budget.count, unit: budget.unit.rawValue,
      theory: best?.theory ?? "", meanFirstPassageTime: best?.meanFirstPassageTime,
      validity: best?.validity.verdict ?? .invalid)
    return result
  }

  private func theoriesAndCovariance(in context: RunContext) throws -> RateResult {
    var result = try theories()
    result.covariance = try covariance(isStopped: { context.stop.reason != nil })
    return result
  }

  private func theories() throws -> RateResult {
    var predictions = try RateTheories.predictions(of: escape, under: noise)
    if findsLeastAction {
      let theory = LeastActionOfNetwork()
      do {
        predictions += try theory.prediction(of: escape, under: noise).map { [$0] } ?? []
      } catch let failure as NumericalFailure {
        predictions.append(
          .failed(theory: theory.name, noise: noise.strength, reason: "\(failure)"))
      }
    }
    let title: String
    var notes = escape.notes
    var timeStep: Double? = nil
    var stepsPerEpoch: Int? = nil
    switch noise {
    case .white(let temperature), .inertial(let temperature, _):
      title = escape.title(atTemperature: temperature)
    case .minibatch(let settings):
      title = escape.title + ", \(SGDDynamics(settings).name)"
      timeStep = settings.learningRate
      stepsPerEpoch = escape.sampleCount.map { settings.stepsPerEpoch(of: $0) }
      notes += settings.momentumRemark.map { [$0] } ?? []
    }
    if predictions.isEmpty, escape is any NetworkPath {
      notes.append(
        "the theories of SGD are of a basin that loses a feature over one saddle, which this escape is not"
      )
    }
    for prediction in predictions {
      for note in prediction.notes { notes.append("\(prediction.theory): \(note)") }
    }
    return RateResult(
      theories: predictions.map {
        RateResult.Theory($0, timeStep: timeStep, stepsPerEpoch: stepsPerEpoch)
      }, climb: climb, notes: notes, title: title)
  }

  private func covariance(
    isStopped: @escaping @Sendable () -> Bool
  ) throws -> RateResult.Covariance? {
    guard let covarianceBudget, case .minibatch(let settings) = noise,
      let escape = escape as? FeatureEscape
    else { return nil }
    let predicted = try StationaryCovariance(of: escape, settings: settings)
    let time = try covarianceBudget.time(settings, of: escape)
    let measured = try StationaryFluctuations(
      about: predicted.escape, along: predicted.modes.map(\.direction),
      curvatures: predicted.curvatures, settings: settings, time: time, seed: seed,
      isStopped: isStopped)
    func inDocument(_ mean: StationaryFluctuations.Mean) -> RateResult.Covariance.Measured {
      .init(value: mean.value, standardError: mean.standardError)
    }
    return RateResult.Covariance(
      trace: predicted.trace, measuredTrace: inDocument(measured.trace),
      excessLoss: predicted.excessLoss, measuredExcessLoss: inDocument(measured.excessLoss),
      stillDirections: predicted.stillCount, runs: measured.runs, lost: measured.lost, time: time,
      modes: zip(predicted.modes, measured.variances).map {
        .init(variance: $0.variance, measured: inDocument($1), curvature: $0.curvature)
      })
  }

  /// Nil where there is none, or its theory fails, whose row says why.
  private var climb: RateResult.Climb? {
    guard case .minibatch(let settings) = noise, let escape = escape as? FeatureEscape,
      let profile = try? escape.climbProfile(settings)
    else { return nil }
    func singularValue(_ s: Double?) -> Double? {
      s.map { escape.mode.singularValue(arcLength: $0) }
    }
    return RateResult.Climb(
      saddleSingularValue: singularValue(profile.trap?.saddle),
      minimumSingularValue: singularValue(profile.trap?.minimum), barrier: profile.barrier,
      forceLeft: profile.forceLeft, criticalNoise: profile.criticalNoiseScale,
      points: profile.points.map {
        RateResult.Climb.Point(
          arcLength: $0.arcLength, singularValue: $0.singularValue, landscape: $0.landscapeForce,
          learned: $0.learnedForces, unlearned: $0.unlearnedForces,
          featureless: $0.featurelessForce, left: $0.force, potential: $0.potential)
      })
  }
}

extension RateResult.Theory {
  /// - Parameters:
  ///   - timeStep: h, under SGD.
  ///   - stepsPerEpoch: under SGD on finite data.
  fileprivate init(_ prediction: RatePrediction, timeStep: Double?, stepsPerEpoch: Int?) {
    let time = prediction.meanFirstPassageTime
    let logTime = prediction.logMeanFirstPassageTime
    let reason: String?
    if logTime.isNaN {
      reason = prediction.validity.reasons.first
    } else if logTime.isInfinite {
      reason = prediction.notes.first ?? "the state is never left"
    } else {
      reason =
        time.isFinite ? nil : "the time exceeds the range of a double; its logarithm is given"
    }
    self.init(
      theory: prediction.theory, noise: prediction.noise.description,
      logMeanFirstPassageTime: logTime, meanFirstPassageTime: time,
      meanFirstPassageTimeSteps: timeStep.map { time / $0 },
      meanFirstPassageTimeEpochs: timeStep.flatMap { step in
        stepsPerEpoch.map { time / step / Double($0) }
      }, rate: exp(-logTime), slope: prediction.apparentBarrier,
      logPrefactor: prediction.logPrefactor, clockStops: prediction.clockStop,
      validity: prediction.validity.verdict, reasons: prediction.validity.reasons,
      notes: prediction.notes, reason: reason)
  }
}
