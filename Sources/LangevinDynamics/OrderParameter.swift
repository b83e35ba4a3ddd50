/// What is watched in a run: one number m(θ) of the position.
public protocol OrderParameter: Sendable {
  /// How many doubles of scratch memory `value` needs.
  var scratchCount: Int { get }

  /// m(θ). Non-finite where the state is.
  func value(at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>) -> Double

  /// The coordinate this is, where it is one: passages between steps can then be seen.
  var coordinate: Int? { get }
}

extension OrderParameter {
  public var scratchCount: Int { 0 }
  public var coordinate: Int? { nil }
}

/// A coordinate θᵢ as order parameter.
public struct Coordinate: OrderParameter {
  public let index: Int
  public init(_ index: Int) { self.index = index }
  public var coordinate: Int? { index }
  public func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double { point[index] }
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
  @inline(__always)
  func distance(_ value: Double) -> Double {
    side == .above ? threshold - value : value - threshold
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
}
