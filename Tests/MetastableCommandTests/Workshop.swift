import Foundation
import TestSupport

/// A directory to run documented lines in: `Examples/` is there, `out/` may be written, and the built command is
/// found as `metastable` and as `.build/release/metastable`.
struct Workshop {
  let directory: URL

  /// Makes the directory, and removes it after `body`.
  static func open<Result>(_ body: (Workshop) throws -> Result) throws -> Result {
    try withTemporaryDirectory { directory in
      let files = FileManager.default
      let programs = directory.appendingPathComponent(".build/release")
      try files.createDirectory(at: programs, withIntermediateDirectories: true)
      try files.createSymbolicLink(
        at: programs.appendingPathComponent("metastable"),
        withDestinationURL: CommandLineRun.products("metastable"))
      try files.createSymbolicLink(
        at: directory.appendingPathComponent("Examples"),
        withDestinationURL: repository.appendingPathComponent("Examples"))
      return try body(Workshop(directory: directory))
    }
  }

  /// Runs lines of a shell, as a reader would who stops at the first error.
  func run(_ script: String) throws -> CommandLineRun {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let programs = directory.appendingPathComponent(".build/release").path
    return try CommandLineRun(
      executable: URL(fileURLWithPath: "/bin/bash"), ["-euo", "pipefail", "-c", script],
      in: directory, environment: ["PATH": "\(programs):\(path)"])
  }
}

/// What the built command says of itself, such as "metastable 0.1.0 (GSL 2.7.1, AVX2)".
let builtVersion = Result { try CommandLineRun(["--version"]).output }
