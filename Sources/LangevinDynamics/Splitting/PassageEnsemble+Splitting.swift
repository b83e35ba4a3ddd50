import EscapeStatistics
public import Escapes
public import NumericalMethods

/// Replicates of adaptive multilevel splitting, in the form of an ensemble: each replicate is a run whose time is its own
/// estimate of τ.
@usableFromInline package struct SplittingEnsemble: Sendable {
  /// Its runs; one that found no way to the target is censored, at the time that it ran in all.
  @usableFromInline package let replicates: PassageEnsemble
  @usableFromInline package let startSet: StartSet
  @usableFromInline package let settings: SplittingSettings

  @usableFromInline
  init(replicates: PassageEnsemble, startSet: StartSet, settings: SplittingSettings) {
    self.replicates = replicates
    self.startSet = startSet
    self.settings = settings
  }
}

extension FirstPassage {
  /// - Parameters:
  ///   - path: that paths are ranked along; nil for the distance from the target.
  ///   - seed: of the pilot run, which finds where the process stays. It is the same for every share and session.
  /// - Throws: `InvalidInput` where there is nothing to split.
  @inlinable func splitting(
    _ settings: SplittingSettings, along path: PathProgress? = nil, seed: UInt64, cell: Int
  ) throws -> SplittingEnsemble {
    let score = SplittingScore(target, along: path)
    let streams = SplittingStreams(seed: seed, cell: cell)
    let startSet = try StartSet(of: self, by: score, key: streams.pilot)
    let splitting = MultilevelSplitting(self, by: score, settings: settings, startSet: startSet)
    let ensemble = PassageEnsemble(
      timeStep: process.timeStep, stateCount: process.stateCount
    ) { queue, _, _ in
      while let (task, _) = queue.next() {
        guard
          let found = splitting.replicate(
            { streams.key(task.replica, $0) },
            isStopped: { steps in
              let isStopping = queue.isStopping
              if isStopping { queue.abandon(steps: steps) }
              return isStopping
            })
        else { return }
        queue.finish(task, found, timeStep: process.timeStep)
      }
    }
    return SplittingEnsemble(replicates: ensemble, startSet: startSet, settings: settings)
  }
}

extension FirstPassage where Process: LaneProcess {
  /// The same on both engines.
  ///
  /// - Parameter plain: on the reference engine.
  @inlinable func splitting(
    orOneByOne plain: SplittingEnsemble, along path: PathProgress?, seed: UInt64, cell: Int
  ) -> SplittingEnsemble {
    guard generator == .philox else { return plain }
    let splitting = LaneSplitting(
      self, by: SplittingScore(target, along: path), settings: plain.settings,
      startSet: plain.startSet, streams: SplittingStreams(seed: seed, cell: cell))
    let ensemble = PassageEnsemble(
      timeStep: process.timeStep, stateCount: process.stateCount
    ) { queue, engine, workers in
      switch engine {
      case .reference: plain.replicates.work(on: queue, engine: engine, workers: workers)
      case .vectorised(.double): splitting.run(in: DoubleLanes.self, from: queue, workers: workers)
      case .vectorised(.single): splitting.run(in: FloatLanes.self, from: queue, workers: workers)
      }
    }
    return SplittingEnsemble(
      replicates: ensemble, startSet: plain.startSet, settings: plain.settings)
  }
}

extension ReplicaQueue {
  /// A replicate as a run: its estimate of τ, or else the time that it ran in all.
  @usableFromInline
  func finish(_ task: Task, _ found: SplittingReplicate, timeStep: Double) {
    let spent = Double(found.steps) * timeStep
    let passage =
      if found.isDiverged {
        PassageTime(time: spent, outcome: .diverged)
      } else if let time = found.meanFirstPassageTime {
        PassageTime(time: time, outcome: .escaped)
      } else {
        PassageTime(time: spent, outcome: .censored)
      }
    finish(task, passage, steps: found.steps, record: found.record)
  }
}
