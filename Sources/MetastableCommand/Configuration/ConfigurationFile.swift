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

  /// - Parameter known: the options whose names are the keys.
  /// - Throws: `InvalidInput` with line and key for anything that is not a known key with a scalar or a
  ///   list of scalars.
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
        let guesses = OptionNames.guesses(for: key, in: known.map(\.name))
        throw InvalidInput(
          "\(place): unknown key '\(key)'"
            + (guesses.isEmpty
              ? "; 'metastable init' lists the keys"
              : "; did you mean \(listed(guesses.map { "'\($0)'" }, "or"))?"))
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
      return Entry(
        key: option.name, line: line,
        arguments: option.isInvertible ? ["--no-\(option.name)"] : [])
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

  /// What it gives, as on the command line.
  var given: [GivenOption] {
    entries.map { entry in
      GivenOption(
        key: entry.key,
        text: entry.arguments.first?.replacing("=", with: " ", maxReplacements: 1)
          ?? "--\(entry.key)", place: "line \(entry.line) of '\(path)'")
    }
  }

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
}
