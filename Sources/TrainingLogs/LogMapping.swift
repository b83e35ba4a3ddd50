import DataFiles
import NumericalMethods

/// Which column or key of a log is what. What is left open is guessed by name, and the guess is a note.
public struct LogMapping: Sendable {
  /// A number that holds for all runs, or the key under which each has its own.
  public enum Constant: Sendable, Equatable {
    /// A column of the log, or a key of its settings.
    case key(String)
    /// The same for all runs.
    case value(Double)

    /// A number is a value, everything else a key.
    public init(_ text: String) {
      self = decimalNumber(text).map(Constant.value) ?? .key(text)
    }
  }

  /// How accuracies are written.
  public enum AccuracyScale: String, Sendable, CaseIterable {
    /// From 0 to 1.
    case fraction
    /// From 0 to 100.
    case percent
  }

  /// The metrics to read; empty for all.
  public var metrics: [String]
  /// The step.
  public var stepKey: String?
  /// What tells runs in one file apart; several keys are separated by commas.
  public var runKey: String?
  /// What tells groups of runs apart.
  public var groupKey: String?
  /// Size of a step.
  public var learningRate: Constant?
  /// Examples of a step.
  public var batchSize: Constant?
  /// As the optimiser's argument says it.
  public var weightDecay: Constant?
  /// Of the metrics whose name says that they are accuracies. Those in per cent are read as fractions. Where nothing is
  /// said they stay as they are written.
  public var accuracyScale: AccuracyScale?

  /// A mapping; what is left out is guessed.
  public init(
    metrics: [String] = [], stepKey: String? = nil, runKey: String? = nil, groupKey: String? = nil,
    learningRate: Constant? = nil, batchSize: Constant? = nil, weightDecay: Constant? = nil,
    accuracyScale: AccuracyScale? = nil
  ) {
    self.metrics = metrics
    self.stepKey = stepKey
    self.runKey = runKey
    self.groupKey = groupKey
    self.learningRate = learningRate
    self.batchSize = batchSize
    self.weightDecay = weightDecay
    self.accuracyScale = accuracyScale
  }

  /// The settings of a run whose log holds one metric and nothing else: numbers from outside, and what its names tell.
  ///
  /// - Parameter names: of the run and of the folders about its log.
  /// - Throws: `InvalidInput` where the mapping names a key that no name has.
  func settingsWithoutKeys(of source: String, names: [String]) throws -> RunSettings {
    if let key = runKey ?? groupKey {
      throw InvalidInput(
        "\(source) has no '\(shortened(key))', because such a file holds one metric only; leave --run-key and --group out, or give a table with that column"
      )
    }
    func value(_ constant: Constant?, _ flag: String) throws -> Double? {
      switch constant {
      case nil: return nil
      case .value(let value): return value
      case .key(let key):
        if let value = number(of: key, inNames: names) { return value }
        throw InvalidInput(
          "\(source) has no '\(shortened(key))', because such a file holds one metric only, and the run's name '\(shortened(names.first ?? ""))' has no number behind it; give the number itself, as in \(flag) 0.1, or name runs as in \(shortened(key))0.1"
        )
      }
    }
    var settings = RunSettings()
    settings.learningRate = try value(learningRate, "--learning-rate")
    settings.batchSize = try value(batchSize, "--batch-size")
    settings.weightDecay = try value(weightDecay, "--weight-decay")
    return settings
  }

  /// Which settings can only be from the names of runs, as a note; nil where none are.
  func noteOnNames(_ source: String, lacking keys: [String]) -> String? {
    let named = [
      ("learning rate", learningRate), ("batch size", batchSize), ("weight decay", weightDecay),
    ].compactMap { what, constant -> String? in
      guard case .key(let key)? = constant, !keys.contains(key) else { return nil }
      return "the \(what) is the number behind '\(key)'"
    }
    return named.isEmpty
      ? nil : "in the names of the runs of \(source) " + named.joined(separator: ", ")
  }

  /// Whether a metric is to be read.
  func wants(_ metric: String) -> Bool { metrics.isEmpty || metrics.contains(metric) }
}

/// Names that are guessed, in lower case; the first that is there is taken.
enum GuessedKeys {
  static let steps = [
    "step", "_step", "global_step", "train/global_step", "trainer/global_step", "steps", "iter",
    "iteration", "iterations", "epoch", "epochs",
  ]
  static let runs = [
    "run", "run_name", "run_id", "runid", "seed", "random_seed", "trial", "replica", "replicate",
    "experiment",
  ]
  static let groups = ["group", "group_name"]
  static let learningRates = ["learning_rate", "lr", "learningrate", "step_size", "eta"]
  static let batchSizes = [
    "batch_size", "batchsize", "train_batch_size", "per_device_train_batch_size", "bs",
  ]
  static let weightDecays = ["weight_decay", "weightdecay", "wd"]
  /// Neither metrics nor settings.
  static let clocks: Set = [
    "_runtime", "_timestamp", "wall time", "wall_time", "timestamp", "time",
  ]
  /// In a long table: the column that names the metric, and the one that holds its value.
  static let metricNames = ["metric", "tag", "key", "variable", "measure"]
  static let metricValues = ["value", "values"]

  /// Whether a key, or what stands behind its last slash, is one of the names.
  static func names(_ names: [String], fit key: String) -> Bool {
    names.contains(key.split(separator: "/").last?.lowercased() ?? "")
  }

  /// The key that one of the names fits.
  static func first(of names: [String], in keys: [String]) -> String? {
    for name in names {
      if let key = keys.first(where: { $0.lowercased() == name }) { return key }
    }
    for name in names {
      if let key = keys.first(where: { self.names([name], fit: $0) }) { return key }
    }
    return nil
  }
}

/// "'a', 'b', 'c'", shortened where there are many.
func quotedList(_ names: [String]) -> String {
  let some = names.prefix(8).map { "'\(shortened($0))'" }.joined(separator: ", ")
  return names.count > 8 ? some + " and \(names.count - 8) more" : some
}
