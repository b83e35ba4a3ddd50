public import Foundation

/// A file system without maps that processes share, as many clusters have: a folder that bindfs mounts with
/// `direct_io`.
public enum UnsharedFileSystem {
  /// Whether one can be mounted here: that needs bindfs, /dev/fuse and the permission to use it.
  public static let isAvailable = (try? withMount { _ in true }) ?? false

  /// What to say where it is not.
  public static let remedy = "needs bindfs and /dev/fuse"

  /// Calls `body` with the root of a new one.
  public static func withMount<Result>(_ body: (URL) throws -> Result) throws -> Result {
    try withTemporaryDirectory { directory in
      let (below, mount) = (
        directory.appendingPathComponent("below"), directory.appendingPathComponent("mount")
      )
      for folder in [below, mount] {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      }
      try run(["bindfs", "-o", "direct_io", below.path, mount.path])
      defer { try? run(["fusermount", "-u", "-z", mount.path]) }
      return try body(mount)
    }
  }

  private static func run(_ command: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableNotLoadable) }
  }
}
