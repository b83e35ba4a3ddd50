import Metastable

// Which options have an effect under which choices: every group of options, then every verb. Options that are
// choices themselves, such as --landscape and --eta, are always used; those that exclude each other are refused
// where they are read.

// MARK: - Groups

extension NetworkOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "network": .always,
    "depth": .aNetwork.and(.noWidths),
    "width": .aNetwork.and(.noWidths).and(.hiddenLayers),
  ]
}

extension FileOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "data": .always,
    "target": .aFile,
    "one-hot": .aFile,
    "header": .aFile,
    "index-column": .aFile,
    "drop": .aFile,
    "decimal": .aFile,
  ]
}

extension DataOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "eta": .always,
    "whiten": .aFile,
    "whiten-rank": .aFile.and(.undenied("whiten")),
    "standardise": .aFile,
    "target-scaling": .aFile,
    "test-fraction": .aFile,
  ]
}

extension TrainingDataOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "teacher": .always, "samples": .drawnSamples, "test-samples": .drawnSamples,
    "test-fraction": .rows,
    "raw": .aFile,
    "whiten": .aFile.and(.prepared),
    "whiten-rank": .aFile.and(.undenied("whiten")).and(.prepared),
    "standardise": .aFile.and(.prepared),
    "target-scaling": .rows.and(.unscaledClasses).and(.prepared),
  ]
}

extension BatchOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "batch-size": .sgd,
    "momentum": .sgd,
    // Samples of --eta are drawn anew for every batch.
    "sampling": .sgd.and(.aFile),
  ]
}

extension LadderOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "learning-rate": .always, "runs": .always, "cap": .always, "time-step": .always,
    "batch-size": .always, "momentum": .always, "sampling": .aFile,
  ]
}

extension SweepOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "beta-from": .noPlane, "beta-to": .noPlane, "beta-step": .noPlane,
    "sweep-learning-rate": .sweeps, "tolerance": .sweeps, "max-epochs": .sweeps,
  ]
}

extension SystemOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "landscape": .always,
    "tilt": .with(
      "landscape", NamedEscape.tiltedDoubleWell.rawValue, NamedEscape.washboard.rawValue),
    "beta": .aNetwork,
    "from": .aNetwork.and(.closedForms),
    "to": .aNetwork.and(.closedForms),
    "whiten": .aFile.and(.prepared),
    "whiten-rank": .aFile.and(.undenied("whiten")).and(.prepared),
    "standardise": .aFile.and(.prepared),
    "target-scaling": .aFile.and(.unscaledClasses).and(.prepared),
  ]
}

extension BasinOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "activation": .aNetwork.and(.hiddenLayers), "biases": .aNetwork.and(.noBiasesToTake),
    "feature": .aNetwork.and(.without("end", "says which state is reached")),
    "start": .aNetwork,
    "start-seed": .aNetwork.and(.noClosedForms).and(.without("start", "has the weights")),
    "end": .aNetwork, "raw": .aFile, "loss": .aNetwork.and(.classesForCrossEntropy),
    "loss-convention": .aNetwork.and(.noClosedForms),
  ]
}

extension EscapeOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "process": .samplesForSGD,
    "temperature": .langevin,
    "friction": .with("process", ProcessName.underdamped.rawValue),
    "learning-rate": .sgd,
  ]
}

extension EnsembleOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "until-relative-error": .always,
    "max-runs": .beside(
      "until-relative-error",
      sentence:
        "--max-runs is the cap of --until-relative-error; without that, --runs is the number of runs"
    ),
  ]
}

extension ShardOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "shard": .kept("--shard"), "reshard": .kept("--reshard"),
  ]
}

extension EngineOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = ["engine": .always, "precision": .always]
}

extension StreamOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = ["seed": .always]
}

extension SeedOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = ["level": .always]
}

extension RunOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "format": .always,
    "output": .always,
    "overwrite": .beside("output"),
    "threads": .ensembles,
    "wall-time": .resumable.and(.kept("--wall-time")),
    "checkpoint-every": .resumable.and(.beside("output")),
    // A verb without progress keeps the promise, too.
    "quiet": .always,
  ]
}

// MARK: - Verbs

extension Theory {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "eta": .always, "depth": .always, "beta": .always, "whiten-rank": .aFile,
  ]
}

extension Barrier {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "images": .closedStates, "seed": .aSplit,
  ]
}

