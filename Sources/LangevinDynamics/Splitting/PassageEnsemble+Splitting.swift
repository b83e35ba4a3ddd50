public import EscapeStatistics
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
    @Sendable func key(_ replicate: Int, _ stream: Int) -> StreamKey {
      StreamKey(
        seed: seed, purpose: .splitting, cell: cell << 16 | replicate,
        replica: Int(UInt32(truncatingIfNeeded: stream)))
    }
    let startSet = try StartSet(
      of: self, by: score, key: key(SplittingSettings.mostReplicates, 1))
    let splitting = MultilevelSplitting(self, by: score, settings: settings, startSet: startSet)
    let ensemble = PassageEnsemble(
      timeStep: process.timeStep, stateCount: process.stateCount
    ) { queue in
      while let (task, _) = queue.next() {
        guard
          let found = splitting.replicate(
            { key(task.replica, $0) }, isStopped: { queue.isStopping })
        else { return }
        let passage: PassageTime
        if found.isDiverged {
          passage = PassageTime(time: Double(found.steps) * process.timeStep, outcome: .diverged)
        } else if let time = found.meanFirstPassageTime {
          passage = PassageTime(time: time, outcome: .escaped)
        } else {
          passage = PassageTime(time: Double(found.steps) * process.timeStep, outcome: .censored)
        }
        queue.finish(task, passage, steps: found.steps, record: found.record)
      }
    }
    return SplittingEnsemble(replicates: ensemble, startSet: startSet, settings: settings)
  }
}
