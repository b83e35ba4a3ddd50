import DataFiles
import Landscapes
public import NetworkTraining
import Networks
import NumericalMethods

/// Rows before they are split and prepared: what the trainings of an ensemble have in common whose splits differ.
public struct UnsplitData: Sendable {
  let all: NamedDataset
  let inputs: InputPreparation
  let targets: TargetPreparation
  let hasClasses: Bool
  /// What they are called in messages.
  let name: String

  /// The rows of a file.
  public init(file options: NetworkData.FileOptions) throws {
    let table = try DataTable(
      contentsOf: options.path,
      reading: TableReading(
        header: options.hasHeader, decimalComma: options.decimalComma,
        indexColumn: options.indexColumn, dropped: options.dropped),
      target: options.targets)
    all = try table.dataset(targets: options.targets, oneHot: options.oneHot)
    inputs = options.inputPreparation
    targets = options.targetPreparation
    hasClasses = options.oneHot
    name = options.path
  }

  /// All pairs of c = (a + b) mod p.
  ///
  /// - Throws: `InvalidInput` where p is too small or too large.
  public init(modularAddition p: Int, targets: TargetPreparation) throws {
    all = try .modularAddition(p)
    inputs = .centred
    self.targets = targets
    hasClasses = true
    name = "modular addition"
  }

  /// Holds rows back, and prepares all as the others need it.
  ///
  /// - Parameters:
  ///   - cell: the point of a grid.
  ///   - replica: another one holds other rows back.
  package func split(
    testFraction: Double, seed: UInt64, cell: Int = 0, replica: Int = 0
  ) throws -> NetworkData {
    guard testFraction != 0 else { return try prepared(training: all, test: nil) }
    let split = try DataSplit(
      count: all.count, testFraction: testFraction, seed: seed, cell: cell, replica: replica)
    let parts = all.split(split)
    return try prepared(training: parts.training, test: parts.test)
  }

  /// So many of the rows, by chance: more of them hold fewer of the same seed.
  ///
  /// - Throws: `InvalidInput` where there are not so many.
  package func subset(samples: Int, seed: UInt64) throws -> NetworkData {
    guard samples <= all.count else {
      throw InvalidInput(
        "\(samples) training samples were asked for, but \(name) has \(all.count) rows; ask for fewer"
      )
    }
    let split = try DataSplit(count: all.count, testCount: all.count - samples, seed: seed)
    return try prepared(training: all.subset(split.training), test: nil)
  }

  private func prepared(training: NamedDataset, test held: NamedDataset?) throws -> NetworkData {
    let preparation = try Preparation(fittedTo: training, inputs: inputs, targets: targets)
    guard preparation.inputCount <= SecondMoments.largestSize else {
      throw InvalidInput(
        "\(name) has \(preparation.inputCount) inputs, but at most \(SecondMoments.largestSize) can be used; whiten them and keep fewer components"
      )
    }
    try Require.atMost(
      SecondMoments.largestSize, "the number of targets", training.data.targets.columns)
    return NetworkData(
      training: preparation.apply(to: training.data),
      test: held.map { preparation.apply(to: $0.data) }, hasClasses: hasClasses,
      notes: all.notes + preparation.notes)
  }
}
