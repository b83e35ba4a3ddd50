import ArgumentParser
import Foundation

/// One option as the argument parser itself describes it: the single source for flags, YAML keys and the
/// template.
struct DescribedOption {
  let name: String
  let help: String
  let defaultValue: String?
  let isFlag: Bool
  /// A flag that can also be given as `--no-…`.
  let isInvertible: Bool
}

/// The options of a command, without `--help` and `--version`, in declaration order.
func describedOptions(of command: any ParsableCommand.Type) -> [DescribedOption] {
  struct Dump: Decodable {
    struct Command: Decodable { let arguments: [Argument]? }
    struct Argument: Decodable {
      struct Name: Decodable {
        let kind: String
        let name: String
      }
      let kind: String
      let names: [Name]?
      let abstract: String?
      let defaultValue: String?
    }
    let command: Command
  }
  guard
    let dump = try? JSONDecoder().decode(Dump.self, from: Data(command._dumpHelp().utf8)),
    let arguments = dump.command.arguments
  else { return [] }
  // Some versions of the parser list `--no-…` among a flag's names, others as an argument of its own.
  let names = Set(arguments.flatMap { $0.names ?? [] }.map(\.name))
  return arguments.compactMap { argument in
    guard argument.kind != "positional",
      let name = argument.names?.first(where: { $0.kind == "long" })?.name,
      name != "help", name != "version"
    else { return nil }
    let isFlag = argument.kind == "flag"
    if isFlag, name.hasPrefix("no-"), names.contains(String(name.dropFirst(3))) { return nil }
    var defaultValue = argument.defaultValue
    if isFlag {
      // The default of an invertible flag is dumped as the flag that gives it.
      if defaultValue == "--\(name)" { defaultValue = "true" }
      if defaultValue == "--no-\(name)" { defaultValue = "false" }
    }
    return DescribedOption(
      name: name, help: argument.abstract ?? "", defaultValue: defaultValue, isFlag: isFlag,
      isInvertible: names.contains("no-\(name)"))
  }
}