extension Rate {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "seed": .aSplitOrCovariance,
    "process": .samplesForSGD.and(.aLandscapeForFriction),
    // It stands for underdamped dynamics by itself.
    "friction": .aLandscape.and(.langevin),
    "solve": .sgd.and(.beside("for")),
    "for": .sgd.and(.beside("solve")),
    "covariance": .with("process", ProcessName.sgd.rawValue).and(.closedForms),
    "least-action": .with("process", ProcessName.sgd.rawValue).and(.noClosedForms),
  ]
}

extension PlaneOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "x": .always, "y": .beside("x"), "cells": .beside("x"), "field": .beside("x"),
    "budget": .beside("x"), "temperature": .beside("x").and(.onNoAxis("temperature")),
    "learning-rate": .beside("x").and(.onNoAxis("learning-rate")).and(.underSGD),
    "batch-size": .beside("x").and(.onNoAxis("batch-size")).and(.underSGD),
    "momentum": .beside("x").and(.onNoAxis("momentum")).and(.underSGD),
    "sampling": .beside("x").and(.aFile).and(.underSGD),
    "runs": .beside("x"), "sweep": .beside("x"), "level": .beside("runs"),
  ]
}

extension PhaseDiagramVerb {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "beta": .onNoAxis("beta").and(.closedForms),
    "activation": .noPlaneOfUnits.and(.hiddenLayers), "biases": .noPlaneOfUnits,
    "sweep-learning-rate": .sweeps.and(.closedForms), "tolerance": .sweeps.and(.closedForms),
    "max-epochs": .sweeps.and(.closedForms),
    "depth": .noWidths.and(.onNoAxis("depth")),
    "width": .noWidths.and(.hiddenLayers).and(.onNoAxis("width")),
    "test-fraction": .aFile.and(.onNoAxis("samples", "says how many rows are trained on")),
    "threads": .beside("x"),
    "shard": .kept("--shard").and(.beside("runs")),
    "reshard": .kept("--reshard").and(.beside("runs")),
  ]
}

extension Escape {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "runs": .runs.and(
      .without("until-relative-error", "takes as many runs as it needs, --max-runs at most")),
    "keep-runs": .bruteForce.and(
      .without(
        "until-relative-error", "counts runs in their order up to an escape, so each is kept")),
    "cap": .bruteForce,
    "time-step": .langevin,
    "time-step-error": .langevin.and(.without("time-step", "is the time step itself")),
    "integrator": .with("process", ProcessName.overdamped.rawValue),
    "dropout": .with("process", ProcessName.sgd.rawValue).and(.hiddenLayers),
    "engine": .alone, "precision": .alone,
    "extrapolate": .langevin.and(.bruteForce),
    "method": .always,
    "replicates": .splitting,
    "paths": .splitting,
    "order-parameter": .splitting,
    "until-relative-error": .bruteForce,
  ]
}

extension Times {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "table": .always, "time": .always, "event": .without("lower", "says which runs passed"),
    "lower": .always, "upper": .beside("lower"), "inverse-noise": .always,
    "weight-decay": .always, "group": .always, "where": .always, "level": .always,
  ]
}

extension Diagnose {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "logs": .always, "reach": .always, "metric": .always, "step-key": .always,
    "run-key": .always, "learning-rate": .always, "batch-size": .always,
    "weight-decay": .always, "momentum": .always, "full-batch": .always,
    "accuracy-scale": .always, "level": .always,
  ]
}

extension ExportOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = ["export": .always]
}

extension Reproduce {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "rows": .always, "quick": .always, "threads": .always,
  ]
}

extension OptimiserOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "optimiser": .always, "schedule": .always, "warm-up": .always,
    "schedule-every": .with("schedule", OptimiserOptions.ScheduleName.step.rawValue),
    "schedule-factor": .with("schedule", OptimiserOptions.ScheduleName.step.rawValue),
    "dropout": .hiddenLayers, "label-noise": .always, "output-layer": .always,
  ]
}

extension TrainingEnsembleOptions: DeclaredUses {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "runs": .always, "until": .beside("runs"), "cap": .beside("runs"), "vary": .beside("runs"),
    "confirm": .beside("runs").and(.beside("until")), "level": .beside("runs"),
  ]
}

