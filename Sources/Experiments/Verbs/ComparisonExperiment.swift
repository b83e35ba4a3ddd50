import DataFiles
import EscapeStatistics
public import Escapes
import Foundation
import KramersRates
import Landscapes
public import LangevinDynamics
import NetworkTraining
public import Networks
import NumericalMethods
public import RunStores

/// One escape, the loss of a feature, under theory, Langevin dynamics and real minibatch SGD over a
/// ladder of learning rates at one batch size.
public struct ComparisonExperiment: Experiment {
  package let escape: FeatureEscape
  /// One per learning rate, all of one batch size.
  package let ladder: [SGDSettings]
  /// Runs of each process at each level.
  package let runs: Int
  /// Runs of SGD at each level.
  package let extent: EnsembleExtent
  package let seed: UInt64
  package let level: Double
  package let threads: Int?
  package let engine: Engine
  /// dt of Langevin dynamics.
  package let timeStep: Double
  /// The time at which SGD runs are censored; nil for thirty theoretical means.
  package let cap: Double?

  /// A comparison over a ladder of noise levels.
  public init(
    escape: FeatureEscape, ladder: [SGDSettings], runs: Int, seed: UInt64, level: Double = 0.95,
    threads: Int? = nil, engine: Engine = .standard, timeStep: Double = 0.02, cap: Double? = nil,
    extent: EnsembleExtent? = nil
  ) throws {
    self.extent = try extent ?? EnsembleExtent(runs: runs)
    try EnsembleExtent.check(runs: runs)
    try Require.fraction("confidence level", level)
    try Require.positive("time step dt", timeStep)
    if let cap { try Require.positive("cap", cap) }
    if let threads { try Require.atLeast(1, "number of threads", threads) }
    guard Set(ladder.map(\.learningRate)).count == ladder.count, ladder.count >= 2 else {
      throw InvalidInput(
        "a comparison needs two or more different learning rates, but got \(ladder.map { sixDigits($0.learningRate) }.joined(separator: ", "))"
      )
    }
    guard escape.isLoss else {
      throw InvalidInput(
        "a comparison follows the loss of a feature, but rank \(escape.from) to \(escape.to) is a gain: minibatch noise vanishes at an unlearned feature, so there is no rate to compare; ask for 'escape' to see the bound"
      )
    }
    if let samples = escape.training?.count,
      let remark = ladder[0].fullBatchRemark(of: samples, no: "noise to compare")
    {
      throw InvalidInput(remark + "; use a smaller one")
    }
    self.escape = escape
    self.ladder = ladder.sorted { $0.noiseScale < $1.noiseScale }
    self.runs = runs
    self.seed = seed
    self.level = level
    self.threads = threads
    self.engine = engine
    self.timeStep = timeStep
    self.cap = cap
  }

  /// SGD confined to the line is there to check the theory; where that is astronomic, a bound will do.
  private static let lineStepCap = 2_000_000.0

  /// Langevin in all weights costs D normals a step and is there to show that it is not SGD: few runs,
  /// censored at three one-dimensional passage times.
  private static let weightSpaceRuns = 12

  /// One noise level: every prediction and every measurement.
  struct Level {
    let settings: SGDSettings
    /// T_n = (ε/2) n·C·n at the learned minimum along the balanced line, ε = h/(B(1 − μ)).
    let matchedTemperature: Double
    /// Exact 1-D passage times on the line, in t = steps × h.
    let stateDependent: Double
    let finiteStep: Double
    /// The same under white noise, in the time of Langevin dynamics.
    let constantNoise: Double
    /// How far to trust `stateDependent`.
    let validity: Validity
    /// The theory of the noise across the line; nil where no barrier is left.
    let across: RatePrediction?
    /// The part of it that is due to momentum and sampling.
    let doubt: Validity
    /// What the learning rate does to it.
    let steps: DiscreteTime
    /// Measured.
    let sgd: ComparisonResult.Measured
    let lineSGD: ComparisonResult.Measured
    let lineLangevin: ComparisonResult.Measured
    let weightLangevin: ComparisonResult.Measured

    var inverseNoise: Double { 1 / settings.noiseScale }
  }

