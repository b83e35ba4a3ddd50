public import CLanes

/// Eight lanes of double precision.
@frozen
public struct DoubleLanes: Lanes {
  @usableFromInline var vector: SIMD8<Double>

  @inlinable @inline(__always)
  init(vector: SIMD8<Double>) { self.vector = vector }

  /// One value in every lane.
  @inlinable @inline(__always)
  public init(repeating value: Double) { vector = cl_splat_d8(value) }

  /// The same numbers.
  @inlinable @inline(__always)
  public init(lanes: DoubleLanes) { self = lanes }

  /// The number in a lane.
  @inlinable
  public subscript(lane: Int) -> Double {
    @inline(__always) get { vector[lane] }
    @inline(__always) set { vector[lane] = newValue }
  }

  @inlinable @inline(__always)
  public static func + (left: DoubleLanes, right: DoubleLanes) -> DoubleLanes {
    DoubleLanes(vector: cl_add_d8(left.vector, right.vector))
  }

  @inlinable @inline(__always)
  public static func - (left: DoubleLanes, right: DoubleLanes) -> DoubleLanes {
    DoubleLanes(vector: cl_sub_d8(left.vector, right.vector))
  }

  @inlinable @inline(__always)
  public static func * (left: DoubleLanes, right: DoubleLanes) -> DoubleLanes {
    DoubleLanes(vector: cl_mul_d8(left.vector, right.vector))
  }

  @inlinable @inline(__always)
  public static func / (left: DoubleLanes, right: DoubleLanes) -> DoubleLanes {
    DoubleLanes(vector: cl_div_d8(left.vector, right.vector))
  }

  @inlinable @inline(__always)
  public func multiplied(by factor: DoubleLanes, adding term: DoubleLanes) -> DoubleLanes {
    DoubleLanes(vector: cl_muladd_d8(vector, factor.vector, term.vector))
  }

  @inlinable @inline(__always)
  public func maximum(_ other: DoubleLanes) -> DoubleLanes {
    DoubleLanes(vector: cl_max_d8(vector, other.vector))
  }

  @inlinable @inline(__always)
  public static func read(_ vector: UnsafePointer<DoubleLanes>, lane: Int) -> Double {
    UnsafeRawPointer(vector).load(
      fromByteOffset: lane * MemoryLayout<Double>.stride, as: Double.self)
  }

  @inlinable @inline(__always)
  public static func write(
    _ value: Double, to vector: UnsafeMutablePointer<DoubleLanes>, lane: Int
  ) {
    UnsafeMutableRawPointer(vector).storeBytes(
      of: value, toByteOffset: lane * MemoryLayout<Double>.stride, as: Double.self)
  }

  @inlinable @inline(__always)
  public func squareRoot() -> DoubleLanes { DoubleLanes(vector: cl_sqrt_d8(vector)) }

  @inlinable @inline(__always)
  public func exponential() -> DoubleLanes { DoubleLanes(vector: cl_exp_d8(vector)) }

  @inlinable @inline(__always)
  public func sine() -> DoubleLanes { DoubleLanes(vector: cl_sin_d8(vector)) }

  /// tanh x, to 3e-16 absolute.
  @inlinable @inline(__always)
  package func hyperbolicTangent() -> DoubleLanes { DoubleLanes(vector: cl_tanh_d8(vector)) }

  /// The standard normal distribution function Φ(x) and its density, to 5e-16 absolute.
  @inlinable @inline(__always)
  package func normalDistribution() -> (value: DoubleLanes, density: DoubleLanes) {
    var value = DoubleLanes.zero
    var density = DoubleLanes.zero
    cl_normal_distribution_d8(vector, &value, &density)
    return (value, density)
  }

  /// ln x of positive normal numbers, to 1e-15 relative.
  @inlinable @inline(__always)
  package func logarithm() -> DoubleLanes { DoubleLanes(vector: cl_log_d8(vector)) }

  /// max(x, 0), and what is not a number as it is.
  @inlinable @inline(__always)
  package func positivePart() -> DoubleLanes { DoubleLanes(vector: cl_positive_part_d8(vector)) }

  /// 1 where x > 0, else 0.
  @inlinable @inline(__always)
  package func step() -> DoubleLanes { DoubleLanes(vector: cl_step_d8(vector)) }

  @inlinable @inline(__always)
  public func lanesNotGreater(than other: DoubleLanes) -> UInt32 {
    cl_not_greater_d8(vector, other.vector)
  }

  @inlinable @inline(__always)
  public func replaced(
    by other: DoubleLanes, where left: DoubleLanes, exceeds right: DoubleLanes
  ) -> DoubleLanes {
    DoubleLanes(vector: cl_choose_d8(left.vector, right.vector, other.vector, vector))
  }

  @inlinable @inline(__always)
  public static func normalPair(from stream: inout LaneStream) -> (DoubleLanes, DoubleLanes) {
    let a = stream.next()
    let b = stream.next()
    var pair = (DoubleLanes.zero, DoubleLanes.zero)
    cl_normal_d8(a, b, &pair.0, &pair.1)
    return pair
  }

  @inlinable @inline(__always)
  public static func uniform(from stream: inout LaneStream) -> DoubleLanes {
    DoubleLanes(vector: cl_uniform_d8(stream.next()))
  }
}
