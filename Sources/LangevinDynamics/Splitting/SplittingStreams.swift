public import NumericalMethods

/// The streams of an ensemble of splitting: those of a replicate depend on its number alone.
@usableFromInline
struct SplittingStreams: Sendable {
  @usableFromInline let seed: UInt64
  @usableFromInline let cell: Int

  @usableFromInline init(seed: UInt64, cell: Int) {
    self.seed = seed
    self.cell = cell
  }

  /// The k-th stream of a replicate: 0 decides who branches, 1 makes the loops, those below zero the loops after a first
  /// path that escaped, and every branch has its own.
  @usableFromInline func key(_ replicate: Int, _ k: Int) -> StreamKey {
    StreamKey(
      seed: seed, purpose: .splitting, cell: cell << 16 | replicate,
      replica: Int(UInt32(truncatingIfNeeded: k)))
  }

  /// That of the pilot run.
  @usableFromInline var pilot: StreamKey { key(SplittingSettings.mostReplicates, 1) }
}
