import Metastable

/// The data of one training: of a file, of singular values, or of a teacher.
struct TrainingDataOptions {
  let data: DataOptions
  let teacher: String?
  let samples: Int
  let testSamples: Int
  let raw: Bool
  let targetScaling: TargetScaling
  let seed: UInt64

  /// Data that are drawn, or need no file.
  func generated(network: [Int]?) throws -> TrainingData? {
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
        try UnsplitData(modularAddition: modulus, targets: targetScaling.preparation))
    case (nil, let eta?, nil):
      return .fixed(
        try NetworkData(
          teacher: data.teacher(eta, network: network), samples: samples,
          testSamples: testSamples, seed: seed))
    default: return nil
    }
  }

  /// The data of one run.
  func loaded(network: [Int]?) throws -> NetworkData {
    switch try generated(network: network) {
    case .fixed(let data)?: data
    case .unsplit(let rows)?:
      try rows.split(testFraction: data.testFraction.single("--test-fraction"), seed: seed)
    case nil:
      try data.load(seed: seed, network: network, targetScaling: targetScaling, raw: raw)
    }
  }
}
