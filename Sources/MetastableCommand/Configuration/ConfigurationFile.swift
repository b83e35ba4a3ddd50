import ArgumentParser
import Foundation
import Metastable
import Yams

/// A YAML file whose keys are a verb's long flags: read as command-line arguments, so that both have one
/// definition, one set of types and one set of checks.
struct ConfigurationFile {
  private struct Entry {
    let key: String
    let line: Int
    let arguments: [String]
  }

  private let path: String
  private let entries: [Entry]

  /// - Throws: `InvalidInput` with line and key for anything that is not a known key with a scalar or a
  ///   list of scalars.
  init(path: String, verb: any ParsableCommand.Type) throws {
    try self.init(path: path, options: describedOptions(of: verb))
  }

  /// - Parameter known: the options whose names are the keys.
  init(path: String, options known: [DescribedOption]) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw InvalidInput("configuration file '\(path)' cannot be read; check its name")
    }
    guard data.count <= ConfigurationLimits.bytes else {
      throw InvalidInput(
        "configuration file '\(path)' has \(data.count) bytes, more than \(ConfigurationLimits.bytes); it cannot be one"
      )
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw InvalidInput("configuration file '\(path)' is not UTF-8 text")
    }
    try self.init(text: text, path: path, options: known)
  }

  /// - Parameter path: what the text is called in messages.
  init(text: String, path: String, options known: [DescribedOption]) throws {
    self.path = path
    try ConfigurationLimits.check(text, place: "configuration file '\(path)'")
    let root: Node?
    do {
      // Keys are compared as text: the default rules try seven patterns on each of them.
      root = try Yams.compose(yaml: text, .basic)
    } catch let error as YamlError {
      throw InvalidInput("configuration file '\(path)' is not valid YAML: \(Self.sentence(error))")
    }
    guard let root, !Self.isEmpty(root) else {
      entries = []
      return
    }
    guard case .mapping(let mapping) = root else {
      throw InvalidInput(
        "configuration file '\(path)' must hold 'key: value' lines, but its top level is not a mapping"
      )
    }
    entries = try mapping.compactMap { keyNode, value in
      let key = keyNode.string ?? ""
      let line = keyNode.mark?.line ?? 0
      let place = "line \(line) of '\(path)'"
      guard let option = known.first(where: { $0.name == key }) else {
        let guess = Self.nearest(key, in: known.map(\.name))
        throw InvalidInput(
          "\(place): unknown key '\(key)'"
            + (guess.map { "; did you mean '\($0)'?" } ?? "; 'metastable init' lists the keys"))
      }
      return try Self.entry(option, value: value, line: line, place: place)
    }
  }

  /// A document without a word, such as "---".
  private static func isEmpty(_ root: Node) -> Bool {
    guard case .scalar(let scalar) = root else { return false }
    return scalar.string.isEmpty && scalar.style == .plain
  }

  private static func entry(
    _ option: DescribedOption, value: Node, line: Int, place: String
  ) throws -> Entry? {
    func scalar(_ node: Node) throws -> String {
      guard case .scalar(let scalar) = node else {
        throw InvalidInput(
          "\(place): key '\(option.name)' needs a single value or a list of single values")
      }
      return scalar.string
    }
    if value.null != nil { return nil }
    if option.isFlag {
      guard let isOn = value.bool else {
        throw InvalidInput(
          "\(place): key '\(option.name)' needs true or false, but is '\(try scalar(value))'")
      }
      if isOn { return Entry(key: option.name, line: line, arguments: ["--\(option.name)"]) }
      return option.isInvertible
        ? Entry(key: option.name, line: line, arguments: ["--no-\(option.name)"]) : nil
    }
    let text: String
    if case .sequence(let sequence) = value {
      text = try sequence.map(scalar).joined(separator: ",")
    } else {
      text = try scalar(value)
    }
    return Entry(key: option.name, line: line, arguments: ["--\(option.name)=\(text)"])
  }

  var arguments: [String] { entries.flatMap(\.arguments) }

  /// The entry that a parser does not accept by itself, as a sentence with its line.
  func complaint(parsing parse: ([String]) throws -> Void, message: (any Error) -> String)
    -> String?
  {
    for entry in entries {
      do { try parse(entry.arguments) } catch {
        return "line \(entry.line) of '\(path)', key '\(entry.key)': \(message(error))"
      }
    }
    return nil
  }

  private static func sentence(_ error: YamlError) -> String {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return "\(problem) (line \(mark.line), column \(mark.column))"
    case .duplicatedKeysInMapping(let keys, let context):
      return
        "key '\(keys.first ?? "")' is given more than once, first in line \(context.mark.line); give it once"
    default: return "\(error)".split(separator: "\n").first.map(String.init) ?? "\(error)"
    }
  }

  /// The known name at the smallest edit distance, if that is at most a third of the key.
  static func nearest(_ key: String, in names: [String]) -> String? {
    // The distance takes as many steps as both have letters.
    guard key.utf8.count <= 64 else { return nil }
    func distance(_ a: [Character], _ b: [Character]) -> Int {
      var row = Array(0...b.count)
      for (i, x) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, y) in b.enumerated() {
          let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (x == y ? 0 : 1))
          diagonal = row[j + 1]
          row[j + 1] = next
        }
      }
      return row[b.count]
    }
    let ranked = names.map { ($0, distance(Array(key), Array($0))) }.min { $0.1 < $1.1 }
    guard let (name, edits) = ranked, edits <= max(2, key.count / 3) else { return nil }
    return name
  }
}
