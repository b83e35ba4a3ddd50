/// The stream of one lane on its own: xoshiro256++ without vectors, for what lanes cannot do in step.
@frozen
public struct ScalarStream: Sendable {
  @usableFromInline var state: SIMD4<UInt64>

  @inlinable
  public init(_ state: SIMD4<UInt64>) { self.state = state }

  /// The next 64 bits.
  @inlinable @inline(__always)
  public mutating func next() -> UInt64 {
    func rotated(_ x: UInt64, _ k: UInt64) -> UInt64 { (x &<< k) | (x &>> (64 &- k)) }
    let result = rotated(state[0] &+ state[3], 23) &+ state[0]
    let shifted = state[1] &<< 17
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = rotated(state[3], 45)
    return result
  }

  /// A uniform index below `bound`.
  @inlinable @inline(__always)
  public mutating func integer(below bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}

extension LaneStream {
  /// Lends out the stream of one lane; the others are not advanced.
  @inlinable @inline(__always)
  public mutating func withLane<Result>(
    _ lane: Int, _ body: (inout ScalarStream) -> Result
  ) -> Result {
    var stream = ScalarStream(self[lane])
    defer { self[lane] = stream.state }
    return body(&stream)
  }
}
