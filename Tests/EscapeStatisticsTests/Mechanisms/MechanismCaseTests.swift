import NumericalMethods
import TestSupport
import Testing

@testable import EscapeStatistics

/// Delays of real trainings that were measured: ensembles of the same times, spreads and numbers of runs.
@Suite struct MechanismCaseTests {
  /// Runs of a gamma law, of a mean and a coefficient of variation, after a lag.
  private func setting(
    _ x: Double?, h: Double = 0.1, beta: Double? = nil, runs: Int, mean: Double, variation: Double,
    lag: Double = 0, cap: Double = .infinity, look: Double? = nil, momentum: Double = 0,
    _ random: borrowing RandomSource
  ) -> DelaySetting {
    let sample = IntervalSample(
      (0..<runs).map { _ in
        let shape = 1 / (variation * variation)
        let time =
          mean < .infinity
          ? lag + random.gamma(shape: shape, scale: (mean - lag) / shape) : .infinity
        guard time < cap else { return PassageInterval(lower: cap, upper: .infinity) }
        guard let look else { return PassageInterval(lower: time, upper: time) }
        let number = (time / look).rounded(.down)
        return PassageInterval(lower: number * look, upper: (number + 1) * look)
      })
    return DelaySetting(
      learningRate: h, batchSize: x.map { $0 * h / (1 - momentum) }, momentum: momentum,
      weightDecay: beta, sample: sample)
  }

  // ReLU teacher–student, k = 8, from the spurious minimum (I. Safran and O. Shamir, arXiv:1712.08968).
  @Test func escapeFromASpuriousMinimum() throws {
    let random = testStream(860)
    let diagnosis = try DelayDiagnosis([
      setting(28.6, runs: 100, mean: 440, variation: 1, lag: 100, look: 20, random),
      setting(33.3, runs: 100, mean: 985, variation: 1, lag: 100, look: 20, random),
      setting(40, runs: 100, mean: 2302, variation: 1, lag: 100, cap: 3000, look: 20, random),
      setting(nil, runs: 10, mean: .infinity, variation: 1, cap: 6000, random),
    ])
    #expect(diagnosis.verdict == .escape, "\(diagnosis.sentence) \(diagnosis.candidates)")
    let slope = try #require(diagnosis.evidence(.noiseSlope)?.estimate)
    #expect(slope.contains(0.145), "\(slope)")
    #expect(diagnosis.evidence(.logRank)!.pValue! < 1e-6)
    #expect(diagnosis.evidence(.memorylessness)!.estimate!.lower! > 0.8)
    #expect(diagnosis.evidence(.control)!.events == 0)
    #expect(diagnosis.evidence(.control)!.runs == 10)
  }

  // The paper's network with dropout; there is no control, since a full batch does not switch it off.
  @Test func escapeByDropout() throws {
    let random = testStream(861)
    let diagnosis = try DelayDiagnosis([
      setting(60, runs: 100, mean: 162, variation: 1, lag: 60, random),
      setting(70, runs: 100, mean: 301, variation: 1, lag: 60, random),
      setting(80, runs: 100, mean: 543, variation: 1, lag: 60, random),
      setting(100, runs: 60, mean: 3621, variation: 1, lag: 60, random),
    ])
    #expect(diagnosis.verdict == .escape, "\(diagnosis.sentence) \(diagnosis.candidates)")
  }

  // The sigmoid chain: the control stays, and it is no escape.
  @Test func noiseInducedDrift() throws {
    let random = testStream(862)
    let diagnosis = try DelayDiagnosis([
      setting(16, runs: 40, mean: 576, variation: 0.06, random),
      setting(32, runs: 40, mean: 815, variation: 0.04, random),
      setting(64, runs: 10, mean: 1459, variation: 0.05, random),
      setting(nil, runs: 5, mean: .infinity, variation: 1, cap: 6250, random),
    ])
    #expect(diagnosis.verdict == .noiseInducedDrift, "\(diagnosis.sentence)")
    #expect(diagnosis.evidence(.spread)!.estimate!.upper! < 0.1)
  }

