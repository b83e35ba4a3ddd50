import Foundation
internal import GRDB
import NumericalMethods

/// The store could not be written: a full disk, mostly. What it holds is unharmed.
public struct StorageFailure: Error, CustomStringConvertible {
  /// What happened, and what to do, after which the same command goes on.
  public let description: String

  package init(_ what: String, remedy: String = "make room") {
    description =
      "\(what); everything up to the last write is kept: \(remedy), and the same command goes on"
  }

  /// Of a file that is not the store.
  package static func writing(_ path: String, _ error: any Error) -> StorageFailure {
    if let error = error as? CocoaError, error.code == .fileWriteOutOfSpace {
      return StorageFailure("the disk is full: '\(path)' cannot grow")
    }
    return StorageFailure("'\(path)' cannot be written (\(error.localizedDescription))")
  }
}

/// Another program holds the store for itself, for now.
package struct StoreIsBusy: Error, CustomStringConvertible {
  let path: String

  package var description: String {
    "the run store '\(path)' is locked by another program, one that is writing to it perhaps; try again in a moment"
  }

  package var failure: StorageFailure {
    StorageFailure(
      "the run store '\(path)' is locked by another program", remedy: "close that")
  }
}

/// Calls SQLite, and says in words what went wrong.
///
/// - Throws: `InvalidInput` for a file that is no store or a damaged one, ``StorageFailure`` where it
///   cannot be written, `StoreIsBusy` where another program writes.
func speakingOfStore<Result>(
  at path: String, writing: Bool = false, _ body: () throws -> Result
) throws -> Result {
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
      throw StorageFailure("the disk is full: '\(path)' cannot grow")
    case .SQLITE_IOERR where writing:
      throw StorageFailure(
        "'\(path)' cannot be written (\(error.message ?? "input/output error"), code \(error.extendedResultCode.rawValue))"
      )
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
      throw InvalidInput(
        "the run store '\(path)' cannot be opened (\(error.message ?? "no permission")); check its permissions, or copy its folder to where you may write (one that was killed has a log beside it that must be worked in)"
      )
    case .SQLITE_BUSY, .SQLITE_LOCKED: throw StoreIsBusy(path: path)
    default:
      throw InvalidInput(
        "the run store '\(path)' cannot be used (\(error.message ?? "\(error.resultCode)"), code \(error.extendedResultCode.rawValue)); 'metastable results verify' says what of it can be read"
      )
    }
  } catch is RowDecodingError {
    throw InvalidInput(
      "the run store '\(path)' holds a row that makes no sense; 'metastable results verify' says more, and --overwrite starts afresh"
    )
  }
}
