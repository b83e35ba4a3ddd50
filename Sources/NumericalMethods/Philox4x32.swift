/// The counter-based generator Philox4x32-10: four 32-bit words from a 128-bit counter and a 64-bit key.
///
/// Each output block is a bijection of the counter, so streams that differ in any key or counter word
/// share no state, and any position can be reached at once.
///
/// Source: J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3", SC '11, doi:10.1145/2063384.2063405, section 3.3. Known answers: Random123 `kat_vectors`.
@usableFromInline package enum Philox4x32 {
  @usableFromInline static let multiplier0: UInt64 = 0xD251_1F53
  @usableFromInline static let multiplier1: UInt64 = 0xCD9E_8D57
  @usableFromInline static let weyl0: UInt32 = 0x9E37_79B9
  @usableFromInline static let weyl1: UInt32 = 0xBB67_AE85

  /// The block of four words at `counter` under `key`.
  @inlinable
  package static func block(
    counter: SIMD4<UInt32>, key: SIMD2<UInt32>, rounds: Int = 10
  ) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for round in 0..<rounds {
      if round > 0 { k = SIMD2(k.x &+ weyl0, k.y &+ weyl1) }
      let product0 = multiplier0 &* UInt64(c.x)
      let product1 = multiplier1 &* UInt64(c.z)
      c = SIMD4(
        UInt32(truncatingIfNeeded: product1 >> 32) ^ c.y ^ k.x,
        UInt32(truncatingIfNeeded: product1),
        UInt32(truncatingIfNeeded: product0 >> 32) ^ c.w ^ k.y,
        UInt32(truncatingIfNeeded: product0))
    }
    return c
  }
}
