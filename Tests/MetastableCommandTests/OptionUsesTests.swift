import Foundation
import Metastable
import TestSupport
import Testing

@testable import MetastableCommand

/// A verb, and choices that decide which of its options have an effect.
struct Situation: CustomTestStringConvertible, Sendable {
  let verb: any Verb.Type
  let line: String

  init(_ verb: any Verb.Type, _ line: String) {
    self.verb = verb
    self.line = line
  }

  var testDescription: String { "\(verb.verbName) \(line)" }

  /// Samples of two inputs, a target that follows the first, and classes.
  private static let data: String = {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("metastable-\(UUID().uuidString).csv")
    let rows = (0..<25).map { i -> String in
      let (a, b) = (i % 5 - 2, i / 5 - 2)
      return "\(a),\(Double(b) + 0.1 * Double(a)),\(2 * Double(a) + 0.3 * Double(b * b)),\(i % 2)"
    }
    try? Data(("a,b,y,k\n" + rows.joined(separator: "\n") + "\n").utf8).write(to: url)
    return url.path
  }()

  /// A checkpoint 2-3-2, and another.
  private static let checkpoints: [String] = [0.3, 0.4].map { weight in
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("metastable-\(UUID().uuidString).bin")
    let arrays = [("0.weight", [3, 2]), ("2.weight", [2, 3])].map { name, shape in
      NumericArray(
        name, shape: shape, values: (0..<6).map { weight * Double($0 % 4) - 0.2 })
    }
    try? SafetensorsArchive(arrays: arrays).data().write(to: url)
    return url.path
  }

  /// Passages, as times and as intervals.
  private static let passages: String = {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("metastable-\(UUID().uuidString).csv")
    let rows = (1...20).map { i in
      "\(i),\(i % 3 == 0 ? 0 : 1),\(2 * i),\(2 * i + 1),\(1 + i % 2),\(i % 2 == 0 ? "x" : "y"),\(i % 4 == 0 ? 0 : 1)"
    }
    try? Data(("t,event,a,c,b,k,flag\n" + rows.joined(separator: "\n") + "\n").utf8).write(to: url)
    return url.path
  }()

  private static let landscapes = NamedEscape.allCases.map { "--landscape \($0.rawValue)" }

  /// Gaussian data and a file, with and without the widths of the layers.
  private static let networks = [
    "--eta 0.9,0.8 --network 2-4-4-2 --beta 0.2", "--eta 0.9,0.8 --beta 0.2",
    "--data \(data) --target y --whiten --network 3-4-4-1 --beta 0.05",
    "--data \(data) --target y --whiten --beta 0.05",
    "--data \(data) --target y --whiten --test-fraction 0.3 --beta 0.05",
  ]

  private static let langevin = "--temperature 0.05"
  private static let withFriction = "--process underdamped --temperature 0.05 --friction 0.5"
  private static let minibatches = ["sgd", "surrogate"].map {
    "--process \($0) --learning-rate 0.1"
  }

  private static func each(
    _ verb: any Verb.Type, _ systems: [String], _ processes: [String] = [""]
  ) -> [Situation] {
    systems.flatMap { system in processes.map { Situation(verb, "\(system) \($0)") } }
  }

  static let barriers = each(Barrier.self, landscapes + networks)

  static let rates =
    each(Rate.self, landscapes, [langevin])
    + each(Rate.self, Array(landscapes.dropLast()), [withFriction, "\(langevin) --friction 0.5"])
    + each(Rate.self, [networks[0], networks[3], networks[4]], [langevin] + minibatches)

  static let escapes =
    each(Escape.self, landscapes, [langevin]) + each(Escape.self, [landscapes[2]], [withFriction])
    + each(
      Escape.self, [networks[0], networks[3], networks[4]],
      [langevin, withFriction] + minibatches)
    + each(Escape.self, [networks[0], networks[3]], ["\(minibatches[0]) --dropout 0.4"])
    + each(
      Escape.self, [landscapes[0], networks[0], networks[3]],
      ["\(langevin) --until-relative-error 0.2", "\(langevin) --method splitting"])

