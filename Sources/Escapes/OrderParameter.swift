public import NumericalMethods

/// What is watched in a run: one number m(θ) of the position.
public protocol OrderParameter: Sendable {
  /// How many doubles of scratch memory `value` needs.
  var scratchCount: Int { get }

  /// m(θ). Non-finite where the state is.
  func value(at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>) -> Double

  /// The coordinate this is, where it is one: passages between steps can then be seen.
  var coordinate: Int? { get }

  /// How many vectors of scratch memory the lanes' `value` needs.
  var laneScratchCount: Int { get }

  /// m(θ) of eight replicas. The default takes one lane after the other.
  ///
  /// - Parameter count: the number of parameters.
  func value<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, count: Int, scratch: UnsafeMutablePointer<Vector>
  ) -> Vector
}

extension OrderParameter {
  public var scratchCount: Int { 0 }
  public var coordinate: Int? { nil }
  public var laneScratchCount: Int { 0 }

  @inlinable
  public func value<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, count: Int, scratch: UnsafeMutablePointer<Vector>
  ) -> Vector { valueLaneByLane(at: point, count: count) }

  /// m(θ) of eight replicas, one after the other.
  @inlinable
  public func valueLaneByLane<Vector: Lanes>(
    at point: UnsafePointer<Vector>, count: Int
  ) -> Vector {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count + scratchCount + 1) { memory in
      let single = memory.baseAddress!
      var result = Vector.zero
      for lane in 0..<laneCount {
        for i in 0..<count { single[i] = point[i][lane] }
        result[lane] = value(at: single, scratch: single + count)
      }
      return result
    }
  }
}

/// A coordinate θᵢ as order parameter.
public struct Coordinate: OrderParameter {
  public let index: Int
  public init(_ index: Int) { self.index = index }
  public var coordinate: Int? { index }
  @inlinable
  public func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double { point[index] }

  @inlinable @inline(__always)
  public func value<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, count: Int, scratch: UnsafeMutablePointer<Vector>
  ) -> Vector { point[index] }
}

/// A set in state space that counts as reached: the order parameter at or beyond a threshold.
public struct TargetSet<Parameter: OrderParameter>: Sendable {
  public enum Side: String, Sendable {
    case above
    case below
  }

  public let parameter: Parameter
  public let threshold: Double
  public let side: Side

  public init(_ parameter: Parameter, _ side: Side, _ threshold: Double) {
    self.parameter = parameter
    self.threshold = threshold
    self.side = side
  }

  /// How far m is from the set: positive outside, zero or negative inside.
  @inlinable @inline(__always)
  package func distance(_ value: Double) -> Double {
    side == .above ? threshold - value : value - threshold
  }

  @inlinable @inline(__always)
  package func distance<Vector: Lanes>(_ value: Vector) -> Vector {
    let threshold = Vector(repeating: threshold)
    return side == .above ? threshold - value : value - threshold
  }
}

/// The distance |θ − centre| as order parameter: a ball around a minimum is the set below its radius.
public struct Distance: OrderParameter {
  public let centre: [Double]
  public init(to centre: [Double]) { self.centre = centre }
  public func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    var sum = 0.0
    for i in centre.indices { sum += (point[i] - centre[i]) * (point[i] - centre[i]) }
    return sum.squareRoot()
  }

  @inlinable
  public func value<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, count: Int, scratch: UnsafeMutablePointer<Vector>
  ) -> Vector {
    var sum = Vector.zero
    for i in centre.indices {
      let difference = point[i] - Vector(repeating: centre[i])
      sum = difference.multiplied(by: difference, adding: sum)
    }
    return sum.squareRoot()
  }
}
