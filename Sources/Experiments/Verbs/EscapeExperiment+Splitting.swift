import EscapeStatistics
import Escapes
import Landscapes
public import LangevinDynamics
import Networks
import NumericalMethods
import RunStores

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How escape times are found.
public enum EscapeMethod: Sendable, Equatable {
  /// Runs from the start to the target: the whole law.
  case bruteForce
  /// Adaptive multilevel splitting, at any rarity: the mean.
  case splitting(SplittingSettings, replicates: Int)
  /// Whichever takes fewer steps, by theory.
  case automatic(SplittingSettings, replicates: Int)

  /// - Throws: `InvalidInput` where there are too many replicates.
  package static func check(replicates: Int) throws {
    try Require.atLeast(2, "the number of replicates", replicates)
    guard replicates <= SplittingSettings.mostReplicates else {
      throw InvalidInput(
        "the number of replicates must be at most \(SplittingSettings.mostReplicates), but is \(replicates); take more paths in each"
      )
    }
  }
}

extension Escape {
  fileprivate var orderParameterName: String {
    guard let network = self as? FeatureEscape else { return target.parameter.name }
    return network.isLoss
      ? "the amplitude of feature \(network.feature + 1)" : "singular value \(network.to)"
  }

  fileprivate func pathProgress() throws -> PathProgress {
    PathProgress(along: try landscape.minimumEnergyPath(from: start, to: product))
  }
}

extension EscapeExperiment {
  struct SplittingPlan {
    let ensemble: SplittingEnsemble
    let replicates: Int
    /// That paths are ranked along; nil for the distance from the target.
    let path: PathProgress?
    /// Of first passages.
    let timeStep: Double
    let stepsPerEpoch: Int?

    /// Steps of all replicates: N loops, and as many paths of that length for each factor e in p.
    ///
    /// - Parameter theory: τ.
    func expectedSteps(theory: Double) -> Double {
      let loop = ensemble.startSet.loopSteps
      return Double(replicates * ensemble.settings.paths) * loop
        * (1 + max(0, log(theory / (loop * timeStep))))
    }
  }

  /// What is to be split, and where the method is chosen by cost, why; nil where runs are.
  func splittingPlan(
    _ passages: PassageEnsemble, theory: Double?, _ context: RunContext, notes: inout [String]
  ) throws -> SplittingPlan? {
    let (settings, replicates): (SplittingSettings, Int)
    switch method {
    case .bruteForce: return nil
    case .splitting(let its, let count), .automatic(let its, let count):
      (settings, replicates) = (its, count)
    }
    try EscapeMethod.check(replicates: replicates)
    let path = try rankingPath(settings, notes: &notes)
    func ensemble() throws -> SplittingEnsemble {
      try passages.splitting(settings, along: path, seed: seed)
    }
    func plan(_ ensemble: SplittingEnsemble) -> SplittingPlan {
      SplittingPlan(
        ensemble: ensemble, replicates: replicates, path: path, timeStep: passages.timeStep,
        stepsPerEpoch: passages.stepsPerEpoch)
    }
    guard case .automatic = method else { return plan(try ensemble()) }
    func decide(_ sentence: String) {
      notes.append(sentence)
      context.announce([sentence])
    }
    guard let theory, theory > 0, !theory.isNaN else {
      decide("--method auto: there is no theory to tell what runs cost, so they are run")
      return nil
    }
    let runSteps = Double(extent.runs) * theory / passages.timeStep
    // A few passages within what a pilot run takes.
    guard theory / passages.timeStep > 1e4, let split = try? ensemble() else {
      decide(
        "--method auto: theory says \(brief(runSteps)) steps for \(extent.runs) runs, so they are run"
      )
      return nil
    }
    let splitSteps = plan(split).expectedSteps(theory: theory)
    let isRun = runSteps < splitSteps
    decide(
      "--method auto: \(extent.runs) runs would take about \(brief(runSteps)) steps by theory, \(replicates) replicates of splitting about \(brief(splitSteps)): \(isRun ? "runs" : "splitting")"
    )
    return isRun ? nil : plan(split)
  }

  /// What a long run will take, where theory tells: steps, minutes at the pace of a short pilot run, and how wide the
  /// interval will be at best.
  func forecast(_ plan: SplittingPlan, theory: Double?, _ context: RunContext) {
    guard case .run = context.mode, context.shard == nil, let theory, theory.isFinite, theory > 0
    else { return }
    let steps = plan.expectedSteps(theory: theory)
    // Of one number each, some 10⁸ a second.
    guard steps * Double(plan.ensemble.replicates.stateCount(on: engine)) > 1e9 else { return }
    let pace = plan.ensemble.stepsPerSecond(
      replicates: plan.replicates, seed: seed, engine: engine, threads: threads)
    guard pace > 0 else { return }
    let paths = Double(plan.ensemble.settings.paths)
    let loops = max(1, theory / (plan.ensemble.startSet.loopSteps * plan.timeStep))
    let spread = expm1(log(loops) / paths).squareRoot() / Double(plan.replicates).squareRoot()
    let seconds = steps / pace
    let time =
      seconds < 100 ? "\(twoDigits(seconds)) s" : "\(twoDigits(seconds / 60)) minutes"
    context.announce([
      "\(plan.replicates) replicates of splitting will take about \(brief(steps)) steps by theory, some \(time) at the \(twoDigits(pace / 1e6)) million steps a second of a pilot run; with a perfect order parameter τ is then known to \(twoDigits(100 * spread)) %"
    ])
  }

