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

  /// Without `Process`, which waits for the daemon that bindfs leaves behind as well.
  private static func run(_ command: [String]) throws {
    var arguments = (["/usr/bin/env"] + command).map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process = pid_t()
    guard posix_spawn(&process, "/usr/bin/env", nil, nil, &arguments, environ) == 0 else {
      throw CocoaError(.executableNotLoadable)
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    guard status == 0 else { throw CocoaError(.executableNotLoadable) }
  }
}
