public import NumericalMethods

/// A set in state space that counts as reached: the order parameter at or beyond a threshold.
public struct TargetSet<Parameter: OrderParameter>: Sendable {
  /// On which side of the threshold the target lies.
  public enum Side: String, Sendable {
    case above
    case below
  }

  /// m(θ).
  public let parameter: Parameter
  /// The value of m at its edge.
  public let threshold: Double
  /// On which side it lies.
  public let side: Side

  /// The points with m(θ) on one side of a threshold.
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

extension TargetSet where Parameter == Coordinate {
  /// θᵢ ≥ threshold.
  public static func coordinate(_ index: Int, above threshold: Double) -> TargetSet {
    TargetSet(Coordinate(index), .above, threshold)
  }

  /// θᵢ ≤ threshold.
  public static func coordinate(_ index: Int, below threshold: Double) -> TargetSet {
    TargetSet(Coordinate(index), .below, threshold)
  }
}

extension TargetSet where Parameter == Distance {
  /// |θ − centre| ≤ radius.
  public static func ball(around centre: [Double], radius: Double) -> TargetSet {
    TargetSet(Distance(to: centre), .below, radius)
  }
}