  public func result(in context: RunContext) throws -> ComparisonResult {
    let line = escape.line!
    let (noise, measurement) = try escape.noise()
    let barrier = try line.quasiPotentialBarrier(noise: noise)
    // Infinite where the noise pushes one way only; a comparison of times goes on without it.
    let exponent: Double
    do {
      exponent = try line.largeDeviationBarrier(logMoment: escape.logMoment())
    } catch is OneSidedNoise { exponent = .infinity }
    let steps = try ladder.map {
      try DiscreteTime(.heavyBall(momentum: $0.momentum), step: $0.learningRate, of: escape)
    }
    let langevin = try DiscreteTime(.eulerMaruyama, step: timeStep, of: escape)
    let warnings =
      steps.flatMap(\.warnings) + langevin.warnings.map { "Langevin dynamics: " + $0 }
    context.announce(warnings)
    let levels = try measure(line: line, noise: noise, steps: steps, in: context)
    let missedGoals = levels.compactMap { level in
      extent.shortfall(
        of: level.sgd.sample, interval: level.sgd.meanFirstPassageTime
      ).map { "SGD at h = \(sixDigits(level.settings.learningRate)): \($0)" }
    }
    let verdict = try ComparisonVerdict(
      levels: levels, quasiPotentialBarrier: barrier, largeDeviationBarrier: exponent,
      barrierHeight: escape.mode.barrierDown()!, dimension: escape.network.dimension,
      noiseShare: escape.noiseShare(noise), level: level)
    return ComparisonResult(
      feature: escape.feature + 1, eta: escape.mode.singularValue, from: escape.from,
      to: escape.to, clockStops: escape.stopDescription,
      noiseCoefficients: [noise.coefficients.x, noise.coefficients.y, noise.coefficients.z],
      levels: levels.map { ComparisonResult.Level($0) },
      arrhenius: verdict.result,
      ladder: LadderComparison(
        levels.filter { !$0.sgd.isSpoiltByDivergence }.map {
          LadderRung(
            inverseNoise: $0.inverseNoise, sample: IntervalSample($0.sgd.sample))
        }, level: level
      ).map { Ladder($0) },
      notes: notes(levels, measurement: measurement, warnings) + missedGoals,
      missedGoal: missedGoals.first,
      widths: escape.network.widths, beta: escape.network.weightDecay,
      momentum: ladder[0].momentum, verdict: verdict)
  }

  private func notes(
    _ levels: [Level], measurement: ModeNoise.Measurement?, _ warnings: [String]
  ) -> [String] {
    var notes = escape.notes
    if let measurement {
      notes.append(
        "gradient noise along the line was measured from the per-sample gradients of all \(escape.training!.count) samples at \(measurement.points.count) points; the quadratic law fits them to a relative \(sixDigits(measurement.largestResidual))"
      )
    }
    if let remark = ladder[0].momentumRemark {
      notes.append(
        remark + "; Langevin dynamics has a time of its own, that of descent without momentum")
    }
    notes += warnings
    for level in levels {
      let doubts = [level.doubt] + (level.steps.isUnstable ? [] : [level.steps.validity])
      for doubt in doubts {
        notes += doubt.reasons.map {
          "the theory is \(doubt.verdict) at h = \(sixDigits(level.settings.learningRate)): \($0)"
        }
      }
    }
    for level in levels {
      // A p-value alone would fire on the smallest relaxation lag, given runs enough.
      guard let p = level.sgd.exponentialityPValue, p < 0.01,
        let variation = level.sgd.coefficientOfVariation, abs(variation - 1) > 0.15
      else { continue }
      notes.append(
        "SGD waiting times at h = \(sixDigits(level.settings.learningRate)) are not exponential (p = \(twoDigits(p)), coefficient of variation \(twoDigits(variation))): there the noise is too strong for an activated escape"
      )
    }
    let others = levels.flatMap { level in
      [
        ("SGD", level.sgd), ("SGD on the line", level.lineSGD),
        ("Langevin on the line", level.lineLangevin),
        ("Langevin in all weights", level.weightLangevin),
      ].filter { !$0.1.meanFirstPassageTime.assumesExponentialTimes }.map {
        "\($0.0) at h = \(sixDigits(level.settings.learningRate))"
      }
    }
    if !others.isEmpty {
      notes.append(
        "intervals of τ do not take waiting times as exponential for \(others.joined(separator: ", ")): the method of each is in the JSON document"
      )
    }
    for level in levels {
      let samples = [
        ("SGD", level.sgd), ("line SGD", level.lineSGD), ("line Langevin", level.lineLangevin),
        ("Langevin", level.weightLangevin),
      ]
      for (process, sample) in samples where sample.diverged > 0 {
        notes.append(
          "\(sample.diverged) of \(sample.runs) \(process) runs diverged at h = \(sixDigits(level.settings.learningRate)) and are not counted as escaped; "
            + (sample.isSpoiltByDivergence
              ? "beyond 1 % the others are not a fair sample, so no time is given; " : "")
            + (process.hasSuffix("SGD")
              ? "use a smaller learning rate and batch at the same h/B"
              : "use a smaller --time-step")
        )
      }
    }
    return notes
  }

  // MARK: - Measuring