extension Train {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "start": .always, "records-per-decade": .always, "save-weights": .always,
    "momentum": .with("optimiser", OptimiserOptions.OptimiserName.sgd.rawValue),
    "threads": .beside("runs"),
    "shard": .kept("--shard").and(.beside("runs")),
    "reshard": .kept("--reshard").and(.beside("runs")),
    "activation": .hiddenLayers,
    "biases": .always,
    "loss": .classesForCrossEntropy,
    // Times of ensembles are compared with theories; Adam divides by the size of the gradient.
    "loss-convention": .without("runs", "counts times in the convention half-sum").and(
      .with("optimiser", OptimiserOptions.OptimiserName.sgd.rawValue)),
    "beta": .always,
    "learning-rate": .always,
    "epochs": .without("cap", "says how long a run is"),
    "initial-scale": .without("start", "has the weights"),
    // Here --eta draws a finite set.
    "sampling": .always,
  ]
}

extension Inspect {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "checkpoint": .always,
    "activation": .always, "loss": .classesForCrossEntropy, "loss-convention": .always,
    "beta": .always, "modes": .always, "soft": .always, "sgld-steps": .always,
    "chains": .aCoefficient, "inverse-temperature": .aCoefficient,
    "localisation": .aCoefficient, "level": .aCoefficient, "threads": .always,
  ]
}

extension Compare {
  static let uses: KeyValuePairs<String, OptionUse> = [
    "beta": .always, "from": .always, "to": .always, "process": .onlySGD,
  ]
}

extension Study {
  static let uses: KeyValuePairs<String, OptionUse> = ["beta": .always, "from": .always]
}

// MARK: - Choices

extension OptionUse {
  /// Langevin dynamics.
  fileprivate static let langevin = with(
    "process", ProcessName.overdamped.rawValue, ProcessName.underdamped.rawValue)

  /// Minibatches, or their surrogate.
  fileprivate static let sgd = with(
    "process", ProcessName.sgd.rawValue, ProcessName.surrogate.rawValue)

  /// Data from a file.
  fileprivate static let aFile = beside("data", insteadOf: "eta", "landscape")

  /// Inputs and targets are not used as they are.
  fileprivate static let prepared = OptionUse("raw", remark: "without --raw") { option, choices in
    choices["raw"] == "true"
      ? "\(option) does nothing beside --raw, which leaves inputs and targets as they are; leave one of them out"
      : nil
  }

  /// A learning coefficient is estimated.
  fileprivate static let aCoefficient = OptionUse("sgld-steps", remark: nil) { option, choices in
    choices["sgld-steps"] == "0"
      ? "\(option) is for the learning coefficient, which --sgld-steps 0 leaves out; leave one of them out"
      : nil
  }

  /// A diagram along β, not over two parameters.
  fileprivate static let noPlane = without("x", "has the range of its axes")

  /// The same of a network's units.
  fileprivate static let noPlaneOfUnits = without("x", "is for linear units without biases")

  /// Quasi-static sweeps are made.
  fileprivate static let sweeps = OptionUse("x", remark: "without --x, or with --sweep") {
    option, choices in
    guard let x = choices.option("x"), choices["sweep"] != "true" else { return nil }
    return
      "\(option) is for quasi-static sweeps, which are made beside \(x) with --sweep only; give it, or leave the other out"
  }

  /// A parameter is on no axis of a plane.
  ///
  /// - Parameter reason: what the axis does in its place.
  fileprivate static func onNoAxis(
    _ parameter: String, _ reason: String = "has its values"
  ) -> OptionUse {
    OptionUse("x", remark: nil) { option, choices in
      for axis in ["x", "y"] where choices["x"] != nil {
        if let given = choices[axis], given.hasPrefix("\(parameter)=") {
          return "\(option) does nothing beside --\(axis) \(given), which \(reason); leave it out"
        }
      }
      return nil
    }
  }

  /// The noise of a plane is that of minibatches.
  fileprivate static let underSGD = OptionUse("x", remark: "under SGD") { option, choices in
    let axes = ["x", "y"].compactMap { choices[$0] }
    let names = ["learning-rate=", "inverse-noise="]
    let isSGD =
      choices["learning-rate"] != nil
      || axes.contains { axis in names.contains { axis.hasPrefix($0) } }
    return isSGD
      ? nil
      : "\(option) is for SGD, but nothing says how strong its noise is; give --learning-rate, or inverse-noise on an axis"
  }

  /// Data drawn once.
  fileprivate static let drawnSamples = OptionUse("eta", remark: "with --eta or --teacher") {
    option, choices in
    if choices["eta"] != nil { return nil }
    if let teacher = choices["teacher"], !teacher.hasPrefix("modular") { return nil }
    let given = choices.option("data") ?? choices.option("teacher")
    return given.map {
      "\(option) is for --eta or a teacher, but \($0) is given; leave one of them out"
    }
      ?? "\(option) is for --eta or --teacher, and neither is given; give one of them"
  }

