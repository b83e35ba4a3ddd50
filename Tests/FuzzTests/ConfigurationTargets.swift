import Foundation
import Metastable

@testable import MetastableCommand

/// What a user is told of an error of the command, or nil for one that no user should see.
private func refusal(_ error: any Error) -> String? {
  if let error = error as? InvalidInput { return error.description }
  guard [.success, .validationFailure].contains(RootCommand.exitCode(for: error)) else {
    return nil
  }
  return RootCommand.message(for: error)
}

/// A YAML file of each verb, up to the parsed command, which is not run.
let configurationTargets = RootCommand.verbs.map { verb in
  let name = verb.verbName
  let options = describedOptions(of: verb)
  let template = Init.template(of: verb)
  return FuzzTarget(
    name: "configuration of \(name)", share: 5,
    corpus: [template, uncommented(template), flow(options), block(options)].map { Data($0.utf8) }
      + yamlSamples.map { Data($0.utf8) },
    dictionary: yamlTokens + options.map { $0.name + ": " } + numberTokens, refusal: refusal
  ) { data in
    try withFile("configuration.yaml", data) { path in
      let file = try ConfigurationFile(path: path, options: options)
      do {
        let command = try RootCommand.parseAsRoot([name] + file.arguments)
        guard let verb = command as? any Verb else {
          throw WrongResult(description: "the file makes another command of it: \(command)")
        }
        _ = resolvedConfiguration(of: verb)
      } catch {
        _ = file.complaint(
          parsing: { _ = try RootCommand.parseAsRoot([name] + $0) },
          message: { refusal($0) ?? "" })
        throw error
      }
    }
  }
}

let argumentTargets = [
  FuzzTarget(
    name: "list of numbers", share: 20,
    corpus: ["0.9,0.8", "0.05, 0.06,0.08 , 0.1", "-1e-3", "1e308,0x1p-1074,inf,nan"].map {
      Data($0.utf8)
    }, dictionary: numberTokens, refusal: refusal
  ) { data in
    guard let list = NumberList(argument: String(decoding: data, as: UTF8.self)) else {
      throw InvalidInput("not a list of numbers")
    }
    let copy = NumberList(argument: list.defaultValueDescription)
    guard let copy, zip(copy.values, list.values).allSatisfy({ $0 == $1 || $0.isNaN && $1.isNaN })
    else { throw WrongResult(description: "\(list.defaultValueDescription) does not read back") }
  },
  FuzzTarget(
    name: "layer widths", share: 10,
    corpus: ["2-10-10-2", "40-16-16-10", "1-1", "3-9223372036854775807-1"].map { Data($0.utf8) },
    dictionary: numberTokens, refusal: refusal
  ) { data in
    guard let widths = LayerWidths(argument: String(decoding: data, as: UTF8.self)) else {
      throw InvalidInput("not layer widths")
    }
    guard LayerWidths(argument: widths.text)?.values == widths.values else {
      throw WrongResult(description: "\(widths.text) does not read back")
    }
  },
  // One argument in each line. Nobody types more than this limit.
  FuzzTarget(
    name: "command line", share: 4,
    corpus: [
      "theory\n--eta\n0.9,0.8\n--beta=0.32", "escape\nfile.yaml\n--landscape\ndouble-well",
      "train\n--network=2-10-10-2\n--eta=0.9,0.8\n--no-whiten\n--quiet\n--threads\n2",
      "init\ntrain",
      "help\nstudy", "--version",
    ].map { Data($0.utf8) },
    dictionary: numberTokens + [
      "--", "-", "=", "\n", "--no-", "--help", "--experimental-dump-help",
    ],
    limit: 1 << 11, refusal: refusal
  ) { data in
    let arguments = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    if let name = arguments.first { _ = OptionNames.nearest(name, in: ["theory", "study"]) }
    _ = try RootCommand.parseAsRoot(arguments)
  },
]

// MARK: - Seeds

/// The template with every option set.
private func uncommented(_ template: String) -> String {
  template.split(separator: "\n").map { line in
    let option = line.dropFirst(2)
    let key = option.prefix { $0 != ":" }
    return line.hasPrefix("# ") && key.count < option.count && !key.contains(" ")
      ? String(option) : String(line)
  }.joined(separator: "\n")
}

private func value(_ option: DescribedOption) -> String {
  option.isFlag ? "true" : option.defaultValue ?? "1"
}

/// Every option in one flow mapping.
private func flow(_ options: [DescribedOption]) -> String {
  "{" + options.map { "\"\($0.name)\": '\(value($0))'" }.joined(separator: ", ") + "}"
}

/// Every option with a value of another style.
private func block(_ options: [DescribedOption]) -> String {
  options.enumerated().map { i, option in
    switch i % 5 {
    case 0: return "\(option.name): [\(value(option))]"
    case 1: return "\(option.name):\n  - \(value(option))"
    case 2: return "\(option.name): |-\n  \(value(option))"
    case 3: return "? \(option.name)\n: !!str \(value(option))"
    default: return "\(option.name): >-\n  \(value(option))\n"
    }
  }.joined(separator: "\n")
}

private let yamlSamples = [
  "%YAML 1.1\n%TAG !e! tag:example.com,2000:\n--- !e!map\nbeta: !e!x 0.3\n...\n",
  "eta: &e [0.9, 0.8]\nlearning-rate: *e\n<<: {beta: 0.3}\n",
  "\u{FEFF}beta: 0.3\r\neta:\r\n  - 0.9\r\n  - \"\\u0030\\x2e8\"\r\nquiet: yes\r\n",
  "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n? *c\n: *c\n",
  "? {[beta]: 1}\n: {{{}: {}}: []}\n",
]
