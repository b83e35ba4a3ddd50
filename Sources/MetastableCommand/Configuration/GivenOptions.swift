import ArgumentParser
import Metastable

/// An option that a user gave, if only with its default.
struct GivenOption: Sendable {
  let key: String
  /// As on the command line: "--tilt 0.3".
  let text: String
  /// Where it stands, if not on the command line: "line 2 of 'c.yaml'".
  let place: String?

  init(key: String, text: String, place: String? = nil) {
    self.key = key
    self.text = text
    self.place = place
  }

  /// The options among the words of a command line, in their order.
  static func all(in arguments: [String], options: [OptionValue]) -> [GivenOption] {
    var found = [GivenOption]()
    var words = arguments.prefix { $0 != "--" }[...]
    while let word = words.popFirst() {
      guard word.hasPrefix("--") else { continue }
      let parts = word.dropFirst(2).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = parts.first.map(String.init) ?? ""
      guard
        let option = options.first(where: {
          $0.key == name || $0.isFlag && "no-\($0.key)" == name
        })
      else { continue }
      var text = "--\(name)"
      if parts.count > 1 {
        text += " \(parts[1])"
      } else if !option.isFlag, let value = words.popFirst() {
        text += " \(value)"
      }
      found.append(GivenOption(key: option.key, text: text))
    }
    return found
  }
}

/// Refuses an option that does nothing under the choices that were made.
///
/// - Throws: `InvalidInput` naming the option, and what would use it.
func refuseUselessOptions(of verb: some Verb, given: [GivenOption]) throws {
  let uses = optionUses(of: verb)
  let choices = Choices(of: verb, given: Set(given.map(\.key)))
  for option in optionValues(of: verb) {
    // Of an option given twice the last one counts.
    guard let given = given.last(where: { $0.key == option.key }),
      let complaint = uses[option.key]?.complaint(given.text, choices)
    else { continue }
    throw InvalidInput(
      (given.place.map { "\($0), key '\(option.key)': " } ?? "") + complaint)
  }
}
