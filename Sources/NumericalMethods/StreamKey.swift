/// What a stream of random numbers is for. Streams of different purposes never share a draw, so that
/// drawing more of one kind leaves the others as they were.
public enum StreamPurpose: UInt16, Sendable, CaseIterable {
  case dynamics = 1
  case initialisation = 2
  case data = 3
  case batches = 4
  case split = 5
  case splitting = 6
  case bootstrap = 7
  case test = 8
  /// Vectors of stochastic estimates, and the steps that tell a passage from an explosion.
  case probes = 9
  /// Hidden units that are left out.
  case dropout = 10
  /// What is added to targets.
  case labelNoise = 11
}

/// The name of one stream: everything that decides its numbers.
///
/// A stream depends on nothing else: not on threads, the order of work, or how much others drew.
public struct StreamKey: Hashable, Sendable {
  /// Of the whole experiment.
  public let seed: UInt64
  /// What the numbers are for.
  public let purpose: StreamPurpose
  /// The point of a sweep.
  public let cell: UInt32
  /// The independent repetition within the cell.
  public let replica: UInt32

  /// The key of one stream.
  public init(seed: UInt64, purpose: StreamPurpose, cell: Int = 0, replica: Int = 0) {
    self.seed = seed
    self.purpose = purpose
    self.cell = UInt32(cell)
    self.replica = UInt32(replica)
  }

  /// The Philox key: the seed.
  var philoxKey: SIMD2<UInt32> {
    SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
  }

  /// The first Philox counter: 48 bits of position, then purpose, cell and replica.
  var philoxCounter: SIMD4<UInt32> { SIMD4(0, UInt32(purpose.rawValue) << 16, cell, replica) }
}
