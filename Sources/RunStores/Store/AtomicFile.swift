import Foundation
import NumericalMethods

/// How the names of files begin that are ours and stay for moments only.
let temporaryPrefix = ".metastable-"

/// Replaces a file in one move: a reader finds the old or the new one, whole. What a killed process leaves has
/// a name that `temporaryPrefix` begins.
func replace(_ file: URL, with data: Data) throws {
  let partial = file.deletingLastPathComponent()
    .appendingPathComponent(temporaryPrefix + file.lastPathComponent)
  do { try data.write(to: partial) } catch { throw StorageFailure.writing(file.path, error) }
  guard rename(partial.path, file.path) == 0 else {
    throw StorageFailure("'\(file.path)' cannot be written (\(String(cString: strerror(errno))))")
  }
}
