import Foundation
import Metastable

/// What one suite found, and under which circumstances.
struct SuiteResult: Codable {
  var name: String
  var purpose: String
  var command: String
  /// When it ended.
  var date: String
  /// Load averages of the minute before and after: above 1, other work shared the machine.
  var loadBefore: Double
  var loadAfter: Double
  var rows: [Row]
}

/// The results of one build on one machine: `Benchmarks/results/<processor>-<instruction set>.json`.
struct ResultsFile: Codable {
  var machine: Machine
  var suites: [SuiteResult] = []

  init(of machine: Machine) { self.machine = machine }

  var path: String { Self.path(processor: machine.processor, machine.instructionSet) }

  /// Relative to the package, where `swift run` is called.
  static func path(processor: String, _ ending: String) -> String {
    "Benchmarks/results/\(fileName(processor))-\(fileName(ending)).json"
  }

  /// The file at a path, or nil where there is none.
  static func read(_ path: String) throws -> ResultsFile? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return try JSONDecoder().decode(ResultsFile.self, from: data)
  }

  /// Takes over the suites of an older file, unless another machine or version made them.
  mutating func adopt(_ older: ResultsFile?) {
    if let older, older.machine == machine { suites = older.suites }
  }

  mutating func replace(_ result: SuiteResult) {
    suites.removeAll { $0.name == result.name }
    suites.append(result)
    let order = Suite.all.map(\.name)
    suites.sort { order.firstIndex(of: $0.name) ?? 0 < order.firstIndex(of: $1.name) ?? 0 }
  }

  func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  func write() throws {
    let folder = (path as NSString).deletingLastPathComponent
    guard FileManager.default.fileExists(atPath: folder) else {
      throw InvalidInput("there is no folder \(folder) here; run this from the package's folder")
    }
    try (text() + "\n").write(toFile: path, atomically: true, encoding: .utf8)
  }
}
