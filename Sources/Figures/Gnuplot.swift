import Foundation

/// The program that draws. It runs as a program of its own, so nothing of it is linked.
public struct Gnuplot: Sendable {
  /// A name to be looked up in the search path, or a path.
  let executable: String

  /// - Parameter executable: a name to be looked up in the search path, or a path.
  public init(executable: String = "gnuplot") {
    self.executable = executable
  }

  /// What to do where the program is missing.
  package var remedy: String {
    "“\(executable)” was not found; install it (apt-get install gnuplot-nox) and run gnuplot on the script, or write the figure again"
  }

  /// Where the program is; nil where it is not installed.
  var location: URL? {
    if executable.contains("/") {
      return FileManager.default.isExecutableFile(atPath: executable)
        ? URL(fileURLWithPath: executable) : nil
    }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").lazy
      .map { URL(fileURLWithPath: String($0)).appendingPathComponent(executable) }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  /// Runs the program at `location` on a script, in the directory of the script.
  ///
  /// - Throws: `FigureError/drawingFailed(script:status:message:)`.
  func run(_ script: URL, with location: URL) throws {
    let process = Process()
    process.executableURL = location
    process.arguments = [script.lastPathComponent]
    process.currentDirectoryURL = script.deletingLastPathComponent()
    // A file, not a pipe: nothing to drain while the program runs, and no read that a signal interrupts.
    let messages = FileManager.default.temporaryDirectory
      .appendingPathComponent("gnuplot-\(UUID().uuidString).txt")
    try Data().write(to: messages)
    defer { try? FileManager.default.removeItem(at: messages) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: messages)
    do {
      try process.run()
    } catch {
      throw FigureError.drawingFailed(
        script: script.lastPathComponent, status: -1, message: "\(error)")
    }
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw FigureError.drawingFailed(
        script: script.lastPathComponent, status: Int(process.terminationStatus),
        message: String(decoding: (try? Data(contentsOf: messages)) ?? Data(), as: UTF8.self)
          .trimmingCharacters(in: .whitespacesAndNewlines))
    }
  }
}