  /// Rows, some of which can be held back: of a file, or all pairs of numbers.
  fileprivate static let rows = OptionUse("data", remark: "with --data or modular addition") {
    option, choices in
    if choices["teacher"]?.hasPrefix("modular") == true { return nil }
    if let teacher = choices.option("teacher") {
      return "\(option) is for the rows of --data, but \(teacher) is given; leave one of them out"
    }
    return aFile.complaint(option, choices)
  }

  /// The layers are not given one by one.
  fileprivate static let noWidths = without(
    "network", "has the widths of all layers", hasRemark: false)

  /// A network escapes, not a point in a landscape.
  fileprivate static let aNetwork = OptionUse("landscape", remark: "for a network") {
    option, choices in
    choices.option("landscape").map {
      "\(option) is for a network, --eta or --data, but \($0) is given; leave one of them out"
    }
  }

  /// Whether the states of the network are followed numerically.
  private static func isBasin(_ choices: Choices) -> String? {
    if let activation = choices["activation"], activation != "linear" {
      return "--activation \(activation)"
    }
    if choices["biases"] == "true" { return "--biases" }
    if choices["raw"] == "true" { return "--raw" }
    if let loss = choices["loss"], loss != LossFunction.meanSquaredError.rawValue {
      return "--loss \(loss)"
    }
    return choices.option("feature") ?? choices.option("start") ?? choices.option("end")
  }

  /// The ranks of a linear network's states.
  fileprivate static let closedForms = OptionUse("activation", remark: "for linear networks") {
    option, choices in
    guard choices.has("feature") || choices.has("beta-from") else { return nil }
    return isBasin(choices).map {
      "\(option) is for the closed forms of linear networks, but \($0) is given; "
        + (choices.has("feature") && choices["end"] == nil
          ? "name the feature that is lost with --feature instead" : "leave it out")
    }
  }

  /// States are followed numerically.
  fileprivate static let noClosedForms = OptionUse(
    "activation", remark: "where states are followed numerically"
  ) { option, choices in
    isBasin(choices) == nil
      ? "\(option) is for networks whose states have no closed form; give --activation, --biases, --feature, --start or --end, or leave it out"
      : nil
  }

  /// The path has as many images as are asked for.
  fileprivate static let closedStates = OptionUse(
    "activation", remark: "where states are not followed numerically"
  ) { option, choices in
    guard choices["landscape"] == nil else { return nil }
    return isBasin(choices).map {
      "\(option) is for paths between states that are known before, but \($0) is given, with which they are followed from one level to the next; leave it out"
    }
  }

  /// No file says that units have biases.
  fileprivate static let noBiasesToTake = OptionUse("start", remark: nil) { _, choices in
    guard choices["biases"] == "false" else { return nil }
    let path = ["start", "end"].compactMap { choices[$0] }.first {
      (try? NetworkCheckpoint.ifAny($0))??.hasBiases == true
    }
    return path.map {
      "--no-biases was given, but the checkpoint '\($0)' has biases; leave the flag out"
    }
  }

  fileprivate static let aLandscape = OptionUse("landscape", remark: "with --landscape") {
    option, choices in
    choices["landscape"] == nil
      ? "\(option) is for a named landscape; leave it out for a network" : nil
  }

  /// The theories with friction are one-dimensional.
  fileprivate static let aLandscapeForFriction = OptionUse("process", remark: nil) {
    option, choices in
    choices["process"] == ProcessName.underdamped.rawValue && choices["landscape"] == nil
      ? "\(option) is for a named landscape, since the theories with friction are one-dimensional; use --process overdamped for a network"
      : nil
  }

  /// There is a layer between inputs and outputs.
  fileprivate static let hiddenLayers = OptionUse("network", remark: nil) { option, choices in
    let network = choices["network"]
    let hasNone = network.map { $0.split(separator: "-").count == 2 } ?? (choices["depth"] == "1")
    guard hasNone else { return nil }
    return
      "\(option) is for hidden layers, but \(network.map { "--network \($0)" } ?? "--depth 1") has none; change the one or leave out the other"
  }

  /// A flag that this one needs was not taken back.
  fileprivate static func undenied(_ key: String) -> OptionUse {
    OptionUse(key, remark: nil) { option, choices in
      choices.given.contains(key) && choices[key] == "false"
        ? "\(option) is for --\(key), but --no-\(key) is given; leave one of them out" : nil
    }
  }

