import ArgumentParser
import Metastable

/// The data of one training: of a file, of singular values, or of a teacher.
struct TrainingDataOptions: ParsableArguments {
  @OptionGroup var data: DataOptions

  @Option(
    help:
      "Data that another network makes, y = Σ φ(s x_j): activation, units, inputs and scale, such as relu:7 or erf:2:8:1.5; or modular-addition:23, all pairs."
  )
  var teacher: String?

  @Option(parsing: .unconditional, help: "Training samples drawn.")
  var samples = 512

  @Option(parsing: .unconditional, help: "Test samples drawn.")
  var testSamples = 512

  @Flag(help: "Use inputs and targets as they are in the file: neither centred nor scaled.")
  var raw = false

  /// What targets are made of: with the cross-entropy they stay as they are.
  func targetScaling(for loss: LossFunction) -> TargetScaling {
    loss == .crossEntropy ? .none : data.targetScaling
  }

  /// Data that are drawn, or need no file.
  func generated(
    network: [Int]?, for loss: LossFunction, seed: UInt64
  ) throws -> TrainingData? {
    switch (try teacher.map { try GeneratedData(parsing: $0) }, data.eta, data.source.data) {
    case (.some, .some, _), (.some, _, .some):
      throw InvalidInput(
        "--teacher was given beside \(data.eta == nil ? "--data" : "--eta"); choose one source of data"
      )
    case (.teacher(let teacher)?, nil, nil):
      return .fixed(
        try NetworkData(
          teacher: teacher, samples: samples, testSamples: testSamples, seed: seed))
    case (.modularAddition(let modulus)?, nil, nil):
      return .unsplit(
        try UnsplitData(modularAddition: modulus, targets: targetScaling(for: loss).preparation))
    case (nil, let eta?, nil):
      return .fixed(
        try NetworkData(
          teacher: data.teacher(eta, network: network), samples: samples,
          testSamples: testSamples, seed: seed))
    default: return nil
    }
  }

  /// The data of one run.
  func loaded(
    network: [Int]?, for loss: LossFunction, seed: UInt64
  ) throws -> NetworkData {
    switch try generated(network: network, for: loss, seed: seed) {
    case .fixed(let data)?: data
    case .unsplit(let rows)?:
      try rows.split(testFraction: data.testFraction.single("--test-fraction"), seed: seed)
    case nil:
      try data.load(seed: seed, network: network, targetScaling: targetScaling(for: loss), raw: raw)
    }
  }
}