  static let others =
    each(Theory.self, ["--eta 0.9,0.8", "--data \(data) --target y"])
    + each(Times.self, ["--table \(passages)"], ["", "--lower a --upper c"])
    + each(PhaseDiagramVerb.self, networks.map { $0.replacing("--beta", with: "--beta-from") })
    + each(
      PhaseDiagramVerb.self,
      [
        "--eta 0.9,0.8 --network 2-4-4-2 --x beta=0.2..0.3 --y inverse-noise=50..90",
        "--eta 0.9,0.8 --x beta=0.2..0.3 --y temperature=0.001..0.01 --runs 4 --budget 100",
        "--eta 0.9,0.8 --x beta=0.2..0.3 --y depth=3..4 --sweep",
        "--data \(data) --target y --whiten --x beta=0.02..0.03 --y learning-rate=0.01..0.02",
        "--data \(data) --target y --whiten --x beta=0.02..0.03 --y samples=10..20",
        "--eta 0.9,0.8 --beta 0.2 --learning-rate 0.05 --x momentum=0..0.5 --y batch-size=4..8",
      ])
    + each(Compare.self, [networks[0], networks[3]], ["", "--until-relative-error 0.2"])
    + each(Reproduce.self, [""])
    + each(Study.self, [networks[1], networks[4]], ["", "--until-relative-error 0.2"])
    + each(
      Train.self,
      networks + [
        "--eta 0.9 --depth 1", "--eta 0.9 --network 1-1", "--data \(data) --target y",
        "--data \(data) --target k --one-hot --loss cross-entropy", "--teacher relu:2",
        "--teacher modular-addition:3 --test-fraction 0.3 --schedule step",
        "--eta 0.9,0.8 --network 2-4-4-2 --beta 0.1,0.2 --runs 3 --batch-size 4,full",
        "--data \(data) --target y --test-fraction 0.3,0.4 --runs 3 --until testLoss<0.01",
        "--teacher relu:2 --runs 2 --optimiser adamw --cap 3",
        "--eta 0.9,0.8 --start \(checkpoints[0])", "--data \(data) --target y --raw",
      ])
    + each(
      Inspect.self,
      [
        "--checkpoint \(checkpoints[0]) --eta 0.9,0.8",
        "--checkpoint \(checkpoints[0]) --data \(data) --target y,k --raw --sgld-steps 0",
        "--checkpoint \(checkpoints[0]) --data \(data) --target y,k --test-fraction 0.3",
      ])

  static let all = barriers + rates + escapes + others

  /// What is tried of each option: values that it has in none of the situations.
  static let trials: [String: String] = [
    "landscape": "washboard", "tilt": "0.2", "network": "2-6-6-2", "depth": "2", "width": "7",
    "eta": "0.85,0.7", "data": data, "target": "k", "one-hot": "", "header": "no-header",
    "index-column": "b", "drop": "b", "decimal": ",",
    "whiten": "", "whiten-rank": "1", "standardise": "", "target-scaling": "centre",
    "test-fraction": "0.4", "beta": "0.1", "from": "3", "to": "3", "process": "surrogate",
    "temperature": "0.07", "friction": "0.3", "learning-rate": "0.11,0.13", "batch-size": "3",
    "momentum": "0.3", "sampling": "epochs", "images": "20", "seed": "2", "runs": "17",
    "cap": "123", "time-step": "0.003", "time-step-error": "0.002", "integrator": "heun",
    "extrapolate": "", "until-relative-error": "0.3", "max-runs": "1000",
    "engine": "reference", "precision": "single", "threads": "3", "level": "0.9",
    "keep-runs": "none", "solve": "beta",
    "for": "300-t",
    "samples": "40", "test-samples": "7", "activation": "tanh", "biases": "",
    "loss": "cross-entropy", "epochs": "3", "initial-scale": "0.5", "beta-from": "0.06",
    "beta-to": "0.2", "beta-step": "0.01", "sweep-learning-rate": "0.1", "tolerance": "1e-6",
    "max-epochs": "10", "covariance": "20-t", "method": "splitting", "replicates": "5",
    "paths": "30", "time": "a", "event": "flag", "lower": "a", "upper": "c", "inverse-noise": "b",
    "weight-decay": "b", "group": "k", "where": "k=x", "logs": data, "table": data,
    "reach": "acc>0.9",
    "metric": "acc", "step-key": "epoch", "run-key": "epoch", "full-batch": "30",
    "accuracy-scale": "percent",
    "order-parameter": "path", "teacher": "erf:2", "optimiser": "adam", "schedule": "cosine",
    "warm-up": "5", "schedule-every": "7", "schedule-factor": "0.5", "dropout": "0.2",
    "label-noise": "0.1", "output-layer": "fixed", "until": "trainLoss<0.001", "vary": "order",
    "confirm": "", "feature": "1", "start-seed": "3",
    "rows": "fig4", "quick": "",
    "start": data, "end": data, "least-action": "", "records-per-decade": "7", "save-weights": "",
    "x": "beta=0.01..0.02", "y": "momentum=0.1..0.2", "cells": "9x8", "budget": "500",
    "field": "rank", "sweep": "", "raw": "", "loss-convention": "pytorch-mean",
    "checkpoint": checkpoints[1], "modes": "4", "soft": "0.01", "sgld-steps": "600",
    "chains": "3", "inverse-temperature": "0.5", "localisation": "2",
  ]

