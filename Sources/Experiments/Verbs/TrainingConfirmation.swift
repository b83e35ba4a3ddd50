import EscapeStatistics
import NetworkTraining
import Networks
import NumericalMethods
import RunStores

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a verdict says would end a delay, tried.
struct TrainingRemedy {
  /// "half the batch size".
  let change: String
  /// The setting with its result before the change; the number of the cell.
  let before: TrainingSetting
  let after: TrainingSetting
  let conduct: TrainingEnsembleExperiment.Conduct
  /// τ after over τ before, by what was measured; nil where nothing tells.
  let predictedRatio: Double?
  /// Whether the time is to be shorter; else it is to stay.
  let shortens: Bool
}

extension TrainingEnsembleExperiment {
  /// What to try, at the setting with noise whose runs took longest; nil where the verdict names nothing.
  func remedy(for diagnosis: DiagnosisResult, at setting: TrainingSetting) -> TrainingRemedy? {
    func evidence(_ kind: DelayEvidence.Kind) -> Estimate? {
      diagnosis.evidence.first { $0.kind == kind.rawValue }?.estimate
    }
    func remedy(
      _ change: String, _ after: TrainingSetting, conduct: Conduct? = nil, ratio: Double?,
      shortens: Bool = true
    ) -> TrainingRemedy {
      TrainingRemedy(
        change: change, before: setting, after: after, conduct: conduct ?? self.conduct,
        predictedRatio: ratio, shortens: shortens)
    }
    switch diagnosis.verdict {
    case .escape, .mixture, .noiseInducedDrift, .diffusive:
      // Half of B, or where that is one sample, half as much again of h.
      let batch = setting.batchSize ?? 1
      let after =
        batch > 1
        ? setting.with(batchSize: batch / 2)
        : setting.with(learningRate: 1.5 * setting.learningRate)
      let noise = { (setting: TrainingSetting) in
        Double(setting.batchSize ?? 1) * (1 - conduct.batches.momentum) / setting.learningRate
      }
      let slope = diagnosis.verdict == .escape ? evidence(.noiseSlope)?.value : nil
      return remedy(
        batch > 1
          ? "the batch size \(batch / 2) in the place of \(batch)"
          : "the learning rate \(sixDigits(after.learningRate)) in the place of \(sixDigits(setting.learningRate))",
        after, ratio: slope.map { exp($0 * (noise(after) - noise(setting))) })
    case .drift:
      if let power = evidence(.weightDecayPower), let value = power.value,
        let upper = power.upper, upper < -0.3, setting.weightDecay > 0
      {
        return remedy(
          "twice the weight decay, β = \(sixDigits(2 * setting.weightDecay))",
          setting.with(weightDecay: 2 * setting.weightDecay), ratio: pow(2, value))
      }
      return remedy(
        "half the learning rate, h = \(sixDigits(0.5 * setting.learningRate)), which is to leave t = steps × h as it is",
        setting.with(learningRate: 0.5 * setting.learningRate), ratio: 1, shortens: false)
    case .absorbing:
      guard conduct.noise.dropout.isEmpty, setting.widths.count > 2 else { return nil }
      var conduct = conduct
      conduct.noise.dropout = [0.3]
      return remedy("dropout of 0.3", setting, conduct: conduct, ratio: nil)
    case .unresolved: return nil
    }
  }
}

extension TrainingSetting {
  func with(
    learningRate: Double? = nil, batchSize: Int? = nil, weightDecay: Double? = nil
  ) -> TrainingSetting {
    TrainingSetting(
      learningRate: learningRate ?? self.learningRate, batchSize: batchSize ?? self.batchSize,
      weightDecay: weightDecay ?? self.weightDecay, widths: widths, testFraction: testFraction)
  }
}
