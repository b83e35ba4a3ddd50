public import CLanes

/// Eight independent streams of random bits, one per lane: xoshiro256++ states that Philox opens.
///
/// The 256 bits of a lane's state are two Philox4x32-10 blocks under its ``StreamKey``, so streams of
/// different keys start from unrelated states, and a lane's numbers depend on its key alone: not on the lane
/// it sits in, its neighbours, or how many draws those made.
///
/// Chosen by measurement: lanes of Philox itself take more than twice as long per normal (`Benchmarks`, suite
/// `random`). Two streams overlap within n draws of each other with a probability below 2n/2²⁵⁶.
///
/// Source: D. Blackman and S. Vigna, ACM Trans. Math. Softw. 47, 36 (2021), doi:10.1145/3460772.
@frozen
public struct LaneStream: Sendable {
  @usableFromInline
  var state: (SIMD8<UInt64>, SIMD8<UInt64>, SIMD8<UInt64>, SIMD8<UInt64>)

  /// Streams that are opened later, lane by lane.
  @inlinable
  public init() {
    let one = SIMD8<UInt64>(repeating: 1)
    state = (one, one, one, one)
  }

  /// The next 64 bits of every lane.
  @inlinable @inline(__always)
  package mutating func next() -> SIMD8<UInt64> { cl_xoshiro_next(&state) }

  /// The next 64 bits of the lanes in `lanes` (one bit each); the others are not advanced, and their
  /// words mean nothing.
  @inlinable @inline(__always)
  package mutating func next(onlyIn lanes: UInt32) -> SIMD8<UInt64> {
    cl_xoshiro_next_masked(&state, lanes)
  }

  /// Opens the stream of a key in one lane.
  @usableFromInline package mutating func open(_ key: StreamKey, lane: Int) {
    self[lane] = Self.opened(key)
  }

  /// The state with which a key's stream begins.
  @usableFromInline package static func opened(_ key: StreamKey) -> SIMD4<UInt64> {
    var source = PhiloxState(key)
    func word(_ source: inout PhiloxState) -> UInt64 {
      UInt64(source.next()) << 32 | UInt64(source.next())
    }
    let words = SIMD4(word(&source), word(&source), word(&source), word(&source))
    // All zeros is the one state that xoshiro cannot leave.
    return words == .zero ? SIMD4(1, 0, 0, 0) : words
  }

  /// The state of one lane: with the position of a replica it is all that is needed to go on.
  @inlinable
  package subscript(lane: Int) -> SIMD4<UInt64> {
    get { SIMD4(state.0[lane], state.1[lane], state.2[lane], state.3[lane]) }
    set {
      state.0[lane] = newValue[0]
      state.1[lane] = newValue[1]
      state.2[lane] = newValue[2]
      state.3[lane] = newValue[3]
    }
  }

  /// The next 64 bits of one lane; the others are not advanced.
  @inlinable
  package mutating func next(lane: Int) -> UInt64 { next(onlyIn: 1 << UInt32(lane))[lane] }

  /// A uniform number in [0, 1) for one lane; the others are not advanced.
  @inlinable
  package mutating func uniform(lane: Int) -> Double { Double(next(lane: lane) >> 11) * 0x1p-53 }

  /// A uniform index below `bound` for one lane; the others are not advanced.
  @inlinable
  package mutating func integer(below bound: Int, lane: Int) -> Int {
    Int(next(lane: lane).multipliedFullWidth(by: UInt64(bound)).high)
  }
}

/// The vector instructions that this build uses: "AVX-512", "AVX2", "SSE2", "NEON" or "generic".
package let instructionSet = String(cString: cl_instruction_set())