  /// Options that decide what others are for, and may be refused with these.
  static let choices: Set<String> = [
    "landscape", "network", "eta", "data", "process", "until-relative-error", "loss",
    "test-fraction", "depth", "method", "teacher", "optimiser", "schedule", "runs", "x", "raw",
    "sgld-steps",
  ]

  /// How a command goes, not what it computes.
  static let outward: Set<String> = [
    "format", "output", "overwrite", "wall-time", "checkpoint-every", "quiet", "shard",
    "reshard", "export",
  ]

  /// `--key value`, a flag, or another spelling of it.
  func trial(of key: String) -> [String]? {
    Self.trials[key].map { value in
      if value.isEmpty { return ["--\(key)"] }
      if value.hasPrefix("no-") { return ["--\(value)"] }
      let one = key == "learning-rate" && !Self.hasLadder(verb) ? "0.11" : value
      return ["--\(key)", one]
    }
  }

  private static func hasLadder(_ verb: any Verb.Type) -> Bool {
    verb.verbName == "compare" || verb.verbName == "study"
  }
}

/// A command line, and what it comes to.
private struct Outcome {
  let verb: any Verb
  let given: [GivenOption]

  init(_ verb: any Verb.Type, _ words: [String]) throws {
    self.verb = try verb.parse(words)
    given = GivenOption.all(in: words, options: optionValues(of: self.verb))
  }

  /// The refusal of an option that does nothing.
  var refusal: String? { Self.refusal(of: verb, given) }

  /// Everything of the experiment, or why there is none.
  func experiment() throws -> Result<String, InvalidInput> {
    do {
      var text = ""
      dump(try verb.experiment(), to: &text)
      return .success(text)
    } catch let error as InvalidInput {
      return .failure(error)
    } catch let error as NumericalFailure {
      // States that are looked for when the command begins.
      return .failure(InvalidInput("\(error)"))
    }
  }

  static func refusal(of verb: any Verb, _ given: [GivenOption]) -> String? {
    do {
      try refuseUselessOptions(of: verb, given: given)
      return nil
    } catch { return "\(error)" }
  }
}

/// The options of each verb, which take the argument parser long to describe.
private let described = Dictionary(
  uniqueKeysWithValues: RootCommand.verbs.map { ($0.verbName, describedOptions(of: $0)) })

