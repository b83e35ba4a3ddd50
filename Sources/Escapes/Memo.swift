import Synchronization

/// What has been computed of one problem already, by name, for all who ask: several theories of an escape share
/// its saddles. Values only; a failure is computed again.
public final class Memo: Sendable {
  private let values = Mutex<[String: any Sendable]>([:])

  /// Nothing is known yet.
  public init() {}

  /// The value of that name, computed where it is not there yet.
  package func value<Value: Sendable>(_ name: String, _ compute: () throws -> Value) rethrows
    -> Value
  {
    if let known = values.withLock({ $0[name] }) as? Value { return known }
    // Not under the lock: it may take long, and ask for other values.
    let value = try compute()
    values.withLock { $0[name] = value }
    return value
  }
}
