import Foundation
import Synchronization

/// Whether a long computation is to stop: a signal came, or its time is up.
public final class StopSignal: Sendable {
  private let deadline: ContinuousClock.Instant?
  private let heedsSignals: Bool
  private let listens = Atomic(false)
  private let pressed = Atomic(false)

  /// - Parameters:
  ///   - seconds: on the wall, from now; nil for no limit.
  ///   - onSignals: whether SIGINT, SIGTERM and SIGHUP stop it, from ``catchSignals()`` on.
  public init(after seconds: Double? = nil, onSignals: Bool = false) {
    deadline = seconds.map { .now + .seconds($0) }
    heedsSignals = onSignals
  }

  /// From now on a signal stops the computation, where it heeds them; the second of either ends the process at once.
  ///
  /// Before, what nothing is kept of yet, such as the search for the states of a network, is ended by the first.
  public func catchSignals() {
    guard heedsSignals, !listens.exchange(true, ordering: .relaxed) else { return }
    // Made before a handler needs it.
    _ = caughtSignal.load(ordering: .relaxed)
    var open = sigset_t()
    sigemptyset(&open)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var old = sigaction()
      sigaction(number, nil, &old)
      // One that is ignored (nohup) stays so.
      if number == SIGHUP, old.isIgnored { continue }
      signal(number) { number in
        caughtSignal.store(number, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
      sigaddset(&open, number)
    }
    // Some programs start others with these signals held back.
    pthread_sigmask(SIG_UNBLOCK, &open, nil)
  }

  /// Stops it from within the program.
  public func stop() { pressed.store(true, ordering: .relaxed) }

  /// Seconds until its time is up; nil where there is no limit.
  var secondsLeft: Double? { deadline.map { ($0 - .now) / .seconds(1) } }

  /// Why it is to stop; nil while it is not.
  public var reason: String? {
    if listens.load(ordering: .relaxed) {
      switch caughtSignal.load(ordering: .relaxed) {
      case 0: break
      case SIGINT: return "it was interrupted"
      case SIGHUP: return "its terminal went away"
      default: return "it was asked to end"
      }
    }
    if let deadline, ContinuousClock.now >= deadline { return "the wall time is up" }
    return pressed.load(ordering: .relaxed) ? "it was told to" : nil
  }
}

extension sigaction {
  fileprivate var isIgnored: Bool {
    #if canImport(Darwin)
      let handler = __sigaction_u.__sa_handler
    #else
      let handler = __sigaction_handler.sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

/// The last signal that a handler saw; 0 for none.
private let caughtSignal = Atomic<Int32>(0)

/// A computation that was stopped before its end, with everything kept that it needs to go on.
public struct StoppedEarly: Error, CustomStringConvertible {
  /// What happened, and how far it came.
  public let description: String

  /// A reason, in one sentence.
  public init(_ description: String) { self.description = description }
}

/// The share of a shard is done: there is nothing to report on before the shards are merged.
public struct ShardFinished: Error, CustomStringConvertible {
  /// The share that is finished.
  public let shard: Shard
  /// Runs in its store.
  public let runs: Int
  /// Those of them that diverged.
  public let diverged: Int

  public var description: String {
    "shard \(shard) is done (\(runs) runs); when all are, join them with 'metastable results merge FOLDER… --output FOLDER'"
  }
}