@Suite("An option that does nothing is refused")
struct OptionUsesTests {
  /// Every option that is not given already is tried. Either it is refused by name, and then it would have changed
  /// nothing; or the experiment is another one with it, or is refused itself.
  @Test(
    "Every option under every choice: it has an effect, or is refused", arguments: Situation.all)
  func matrix(_ situation: Situation) throws {
    let plain = try Outcome(situation.verb, words(situation.line))
    #expect(plain.refusal == nil)
    let found = try plain.experiment()
    guard case .success(let experiment) = found else {
      Issue.record("\(found)")
      return
    }
    let given = Set(plain.given.map(\.key))
    for option in described[situation.verb.verbName]!
    where !given.contains(option.name) && !Situation.outward.contains(option.name) {
      let key = option.name
      guard let trial = situation.trial(of: key) else {
        Issue.record(
          "there is no value of --\(key) to try: add one to Situation.trials, other than its default"
        )
        continue
      }
      let changed = try Outcome(situation.verb, words(situation.line) + trial)
      if let refusal = changed.refusal {
        let isNamed = ["--\(key) ", "--no-\(key) "].contains { refusal.hasPrefix($0) }
        #expect(isNamed || Situation.choices.contains(key), "--\(key): \(refusal)")
        guard isNamed, !seemsToCount(key, choices: changed.verb),
          case .success(let other) = try changed.experiment()
        else { continue }
        #expect(other == experiment, "\(trial) has an effect, but is refused: \(refusal)")
      } else if case .success(let other) = try changed.experiment() {
        #expect(other != experiment, "\(trial) is accepted, but does nothing")
      }
    }
  }

  /// What stands in an experiment, but decides nothing there; shown below.
  private func seemsToCount(_ key: String, choices verb: some Verb) -> Bool {
    let choices = Choices(of: verb)
    return key == "sampling" && choices["data"] == nil || key == "activation"
  }

  @Test("Without a hidden layer the activation is not applied")
  func activation() throws {
    let data = Dataset(
      inputs: randomMatrix(4, 2, testStream(600)), targets: randomMatrix(4, 2, testStream(601)))
    let energies = try [Activation.linear, .tanh].map {
      try NetworkLoss(
        architecture: NetworkArchitecture(widths: [2, 2], activation: $0), data: data,
        weightDecay: 0.1
      ).energy(at: [0.3, -1, 2, 0.5])
    }
    #expect(energies[0] == energies[1])
  }

  @Test("Samples that are drawn for every batch are not drawn by epochs")
  func sampling() throws {
    let escape = try FeatureEscape(
      data: NetworkData(online: GaussianTeacher(singularValues: [0.9, 0.8])), widths: [2, 4, 4, 2],
      weightDecay: 0.2, from: 2, to: 1)
    let times = try BatchSampling.allCases.map {
      try SGDDynamics(SGDSettings(learningRate: 0.1, batchSize: 2, sampling: $0))
        .ensemble(of: escape, cap: 50).sample(runs: 8, seed: 1).passages.map(\.time)
    }
    #expect(times[0] == times[1])
  }

