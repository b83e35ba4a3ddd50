public import CLanes

/// Eight lanes of single precision: half the memory, and normals from half as many random bits. Its rounding
/// acts like a tiny extra noise; use it where a bias of the order of 1e-6 of the state does not matter.
@frozen
public struct FloatLanes: Lanes {
  @usableFromInline var vector: SIMD8<Float>

  @inlinable @inline(__always)
  init(vector: SIMD8<Float>) { self.vector = vector }

  /// One value in every lane.
  @inlinable @inline(__always)
  public init(repeating value: Double) { vector = cl_splat_f8(Float(value)) }

  /// The nearest numbers of single precision.
  @inlinable @inline(__always)
  public init(lanes: DoubleLanes) { vector = cl_float_from_double(lanes.vector) }

  /// The number in a lane.
  @inlinable
  public subscript(lane: Int) -> Double {
    @inline(__always) get { Double(vector[lane]) }
    @inline(__always) set { vector[lane] = Float(newValue) }
  }

  @inlinable @inline(__always)
  public static func + (left: FloatLanes, right: FloatLanes) -> FloatLanes {
    FloatLanes(vector: cl_add_f8(left.vector, right.vector))
  }

  @inlinable @inline(__always)
  public static func - (left: FloatLanes, right: FloatLanes) -> FloatLanes {
    FloatLanes(vector: cl_sub_f8(left.vector, right.vector))
  }

  @inlinable @inline(__always)
  public static func * (left: FloatLanes, right: FloatLanes) -> FloatLanes {
    FloatLanes(vector: cl_mul_f8(left.vector, right.vector))
  }

  @inlinable @inline(__always)
  public static func / (left: FloatLanes, right: FloatLanes) -> FloatLanes {
    FloatLanes(vector: cl_div_f8(left.vector, right.vector))
  }

  @inlinable @inline(__always)
  public func multiplied(by factor: FloatLanes, adding term: FloatLanes) -> FloatLanes {
    FloatLanes(vector: cl_muladd_f8(vector, factor.vector, term.vector))
  }

  @inlinable @inline(__always)
  public func maximum(_ other: FloatLanes) -> FloatLanes {
    FloatLanes(vector: cl_max_f8(vector, other.vector))
  }

  @inlinable @inline(__always)
  public static func read(_ vector: UnsafePointer<FloatLanes>, lane: Int) -> Double {
    Double(
      UnsafeRawPointer(vector).load(
        fromByteOffset: lane * MemoryLayout<Float>.stride, as: Float.self))
  }

  @inlinable @inline(__always)
  public static func write(
    _ value: Double, to vector: UnsafeMutablePointer<FloatLanes>, lane: Int
  ) {
    UnsafeMutableRawPointer(vector).storeBytes(
      of: Float(value), toByteOffset: lane * MemoryLayout<Float>.stride, as: Float.self)
  }

  @inlinable @inline(__always)
  public func squareRoot() -> FloatLanes { FloatLanes(vector: cl_sqrt_f8(vector)) }

  // Functions that are called a few times per step go through double precision.

  @inlinable @inline(__always)
  public func exponential() -> FloatLanes {
    FloatLanes(vector: cl_float_from_double(cl_exp_d8(cl_double_from_float(vector))))
  }

  @inlinable @inline(__always)
  public func sine() -> FloatLanes {
    FloatLanes(vector: cl_float_from_double(cl_sin_d8(cl_double_from_float(vector))))
  }

  @inlinable @inline(__always)
  public func lanesNotGreater(than other: FloatLanes) -> UInt32 {
    cl_not_greater_f8(vector, other.vector)
  }

  @inlinable @inline(__always)
  public func replaced(
    by other: FloatLanes, where left: FloatLanes, exceeds right: FloatLanes
  ) -> FloatLanes {
    FloatLanes(vector: cl_choose_f8(left.vector, right.vector, other.vector, vector))
  }

  @inlinable @inline(__always)
  public static func normalPair(from stream: inout LaneStream) -> (FloatLanes, FloatLanes) {
    var pair = (FloatLanes.zero, FloatLanes.zero)
    cl_normal_f8(stream.next(), &pair.0, &pair.1)
    return pair
  }

  @inlinable @inline(__always)
  public static func uniform(from stream: inout LaneStream) -> FloatLanes {
    FloatLanes(vector: cl_uniform_f8(stream.next()))
  }
}
