import ArgumentParser
import Metastable

struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Print a commented configuration for a verb, ready to run.")

  @Argument(
    help: "The verb: theory, barrier, rate, phase-diagram, escape, train, compare or study.")
  var verb: String

  func run() throws {
    guard let type = RootCommand.verbs.first(where: { $0.verbName == verb }) else {
      let names = RootCommand.verbs.map { $0.verbName }
      throw InvalidInput(
        "there is no verb '\(verb)' to configure; choose one of \(names.joined(separator: ", "))")
    }
    Terminal.print(Self.template(of: type), terminator: "")
  }

  /// Every option of the verb with its help: set where the example needs it, commented out with its
  /// default elsewhere.
  static func template(of verb: any Verb.Type) -> String {
    var lines = [
      "# Configuration of 'metastable \(verb.verbName)'. Run it with:",
      "#   metastable \(verb.verbName) FILE.yaml --output FOLDER",
      "# Flags of the same names override the file.",
    ]
    let remarks = Dictionary(
      verb.remarks().map { ($0.key, " Used \($0.remark).") },
      uniquingKeysWith: { first, _ in first })
    for option in describedOptions(of: verb) {
      lines += ["", "# " + option.help + (remarks[option.name] ?? "")]
      if let example = verb.example.first(where: { $0.key == option.name }) {
        lines.append("\(option.name): \(example.value)")
      } else {
        // Where neither --x nor --no-x is the default, the program finds out.
        let value = option.defaultValue ?? (option.isFlag && !option.isInvertible ? "false" : "")
        lines.append("# \(option.name): \(value)".trimmingSuffix { $0 == " " })
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension String {
  fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
    var result = self
    while let last = result.last, predicate(last) { result.removeLast() }
    return result
  }
}
