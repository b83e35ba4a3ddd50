import NetworkTraining
import Networks
import NumericalMethods

/// What the trainings of an ensemble learn from.
public enum TrainingData: Sendable {
  /// The same for all.
  case fixed(NetworkData)
  /// Rows that each of them splits for itself.
  case unsplit(UnsplitData)
}

/// What differs from run to run of an ensemble of trainings.
public struct TrainingChance: OptionSet, Sendable {
  public let rawValue: Int

  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Which rows are held back.
  public static let split = TrainingChance(rawValue: 1)
  /// The weights at step 0.
  public static let start = TrainingChance(rawValue: 2)
  /// Batches, and all other noise.
  public static let order = TrainingChance(rawValue: 4)
  /// Everything.
  public static let all: TrainingChance = [.split, .start, .order]

  /// By name, for a sentence.
  package static let names: [(name: String, value: TrainingChance)] = [
    ("split", .split), ("start", .start), ("order", .order),
  ]
}

/// A setting of a grid of trainings.
package struct TrainingSetting: Sendable, Equatable {
  package let learningRate: Double
  /// nil for all samples.
  package let batchSize: Int?
  package let weightDecay: Double
  package let widths: [Int]
  /// nil where data are not split.
  package let testFraction: Double?
}

/// A grid of trainings: every combination of some values.
public struct TrainingGrid: Sendable {
  /// h.
  public var learningRates: [Double]
  /// B; nil for all samples.
  public var batchSizes: [Int?]
  /// β.
  public var weightDecays: [Double]
  /// Of all layers.
  public var widths: [[Int]]
  /// Of the rows that are held back; empty where data are not split.
  public var testFractions: [Double]

  /// A grid.
  public init(
    learningRates: [Double], batchSizes: [Int?], weightDecays: [Double], widths: [[Int]],
    testFractions: [Double] = []
  ) {
    self.learningRates = learningRates
    self.batchSizes = batchSizes
    self.weightDecays = weightDecays
    self.widths = widths
    self.testFractions = testFractions
  }

  /// The most settings.
  static let mostSettings = 10_000

  /// Every setting; those that differ least in their place stand together.
  package var settings: [TrainingSetting] {
    widths.flatMap { widths in
      (testFractions.isEmpty ? [nil] : testFractions.map(Optional.some)).flatMap { fraction in
        weightDecays.flatMap { weightDecay in
          batchSizes.flatMap { batchSize in
            learningRates.map { learningRate in
              TrainingSetting(
                learningRate: learningRate, batchSize: batchSize, weightDecay: weightDecay,
                widths: widths, testFraction: fraction)
            }
          }
        }
      }
    }
  }

  func check() throws {
    let counts = [
      learningRates.count, batchSizes.count, weightDecays.count, widths.count,
      max(1, testFractions.count),
    ]
    guard counts.allSatisfy({ $0 > 0 }) else {
      throw InvalidInput("a grid needs a value of each of its settings")
    }
    guard counts.reduce(1, { min($0 * $1, 1 << 30) }) <= Self.mostSettings else {
      throw InvalidInput(
        "the grid has more than \(Self.mostSettings) settings; give fewer values of each")
    }
    let all = settings
    for (i, setting) in all.enumerated() where all[..<i].contains(setting) {
      throw InvalidInput(
        "the setting h = \(sixDigits(setting.learningRate)), B = \(setting.batchSize.map(String.init) ?? "full"), β = \(sixDigits(setting.weightDecay)) stands twice in the grid; give each value once"
      )
    }
  }
}
