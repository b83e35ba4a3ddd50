import Foundation
import TestSupport
import Testing

/// One run of the built command, as a user starts it: arguments in, exit code and two texts out.
struct CommandLineRun {
  let code: Int32
  let output: String
  let errors: String

  /// Runs `metastable`.
  ///
  /// - Parameter directory: the working directory, for relative paths.
  init(_ arguments: [String], in directory: URL? = nil) throws {
    try self.init(program: "metastable", arguments, in: directory)
  }

  /// Runs a program that was built beside the tests.
  init(program: String, _ arguments: [String] = [], in directory: URL? = nil) throws {
    try self.init(executable: Self.products(program), arguments, in: directory)
  }

  /// Runs any program.
  ///
  /// - Parameter environment: variables that are set for it, beside those that there are.
  init(
    executable: URL, _ arguments: [String], in directory: URL? = nil,
    environment: [String: String] = [:]
  ) throws {
    let files = FileManager.default
    // Files, not pipes: a pipe fills up, and its reads are interrupted by signals.
    let scratch = files.temporaryDirectory.appendingPathComponent("run \(UUID().uuidString)")
    try files.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? files.removeItem(at: scratch) }
    func sink(_ name: String) throws -> FileHandle {
      let file = scratch.appendingPathComponent(name)
      try Data().write(to: file)
      return try FileHandle(forWritingTo: file)
    }
    let output = try sink("output")
    let errors = try sink("errors")
    let process = Process()
    process.executableURL = executable
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.arguments = arguments
    process.currentDirectoryURL = directory ?? scratch
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    process.waitUntilExit()
    try output.close()
    try errors.close()
    code = process.terminationReason == .exit ? process.terminationStatus : -1
    func text(_ name: String) throws -> String {
      String(
        decoding: try Data(contentsOf: scratch.appendingPathComponent(name)), as: UTF8.self)
    }
    self.output = try text("output")
    self.errors = try text("errors")
  }

  /// A program that was built beside the tests.
  static func products(_ program: String) -> URL { folder.appendingPathComponent(program) }

  /// Where the build puts programs: beside the test bundle.
  private static let folder: URL = {
    #if os(macOS)
      for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") {
        return bundle.bundleURL.deletingLastPathComponent()
      }
    #endif
    return URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
  }()

  /// The JSON document on standard output.
  func document(
    exiting expected: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Document {
    #expect(code == expected, "\(errors)", sourceLocation: sourceLocation)
    let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
    return Document(try #require(value as? [String: Any], sourceLocation: sourceLocation))
  }
}

/// A JSON object, read by key.
struct Document {
  let members: [String: Any]

  init(_ members: [String: Any]) { self.members = members }

  subscript(_ key: String) -> Document { Document(members[key] as? [String: Any] ?? [:]) }
  func has(_ key: String) -> Bool { members[key] != nil }
  func isNull(_ key: String) -> Bool { members[key] is NSNull }
  func number(_ key: String) -> Double? { (members[key] as? NSNumber)?.doubleValue }
  func flag(_ key: String) -> Bool? { members[key] as? Bool }
  func text(_ key: String) -> String? { members[key] as? String }
  func texts(_ key: String) -> [String] { members[key] as? [String] ?? [] }
  func list(_ key: String) -> [Document] {
    (members[key] as? [[String: Any]] ?? []).map { Document($0) }
  }

  /// Expects the keys that every document has.
  func expectContract(
    of command: String, seed: Int?, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(text("command") == command, sourceLocation: sourceLocation)
    #expect(
      text("version")?.split(separator: ".").count == 3, sourceLocation: sourceLocation)
    #expect(
      seed == nil ? isNull("seed") : number("seed") == Double(seed!),
      sourceLocation: sourceLocation)
    #expect(
      members["configuration"] is [String: Any], sourceLocation: sourceLocation)
    #expect(members["results"] is [String: Any], sourceLocation: sourceLocation)
  }

  /// Expects `{"value", "lower", "upper", "level"}` with lower ≤ value ≤ upper where they are given,
  /// and a reason where one is not.
  func expectEstimate(
    _ key: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let estimate = self[key]
    for part in ["value", "lower", "upper", "level"] {
      #expect(estimate.has(part), "\(key) has no \(part)", sourceLocation: sourceLocation)
    }
    #expect(estimate.number("level") == 0.95, sourceLocation: sourceLocation)
    if let value = estimate.number("value"), let lower = estimate.number("lower"),
      let upper = estimate.number("upper")
    {
      #expect(lower <= value && value <= upper, sourceLocation: sourceLocation)
    } else {
      #expect(estimate.text("reason") != nil, sourceLocation: sourceLocation)
    }
  }
}

/// The words of a line without quotes.
func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

func write(_ text: String, _ name: String, in directory: URL) throws {
  try Data(text.utf8).write(to: directory.appendingPathComponent(name))
}

/// The root of the package.
let repository = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// A network that loses its second feature under SGD, fast.
let networkEscape = [
  "escape", "--network", "2-10-10-2", "--eta", "0.9,0.8", "--beta", "0.345", "--from", "2", "--to",
  "1", "--process", "sgd", "--batch-size", "4", "--learning-rate", "0.1",
]