  @Test(
    "Every option declares when it is used", arguments: RootCommand.verbs.map { $0.verbName })
  func declarations(_ name: String) throws {
    let verb = try #require(RootCommand.verbs.first { $0.verbName == name })
    let command: any Verb = try verb.parse([])
    let options = described[name]!.map(\.name)
    let uses = optionUses(of: command)
    for option in options {
      #expect(
        uses[option] != nil,
        "--\(option) of '\(name)' does not say when it is used: add it to `uses` of its group of options, or of the verb, in OptionUses.swift (.always, where under every choice)"
      )
    }
    for key in uses.keys.sorted() where !options.contains(key) {
      Issue.record("OptionUses.swift declares --\(key), which '\(name)' does not have")
    }
    #expect(
      optionValues(of: command).map(\.key).sorted() == options.sorted(),
      "an option with a name of its own needs a line in key(ofProperty:)")
  }

  @Test("Options that say how a command goes, without and with a folder")
  func outward() throws {
    func refusal(_ verb: any Verb.Type, _ line: String) throws -> String? {
      try Outcome(verb, words(line)).refusal
    }
    for verb in RootCommand.verbs {
      for option in ["--overwrite", "--wall-time 5s", "--checkpoint-every 2"] {
        #expect(try refusal(verb, option)?.hasPrefix(words(option)[0]) == true)
        let isUsed = option == "--overwrite" || verb.isResumable
        let inFolder = try refusal(verb, "\(option) --output out")
        #expect((inFolder == nil) == isUsed)
      }
      for option in ["--output out", "--format json", "--quiet"] {
        #expect(try refusal(verb, option) == nil)
      }
      if hasOption("shard", verb) {
        let isPlane = verb.verbName == "phase-diagram"
        let runs =
          (verb.verbName == "train" || isPlane ? " --runs 4" : "")
          + (isPlane ? " --x beta=0.2..0.3 --y inverse-noise=50..90" : "")
        #expect(try refusal(verb, "--shard 1/2" + runs)?.contains("needs --output") == true)
        #expect(try refusal(verb, "--shard 1/2 --output out" + runs) == nil)
      }
    }
  }

  @Test("What is recorded is accepted again, and means the same", arguments: Situation.all)
  func recorded(_ situation: Situation) throws {
    let plain = try Outcome(situation.verb, words(situation.line))
    let resolved = resolved(plain.verb)
    guard case .object(let members) = resolved else {
      Issue.record("\(resolved) is no object")
      return
    }
    let text = members.map { "\($0.key): \($0.value.rendered())" }.joined(separator: "\n")
    let options = described[situation.verb.verbName]!
    let file = try ConfigurationFile(text: text, path: "configuration.yaml", options: options)
    let again = try situation.verb.parse(file.arguments)
    #expect(Outcome.refusal(of: again, file.given) == nil)
    #expect(self.resolved(again) == resolved)
    // With its default, every option that is not recorded is refused; given, it counts as given.
    for option in options where !Situation.outward.contains(option.name) {
      guard resolved[option.name] == .null, let value = option.defaultValue else { continue }
      let words = option.isFlag ? ["--no-\(option.name)"] : ["--\(option.name)=\(value)"]
      guard !option.isFlag || option.isInvertible else { continue }
      let more = try Outcome(situation.verb, MetastableCommandTests.words(situation.line) + words)
      #expect(more.refusal?.contains(option.name) == true, "\(words): \(more.refusal ?? "taken")")
    }
  }

  private func resolved(_ verb: some Verb) -> JSONValue { resolvedConfiguration(of: verb) }

  @Test("A key of a file is refused with the sentence of the flag, and its line")
  func keys() throws {
    func refusal(_ text: String, flags: String = "") throws -> String? {
      let file = try ConfigurationFile(
        text: text, path: "c.yaml", options: described["escape"]!)
      let verb = try Escape.parse(file.arguments + words(flags))
      return Outcome.refusal(
        of: verb,
        file.given + GivenOption.all(in: words(flags), options: optionValues(of: verb)))
    }
    let line = "--landscape double-well --temperature 0.1 --tilt 0.3"
    let sentence = try #require(try Outcome(Escape.self, words(line)).refusal)
    #expect(
      sentence
        == "--tilt 0.3 is for --landscape tilted-double-well or washboard, but the landscape is double-well; change the one or leave out the other"
    )
    let well = "landscape: double-well\ntemperature: 0.1\n"
    #expect(try refusal(well + "tilt: 0.3\n") == "line 3 of 'c.yaml', key 'tilt': " + sentence)
    #expect(try refusal("tilt: 0.3\n", flags: "--landscape washboard") == nil)
    #expect(
      try refusal(well + "tilt: 0.1\n", flags: "--landscape washboard --tilt 0.3") == nil)
    #expect(try refusal(well, flags: "--tilt=0.3") == sentence)
    #expect(try refusal(well + "one-hot: false\n")?.contains("--no-one-hot is for --data") == true)
    #expect(try refusal(well + "tilt:\n") == nil, "a key without a value is not given")
  }

  @Test("Words of a command line: values are not options, and what follows -- is none")
  func given() throws {
    let options = optionValues(of: try Train.parse([]))
    let found = GivenOption.all(
      in: words("train --no-whiten --beta=0.1 --eta 0.9 --quiet --depth 2 -- --tilt 3"),
      options: options)
    #expect(found.map(\.key) == ["whiten", "beta", "eta", "quiet", "depth"])
    #expect(
      found.map(\.text) == ["--no-whiten", "--beta 0.1", "--eta 0.9", "--quiet", "--depth 2"])
  }

  @Test("The help and the template say when an option is used")
  func remarks() throws {
    let remarks = Dictionary(
      Escape.remarks().map { ($0.key, $0.remark) }, uniquingKeysWith: { first, _ in first })
    #expect(remarks["tilt"] == "with --landscape tilted-double-well or washboard")
    #expect(remarks["sampling"] == "with --process sgd or surrogate, with --data")
    #expect(remarks["runs"] == "without --method splitting, without --until-relative-error")
    #expect(remarks["format"] == nil)
    #expect(Train.remarks().first { $0.key == "batch-size" } == nil, "it has no --process")
    #expect(Init.template(of: Escape.self).contains("of the washboard. Used with --landscape"))
    for line in ["help escape", "escape --help"] {
      let run = try CommandLineRun(words(line))
      #expect(run.code == 0)
      #expect(run.output.contains("  with --process underdamped: --friction\n"))
    }
  }
}