  // Erf committee, 30 runs each.
  @Test func driftFromASaddle() throws {
    let random = testStream(863)
    let diagnosis = try DelayDiagnosis([
      setting(64, runs: 30, mean: 80, variation: 0.08, random),
      setting(40, runs: 30, mean: 81, variation: 0.12, random),
      setting(33, runs: 30, mean: 82.5, variation: 0.15, random),
      setting(16, runs: 30, mean: 88, variation: 0.12, random),
      setting(10, runs: 30, mean: 93, variation: 0.11, random),
      setting(nil, h: 0.5, runs: 10, mean: 79.5, variation: 0.16, random),
    ])
    #expect(diagnosis.verdict == .drift, "\(diagnosis.sentence)")
  }

  // Modular addition, p = 23: the clock is weight decay.
  @Test func grokkingOfModularAddition() throws {
    let random = testStream(864)
    let diagnosis = try DelayDiagnosis([
      setting(nil, h: 2, beta: 1e-3, runs: 20, mean: 2140, variation: 0.1, random),
      setting(nil, h: 1, beta: 1e-3, runs: 10, mean: 2264, variation: 0.09, random),
      setting(64, h: 1, beta: 1e-3, runs: 6, mean: 2139, variation: 0.05, random),
      setting(128, h: 0.5, beta: 1e-3, runs: 10, mean: 2188, variation: 0.08, random),
      setting(64, h: 0.25, beta: 1e-3, runs: 6, mean: 2159, variation: 0.03, random),
      setting(nil, h: 2, beta: 5e-4, runs: 10, mean: 4753, variation: 0.06, random),
      setting(nil, h: 2, beta: 2e-3, runs: 10, mean: 1194, variation: 0.05, random),
    ])
    #expect(diagnosis.verdict == .drift, "\(diagnosis.sentence)")
    let clock = try #require(diagnosis.evidence(.weightDecayPower)?.estimate)
    expectClose(clock.value!, to: -1, absolute: 0.1, "the power of β")
    #expect(diagnosis.remedies.contains { $0.contains("weight decay") })
    let rate = try #require(diagnosis.evidence(.learningRatePower)?.estimate)
    expectClose(rate.value!, to: 0, absolute: 0.1, "the power of h")
  }

  // ReLU teacher–student from random starts, k = 8.
  @Test func mixtureOfStarts() throws {
    let random = testStream(865)
    func starts(_ x: Double?, late: Int, wait: Double) -> DelaySetting {
      let early = setting(x, runs: 200 - late, mean: 165, variation: 0.2, random)
      let others = setting(
        x, runs: late, mean: 165 + wait, variation: 1, lag: 165, cap: 6000, random)
      return DelaySetting(
        learningRate: 0.1, batchSize: x.map { $0 * 0.1 },
        sample: IntervalSample(early.sample.intervals + others.sample.intervals))
    }
    let diagnosis = try DelayDiagnosis([
      starts(33.3, late: 15, wait: 985), starts(40, late: 22, wait: 2302),
      starts(nil, late: 28, wait: .infinity),
    ])
    #expect(diagnosis.verdict == .mixture, "\(diagnosis.sentence)")
    let share = try #require(diagnosis.evidence(.driftingShare)?.estimate)
    #expect(share.contains(1 - 65 / 600.0), "\(share)")
  }

  // Exactly equal units: nothing in ten runs is too little, in thirty it is a bound.
  @Test func absorbing() throws {
    let random = testStream(866)
    func diagnosis(_ runs: Int) throws -> DelayDiagnosis {
      try DelayDiagnosis([
        setting(20, runs: runs, mean: .infinity, variation: 1, cap: 1000, random)
      ])
    }
    let few = try diagnosis(10)
    #expect(few.verdict == .unresolved)
    #expect(few.rateBound?.upper != nil)
    let many = try diagnosis(30)
    #expect(many.verdict == .absorbing)
    // ln 20 over the summed time.
    expectClose(many.rateBound!.upper!, to: 2.9957 / 30_000, relative: 0.3, "the bound")
  }