  /// What paths are ranked along; nil for the distance from the target.
  private func rankingPath(
    _ settings: SplittingSettings, notes: inout [String]
  ) throws -> PathProgress? {
    switch settings.ranking {
    case .target: return nil
    case .path:
      guard !(escape is FeatureEscape) else {
        throw InvalidInput(
          "--order-parameter path is for a landscape: the weights of a network lie on orbits, with a path from each of their points; use --order-parameter target"
        )
      }
      return try escape.pathProgress()
    case nil:
      guard !(escape is FeatureEscape), escape.landscape.dimension > 1 else { return nil }
      do { return try escape.pathProgress() } catch {
        notes.append(
          "paths are ranked by the distance from the target, since no path of least energy was found: \(error)"
        )
        return nil
      }
    }
  }

  func split(
    _ plan: SplittingPlan, _ context: RunContext, notes: inout [String]
  ) throws -> (
    EscapeResult.Measured, EscapeResult.Splitting, EscapeSample, SplittingLevels?
  ) {
    let (settings, startSet) = (plan.ensemble.settings, plan.ensemble.startSet)
    var identity = identity(of: escape, under: dynamics)
    identity[StoreCell.methodKey] = "splitting"
    identity["paths"] = "\(settings.paths)"
    identity["levels"] = "\(settings.levels)"
    // Stores from before there was a choice have no word of it.
    if plan.path != nil { identity["orderParameter"] = "path" }
    let job = StoredEnsemble(
      plan.ensemble.replicates, name: "escape", parameters: [:], identity: identity,
      streamCell: 0, extent: try EnsembleExtent(runs: plan.replicates))
    let sample = try context.samples(
      of: [job], seed: seed, engine: engine, threads: threads, stage: "splitting")[0]
    let steps = try context.stepsSpent(on: job, seed: seed, engine: engine)
    let rate = sample.rateOfReplicates(level: level)
    let time = rate.reciprocal
    let perStep = 1 / plan.timeStep
    let spread = rate.value == nil ? nil : sample.spreadOfReplicates
    let extinct = sample.count(.censored)
    if extinct > 0 {
      notes.append(
        "\(extinct) of \(sample.runs) replicates found no way to the target and count as a rate of zero: take more --paths"
      )
    }
    if sample.runs < 20 {
      notes.append(
        "an interval from \(sample.runs) replicates knows their spread poorly; 20 or more are better"
      )
    }
    let records = try context.records(of: job, seed: seed, engine: engine, as: SplittingRecord.self)
      .filter { $0.key < sample.runs }.sorted { $0.key < $1.key }.map(\.value)
    let levels = SplittingLevels(records, settings, startSet: startSet)
    if records.count < sample.runs - sample.count(.diverged) {
      notes.append(
        "of \(sample.runs) replicates \(records.count) are known level by level: the store began before levels were kept"
      )
    }
    if let remark = levels?.remark(paths: settings.paths, spread: spread) { notes.append(remark) }
    let loop = startSet.loopSteps * plan.timeStep
    if let time = time.value, time < 50 * loop {
      notes.append(
        "the start is forgotten in about a loop of t = \(brief(loop)), of which τ is only \(brief(time / loop)): splitting knows τ to within about one loop"
      )
    }
    let reason = "splitting finds the mean alone"
    let measured = EscapeResult.Measured(
      runs: sample.runs, events: sample.events, censored: extinct,
      diverged: sample.count(.diverged), exposure: steps * plan.timeStep, rate: rate,
      meanFirstPassageTime: time, meanFirstPassageTimeSteps: time.scaled(by: perStep),
      meanFirstPassageTimeEpochs: plan.stepsPerEpoch.map {
        .estimate(time.scaled(by: perStep / Double($0)))
      } ?? .missing(reason: "no passes over finite data"),
      medianFirstPassageTime: nil, medianFirstPassageTimeReason: reason,
      coefficientOfVariation: nil, coefficientOfVariationReason: reason,
      exponentialityPValue: nil, exponentialityPValueReason: reason,
      clockStops: escape.stopDescription, timeStep: plan.timeStep,
      cap: plan.ensemble.replicates.cap,
      crossingsBetweenSteps: "not seen: passages are counted at the end of a step")
    let error = spread.map { $0 / Double(sample.runs).squareRoot() }
    return (
      measured,
      EscapeResult.Splitting(
        paths: settings.paths, levels: settings.levels,
        orderParameter: plan.path?.name ?? escape.orderParameterName,
        startSetDistance: startSet.inner, loopEndDistance: startSet.outer, spread: spread,
        steps: steps,
        bruteForceSteps: time.upper == nil
          ? nil : time.value.flatMap { time in error.map { time * perStep / ($0 * $0) } },
        recordedReplicates: records.count, meanRoots: levels?.meanRoots,
        idealRoots: levels?.idealRoots, idealSpread: levels?.idealSpread,
        largestStoppedShare: levels?.hardest.stopped,
        largestStoppedDistance: levels?.hardest.distance), sample, levels
    )
  }
}
