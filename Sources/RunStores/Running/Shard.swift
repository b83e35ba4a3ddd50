import NumericalMethods

/// A share of an ensemble: of n shards, number k runs the replicas r with r mod n = k − 1, whatever the
/// number of runs, so that shards stay shards when more runs are asked for. Where no single runs are kept, r is the
/// number of a block of them.
public struct Shard: Sendable, Equatable, CustomStringConvertible {
  /// k, from 1.
  public let index: Int
  /// n.
  public let count: Int

  /// - Throws: `InvalidInput` where k is not in 1…n.
  public init(_ index: Int, of count: Int) throws {
    guard count >= 1, (1...count).contains(index) else {
      throw InvalidInput(
        "there is no shard \(index) of \(count): shards are counted from 1 to their number, such as 1/4 to 4/4"
      )
    }
    self.index = index
    self.count = count
  }

  public var description: String { "\(index)/\(count)" }

  func contains(_ replica: Int, ofEnsembleKeepingRuns keepsRuns: Bool) -> Bool {
    (keepsRuns ? replica : replica / RunBlock.size) % count == index - 1
  }
}