  // A plateau: the mean is L²/2D, over a factor of twenty in noise.
  @Test func diffusion() throws {
    let random = testStream(867)
    let diagnosis = try DelayDiagnosis(
      [10.0, 25, 60, 150, 400].map { x in
        let law = DelayLaw.reflected(mean: 3 * x)
        return DelaySetting(
          learningRate: 0.1, batchSize: 0.1 * x,
          sample: IntervalSample(
            (0..<60).map { _ in
              let time = law.draw(random)
              return PassageInterval(lower: time, upper: time)
            }))
      })
    #expect(diagnosis.verdict == .diffusive, "\(diagnosis.sentence)")
    #expect(diagnosis.evidence(.noisePower)!.estimate!.contains(1))
  }

  // Near the spinodal, where τ grows by a hundred between two strengths of noise, no law of these holds.
  @Test func nearTheThresholdIsNoEscape() throws {
    let random = testStream(868)
    let diagnosis = try DelayDiagnosis([
      setting(10, runs: 100, mean: 1314, variation: 0.14, random),
      setting(12, runs: 100, mean: 1880, variation: 0.18, random),
      setting(14, runs: 100, mean: 3623, variation: 0.37, random),
      setting(16, runs: 100, mean: 1.9e5, variation: 1, cap: 1.1e5, random),
      setting(18, runs: 100, mean: .infinity, variation: 1, cap: 1.1e5, random),
      setting(nil, runs: 5, mean: .infinity, variation: 1, cap: 6250, random),
    ])
    #expect(diagnosis.verdict == .unresolved, "\(diagnosis.sentence)")
  }

  // Without a control a drift is not told from one that noise makes: five runs of it are enough.
  @Test func aControlSettlesADrift() throws {
    let random = testStream(869)
    let diagnosis = try DelayDiagnosis([
      setting(10, runs: 10, mean: 100, variation: 0.1, look: 5, random),
      setting(20, runs: 10, mean: 100, variation: 0.1, look: 5, random),
      setting(40, runs: 10, mean: 100, variation: 0.1, look: 5, random),
    ])
    #expect(diagnosis.verdict == .unresolved)
    let settling = try #require(diagnosis.settlingRuns())
    guard case .control(let runs, _) = settling.addition else {
      Issue.record("\(settling.sentence)")
      return
    }
    #expect(runs == 5 && settling.power >= 0.9)
    #expect(settling.sentence.contains("drift"))
  }

  // The ReLU network as an ordinary training, 60 times from 6 runs a setting: hardly ever another name than its own.
  @Test(.tags(.statistical)) func fewRunsAreNotGivenAWrongName() {
    let random = testStream(870)
    let verdicts = draws(60) {
      DelayJudgement([
        setting(30, runs: 6, mean: 2260, variation: 1, lag: 100, look: 50, random),
        setting(40, runs: 6, mean: 3100, variation: 1, lag: 100, look: 50, random),
        setting(50, runs: 6, mean: 3900, variation: 1, lag: 100, cap: 6000, look: 50, random),
        setting(nil, runs: 1, mean: .infinity, variation: 1, cap: 6000, random),
      ]).verdict
    }
    // Wrong: 1 % of 60, and five standard errors.
    #expect(verdicts.count { $0 != .escape && $0 != .unresolved } <= 4, "\(verdicts)")
  }

  @Test func nothingToDiagnose() {
    #expect(throws: InvalidInput.self) { try DelayDiagnosis([]) }
  }

  // Steps become t = steps × h, and momentum lowers x.
  @Test func stepsAndMomentum() {
    let setting = DelaySetting(
      learningRate: 0.002, batchSize: 1, momentum: 0.9,
      steps: IntervalSample([PassageInterval(lower: 500, upper: 1000)]))
    expectClose(setting.inverseNoise!, to: 50, relative: 1e-12, "x")
    #expect(setting.sample.intervals[0].lower == 1 && setting.sample.intervals[0].upper == 2)
    #expect(
      DelaySetting(learningRate: 1, batchSize: .infinity, sample: IntervalSample([])).isControl)
  }
}
