internal import GRDB
import NumericalMethods

/// The store could not be written: a full disk, mostly. What it holds is unharmed.
public struct StorageFailure: Error, CustomStringConvertible {
  public let description: String
}

/// Calls SQLite, and says in words what went wrong.
///
/// - Throws: ``InvalidInput`` for a file that is no store or a damaged one, ``StorageFailure`` where it
///   cannot be written.
func speakingOfStore<Result>(at path: String, _ body: () throws -> Result) throws -> Result {
  do { return try body() } catch let error as DatabaseError {
    switch error.resultCode {
    case .SQLITE_CORRUPT:
      throw InvalidInput(
        "the run store '\(path)' is damaged (\(error.message ?? "malformed")); 'metastable results verify' says what of it can be read, and --overwrite starts afresh"
      )
    case .SQLITE_NOTADB:
      throw InvalidInput(
        "'\(path)' is not a run store, or its beginning is damaged; move it away, or start afresh with --overwrite"
      )
    case .SQLITE_FULL:
      throw StorageFailure(description: "the disk is full: '\(path)' cannot grow")
    case .SQLITE_IOERR:
      throw StorageFailure(
        description: "'\(path)' cannot be written (\(error.message ?? "input/output error"))")
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
      throw InvalidInput(
        "the run store '\(path)' cannot be opened (\(error.message ?? "no permission")); check its permissions"
      )
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      throw InvalidInput(
        "the run store '\(path)' is in use by another program; close that first")
    default:
      throw InvalidInput(
        "the run store '\(path)' cannot be used (\(error.message ?? "\(error.resultCode)")); 'metastable results verify' says what of it can be read"
      )
    }
  }
}