@Suite("Which option was meant")
struct OptionNamesTests {
  @Test(
    "Meanings come before spelling",
    arguments: [
      ("lr", ["learning-rate"]), ("learning_rate", ["learning-rate"]), ("wd", ["beta"]),
      ("weight-decay", ["beta"]), ("weight_decay", ["beta"]), ("temp", ["temperature"]),
      ("bs", ["batch-size"]), ("seeds", ["seed", "runs"]), ("dt", ["time-step"]),
      ("betta", ["beta"]), ("temprature", ["temperature"]), ("weather", []), ("xy", []),
    ])
  func guesses(_ word: String, _ expected: [String]) {
    let names = described["escape"]!.map(\.name)
    #expect(OptionNames.guesses(for: word, in: names) == expected)
  }

  @Test("Only options that there are have other words, and no option is the other word of another")
  func table() {
    let names = Set(
      described.values.flatMap { $0.map(\.name) } + ["rerun"])
    for (name, words) in OptionNames.otherWords {
      #expect(names.contains(name), "no verb has --\(name)")
      #expect(Set(words).count == words.count, "\(name)")
      #expect(!words.contains(name))
    }
  }

  @Test(
    "An unknown option, verb or key is told what was meant",
    arguments: [
      ("train --eta 0.9 --lr 0.1", "Unknown option '--lr'. Did you mean '--learning-rate'?"),
      ("train --eta 0.9 --lr=0.1", "Unknown option '--lr'. Did you mean '--learning-rate'?"),
      ("train --eta 0.9 --wd 0.1", "Unknown option '--wd'. Did you mean '--beta'?"),
      ("escape --temp 3", "Unknown option '--temp'. Did you mean '--temperature'?"),
      ("compare --bs 3", "Unknown option '--bs'. Did you mean '--batch-size'?"),
      ("escape --seeds 3", "Unknown option '--seeds'. Did you mean '--seed' or '--runs'?"),
      ("theory --etta 0.9", "Unknown option '--etta'. Did you mean '--eta'?"),
      (
        "train --eta 0.9 --temperature 3",
        "Unknown option '--temperature'; rate, phase-diagram and escape have it, train does not"
      ),
      (
        "theory --level 0.9",
        "Unknown option '--level'; phase-diagram, escape, times, train, inspect, compare, study and diagnose have it, theory does not"
      ),
      ("results verify --output x --runs 3", "Unknown option '--runs'. Did you mean '--rerun'?"),
      ("init --verb theory", "Unknown option '--verb'; --help lists the options"),
      ("help theori", "there is no verb 'theori'; did you mean 'theory'?"),
      ("help results lsit", "there is no verb 'results lsit'; did you mean 'results list'?"),
      ("results lost", "there is no verb 'results lost'; did you mean 'results list'?"),
      ("help theory beta", "there is no verb 'theory beta'; leave the last word out"),
    ])
  func sentences(_ line: String, _ sentence: String) throws {
    let run = try CommandLineRun(words(line))
    #expect(run.code == 2)
    #expect(run.output.isEmpty)
    #expect(run.errors == "metastable: \(sentence)\n")
  }

  @Test("Help is given where it can be", arguments: ["help", "help theory", "help results list"])
  func help(_ line: String) throws {
    let run = try CommandLineRun(words(line))
    #expect(run.code == 0 && run.output.contains("USAGE"))
  }
}
