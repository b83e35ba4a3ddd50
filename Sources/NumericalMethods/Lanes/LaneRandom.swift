public import CLanes

#if canImport(Glibc)
  public import Glibc
#elseif canImport(Darwin)
  public import Darwin
#endif

/// Random numbers for eight replicas at once, each lane from its own stream.
///
/// Normals come in pairs; the second waits for the next call. Every draw but ``gamma(shape:)`` takes the
/// same number of words from every lane, so lanes stay in step; where a lane must draw again, it does so
/// from its own stream alone.
@frozen
public struct LaneRandom<Vector: Lanes>: Sendable {
  /// The words that all draws come from.
  public var stream: LaneStream
  @usableFromInline var spare: Vector
  @usableFromInline var spareWaits: Bool

  /// Whether a normal of the last pair is still to be given out. A replica may enter or leave a lane only
  /// while there is none.
  @inlinable
  public var hasSpare: Bool { spareWaits }

  /// Streams that have not been opened yet.
  @inlinable
  public init() {
    stream = LaneStream()
    spare = .zero
    spareWaits = false
  }

  /// One standard normal per lane.
  @inlinable @inline(__always)
  public mutating func normal() -> Vector {
    if spareWaits {
      spareWaits = false
      return spare
    }
    let pair = Vector.normalPair(from: &stream)
    spare = pair.1
    spareWaits = true
    return pair.0
  }

  /// Uniform in [0, 1).
  @inlinable @inline(__always)
  public mutating func uniform() -> Vector { Vector.uniform(from: &stream) }

  /// Two independent uniform indices below `bound` ≤ 2³² per lane.
  ///
  /// ⌊bound·u⌋ with 32 bits of u: an index is more or less frequent than another by at most bound/2³².
  @inlinable @inline(__always)
  public mutating func indexPair(below bound: Int) -> (SIMD8<UInt64>, SIMD8<UInt64>) {
    let word = stream.next()
    return (cl_index_upper(word, UInt64(bound)), cl_index_lower(word, UInt64(bound)))
  }

  /// `count` uniform indices below `bound` for each lane: index b of lane r at `indices[8 b + r]`. As
  /// ``indexPair(below:)``.
  @inlinable @inline(__always)
  public mutating func indices(
    _ count: Int, below bound: Int, into indices: UnsafeMutablePointer<UInt64>
  ) {
    let vectors = UnsafeMutableRawPointer(indices).assumingMemoryBound(to: SIMD8<UInt64>.self)
    var b = 0
    while b < count {
      let pair = indexPair(below: bound)
      vectors[b] = pair.0
      if b + 1 < count { vectors[b + 1] = pair.1 }
      b += 2
    }
  }

  /// Gamma deviates of unit scale and shape k ≥ 1, by Marsaglia and Tsang: with d = k − ⅓, c = 1/√(9d) and
  /// v = (1 + cz)³, d·v is accepted where ln u < z²/2 + d(1 − v + ln v). Lanes that reject draw again, the
  /// others wait.
  ///
  /// Source: G. Marsaglia and W. W. Tsang, ACM Trans. Math. Softw. 26, 363 (2000),
  /// doi:10.1145/358407.358414.
  @inlinable
  public mutating func gamma(shape: Double) -> Vector {
    precondition(shape >= 1, "the shape of a gamma deviate must be at least 1, but is \(shape)")
    let d = shape - 1 / 3.0
    let c = 1 / (9 * d).squareRoot()
    var result = Vector.zero
    var pending: UInt32 = 0xFF
    while pending != 0 {
      let a = stream.next(onlyIn: pending)
      let b = stream.next(onlyIn: pending)
      let w = stream.next(onlyIn: pending)
      var pair = (DoubleLanes.zero, DoubleLanes.zero)
      cl_normal_d8(a, b, &pair.0, &pair.1)
      let z = pair.0
      let base = DoubleLanes(repeating: c).multiplied(by: z, adding: DoubleLanes(repeating: 1))
      let v = base * base * base
      let u = DoubleLanes(vector: cl_uniform_d8(w))
      // The squeeze u < 1 − 0.0331 z⁴ accepts all but a few in a hundred without a logarithm.
      let z2 = z * z
      let squeeze =
        DoubleLanes(repeating: 1) - DoubleLanes(repeating: 0.0331) * (z2 * z2)
      var doubtful = squeeze.lanesNotGreater(than: u) | v.lanesNotGreater(than: .zero)
      doubtful &= pending
      var accepted = pending & ~doubtful
      for lane in 0..<laneCount where doubtful & (1 << UInt32(lane)) != 0 && v[lane] > 0 {
        if log(u[lane]) < 0.5 * z2[lane] + d * (1 - v[lane] + log(v[lane])) {
          accepted |= 1 << UInt32(lane)
        }
      }
      if accepted == 0xFF && pending == 0xFF {
        return Vector(lanes: DoubleLanes(repeating: d) * v)
      }
      for lane in 0..<laneCount where accepted & (1 << UInt32(lane)) != 0 {
        result[lane] = d * v[lane]
      }
      pending &= ~accepted
    }
    return result
  }
}
