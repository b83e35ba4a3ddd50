public import NumericalMethods

/// What is watched in a run: one number m(θ) of the position.
public protocol OrderParameter: Sendable {
  /// What it is, in a sentence: "the distance from (1, 0)".
  var name: String { get }

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
  public var name: String { "the order parameter" }
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
  /// Which coordinate, from 0.
  public let index: Int
  /// The coordinate with this index, from 0.
  public init(_ index: Int) { self.index = index }
  public var coordinate: Int? { index }
  public var name: String { "coordinate \(index + 1)" }
  @inlinable
  public func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double { point[index] }

  @inlinable @inline(__always)
  public func value<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, count: Int, scratch: UnsafeMutablePointer<Vector>
  ) -> Vector { point[index] }
}

/// The distance |θ − centre| as order parameter: a ball around a minimum is the set below its radius.
public struct Distance: OrderParameter {
  /// From where the distance is taken.
  public let centre: [Double]
  /// The distance to a point.
  public init(to centre: [Double]) { self.centre = centre }
  public var name: String { "the distance from \(sixDigits(centre))" }
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

extension OrderParameter {
  /// m(θ).
  public func value(at point: [Double]) -> Double {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, scratchCount)) {
      value(at: point, scratch: $0.baseAddress!)
    }
  }
}
