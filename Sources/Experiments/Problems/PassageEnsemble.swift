public import EscapeStatistics
public import LangevinDynamics
import NumericalMethods

/// First passages of some process into some set, whatever their types: one call per run.
///
/// The types are erased per run, not per step, so the inner loops stay specialised.
public struct PassageEnsemble: Sendable {
  /// The time of one step.
  public let timeStep: Double
  /// The time at which a run is censored.
  public let cap: Double
  /// Steps per pass over the data; nil where there is no such pass.
  public let stepsPerEpoch: Int?
  /// Whether passages between two steps are seen.
  public let usesBridge: Bool
  private let run: @Sendable (StreamKey) -> PassageTime

  public init<Process, Parameter>(
    _ passage: FirstPassage<Process, Parameter>, stepsPerEpoch: Int? = nil
  ) {
    timeStep = passage.process.timeStep
    cap = passage.cap
    self.stepsPerEpoch = stepsPerEpoch
    usesBridge = passage.usesBridge
    run = { passage.run($0) }
  }

  /// Independent runs over all cores, bit-identical for any number of threads.
  public func sample(
    runs: Int, seed: UInt64, cell: Int = 0, threads: Int? = nil, stage: String = "runs",
    progress: any ProgressObserver = SilentProgress()
  ) -> EscapeSample {
    progress.begin(stage, total: runs)
    defer { progress.end() }
    return EscapeSample(
      parallelMap(count: runs, threads: threads) { replica in
        let passage = run(
          StreamKey(seed: seed, purpose: .dynamics, cell: cell, replica: replica))
        progress.advance(isEvent: passage.outcome == .escaped)
        return passage
      })
  }
}
