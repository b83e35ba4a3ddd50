package import DataFiles
package import Foundation
import NumericalMethods

/// What decides the numbers of a store: two commands with equal ones continue each other.
public struct StoredExperiment: Sendable, Equatable {
  package let command: String
  /// Every option that decides a run's numbers, as JSON text by its key: not how many runs are wanted, nor
  /// how they are shown.
  package let options: [String: String]
  package let seed: UInt64?
  package let version: String
  package let gslVersion: String
  /// Whether products are fused with sums, which decides the last bits.
  package let arithmetic: String

  /// What this build would compute for a command, or whatever takes its place in a library.
  public init(command: String, options: [String: String] = [:], seed: UInt64?) {
    self.init(
      command: command, options: options, seed: seed, version: metastableVersion)
  }

  package init(
    command: String, options: [String: String] = [:], seed: UInt64?, version: String,
    gslVersion: String = NumericalMethods.gslVersion, arithmetic: String = currentArithmetic
  ) {
    self.command = command
    self.options = options
    self.seed = seed
    self.version = version
    self.gslVersion = gslVersion
    self.arithmetic = arithmetic
  }

  /// The options that say how many runs are wanted, how they are shown or which stand beside them, and change none of them; and the
  /// path of the data, whose content counts.
  package static let freeKeys: Set<String> = [
    "runs", "replicates", "until-relative-error", "max-runs", "level", "data",
    "extrapolate", "confirm", "rows",
  ]

  /// The configuration without ``freeKeys``, with a fingerprint of the data file.
  ///
  /// - Throws: `InvalidInput` where the data file cannot be read.
  package init(command: String, resolved: JSONValue, seed: UInt64?) throws {
    guard case .object(let members) = resolved else {
      preconditionFailure("a configuration is an object")
    }
    var options = [String: String]()
    for (key, value) in members where !Self.freeKeys.contains(key) {
      options[key] = value.rendered()
    }
    // Stores from before these options have no word of them.
    let later: [(key: String, value: JSONValue)] = [
      ("keep-runs", "all"), ("method", "brute-force"), ("integrator", "euler-maruyama"),
      ("integrator", .null), ("time-step-error", .null), ("optimiser", "sgd"),
      ("schedule", "constant"), ("warm-up", .integer(0)), ("label-noise", .number(0)),
      ("output-layer", "trained"), ("save-weights", .bool(false)),
      ("raw", .bool(false)), ("raw", .null),
      ("loss-convention", "half-sum"), ("loss-convention", .null),
    ]
    // Of these trainings always had.
    let basin: [(key: String, value: JSONValue)] =
      command == "train"
      ? []
      : [
        ("activation", "linear"), ("activation", .null), ("biases", .bool(false)),
        ("biases", .null), ("feature", .null), ("start", .null), ("start-seed", .null),
        ("end", .null),
      ]
    for (key, value) in later + basin where resolved[key] == value { options[key] = nil }
    // Those of `train` do.
    if command == "escape", resolved["dropout"] == .null { options["dropout"] = nil }
    if command == "escape", resolved["loss"] == .null || resolved["loss"] == "mse" {
      options["loss"] = nil
    }
    if case .string(let path)? = resolved["data"] {
      guard let data = FileManager.default.contents(atPath: path) else {
        throw InvalidInput("the data file '\(path)' cannot be read; check its name")
      }
      options[Self.dataKey] = "\"\(fingerprint(of: data))\""
    }
    self.init(command: command, options: options, seed: seed)
  }

  /// Whether a file has the content that this experiment's data had.
  package func isData(_ path: String) -> Bool {
    FileManager.default.contents(atPath: path).map {
      options[Self.dataKey] == "\"\(fingerprint(of: $0))\""
    } ?? false
  }

  /// The key of the data file's fingerprint.
  private static let dataKey = "data-fingerprint"

  /// A short name of everything that has to agree.
  package var configurationHash: String {
    let lines = options.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    return fingerprint(of: Data(([command] + lines).joined(separator: "\n").utf8))
  }

  /// What keeps `other` from continuing this one, as a phrase; nil where it may.
  ///
  /// - Parameters:
  ///   - name: what this one is called, such as "the folder 'out'".
  ///   - otherName: what the other is called.
  package func difference(from other: StoredExperiment, name: String, otherName: String) -> String?
  {
    guard command == other.command else {
      return "\(name) holds runs of '\(command)', \(otherName) of '\(other.command)'"
    }
    let changes = Set(options.keys).union(other.options.keys).sorted().compactMap {
      key -> String? in
      let (mine, theirs) = (options[key] ?? "null", other.options[key] ?? "null")
      guard mine != theirs else { return nil }
      return key == Self.dataKey
        ? "the content of the data file" : "\(key): \(mine) there, \(theirs) here"
    }
    if !changes.isEmpty {
      return
        "\(name) and \(otherName) differ in \(changes.count == 1 ? "one option" : "\(changes.count) options") (\(changes.joined(separator: "; ")))"
    }
    for (what, a, b) in [
      ("the version of metastable", version, other.version),
      ("the arithmetic of the build", arithmetic, other.arithmetic),
    ] where a != b {
      return "\(name) and \(otherName) differ in \(what) (\(a) there, \(b) here)"
    }
    return nil
  }
}

/// "fused" where this build multiplies and adds in one rounding, "separate" where it rounds twice: runs of
/// the two differ in their last bits, and then altogether.
package let currentArithmetic =
  ["AVX2", "AVX-512", "NEON"].contains(instructionSet) ? "fused" : "separate"

/// 64 bits by which a change is noticed.
package func fingerprint(of data: Data) -> String {
  var fingerprint = Fingerprint()
  data.withUnsafeBytes { for byte in $0 { fingerprint.add(byte) } }
  return fingerprint.text
}
