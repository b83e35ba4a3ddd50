public import Networks
import NumericalMethods

/// What the networks of a two-dimensional phase diagram learn from.
public enum PlaneData: Sendable {
  /// The same everywhere.
  case fixed(NetworkData)
  /// Gaussian data, whose weakest η, or number of samples, may change.
  case teacher(GaussianTeacher)
  /// Rows of a file, of which some are taken.
  case rows(UnsplitData)

  /// - Parameters:
  ///   - eta: of the weakest feature; nil for what the teacher says.
  ///   - samples: N; nil for an endless supply, or all rows.
  /// - Throws: `InvalidInput` where there are no such data.
  func data(eta: Double?, samples: Int?, seed: UInt64) throws -> NetworkData {
    switch self {
    case .fixed(let data): return data
    case .teacher(let teacher):
      var teacher = teacher
      if let eta {
        teacher = try GaussianTeacher(
          singularValues: (teacher.singularValues.dropLast() + [eta]).sorted(by: >),
          inputs: teacher.inputCount, targets: teacher.targetCount)
      }
      guard let samples else { return NetworkData(online: teacher) }
      return try NetworkData(whitening: teacher, samples: samples, seed: seed)
    case .rows(let rows):
      guard let samples else { return try rows.split(testFraction: 0, seed: seed) }
      return try rows.subset(samples: samples, seed: seed)
    }
  }
}
