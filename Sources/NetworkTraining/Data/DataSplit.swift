import DataFiles
import Landscapes
package import Networks
import NumericalMethods

/// Which rows are trained on and which are held back for testing.
///
/// The test rows are the first of one random order of all rows, which the seed alone decides: a larger
/// test set contains every smaller one of the same seed. Within each part rows keep their order.
package struct DataSplit: Sendable, Equatable {
  package let training: [Int]
  package let test: [Int]

  /// Holds back the given number of rows; 0 holds back none.
  package init(count: Int, testCount: Int, seed: UInt64, cell: Int = 0, replica: Int = 0)
    throws
  {
    try Require.atLeast(0, "the number of test rows", testCount)
    guard testCount < count else {
      throw InvalidInput(
        "\(counted(testCount, "test row")) of \(count) would leave nothing to train on; hold back fewer"
      )
    }
    var order = Array(0..<count)
    RandomSource(StreamKey(seed: seed, purpose: .split, cell: cell, replica: replica)).shuffle(
      &order)
    test = order[..<testCount].sorted()
    training = order[testCount...].sorted()
  }

  /// Holds back a fraction of the rows, rounded to the nearest number of rows.
  package init(count: Int, testFraction: Double, seed: UInt64, cell: Int = 0, replica: Int = 0)
    throws
  {
    guard testFraction >= 0, testFraction < 1 else {
      throw InvalidInput(
        "the fraction of test rows must lie between 0 and 1, 1 excluded, but is \(testFraction)")
    }
    let testCount = (testFraction * Double(count)).rounded()
    try self.init(count: count, testCount: Int(testCount), seed: seed, cell: cell, replica: replica)
  }
}

extension Dataset {
  /// The two parts of a split.
  package func split(_ split: DataSplit) -> (training: Dataset, test: Dataset) {
    (subset(split.training), subset(split.test))
  }
}

extension NamedDataset {
  /// The two parts of a split.
  package func split(_ split: DataSplit) -> (training: NamedDataset, test: NamedDataset) {
    (subset(split.training), subset(split.test))
  }
}
