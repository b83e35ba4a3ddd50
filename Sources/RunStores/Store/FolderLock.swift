import Foundation
import NumericalMethods

/// One process at a time works on a folder. The lock is the operating system's: it ends with its process,
/// however that ends.
final class FolderLock: Sendable {
  static let fileName = "runs.lock"

  private let descriptor: Int32
  private let path: String

  /// - Throws: `InvalidInput` where another process holds the lock: which, and since when.
  init(folder: URL) throws {
    path = folder.appendingPathComponent(Self.fileName).path
    var refusals = 0
    while true {
      let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard file >= 0 else {
        // Another process that only asked may just have removed the folder again.
        if errno == ENOENT, refusals < 5 {
          refusals += 1
          try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
          continue
        }
        throw InvalidInput("output folder '\(folder.path)' cannot be written; choose one that can")
      }
      guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
        let error = errno
        let holder = Self.text(of: file)
        close(file)
        guard error == EWOULDBLOCK else {
          throw InvalidInput(
            "output folder '\(folder.path)' cannot be locked (\(String(cString: strerror(error)))); name one on a file system with locks"
          )
        }
        // One that only asks holds it for a moment.
        refusals += 1
        if refusals < 5 {
          usleep(20_000)
          continue
        }
        throw Self.inUse(folder.path, by: holder)
      }
      // The holder before may have removed the file between our opening and locking it.
      var (here, there) = (stat(), stat())
      if fstat(file, &here) == 0, stat(path, &there) == 0, here.st_ino == there.st_ino {
        descriptor = file
        break
      }
      close(file)
    }
    let text = Data(
      "process \(ProcessInfo.processInfo.processIdentifier) on \(ProcessInfo.processInfo.hostName) since \(timestamp())"
        .utf8)
    ftruncate(descriptor, 0)
    _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// Who works on a folder now, as a phrase; nil where nobody does.
  static func holder(of folder: URL) -> String? {
    let file = open(folder.appendingPathComponent(fileName).path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    guard flock(file, LOCK_SH | LOCK_NB) != 0 else { return nil }
    return text(of: file)
  }

  static func inUse(_ path: String, by holder: String) -> InvalidInput {
    InvalidInput(
      "output folder '\(path)' is in use by \(holder); wait until that has ended, stop it, or name another folder"
    )
  }

  /// Who holds the lock, as a phrase.
  private static func text(of file: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 400)
    let count = pread(file, &bytes, bytes.count, 0)
    return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : "another process"
  }

  deinit {
    unlink(path)
    close(descriptor)
  }
}
