import Synchronization

/// Where and how an experiment runs: its store, who watches, when it stops, and which share is its own.
public final class RunContext: Sendable {
  /// What is done with runs that the store does not hold.
  public enum Mode: Sendable {
    /// They are run.
    case run
    /// They are left out: results are of what is there, runs on their way counted as censored.
    case look
    /// They are left out, and some that are there are run again and compared, about so many per cell.
    case verify(runs: Int)
  }

  /// What is done with runs that the store does not hold.
  public let mode: Mode
  /// Who watches.
  public let progress: any ProgressObserver
  /// When to stop.
  public let stop: StopSignal
  /// The share of the runs that is its own; nil for all.
  public let shard: Shard?
  /// Seconds between two writes to the store.
  public let checkpointInterval: Double
  private let open: @Sendable () throws -> RunStore
  private let opened = Mutex<RunStore?>(nil)
  private let rechecks = Mutex<[Recheck]>([])

  /// - Parameter store: opens the store; called when the first run is to be written or read, so that a
  ///   mistake that is noticed earlier leaves no trace. A store in memory where it is left out.
  public init(
    mode: Mode = .run, progress: any ProgressObserver = SilentProgress(),
    stop: StopSignal = StopSignal(), shard: Shard? = nil, checkpointInterval: Double = 2,
    store: (@Sendable () throws -> RunStore)? = nil
  ) {
    self.mode = mode
    self.progress = progress
    self.stop = stop
    self.shard = shard
    self.checkpointInterval = checkpointInterval
    open =
      store ?? { try RunStore.create(experiment: StoredExperiment(command: "library", seed: nil)) }
  }

  /// The store, opened where it is not yet.
  public var store: RunStore {
    get throws {
      try opened.withLock { opened in
        if let opened { return opened }
        let store = try open()
        opened = store
        return store
      }
    }
  }

  /// The number of a cell in the store; where nothing is to be run, one that holds nothing if it is not there.
  package func cell(_ cell: StoreCell) throws -> Int {
    if case .run = mode { return try store.enter(cell) }
    return try store.cells().first { $0.cell.name == cell.name }?.id ?? -1
  }

  /// The store, if something has opened it.
  package var openedStore: RunStore? { opened.withLock { $0 } }

  /// Says what is to be known before the work begins, where there is to be any.
  package func announce(_ sentences: [String]) {
    guard case .run = mode else { return }
    for sentence in sentences { progress.note(sentence) }
  }

  /// A run, or the records of a curve, that were computed again.
  public struct Recheck: Sendable {
    /// The name of the ensemble or curve.
    public let cell: String
    /// The replica, or the number of the record.
    public let number: Int
    /// Whether both are the same.
    public let agrees: Bool
    /// What is stored.
    public let stored: String
    /// What was computed now.
    public let now: String

    package init(cell: String, number: Int, agrees: Bool, stored: String, now: String) {
      self.cell = cell
      self.number = number
      self.agrees = agrees
      self.stored = stored
      self.now = now
    }
  }

  /// What was computed again in ``Mode/verify(runs:)``.
  public var recheckedRuns: [Recheck] { rechecks.withLock { $0 } }

  package func note(_ recheck: Recheck) { rechecks.withLock { $0.append(recheck) } }
}
