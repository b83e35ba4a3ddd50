public import EscapeStatistics
public import Escapes
import NumericalMethods

/// First passages of some process into some set, whatever their types: one call per worker.
///
/// The types are erased per worker, not per step, so the inner loops stay specialised.
public struct PassageEnsemble: Sendable {
  /// The most runs of one ensemble where each is kept, and where none is.
  @usableFromInline package static let mostRuns = 10_000_000
  @usableFromInline package static let mostUnkeptRuns = 1_000_000_000

  /// The time of one step.
  public let timeStep: Double
  /// The time at which a run is censored.
  public let cap: Double
  /// Steps per pass over the data; nil where there is no such pass.
  public let stepsPerEpoch: Int?
  /// Whether passages between two steps are seen.
  public let usesBridge: Bool
  /// Whether a run's time is not a passage but an estimate of the mean of all.
  @usableFromInline package let runsAreEstimates: Bool
  @usableFromInline let stateCount: Int
  @usableFromInline let reference: Reference?
  @usableFromInline let split: Splitter?
  @usableFromInline let onWorker: @Sendable (ReplicaQueue, Engine, _ workers: Int) -> Void

  /// Makes an ensemble of replicates of splitting.
  @usableFromInline
  typealias Splitter =
    @Sendable (SplittingSettings, PathProgress?, _ seed: UInt64, _ cell: Int) throws ->
    SplittingEnsemble

  /// What the reference engine runs where another form of the process is plainer.
  public struct Reference: Sendable {
    @usableFromInline let stateCount: Int
    @usableFromInline let run: @Sendable (ReplicaQueue) -> Void
    @usableFromInline let split: Splitter

    /// An ensemble that runs on the reference engine.
    @inlinable
    public init<Process, Parameter>(_ passage: FirstPassage<Process, Parameter>) {
      stateCount = passage.process.stateCount
      run = { passage.runOneByOne(from: $0) }
      split = { try passage.splitting($0, along: $1, seed: $2, cell: $3) }
    }
  }

  // Inlinable, or the inner loops would be compiled once for all types, and take ten times as long.
  /// An ensemble that runs on both engines.
  @inlinable
  public init<Process: LaneProcess, Parameter>(
    _ passage: FirstPassage<Process, Parameter>, stepsPerEpoch: Int? = nil,
    reference: Reference? = nil
  ) {
    timeStep = passage.process.timeStep
    cap = passage.cap
    self.stepsPerEpoch = stepsPerEpoch
    usesBridge = passage.usesBridge
    runsAreEstimates = false
    stateCount = passage.process.stateCount
    self.reference = reference
    split = { settings, path, seed, cell in
      let plain =
        try reference?.split(settings, path, seed, cell)
        ?? passage.splitting(settings, along: path, seed: seed, cell: cell)
      return passage.splitting(orOneByOne: plain, along: path, seed: seed, cell: cell)
    }
    onWorker = { queue, engine, workers in
      if let reference, engine == .reference {
        reference.run(queue)
      } else {
        passage.work(on: queue, engine: engine, workers: workers)
      }
    }
  }

  /// An ensemble of a process that has no lanes: it runs on the reference engine, whatever engine is asked for.
  @inlinable
  package init<Process: StochasticProcess, Parameter>(
    oneByOne passage: FirstPassage<Process, Parameter>, stepsPerEpoch: Int? = nil
  ) {
    timeStep = passage.process.timeStep
    cap = passage.cap
    self.stepsPerEpoch = stepsPerEpoch
    usesBridge = passage.usesBridge
    runsAreEstimates = false
    stateCount = passage.process.stateCount
    reference = nil
    split = { try passage.splitting($0, along: $1, seed: $2, cell: $3) }
    onWorker = { queue, _, _ in passage.runOneByOne(from: queue) }
  }

  /// Runs of another kind than first passages in a landscape.
  ///
  /// - Parameters:
  ///   - cap: the time at which they are censored; nil where they end by themselves.
  ///   - runsAreEstimates: whether a run's time is an estimate of the mean of all.
  @usableFromInline package init(
    timeStep: Double, stateCount: Int, cap: Double? = nil, runsAreEstimates: Bool = true,
    onWorker: @escaping @Sendable (ReplicaQueue, Engine, _ workers: Int) -> Void
  ) {
    self.timeStep = timeStep
    self.cap = cap ?? 1e15 * timeStep
    stepsPerEpoch = nil
    usesBridge = false
    self.runsAreEstimates = runsAreEstimates
    self.stateCount = stateCount
    reference = nil
    split = nil
    self.onWorker = onWorker
  }

  /// Replicates of adaptive multilevel splitting of the same passage: ``MultilevelSplitting``.
  ///
  /// - Parameters:
  ///   - path: that paths are ranked along; nil for the distance from the target.
  ///   - seed: of the pilot run, which finds where the process stays: the same for every share and session.
  ///   - cell: the point of a sweep.
  /// - Throws: `InvalidInput` where there is nothing to split.
  package func splitting(
    _ settings: SplittingSettings, along path: PathProgress? = nil, seed: UInt64, cell: Int = 0
  ) throws -> SplittingEnsemble {
    guard let split else { throw InvalidInput("replicates of splitting cannot be split again") }
    return try split(settings, path, seed, cell)
  }

  /// The step at which a run is censored.
  @usableFromInline package var lastStep: Int { Int(min(cap / timeStep + 2, 1e15)) }

  /// Numbers in the state of one replica.
  @usableFromInline package func stateCount(on engine: Engine) -> Int {
    engine == .reference ? reference?.stateCount ?? stateCount : stateCount
  }

  /// What one of several workers does: takes replicas until there is none for it.
  @usableFromInline package func work(on queue: ReplicaQueue, engine: Engine, workers: Int) {
    onWorker(queue, engine, workers)
  }

  /// Independent runs over all cores, bit-identical for any number of threads.
  public func sample(
    runs: Int, seed: UInt64, cell: Int = 0, engine: Engine = .standard, threads: Int? = nil
  ) -> EscapeSample {
    let queue = ReplicaQueue(seed: seed, cell: cell, replicas: 0..<runs)
    let workers = workerCount(for: runs, threads: threads)
    onWorkers(workers) { _ in work(on: queue, engine: engine, workers: workers) }
    return queue.sample
  }
}
