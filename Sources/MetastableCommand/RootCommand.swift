import ArgumentParser
import Foundation
import Metastable

@main
struct RootCommand: ParsableCommand {
  static let verbs: [any Verb.Type] = [
    Theory.self, Barrier.self, Rate.self, PhaseDiagramVerb.self, Escape.self, Times.self,
    Train.self, Inspect.self,
    Compare.self, Study.self, Diagnose.self, Reproduce.self,
  ]

  static let configuration = CommandConfiguration(
    commandName: "metastable",
    abstract: "Training as noisy descent: metastable states, barriers and escape times.",
    version: "metastable \(metastableVersion) (GSL \(gslVersion), \(instructionSet))",
    subcommands: verbs + [Results.self, SelfTestVerb.self, Init.self])

  /// Exit codes: 0 done, 2 usage, 65 bad input, 70 internal or mostly diverged, 75 stopped early and resumable,
  /// 79 done, but the goal that was asked for was missed.
  static func main() {
    // A pipe that nobody reads is an error of the write: what runs goes on.
    signal(SIGPIPE, SIG_IGN)
    // A file that may not grow is an error of the write, not the end of the program.
    signal(SIGXFSZ, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    if let complaint = unknownVerb(arguments) { fail(complaint, code: 2) }
    do {
      var command = try parseAsRoot(arguments)
      if let verb = command as? any Verb {
        let (verb, given) = try withFile(verb, arguments: arguments)
        try refuseUselessOptions(of: verb, given: given)
        try verb.normalised.execute()
      } else {
        try command.run()
      }
    } catch let error as InvalidInput {
      fail(error.description, code: 65)
    } catch let error as StoppedEarly {
      fail(error.description, code: 75)
    } catch let error as GoalMissed {
      fail(error.description, code: 79)
    } catch let error as StorageFailure {
      fail("stopped: \(error)", code: 75)
    } catch let error as StoreIsBusy {
      fail(error.description, code: 75)
    } catch let error as NumericalFailure {
      fail(error.description, code: 70)
    } catch let error as GSLError {
      fail(error.description, code: 70)
    } catch let error as FigureError {
      fail(error.description, code: 70)
    } catch {
      let code = exitCode(for: error)
      if code == .success {
        Terminal.print(fullMessage(for: error) + uses(in: arguments))
        Terminal.exit(0)
      }
      if code == .validationFailure { fail(sentence(for: error, arguments), code: 2) }
      fail(message(for: error), code: 70)
    }
  }

  /// The command with the values of its file, if it has one, below the flags; and every option that is given in
  /// either.
  private static func withFile(
    _ verb: any Verb, arguments: [String]
  ) throws -> (any Verb, given: [GivenOption]) {
    let verb = verb.withFileInPlace
    let verbType = Swift.type(of: verb)
    let flags = GivenOption.all(in: arguments, options: optionValues(of: verb))
    guard let path = verb.file else { return (verb, flags) }
    let file = try ConfigurationFile(path: path, options: describedOptions(of: verbType))
    let name = verbType.verbName
    do {
      let merged = try parseAsRoot([name] + file.arguments + arguments.dropFirst())
      guard let merged = merged as? any Verb else { return (verb, flags) }
      return (merged, file.given + flags)
    } catch {
      let complaint = file.complaint(
        parsing: { _ = try parseAsRoot([name] + $0) }, message: { sentence(for: $0, arguments) })
      if let complaint { throw InvalidInput(complaint) }
      throw error
    }
  }

  /// What to say of a first argument that is no verb, in place of the parser's word on it; of one after 'help' and
  /// 'results' too.
  private static func unknownVerb(_ arguments: [String]) -> String? {
    var words = arguments.prefix { !$0.hasPrefix("-") }[...]
    let asksForHelp = words.first == "help"
    if asksForHelp { words = words.dropFirst() }
    guard let name = words.popFirst() else { return nil }
    let names = verbs.map { $0.verbName } + ["results", "selftest", "init", "help"]
    guard names.contains(name) else { return unknownVerb(name, among: names) }
    guard name == "results" || asksForHelp, let second = words.first else { return nil }
    let inner = name == "results" ? Results.configuration.subcommands.map { $0._commandName } : []
    guard !(inner + (asksForHelp ? [] : ["help"])).contains(second) else { return nil }
    return unknownVerb("\(name) \(second)", among: inner.map { "\(name) \($0)" })
  }

  private static func unknownVerb(_ name: String, among names: [String]) -> String {
    let remedy =
      OptionNames.nearest(name, in: names).map { "did you mean '\($0)'?" }
      ?? (names.isEmpty
        ? "leave the last word out" : "choose one of \(names.joined(separator: ", "))")
    return "there is no verb '\(name)'; \(remedy)"
  }

  /// The parser's complaint, with what the option wants where it says so ("Help:  --beta <beta>  …").
  private static func sentence(for error: any Error, _ arguments: [String]) -> String {
    let complaint = message(for: error)
    let help = fullMessage(for: error).split(separator: "\n").first { $0.hasPrefix("Help:") }
    // Where the parser lists the choices, that is enough.
    if !complaint.hasSuffix("."), let help,
      let wanted = help.split(separator: ">  ", maxSplits: 1).dropFirst().first
    {
      return "\(complaint): \(wanted)"
    }
    let unknown = "Unknown option '"
    guard complaint.hasPrefix(unknown) else { return complaint }
    let option = complaint.dropFirst(unknown.count).prefix { $0 != "'" && $0 != "=" }
    return "\(unknown)\(option)'" + remedy(forUnknown: String(option), arguments)
  }

  /// What may have been meant by an option that a command does not have.
  private static func remedy(forUnknown option: String, _ arguments: [String]) -> String {
    let word = String(option.drop { $0 == "-" })
    let command = namedCommand(arguments)
    let names = describedOptions(of: command).map(\.name)
    // What another verb calls by this name says more than a name that looks like it.
    let others =
      OptionNames.meanings(of: word, in: names).isEmpty
      ? verbs.filter { hasOption(word, $0) }.map { $0.verbName } : []
    guard others.isEmpty else {
      return
        "; \(listed(others, "and")) \(others.count == 1 ? "has" : "have") it, \(command._commandName) does not"
    }
    let guesses = OptionNames.guesses(for: word, in: names)
    return guesses.isEmpty
      ? "; --help lists the options"
      : ". Did you mean \(listed(guesses.map { "'--\($0)'" }, "or"))?"
  }

  /// The command that the first words of a line name.
  private static func namedCommand(_ arguments: [String]) -> any ParsableCommand.Type {
    var command: any ParsableCommand.Type = RootCommand.self
    for word in arguments.prefix(while: { !$0.hasPrefix("-") }) where word != "help" {
      guard
        let next = command.configuration.subcommands.first(where: { $0._commandName == word })
      else { break }
      command = next
    }
    return command
  }

  /// Which options of the verb that help was asked for are used when; empty for any other message.
  private static func uses(in arguments: [String]) -> String {
    guard arguments.first == "help" || !Set(["--help", "-h"]).isDisjoint(with: arguments),
      let verb = namedCommand(arguments) as? any Verb.Type
    else { return "" }
    let remarks = verb.remarks()
    var phrases = [String]()
    for (_, remark) in remarks where !phrases.contains(remark) { phrases.append(remark) }
    let lines = phrases.map { phrase in
      let options = remarks.filter { $0.remark == phrase }.map { "--\($0.key)" }
      return "  \(phrase): \(options.joined(separator: ", "))"
    }
    return lines.isEmpty
      ? ""
      : "\n\nUSED ONLY (an option that would do nothing is refused):\n"
        + lines.joined(separator: "\n")
  }

  /// One line on standard error, whatever the message; the middle of a very long one is left out.
  private static func fail(_ message: String, code: Int32) -> Never {
    let line = message.split(whereSeparator: \.isNewline).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    var text = line.joined(separator: " ")
    if text.count > 1000 { text = "\(text.prefix(500)) … \(text.suffix(400))" }
    Terminal.error("metastable: \(text)")
    Terminal.exit(code)
  }
}
