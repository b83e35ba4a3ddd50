/// Told how far a long computation is; called from any thread.
public protocol ProgressObserver: Sendable {
  /// A stage of `total` steps begins.
  func begin(_ stage: String, total: Int)
  /// One step is done; `isEvent` where it ended in the event that is waited for.
  func advance(isEvent: Bool)
  /// The stage is over.
  func end()
}

/// Says nothing.
public struct SilentProgress: ProgressObserver {
  public init() {}
  public func begin(_ stage: String, total: Int) {}
  public func advance(isEvent: Bool) {}
  public func end() {}
}
