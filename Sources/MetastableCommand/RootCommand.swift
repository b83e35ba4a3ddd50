import ArgumentParser
import Foundation
import Metastable

@main
struct RootCommand: ParsableCommand {
  static let verbs: [any Verb.Type] = [
    Theory.self, Barrier.self, Rate.self, PhaseDiagramVerb.self, Escape.self, Train.self,
    Compare.self, Study.self,
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
      if let verb = command as? any Verb, let path = verb.file {
        command = try merged(path: path, verb: type(of: verb), arguments: arguments)
      }
      if let verb = command as? any Verb {
        try verb.execute()
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
    } catch let error as NumericalFailure {
      fail(error.description, code: 70)
    } catch let error as GSLError {
      fail(error.description, code: 70)
    } catch let error as FigureError {
      fail(error.description, code: 70)
    } catch {
      let code = exitCode(for: error)
      if code == .success {
        Terminal.print(fullMessage(for: error))
        Terminal.exit(0)
      }
      if code == .validationFailure { fail(sentence(for: error), code: 2) }
      fail(message(for: error), code: 70)
    }
  }

  /// The command with the file's values below the flags: the file first, then the command line, whose
  /// values win.
  private static func merged(
    path: String, verb: any Verb.Type, arguments: [String]
  ) throws -> any ParsableCommand {
    let file = try ConfigurationFile(path: path, verb: verb)
    let name = verb.verbName
    do {
      return try parseAsRoot([name] + file.arguments + arguments.dropFirst())
    } catch {
      let complaint = file.complaint(
        parsing: { _ = try parseAsRoot([name] + $0) }, message: { sentence(for: $0) })
      if let complaint { throw InvalidInput(complaint) }
      throw error
    }
  }

  /// What to say of a first argument that is no verb, in place of the parser's word on it.
  private static func unknownVerb(_ arguments: [String]) -> String? {
    let names = verbs.map { $0.verbName } + ["results", "selftest", "init", "help"]
    guard let name = arguments.first, !name.hasPrefix("-"), !names.contains(name) else {
      return nil
    }
    let guess = ConfigurationFile.nearest(name, in: names)
    return "there is no verb '\(name)'; "
      + (guess.map { "did you mean '\($0)'?" } ?? "choose one of \(names.joined(separator: ", "))")
  }

  /// The parser's complaint, with what the option wants where it says so ("Help:  --beta <beta>  …").
  private static func sentence(for error: any Error) -> String {
    let complaint = message(for: error)
    let help = fullMessage(for: error).split(separator: "\n").first { $0.hasPrefix("Help:") }
    // Where the parser lists the choices, that is enough.
    if !complaint.hasSuffix("."), let help,
      let wanted = help.split(separator: ">  ", maxSplits: 1).dropFirst().first
    {
      return "\(complaint): \(wanted)"
    }
    if complaint.hasPrefix("Unknown option"), !complaint.contains("Did you mean") {
      return complaint + "; --help lists the options"
    }
    return complaint
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
