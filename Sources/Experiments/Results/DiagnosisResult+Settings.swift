import EscapeStatistics

extension DiagnosisResult {
  /// The verdict on passages at some settings.
  ///
  /// - Parameter runs: those behind them, for figures and files.
  init(
    of settings: [DelaySetting], runs: [DiagnosedRun], metric: String, threshold: Double?,
    event: String, level: Double, notes: [String]
  ) throws {
    let diagnosis = try DelayDiagnosis(settings, level: level)
    let settling = diagnosis.verdict == .unresolved ? diagnosis.settlingRuns(seed: 1) : nil
    self.init(
      event: event, verdict: diagnosis.verdict, reason: diagnosis.reason,
      sentence: diagnosis.sentence,
      settings: diagnosis.settings.map { setting in
        let laws = LawComparison(setting.sample, level: level)
        let sample = setting.sample
        return Setting(
          learningRate: setting.learningRate, batchSize: setting.batchSize,
          weightDecay: setting.weightDecay, isControl: setting.isControl,
          inverseNoise: setting.inverseNoise, runs: sample.runs, events: sample.events,
          meanFirstPassageTime: laws?.best.mean
            ?? .missing(
              level: level, reason: "fewer than \(LawComparison.fewestEvents) passages",
              events: sample.events, censored: sample.runs - sample.events), sample: sample)
      },
      candidates: diagnosis.candidates.map {
        Candidate(
          mechanism: $0.mechanism, logLikelihood: $0.logLikelihood,
          parameters: $0.parameterCount, weight: $0.weight)
      },
      evidence: diagnosis.evidence.map {
        Evidence(
          kind: $0.kind.rawValue, runs: $0.runs, events: $0.events, estimate: $0.estimate,
          pValue: $0.pValue, reading: $0.reading)
      }, remedies: diagnosis.remedies, settlingRuns: settling?.sentence, metric: metric,
      threshold: threshold, runs: runs, notes: notes)
  }
}

extension DelaySetting {
  /// Whether it stands before another one: by noise, the strongest first, then by weight decay and learning rate.
  func precedes(_ other: DelaySetting) -> Bool {
    func place(_ setting: DelaySetting) -> (Double, Double, Double) {
      (setting.inverseNoise ?? .infinity, setting.weightDecay ?? 0, setting.learningRate)
    }
    return place(self) < place(other)
  }
}
