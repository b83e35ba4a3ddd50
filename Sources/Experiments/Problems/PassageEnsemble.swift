public import EscapeStatistics
public import LangevinDynamics
import NumericalMethods

/// First passages of some process into some set, whatever their types: one call per worker.
///
/// The types are erased per worker, not per step, so the inner loops stay specialised.
public struct PassageEnsemble: Sendable {
  /// The most runs of one ensemble; each is kept.
  static let mostRuns = 10_000_000

  /// The time of one step.
  public let timeStep: Double
  /// The time at which a run is censored.
  public let cap: Double
  /// Steps per pass over the data; nil where there is no such pass.
  public let stepsPerEpoch: Int?
  /// Whether passages between two steps are seen.
  public let usesBridge: Bool
  private let work: @Sendable (ReplicaQueue, Engine, _ workers: Int) -> Void

  /// - Parameter reference: what the reference engine runs where another form of the process is plainer.
  public init<Process: LaneProcess, Parameter>(
    _ passage: FirstPassage<Process, Parameter>, stepsPerEpoch: Int? = nil,
    reference: (@Sendable (ReplicaQueue) -> Void)? = nil
  ) {
    timeStep = passage.process.timeStep
    cap = passage.cap
    self.stepsPerEpoch = stepsPerEpoch
    usesBridge = passage.usesBridge
    work = { queue, engine, workers in
      if let reference, engine == .reference {
        reference(queue)
      } else {
        passage.work(on: queue, engine: engine, workers: workers)
      }
    }
  }

  /// Independent runs over all cores, bit-identical for any number of threads.
  public func sample(
    runs: Int, seed: UInt64, cell: Int = 0, engine: Engine = .standard, threads: Int? = nil,
    stage: String = "runs", progress: any ProgressObserver = SilentProgress()
  ) -> EscapeSample {
    Self.sample(
      [Job(ensemble: self, runs: runs, cell: cell)], seed: seed, engine: engine, threads: threads,
      stage: stage, progress: progress)[0]
  }

  /// An ensemble of a sweep.
  public struct Job: Sendable {
    public let ensemble: PassageEnsemble
    public let runs: Int
    public let cell: Int

    public init(ensemble: PassageEnsemble, runs: Int, cell: Int) {
      self.ensemble = ensemble
      self.runs = runs
      self.cell = cell
    }
  }

  /// Several ensembles over all cores: a worker that finds no replica left in one goes on to the next while
  /// others finish theirs. Bit-identical for any number of threads.
  public static func sample(
    _ jobs: [Job], seed: UInt64, engine: Engine = .standard, threads: Int? = nil,
    stage: String = "runs", progress: any ProgressObserver = SilentProgress()
  ) -> [EscapeSample] {
    let total = jobs.reduce(0) { $0 + $1.runs }
    progress.begin(stage, total: total)
    defer { progress.end() }
    let queues = jobs.map { job in
      ReplicaQueue(seed: seed, cell: job.cell, replicas: 0..<job.runs) {
        progress.advance(isEvent: $0.outcome == .escaped)
      }
    }
    let workers = max(1, min(total, threads ?? processorCount))
    onWorkers(workers) { _ in
      for (job, queue) in zip(jobs, queues) { job.ensemble.work(queue, engine, workers) }
    }
    return queues.map(\.sample)
  }
}
