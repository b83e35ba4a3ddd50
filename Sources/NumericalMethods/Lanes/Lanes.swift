/// Eight numbers side by side, one per replica: the vector type that lane code is generic over.
///
/// ``DoubleLanes`` and ``FloatLanes`` conform. Code that is written once for `some Lanes` runs in either
/// precision; lanes never mix, so what happens in one does not depend on the others or on its place.
///
/// `*` and `+` round separately; ``multiplied(by:adding:)`` is fused where the processor can.
public protocol Lanes: Sendable {
  init(repeating value: Double)

  /// From double precision, rounded where this is less precise.
  init(lanes: DoubleLanes)

  /// The number in one lane.
  subscript(lane: Int) -> Double { get set }

  static func + (left: Self, right: Self) -> Self
  static func - (left: Self, right: Self) -> Self
  static func * (left: Self, right: Self) -> Self
  static func / (left: Self, right: Self) -> Self

  /// self × factor + term.
  func multiplied(by factor: Self, adding term: Self) -> Self

  /// The larger of the two in each lane.
  func maximum(_ other: Self) -> Self

  func squareRoot() -> Self
  /// eˣ, to 4e-16 relative in double precision.
  func exponential() -> Self
  /// sin x, to 1e-15 absolute in double precision for |x| < 1e5.
  func sine() -> Self

  /// Lanes in which self > other does not hold, one bit each, lane 0 the lowest: also those in which
  /// either is not a number.
  func lanesNotGreater(than other: Self) -> UInt32

  /// `other` in lanes in which left > right holds, or else self: also where either is not a number.
  func replaced(by other: Self, where left: Self, exceeds right: Self) -> Self

  /// The number in one lane of a vector in memory, without loading the others.
  static func read(_ vector: UnsafePointer<Self>, lane: Int) -> Double

  /// Puts a number into one lane of a vector in memory, without touching the others.
  static func write(_ value: Double, to vector: UnsafeMutablePointer<Self>, lane: Int)

  /// Two independent standard normals per lane, from the lane's own stream.
  static func normalPair(from stream: inout LaneStream) -> (Self, Self)

  /// Uniform numbers in [0, 1), from the lane's own stream.
  static func uniform(from stream: inout LaneStream) -> Self
}

extension Lanes {
  /// Zero in every lane.
  @inlinable @inline(__always)
  public static var zero: Self { Self(repeating: 0) }

  @inlinable @inline(__always)
  public static func += (left: inout Self, right: Self) { left = left + right }

  @inlinable @inline(__always)
  public static func -= (left: inout Self, right: Self) { left = left - right }

  /// From eight numbers, lane 0 first.
  @inlinable
  public init(_ values: some Sequence<Double>) {
    self.init(repeating: 0)
    for (lane, value) in values.enumerated() { self[lane] = value }
  }
}

/// How many replicas one vector holds.
public let laneCount = 8

/// Runs `body` with memory for `count` vectors, all zero, each within one cache line.
@inlinable
public func withLaneMemory<Vector: Lanes, Result>(
  of _: Vector.Type, count: Int, _ body: (UnsafeMutablePointer<Vector>) throws -> Result
) rethrows -> Result {
  let memory = UnsafeMutableRawPointer.allocate(
    byteCount: max(count, 1) * MemoryLayout<Vector>.stride, alignment: 64)
  defer { memory.deallocate() }
  let base = memory.bindMemory(to: Vector.self, capacity: max(count, 1))
  base.initialize(repeating: .zero, count: max(count, 1))
  return try body(base)
}