  /// Rows are held out by chance.
  fileprivate static let aSplit = OptionUse("test-fraction", remark: "with --test-fraction") {
    option, choices in
    aFile.complaint(option, choices)
      ?? (Double(choices["test-fraction"] ?? "") == 0
        ? "\(option) is for --test-fraction: nothing else is drawn by chance here; give both or neither"
        : nil)
  }

  /// Rows are held out by chance, or runs are measured.
  fileprivate static let aSplitOrCovariance = OptionUse(
    "test-fraction", remark: "with --test-fraction or --covariance"
  ) { option, choices in
    choices["covariance"] == nil ? aSplit.complaint(option, choices) : nil
  }

  /// Runs go from the start to the target.
  fileprivate static let runs = OptionUse("method", remark: "without --method splitting") {
    option, choices in
    choices["method"] == "splitting"
      ? "\(option) is for runs from the start to the target, but the method is splitting; change the one or leave out the other"
      : nil
  }

  /// No dropout is left to one trajectory at a time.
  fileprivate static let alone = without(
    "dropout", "runs one trajectory at a time in double precision", hasRemark: false)

  /// The same, for sure.
  fileprivate static let bruteForce = OptionUse.with("method", "brute-force")

  /// Rare escapes are split.
  fileprivate static let splitting = OptionUse.with("method", "splitting", "auto")

  /// Minibatches are drawn from samples.
  fileprivate static let samplesForSGD = OptionUse("process", remark: nil) {
    option, choices in
    guard choices["landscape"] != nil, sgd.complaint(option, choices) == nil else { return nil }
    return "a named landscape has no data, so SGD cannot run on it; use --process overdamped"
  }

  fileprivate static let onlySGD = OptionUse("process", remark: nil) { _, choices in
    choices["process"] == ProcessName.sgd.rawValue
      ? nil
      : "compare needs --process sgd; Langevin dynamics is always run beside it at the matched temperature"
  }

  /// The cross-entropy compares distributions.
  fileprivate static let classesForCrossEntropy = OptionUse("loss", remark: nil) {
    option, choices in
    guard choices["loss"] == LossFunction.crossEntropy.rawValue, choices["data"] == nil,
      let eta = choices.option("eta")
    else { return nil }
    return
      "\(option) compares distributions, such as the classes of --data with --one-hot, but \(eta) draws Gaussian targets; use --loss \(LossFunction.meanSquaredError.rawValue)"
  }

  /// Distributions stay as they are.
  fileprivate static let unscaledClasses = OptionUse("loss", remark: nil) {
    option, choices in
    guard choices["loss"] == LossFunction.crossEntropy.rawValue,
      let scaling = choices["target-scaling"], scaling != TargetScaling.none.rawValue
    else { return nil }
    return
      "\(option) is for --loss \(LossFunction.meanSquaredError.rawValue), but the loss is \(LossFunction.crossEntropy.rawValue), whose targets stay the distributions that they are; change the one or leave out the other"
  }

  /// What is done outlives the command.
  fileprivate static func kept(_ option: String) -> OptionUse {
    beside("output", sentence: "\(option) needs --output, a folder that keeps what was done")
  }

  /// What is said in the help of an option that a verb has no use for.
  private static let noUse = "by other verbs only"

  /// The command can be stopped and gone on with.
  fileprivate static let resumable = OptionUse(
    remark: { $0.verb.isResumable ? nil : noUse },
    complaint: { option, choices in
      guard !choices.verb.isResumable else { return nil }
      let name = option.split(separator: " ").first ?? ""
      return
        "\(name) is for commands that can be gone on with; '\(choices.verb.verbName)' is not one, so leave it out"
    })

  /// Many runs are made beside each other.
  fileprivate static let ensembles = OptionUse(
    remark: { $0.has("engine") ? nil : noUse },
    complaint: { option, choices in
      guard !choices.has("engine") else { return nil }
      let others = RootCommand.verbs.filter { hasOption("engine", $0) }.map { $0.verbName }
      return
        "\(option) is for the ensembles of \(listed(others, "and")); '\(choices.verb.verbName)' has none, so leave it out"
    })
}

/// Whether a verb has an option.
func hasOption(_ key: String, _ verb: any Verb.Type) -> Bool {
  guard let parsed = try? verb.parse([]) else { return false }
  return optionValues(of: parsed).contains { $0.key == key }
}
