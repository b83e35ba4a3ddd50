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

  /// - Throws: `InvalidInput` where no theory can apply: friction in several dimensions, or a batch that is
  ///   all the data.
  public init(of escape: any Escape, under noise: Noise) throws {
    self.escape = escape
    self.noise = noise
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
      guard let escape = escape as? FeatureEscape else {
        throw InvalidInput(
          "\(escape.name) has no data, so it has no noise of minibatches; give a temperature")
      }
      if let samples = escape.training?.count,
        let remark = settings.fullBatchRemark(of: samples, no: "noise to escape by")
      {
        throw InvalidInput(remark + "; use a smaller one")
      }
    }
  }

  public func result(in context: RunContext) throws -> RateResult {
    let predictions = try RateTheories.predictions(of: escape, under: noise)
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
      stepsPerEpoch = (escape as? FeatureEscape)?.training.map {
        settings.stepsPerEpoch(of: $0.count)
      }
      notes += settings.momentumRemark.map { [$0] } ?? []
    }
    for prediction in predictions {
      for note in prediction.notes { notes.append("\(prediction.theory): \(note)") }
    }
    return RateResult(
      theories: predictions.map {
        RateResult.Theory($0, timeStep: timeStep, stepsPerEpoch: stepsPerEpoch)
      }, notes: notes, title: title)
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