  private func measure(
    line: BalancedLine, noise: ModeNoise, steps: [DiscreteTime], in context: RunContext
  ) throws -> [Level] {
    let problems = ladder.map { line.problem(noise: noise, noiseScale: $0.noiseScale) }
    let times = try zip(ladder, problems).map { try $0.clockRate * $1.meanFirstPassageTime() }
    let temperatures = problems.map { $0.diffusion(line.minimum) }
    let constantTimes = try temperatures.map {
      try line.problem(temperature: $0).meanFirstPassageTime()
    }
    let across = try ladder.map {
      try RateTheories.acrossTheLine(of: escape, under: .minibatch($0))
    }
    let longest = EscapeExperiment.largestStepCap
    // Four ensembles a level, all in one pool of work: SGD, Langevin on the line and in all weights, SGD on
    // the line.
    let onLine = try escape.onLine()
    let all = try EnsembleExtent(runs: runs)
    let few = try EnsembleExtent(runs: min(runs, Self.weightSpaceRuns))
    let jobs = try ladder.indices.flatMap { level -> [StoredEnsemble] in
      let settings = ladder[level]
      let h = settings.learningRate
      let sgd = SGDDynamics(settings)
      let langevin = try OverdampedDynamics(temperature: temperatures[level], timeStep: timeStep)
      func job(
        _ number: Int, _ process: String, of escape: any Escape, temperature: Double? = nil,
        extent: EnsembleExtent, expecting time: Double, _ ensemble: PassageEnsemble
      ) -> StoredEnsemble {
        StoredEnsemble(
          ensemble, name: "\(process) h=\(h)",
          parameters: [
            "process": .string(process), "learningRate": .number(h),
            "batchSize": .integer(settings.batchSize), "temperature": .optional(temperature),
          ], identity: identity(of: escape, under: sgd), streamCell: 4 * level + number,
          extent: extent, expectedTime: time)
      }
      return try [
        job(
          0, "sgd", of: escape, extent: extent,
          expecting: across[level]?.meanFirstPassageTime ?? times[level],
          sgd.ensemble(
            of: escape, cap: cap ?? EscapeExperiment.cap(theory: times[level], timeStep: h))),
        job(
          1, "lineLangevin", of: onLine, temperature: temperatures[level], extent: all,
          expecting: constantTimes[level],
          langevin.ensemble(
            of: onLine, cap: min(30 * constantTimes[level], longest * timeStep))),
        job(
          2, "weightLangevin", of: escape, temperature: temperatures[level], extent: few,
          expecting: constantTimes[level],
          langevin.ensemble(
            of: escape, cap: min(3 * constantTimes[level], longest * timeStep))),
        job(
          3, "lineSGD", of: escape, extent: all, expecting: times[level],
          sgd.ensemble(onLineOf: escape, cap: min(30 * times[level], Self.lineStepCap * h))),
      ]
    }
    // Without a theory the cap plays no part, so it is the same at every level.
    if let warning = extent.outlook(level: level, cap: .infinity) {
      context.announce(ladder.map { "SGD at h = \(sixDigits($0.learningRate)): \(warning)" })
    }
    let measured = try context.samples(
      of: jobs, seed: seed, engine: engine, threads: threads, stage: "escapes"
    ).map { ComparisonResult.Measured($0, level: level) }
    return try ladder.indices.map { level in
      let settings = ladder[level]
      return Level(
        settings: settings, matchedTemperature: temperatures[level],
        stateDependent: times[level],
        finiteStep: try settings.clockRate
          * line.problem(
            noise: noise, noiseScale: settings.noiseScale,
            finiteStep: settings.effectiveLearningRate
          ).meanFirstPassageTime(),
        constantNoise: constantTimes[level],
        validity: try StateDependentNoise().prediction(of: escape, under: .minibatch(settings))!
          .adding(steps[level].validity).validity,
        across: across[level],
        doubt: try escape.doubt(of: settings),
        steps: steps[level], sgd: measured[4 * level],
        lineSGD: measured[4 * level + 3], lineLangevin: measured[4 * level + 1],
        weightLangevin: measured[4 * level + 2])
    }
  }
}

extension ComparisonResult.Level {
  fileprivate init(_ level: ComparisonExperiment.Level) {
    self.init(
      learningRate: level.settings.learningRate, batchSize: level.settings.batchSize,
      inverseNoise: level.inverseNoise, matchedTemperature: level.matchedTemperature,
      theory: ComparisonResult.Theory(
        stateDependentNoise: level.stateDependent, finiteStep: level.finiteStep,
        constantNoise: level.constantNoise, validity: level.validity.verdict,
        reasons: level.validity.reasons,
        acrossTheLine: level.across.map {
          ComparisonResult.AcrossTheLine(
            theory: $0.theory, meanFirstPassageTime: $0.meanFirstPassageTime,
            slope: $0.apparentBarrier, validity: $0.validity.verdict,
            reasons: $0.validity.reasons)
        }),
      sgd: level.sgd, lineSGD: level.lineSGD, lineLangevin: level.lineLangevin,
      weightLangevin: level.weightLangevin)
  }
}

extension ComparisonResult.Measured {
  fileprivate init(_ sample: EscapeSample, level: Double) {
    self.init(
      runs: sample.runs, events: sample.events, censored: sample.count(.censored),
      diverged: sample.count(.diverged),
      meanFirstPassageTime: sample.meanFirstPassageTime(level: level),
      coefficientOfVariation: sample.coefficientOfVariation,
      exponentialityPValue: sample.exponentialityPValue, sample: sample)
  }
}
